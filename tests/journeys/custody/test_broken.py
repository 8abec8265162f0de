"""Break a whole journey in one place: a rule objects there, or at what comes next, and once."""

from collections.abc import Sequence
from dataclasses import replace
from random import Random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.custody.gaps.table import BY_CODE
from app.custody.ledger import Kind
from app.custody.project import Gap
from tests.counts import counted
from tests.journeys.custody.breaking import WAYS, Broken, may_object_at, may_wait_at
from tests.journeys.custody.journeys import journeys, plans, tell
from tests.journeys.custody.judging import (
    alarms,
    alarms_over_time,
    encoded,
    gaps,
    judged,
)
from tests.journeys.custody.teller import Journey

pytestmark = pytest.mark.slow

PICK = st.integers(0, 10_000)
full_boxes = plans.map(lambda plan: tell(replace(plan, tubes=(27, 27, 27), boxes=1)))
prompt_legs = plans.map(
    lambda plan: tell(replace(plan, late=False, offline=frozenset(), hours=2 + plan.hours % 6))
)
ARRIVALS = (Kind.DELIVERED, Kind.RECEIVED)


@pytest.mark.parametrize("way", WAYS)
@given(journey=journeys, pick=PICK)
@counted(reduced=120, full=2_000)
def test_what_is_broken_is_objected_to_there_and_by_one_alarm(
    way: str, journey: Journey, pick: int
) -> None:
    broken = _picked(list(WAYS[way](journey)), pick)
    found = judged(broken.journey)

    assert found, f"nobody objects to {broken}"
    assert any(_there(broken, gap) for gap in found), f"{broken}: {_told(broken, found)}"
    assert len(alarms(found)) == 1, f"{broken}: {_told(broken, found)}"


@pytest.mark.parametrize("way", WAYS)
@given(journey=journeys, pick=PICK)
@counted(reduced=15, full=300)
def test_a_watcher_that_looks_all_along_raises_one_alarm(
    way: str, journey: Journey, pick: int
) -> None:
    broken = _picked(list(WAYS[way](journey)), pick)

    assert len(alarms_over_time(broken.journey)) == 1, f"{broken}"


@given(journey=prompt_legs, pick=PICK)
@counted(reduced=15, full=300)
def test_an_arrival_said_before_its_release_is_one_alarm_all_along(
    journey: Journey, pick: int
) -> None:
    early = [b for b in WAYS["shifted"](journey) if b.what.endswith("-6 h")]
    broken = _picked([b for b in early if b.was[0].kind in ARRIVALS], pick)

    assert len(alarms_over_time(broken.journey)) == 1, f"{broken}"


@pytest.mark.parametrize("way", WAYS)
@given(journey=full_boxes, pick=PICK)
@counted(reduced=4, full=60)
def test_81_tubes_in_the_box_are_still_one_alarm(way: str, journey: Journey, pick: int) -> None:
    subjects = journey.book.subjects
    of_each = {
        (subjects[b.was[0].subject].sort, b.was[0].kind, b.what): b for b in WAYS[way](journey)
    }
    broken = _picked(list(of_each.values()), pick)
    found = judged(broken.journey)

    assert len(alarms(found)) == 1, f"{broken}: {_told(broken, found)}"


@pytest.mark.parametrize("way", WAYS)
@given(journey=journeys, pick=PICK, shuffle=st.randoms(use_true_random=False))
@counted(reduced=10, full=200)
def test_told_in_any_order_it_is_the_same_byte_for_byte(
    way: str, journey: Journey, pick: int, shuffle: Random
) -> None:
    broken = _picked(list(WAYS[way](journey)), pick).journey
    now = max(e.recorded_at for e in broken.entries)
    entries, subjects = list(broken.entries), list(broken.subjects)
    shuffle.shuffle(entries)
    shuffle.shuffle(subjects)
    turned = Journey(subjects=tuple(subjects), entries=tuple(entries))

    assert encoded(judged(turned)) == encoded(judged(broken))
    assert encoded(gaps(turned.book, now)) == encoded(gaps(broken.book, now))


def _picked(ways: Sequence[Broken], pick: int) -> Broken:
    assume(ways)
    return ways[pick % len(ways)]


def _there(broken: Broken, gap: Gap) -> bool:
    """Objected to there or at the next; what was left out, where somebody still waits for it."""
    if gap.entry_id in may_object_at(broken):
        return True
    return not broken.becomes and BY_CODE[gap.rule].ages and gap.entry_id in may_wait_at(broken)


def _told(broken: Broken, found: Sequence[Gap]) -> str:
    subjects = broken.whole.book.subjects
    names = {
        e.entry_id: f"{e.kind} {subjects[e.subject].code}/{e.seq}" for e in broken.whole.entries
    }
    return "; ".join(
        f"{g.rule} {subjects[g.subject].code} at {names[g.entry_id]}"
        f" cause {names[g.cause]} site {g.site}"
        for g in found
    )
