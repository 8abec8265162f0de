"""What is stored after every entry is what a full replay says, whoever's entries come first."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from tests.journeys.custody.arrivals import arrive, mixed
from tests.journeys.custody.counts import counted
from tests.journeys.custody.journeys import journeys
from tests.journeys.custody.teller import Journey

pytestmark = pytest.mark.slow


@given(journey=journeys, seed=st.integers(0, 2**32))
@counted(reduced=10, full=1_000)
def test_any_arrival_that_keeps_each_device_s_order_ends_in_the_same(
    engine: Engine, journey: Journey, seed: int
) -> None:
    dice = random.Random(seed)
    one = arrive(engine, journey, mixed(journey, dice), watched=True)
    other = arrive(engine, journey, mixed(journey, dice), watched=False)

    assert one == other
