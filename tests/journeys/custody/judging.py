"""What the rules say to a whole book at a moment, in a form that can be compared."""

from datetime import datetime

from app.custody.gaps.table import PRECEDENCE
from app.custody.history import Book
from app.custody.ledger import EntryId
from app.custody.project import Gap, Projection, project
from app.custody.replay import Replay
from tests.builders.work import the_limits

Alarm = tuple[EntryId, str | None]


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


def alarms(found: tuple[Gap, ...]) -> set[Alarm]:
    """What the watcher would raise: one alarm to each cause and site."""
    return {(gap.cause, gap.site) for gap in found}


def causes(found: tuple[Gap, ...]) -> set[EntryId]:
    """What all gaps go back to, where an entry gone back to is itself objected to for another."""
    further = {gap.entry_id: gap.cause for gap in found if gap.cause != gap.entry_id}
    roots = set()
    for gap in found:
        cause, followed = gap.cause, {gap.cause}
        while cause in further and further[cause] not in followed:
            cause = further[cause]
            followed.add(cause)
        roots.add(cause)
    return roots


def last_due(book: Book, now: datetime) -> datetime:
    """The last of all the deadlines that what is known has set, graver steps left aside."""
    return max((at for p in projections(book, now).values() for _, at in p.wake_ups), default=now)
