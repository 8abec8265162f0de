"""System: the stations themselves, as far as proof depends on them."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from app.custody.gaps.objection import Objection, at_once, overdue
from app.custody.history import History
from app.custody.ledger import Entry, Kind
from app.kernel.limits import LimitsInForce

WAITING = "waiting"
# Beside its devices, which have names without a colon, a station's story (DEVICE_STATE) speaks of
AGENT, READS, PRINT_JOBS = "station:agent", "station:reads", "station:print_jobs"
WELL = "well"
POLL = timedelta(seconds=30)  # an agent says how it is at least so often


def bad_read_rate(history: History, limits: LimitsInForce, now: datetime) -> Iterator[Objection]:
    """G03: again and again a scanner of the station reads what is no code, or not the whole of it.

    Cause may be a dirty window, or labels that were printed badly.
    """
    told = _unwell(history).get(READS)
    if told is None:
        return
    failures = told.facts.get("failures")
    least = limits.at(told.occurred_at).number("G03", "failures_min")
    if isinstance(failures, int) and failures >= least:
        yield at_once(told, "P3")


def device_silent(history: History, limits: LimitsInForce, now: datetime) -> Iterator[Objection]:
    """G64: a device, or the station's program itself, does not answer; or labels are not printed.

    What says so of the program and of labels has waited already when it is written.
    """
    for device, told in _unwell(history).items():
        if device == READS:
            continue
        polls = limits.at(told.occurred_at).number("G64", "missed_polls_max")
        waited = device in (AGENT, PRINT_JOBS)
        yield overdue(told, (timedelta(0) if waited else polls * POLL, "P3"))


def _unwell(history: History) -> dict[str, Entry]:
    """Of each device that is not well the entry since when."""
    since: dict[str, Entry] = {}
    for entry in history.bookkeeping:
        device = entry.facts.get("device")
        if entry.kind is not Kind.DEVICE_STATE or not isinstance(device, str):
            continue
        if entry.facts.get("state") == WELL:
            since.pop(device, None)
        else:
            since.setdefault(device, entry)
    return since


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
