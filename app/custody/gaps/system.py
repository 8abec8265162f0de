"""System: the stations themselves, as far as proof depends on them."""

from collections.abc import Iterator
from datetime import datetime

from app.custody.gaps.objection import Objection, at_once, overdue
from app.custody.history import History
from app.custody.ledger import Entry, Kind
from app.kernel.limits import LimitsInForce

WAITING = "waiting"


def offline_queue(history: History, limits: LimitsInForce, now: datetime) -> Iterator[Objection]:
    """G65: reads have waited at a station for too long, or one contradicts another."""
    since: Entry | None = None
    conflict: Entry | None = None
    for entry in history.bookkeeping:
        if entry.kind is not Kind.QUEUE_STATE:
            continue
        waits = entry.facts.get("state") == WAITING
        since = (since or entry) if waits else None
        contradicts = bool(entry.facts.get("conflicts"))
        conflict = (conflict or entry) if contradicts else None
    if conflict is not None:
        yield at_once(conflict, "P2")
    elif since is not None:
        age = limits.at(since.occurred_at).span("G65", "unsynced_minutes_max")
        yield overdue(since, (age, "P3"))
