"""Cold and condition: what state it arrived in."""

from collections.abc import Iterator
from datetime import datetime

from app.custody.gaps.objection import Objection, at_once
from app.custody.history import History
from app.custody.ledger import Entry, Kind
from app.kernel.limits import LimitsInForce

_FINE = frozenset({"good", "ok"})


def condition(history: History, limits: LimitsInForce, now: datetime) -> Iterator[Objection]:
    """G53: thawed, leaking, short or haemolysed on receipt. CAP .03000."""
    for line in history.own:
        codes = _codes(line.entry) - _FINE
        if codes:
            grave = limits.at(line.entry.occurred_at).words("G53", "p2_codes")
            yield at_once(line.entry, "P2" if codes & set(grave) else "P3")


def _codes(entry: Entry) -> set[str]:
    if entry.kind is Kind.CONDITION_NOTED:
        codes = entry.facts.get("codes")
        return {str(code) for code in codes} if isinstance(codes, list) else set()
    if entry.kind is Kind.RECEIVED and isinstance(noted := entry.facts.get("condition"), str):
        return {noted}
    return set()
