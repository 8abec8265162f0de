"""Place: one position, one occupant."""

from collections.abc import Iterator
from datetime import datetime

from app.custody.gaps.objection import Objection, at_once
from app.custody.history import History
from app.kernel.limits import LimitsInForce


def position_conflict(
    history: History, limits: LimitsInForce, now: datetime
) -> Iterator[Objection]:
    """G56: a later report of a position that is still taken, until one of them is found."""
    claim = history.claim
    if claim is None or claim.confirmed or any(rival.confirmed for rival in history.rivals):
        return
    if not any(rival.order < claim.order for rival in history.rivals):
        return
    for line in reversed(history.lines):
        if line.own and line.entry.entry_id == claim.entry_id:
            yield at_once(line.entry, "P2")
            return
