"""Clocks and ids: aware of their offset, never going back, and sorting by time."""

from datetime import timedelta

from hardware.clock import SystemClock, moment
from hardware.ids import uuid7_source
from tests.hardware.fakes import FakeClock


def test_the_wall_clock_tells_its_offset() -> None:
    assert SystemClock().wall().utcoffset() is not None


def test_the_steady_clock_does_not_go_back() -> None:
    clock = SystemClock()
    earlier, later = moment(clock), moment(clock)
    assert later.steady >= earlier.steady
    assert later.boot == earlier.boot != ""


def test_ids_are_version_7_and_sort_by_time() -> None:
    clock = FakeClock()
    mint = uuid7_source(clock)
    earlier = mint()
    clock.advance(0.002)
    later = mint()
    assert earlier.version == later.version == 7
    assert str(earlier) < str(later)


def test_ids_differ_within_one_millisecond_and_at_any_time() -> None:
    clock = FakeClock()
    mint = uuid7_source(clock)
    assert len({mint() for _ in range(1000)}) == 1000
    clock.set_wall(timedelta(days=-30_000))
    assert mint().version == 7
