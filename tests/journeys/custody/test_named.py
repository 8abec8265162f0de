"""The stories of several stations end as they must, and the same whoever's entries come first."""

import random
from collections.abc import Iterator
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from app.custody import gap_rows, projected
from app.custody.ledger import Entry
from tests.builders.ledger_text import moment
from tests.counts import counted
from tests.journeys.custody.arrivals import arrive, mixed
from tests.journeys.custody.judging import projections
from tests.journeys.custody.stories import NEXT_DAY, STORIES
from tests.journeys.custody.teller import Journey

NAMES = pytest.mark.parametrize("name", STORIES)
ORDERS = 25


@NAMES
def test_a_story_ends_as_it_must(name: str) -> None:
    story = STORIES[name]

    assert story.told().gaps(NEXT_DAY) == list(story.gaps)
    assert story.whereabouts() == story.where


@NAMES
def test_a_story_told_in_any_order_ends_in_the_same(name: str) -> None:
    journey = STORIES[name].journey()
    first, *others = (_told(journey, order) for order in _orders(journey))

    assert all(other == first for other in others)


@pytest.mark.slow
@NAMES
def test_a_story_kept_in_any_order_is_kept_as_it_is_told(name: str, engine: Engine) -> None:
    journey = STORIES[name].journey()

    @given(seed=st.integers(0, 2**32))
    @counted(reduced=1, full=63)
    def ends_in_the_same(seed: int) -> None:
        dice = random.Random(seed)
        one = arrive(engine, journey, mixed(journey, dice), watched=True)
        other = arrive(engine, journey, mixed(journey, dice), watched=False)
        assert one == other

    ends_in_the_same()


def _orders(journey: Journey) -> Iterator[list[Entry]]:
    dice = random.Random(1)
    for _ in range(ORDERS):
        yield mixed(journey, dice)


def _told(journey: Journey, order: list[Entry]) -> object:
    """What follows for every subject, a day later and three, when they came in this order."""
    arrived = journey.with_entries(e._replace(seq=seq) for seq, e in enumerate(order, start=1))
    return [
        (
            id_,
            projected.state_values(p.history),
            {gap_rows.gap_values(gap) for gap in p.gaps},
            p.wake_ups,
        )
        for now in (moment(NEXT_DAY), moment(NEXT_DAY) + timedelta(days=2))
        for id_, p in projections(arrived.book, now).items()
    ]
