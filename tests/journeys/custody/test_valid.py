"""A journey in which everything is as it must be has no gap, at any moment."""

from datetime import timedelta

import pytest
from hypothesis import given

from app.custody.effective import effective
from tests.counts import counted
from tests.journeys.custody.journeys import journeys
from tests.journeys.custody.judging import gaps, last_due, projections
from tests.journeys.custody.teller import Journey

pytestmark = pytest.mark.slow


@given(journey=journeys)
@counted(reduced=40, full=1_000)
def test_a_whole_journey_has_no_gap_for_ever_after(journey: Journey) -> None:
    end = max(e.recorded_at for e in journey.entries)
    for now in (end, last_due(journey.book, end) + timedelta(minutes=1), end + timedelta(days=30)):
        assert gaps(journey.book, now) == ()


@given(journey=journeys)
@counted(reduced=15, full=300)
def test_nor_has_what_happened_so_far_before_anything_more_is_due(journey: Journey) -> None:
    entries = [entry for _, entry in effective(journey.entries).entries]
    online = [e for e in entries if e.online and e.recorded_at == e.occurred_at]
    if len(online) < len(entries):
        return
    for entry in entries:
        so_far = journey.known_at(entry.recorded_at)
        assert gaps(so_far.book, entry.recorded_at) == ()
        due = min(
            (
                at
                for p in projections(so_far.book, entry.recorded_at).values()
                for _, at in p.wake_ups
            ),
            default=None,
        )
        if due is not None:
            assert gaps(so_far.book, due - timedelta(microseconds=1)) == ()


@given(journey=journeys)
@counted(reduced=15, full=300)
def test_the_same_entries_in_any_order_say_the_same(journey: Journey) -> None:
    now = max(e.recorded_at for e in journey.entries) + timedelta(days=1)
    turned = journey.with_entries(reversed(journey.entries))
    damaged = [j.with_entries(j.entries[:-8]) for j in (journey,)]
    assert repr(projections(turned.book, now)) == repr(projections(journey.book, now))
    for one in damaged:
        other = one.with_entries(reversed(one.entries))
        assert repr(gaps(one.book, now)) == repr(gaps(other.book, now))
