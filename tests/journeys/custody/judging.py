"""What the rules say to a whole book at a moment, in a form that can be compared."""

import json
from datetime import datetime, timedelta

from app.alarms.causes import by_entry, first_of
from app.custody.gaps.table import PRECEDENCE
from app.custody.history import Book
from app.custody.ledger import EntryId
from app.custody.project import Gap, Projection, project
from app.custody.replay import Replay
from tests.builders.work import the_limits
from tests.journeys.custody.teller import Journey


def projections(book: Book, now: datetime) -> dict[int, Projection]:
    """What follows for every subject."""
    replay = Replay(book, limits=the_limits(), now=now)
    return {
        history.subject.id: project(history, limits=the_limits(), now=now)
        for history in replay.histories()
    }


def gaps(book: Book, now: datetime) -> tuple[Gap, ...]:
    """Every gap of a book, by subject and precedence."""
    return tuple(
        gap
        for projection in projections(book, now).values()
        for gap in sorted(projection.gaps, key=lambda g: (PRECEDENCE[g.rule], str(g.entry_id)))
    )


def alarms(found: tuple[Gap, ...]) -> set[EntryId]:
    """What the watcher would raise: one alarm to each cause, followed to its end."""
    objected = by_entry(found)
    return {first_of(gap, objected).cause for gap in found}


def alarms_over_time(journey: Journey) -> set[EntryId]:
    """What a watcher would raise that looks whenever a gap settles or something falls due."""
    now: datetime | None = max(e.recorded_at for e in journey.entries)
    homes: dict[tuple[str, int, EntryId], EntryId] = {}
    while now is not None:
        told = projections(journey.book, now).values()
        found = [gap for projection in told for gap in projection.gaps]
        raised = [gap for gap in found if gap.settles_at <= now]
        objected = by_entry(raised)
        for gap in raised:
            homes.setdefault(gap.key, first_of(gap, objected).cause)
        ahead = [at for projection in told for _, at in projection.wake_ups]
        ahead += [gap.settles_at for gap in found]
        now = min((at for at in ahead if at > now), default=None)
    return set(homes.values())


def encoded(found: tuple[Gap, ...]) -> bytes:
    """The gaps with everything that is said of them, to be compared byte by byte."""
    return json.dumps([gap._asdict() for gap in found], default=str).encode()


def judged(journey: Journey) -> tuple[Gap, ...]:
    """Every gap a minute after the last thing that was due."""
    end = max(e.recorded_at for e in journey.entries)
    return gaps(journey.book, last_due(journey.book, end) + timedelta(minutes=1))


def last_due(book: Book, now: datetime) -> datetime:
    """The last of all the deadlines that what is known has set, graver steps left aside."""
    return max((at for p in projections(book, now).values() for _, at in p.wake_ups), default=now)
