"""How much of a package is missing: the rule sees one tube, how grave it is depends on how many."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from app.alarms import states
from app.alarms.models import AlarmLine
from app.custody import queries as custody
from app.custody.history import Receipt
from app.custody.ledger import parse_entry_id
from app.kernel.work import Work

RULE = "G43"


class Line(Protocol):
    """A line of an alarm: by which rule, about which entry, and whether it has ended."""

    @property
    def rule(self) -> str: ...
    @property
    def entry(self) -> str: ...
    @property
    def cured_at(self) -> datetime | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """Of one package: how many tubes are missing, of how many on its manifest."""

    gone: int
    listed: int
    critical: bool


def missing_of(work: Work, lines: Iterable[Line]) -> Missing | None:
    """The package that the greatest part is missing of; None where nothing is missing any more."""
    gone = Counter(line.entry for line in lines if line.rule == RULE and line.cured_at is None)
    found = [
        missing
        for received, count in sorted(gone.items())
        if (missing := _of_package(work, received, count)) is not None
    ]
    return max(found, key=lambda missing: missing.gone / missing.listed, default=None)


def priority(work: Work, lines: Sequence[AlarmLine]) -> str:
    """How grave the lines that still stand are together."""
    missing = missing_of(work, lines)
    return states.PRIORITIES[0] if missing and missing.critical else states.gravest(lines)


def _of_package(work: Work, received: str, gone: int) -> Missing | None:
    receipt = _receipt(work, received)
    if receipt is None or receipt.received is None or not receipt.lines:
        return None
    limits = work.limits.at(receipt.received.occurred_at)
    share = limits.number(RULE, "p1_fraction_min")
    listed = len(receipt.lines)
    return Missing(gone=gone, listed=listed, critical=gone >= share * listed)


def _receipt(work: Work, received: str) -> Receipt | None:
    entry = custody.entry(work.session, parse_entry_id(received))
    if entry is None:
        return None
    told = custody.history(
        work.session, entry.subject, limits=work.limits, now=work.clock()
    ).receipts
    same = (each for each in told if each.received and each.received.entry_id == entry.entry_id)
    return next(same, None)
