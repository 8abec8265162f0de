"""What a rule answers with: the entry it objects to, and from when on how gravely.

A rule is `(history, limits, now) -> objections`. One whose first step lies ahead is not a gap yet:
it is a wake-up, stored as an expectation, and the same rule decides again when it is due.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from app.custody.history import History, Line, Stand
from app.custody.ledger import Entry, EntryId, Kind
from app.custody.steps import ON_THE_WAY
from app.kernel.limits import LimitsInForce

Step = tuple[datetime, str]
_ARRIVALS = {
    Kind.RELEASED: (Kind.DELIVERED, Kind.RECEIVED),
    Kind.DELIVERED: (Kind.RECEIVED,),
}


class Objection(NamedTuple):
    """An entry objected to. `steps` are (from when, priority), rising; the first is the deadline.

    `cause` is the entry it contradicts where that is another's, so that what one container's entry
    does to 81 tubes is one alarm. `entry` is None where only its id is known here.
    """

    entry_id: EntryId
    steps: tuple[Step, ...]
    entry: Entry | None = None
    cause: EntryId | None = None
    cause_subject: int | None = None
    site: str | None = None


Check = Callable[[History, LimitsInForce, datetime], Iterator[Objection]]


def known(entry: Entry) -> datetime:
    """From when an entry could be objected to: when it happened, as far as that is past."""
    return min(entry.occurred_at, entry.recorded_at)


def at_once(
    entry: Entry,
    priority: str,
    *,
    cause: EntryId | None = None,
    cause_subject: int | None = None,
    at: datetime | None = None,
    site: str | None = None,
) -> Objection:
    """An objection to what was said, from the moment it was."""
    return Objection(
        entry.entry_id,
        ((at or known(entry), priority),),
        entry,
        cause,
        cause_subject,
        site or entry.site,
    )


def overdue(
    entry: Entry, *steps: tuple[timedelta, str], since: datetime | None = None
) -> Objection:
    """An objection to what did not happen after an entry, in rising steps of age."""
    start = since or entry.occurred_at
    rising = tuple((start + age, priority) for age, priority in steps)
    return Objection(entry.entry_id, rising, entry, site=entry.site)


def ended_before(history: History, waits: Objection, *ends: Kind) -> Objection:
    """A wait whose end is said to have come before it began: the cause is that end.

    Not where such a step had begun before that too: then it ended that one.
    """
    began = [line.entry.entry_id for line in history.lines].index(waits.entry_id)
    return _because_of(waits, _said_before(history, began, *ends))


def arrived_before(history: History, found: Objection) -> Objection:
    """What goes back to a leg whose arrival is said to have come before it: to that arrival."""
    for number, line in enumerate(history.lines):
        if line.entry.entry_id == found.cause and line.entry.kind in _ARRIVALS:
            return _because_of(found, _said_before(history, number, *_ARRIVALS[line.entry.kind]))
    return found


def _because_of(found: Objection, entry: Entry | None) -> Objection:
    if entry is None:
        return found
    return found._replace(cause=entry.entry_id, cause_subject=entry.subject)


def _said_before(history: History, began: int, *ends: Kind) -> Entry | None:
    """An end of what began at a line, told before that, and of nothing that began still earlier."""
    first = history.lines[began].entry
    before = [
        line.entry
        for line in history.lines[:began]
        if line.own or line.entry.subject == first.subject
    ]
    if any(entry.kind is first.kind for entry in before):
        return None
    return next((entry for entry in before if entry.kind in ends), None)


def against_hands(line: Line, priority: str, *, at: datetime | None = None) -> Objection:
    """An objection to a line that contradicts whoever had it: the cause is what put it there,

    where that was done to another, or sent it on its way and nothing has ended that since.
    """
    others = line.before.anchor_subject != line.entry.subject
    if others or line.before.phase in ON_THE_WAY:
        return _gone_back(line, line.before, priority, at)
    return at_once(line.entry, priority, at=at)


def against_container(line: Line, priority: str) -> Objection:
    """An objection to where a line puts it: the cause is what put the container there."""
    return _gone_back(line, line.into or line.before, priority, None)


def _gone_back(line: Line, stand: Stand, priority: str, at: datetime | None) -> Objection:
    known = stand.anchor is not None
    return at_once(
        line.entry,
        priority,
        cause=stand.anchor,
        cause_subject=stand.anchor_subject if known else None,
        at=at,
    )
