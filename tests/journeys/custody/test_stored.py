"""What is stored after every entry is what a full replay says, whoever's entries come first."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from tests.counts import counted
from tests.journeys.custody.arrivals import arrive, mixed
from tests.journeys.custody.journeys import journeys
from tests.journeys.custody.teller import Journey
from tests.journeys.custody.worlds import worlds

pytestmark = pytest.mark.slow

seeds = st.integers(0, 2**32)


@given(journey=journeys, seed=seeds)
@counted(reduced=4, full=120)
def test_a_whole_journey_ends_in_the_same_whoever_comes_first(
    engine: Engine, journey: Journey, seed: int
) -> None:
    _ends_in_the_same(engine, journey, random.Random(seed))


@given(world=worlds, seed=seeds)
@counted(reduced=10, full=300)
def test_so_does_whatever_is_said_of_anything(engine: Engine, world: Journey, seed: int) -> None:
    _ends_in_the_same(engine, world, random.Random(seed))


def _ends_in_the_same(engine: Engine, journey: Journey, dice: random.Random) -> None:
    one = arrive(engine, journey, mixed(journey, dice), watched=True)
    other = arrive(engine, journey, mixed(journey, dice), watched=False)

    assert one == other
