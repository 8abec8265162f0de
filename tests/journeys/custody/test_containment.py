"""Where everything is, by the ledger and by brute force: the same at every moment."""

from datetime import datetime, timedelta

from hypothesis import given

from app.custody.effective import effective
from app.custody.history import Book
from app.custody.ledger import CORRECTIONS
from app.custody.replay import Replay
from tests.builders.work import the_limits
from tests.counts import counted
from tests.journeys.custody.journeys import journeys
from tests.journeys.custody.oracle import Oracle, Whereabouts
from tests.journeys.custody.teller import Journey
from tests.journeys.custody.worlds import worlds


def agree(book: Book, now: datetime) -> None:
    """Whereabouts, timeline and claims of everything, by both."""
    replay, oracle = Replay(book, limits=the_limits(), now=now), Oracle(book, now=now)
    for history in replay.histories():
        id_, stand = history.subject.id, history.stand
        found = Whereabouts(stand.holder, stand.site, stand.place, stand.within, stand.position)
        assert found == oracle.whereabouts(id_), history.subject.code
        timeline = [(line.entry.entry_id, line.own) for line in history.lines]
        assert timeline == oracle.timeline[id_], history.subject.code
    occupants = {
        (claim.location, claim.position): tuple(
            one.subject for one in sorted((claim, *history.rivals), key=lambda c: c.order)
        )
        for history in replay.histories()
        if (claim := history.claim) is not None
    }
    assert occupants == oracle.occupants()


def agree_at_every_moment(book: Book) -> None:
    told = effective(book.entries).entries
    moments = [place[0][0] for place, _ in told]
    counting = [entry for _, entry in told]
    for number, now in enumerate(moments, start=1):
        so_far = [entry for entry in counting[:number] if entry.kind not in CORRECTIONS]
        agree(Book(subjects=book.subjects, entries=so_far), now)
    agree(book, max(moments) + timedelta(days=2))


@given(world=worlds)
@counted(reduced=100, full=3_000)
def test_whatever_is_said_of_anything_both_tell_the_same(world: Journey) -> None:
    agree_at_every_moment(world.book)


@given(journey=journeys)
@counted(reduced=10, full=300)
def test_of_a_whole_journey_both_tell_the_same(journey: Journey) -> None:
    agree_at_every_moment(journey.book)
