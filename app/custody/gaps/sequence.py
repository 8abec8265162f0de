"""Sequence: the order of steps, and the honesty of clocks."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from app.custody.gaps.objection import (
    Objection,
    Step,
    against_hands,
    arrived_before,
    at_once,
)
from app.custody.history import History
from app.custody.ledger import Entry, Kind, Mode
from app.custody.steps import allowed
from app.kernel.limits import LimitsInForce


def illegal_order(history: History, limits: LimitsInForce, now: datetime) -> Iterator[Objection]:
    """G18: a step the table does not allow there, or corrections that name each other in a ring."""
    for line in history.own:
        before = line.before
        if not allowed(history.subject.sort, line.entry.kind, before.phase, before.spin):
            yield arrived_before(history, against_hands(line, "P2"))
    for ring in history.rings:
        yield at_once(ring, "P2")


def future_event(history: History, limits: LimitsInForce, now: datetime) -> Iterator[Objection]:
    """G19: said to have happened later than it was recorded, or than it was captured offline."""
    for line in history.own:
        entry = line.entry
        tolerance = limits.at(entry.recorded_at).span("G19", "future_minutes_max")
        limit = entry.recorded_at + tolerance
        if not entry.online and (captured := _captured(entry)) is not None:
            limit = min(limit, captured + tolerance)
        if entry.occurred_at > limit:
            yield against_hands(line, "P2", at=entry.recorded_at)


def _captured(entry: Entry) -> datetime | None:
    offset = entry.facts.get("offset_ms")
    if entry.device_time is None or not isinstance(offset, int | float):
        return None
    return entry.device_time + timedelta(milliseconds=offset)


def backdated(history: History, limits: LimitsInForce, now: datetime) -> Iterator[Objection]:
    """G20: recorded long after it happened without a reason. Offline reads are not late entries."""
    for line in history.own:
        entry = line.entry
        if entry.mode in (Mode.OFFLINE, Mode.SYSTEM):
            continue
        here = limits.at(entry.recorded_at)
        late = entry.recorded_at - entry.occurred_at
        approved = bool(entry.facts.get("late_approved_by"))
        if late > here.span("G20", "manager_hours_max") and not approved:
            yield against_hands(line, "P2", at=entry.recorded_at)
        elif late > here.span("G20", "late_minutes_max") and not entry.facts.get("late_reason"):
            yield against_hands(line, "P3", at=entry.recorded_at)


def clock_skew(history: History, limits: LimitsInForce, now: datetime) -> Iterator[Objection]:
    """G21: a station's clock is apart from the server's now; the first report of it is named."""
    first: Entry | None = None
    steps: list[Step] = []
    for entry in history.bookkeeping:
        offset = entry.facts.get("offset_ms")
        if entry.kind is not Kind.QUEUE_STATE or not isinstance(offset, int | float):
            continue
        here = limits.at(entry.recorded_at)
        skew = timedelta(milliseconds=abs(offset))
        if skew <= here.span("G21", "skew_p3_seconds"):
            first, steps = None, []
            continue
        first = first or entry
        priority = "P2" if skew > here.span("G21", "skew_batch_minutes_max") else "P3"
        if not steps or priority < steps[-1][1]:
            steps.append((entry.recorded_at, priority))
    if first is not None:
        yield Objection(first.entry_id, tuple(steps), first, site=first.site)
