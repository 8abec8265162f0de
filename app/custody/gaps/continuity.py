"""Continuity: from whose hands into whose, without a hole. The main rules."""

from collections.abc import Iterator
from datetime import datetime

from app.custody import parties
from app.custody.gaps.objection import (
    Objection,
    against_container,
    against_hands,
    arrived_before,
)
from app.custody.history import History, Line
from app.custody.ledger import NOBODY, UNKNOWN, Kind
from app.custody.steps import Phase
from app.kernel.limits import LimitsInForce

_NOT_SENT = frozenset({Phase.NONE, Phase.LOADED, Phase.SEALED})


def missing_hand_over(
    history: History, limits: LimitsInForce, now: datetime
) -> Iterator[Objection]:
    """G34: it came from other hands than those that had it. ISO 20387 7.4."""
    for line in history.own:
        if line.entry.kind is not Kind.COLLECTED and not _from_its_holder(line):
            priority = "P1" if _between_organisations(line) else "P2"
            yield arrived_before(history, against_hands(line, priority))


def _from_its_holder(line: Line) -> bool:
    earlier, later = line.before, line.entry
    if later.source is None:
        unmoved = later.target is None or earlier.holder == NOBODY
        return unmoved or parties.site_of(later.target) == earlier.site
    if later.source == UNKNOWN:
        return False
    if earlier.holder in (NOBODY, later.source):
        return True
    # Between units of one site one entry by the receiving unit is enough: sites are compared.
    return earlier.site is not None and parties.site_of(later.source) == earlier.site


def _between_organisations(line: Line) -> bool:
    return parties.site_of(line.entry.source) != line.before.site or line.before.site is None


def receipt_without_dispatch(
    history: History, limits: LimitsInForce, now: datetime
) -> Iterator[Objection]:
    """G36: arrived at a site to which nobody had released it; the first arrival is named."""
    for line in history.own:
        if line.entry.kind in (Kind.DELIVERED, Kind.RECEIVED):
            here = parties.site_of(line.entry.target) or line.entry.site
            if here not in (line.before.to, line.before.site) or _never_left(line):
                yield against_hands(line, "P2")


def _never_left(line: Line) -> bool:
    return line.before.parcel and line.before.phase in _NOT_SENT and line.before.to is None


def foreign_scan(history: History, limits: LimitsInForce, now: datetime) -> Iterator[Objection]:
    """G37: seen at another site than its holder's, and no open shipment was taking it there."""
    for line in history.lines:
        if not line.seen or line.entry.site is None:
            continue
        if _foreign(line) or _foreign_unit(line) or _foreign_kit(history, line):
            yield against_hands(line, "P2")
        elif _foreign_container(line):
            yield against_container(line, "P2")


def _foreign(line: Line) -> bool:
    known = line.before.holder != NOBODY
    return known and line.entry.site not in (line.before.site, line.before.to)


def _foreign_container(line: Line) -> bool:
    if line.into is None or line.into.holder == NOBODY:
        return False
    return line.entry.site not in (line.into.site, line.into.to)


def _foreign_kit(history: History, line: Line) -> bool:
    """A draw that failed came into nobody's hands: it was where its kit was done."""
    if line.entry.kind is not Kind.COLLECTION_FAILED:
        return False
    done = {entry.site for entry in history.kit if entry.kind is Kind.ORDER_DONE}
    return bool(done) and line.entry.site not in done


def _foreign_unit(line: Line) -> bool:
    if line.entry.kind is Kind.RELEASED:
        return False
    unit = parties.site_of(line.entry.target)
    return unit is not None and unit != line.entry.site
