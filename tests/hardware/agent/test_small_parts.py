"""The agent's small parts: waiting longer each time, doubles, and the server's clock."""

from datetime import UTC, datetime, timedelta

import pytest

from hardware.agent.backoff import Backoff
from hardware.agent.debounce import Debounce
from hardware.agent.server_clock import ServerClock
from hardware.clock import moment
from tests.hardware.fakes import FakeClock


def test_waits_double_up_to_the_most_and_begin_again_after_a_success() -> None:
    backoff = Backoff(first=0.5, most=10.0)
    assert [backoff.next() for _ in range(7)] == [0.5, 1.0, 2.0, 4.0, 8.0, 10.0, 10.0]
    backoff.reset()
    assert backoff.next() == 0.5


@pytest.mark.parametrize(("after", "repeats"), [(0.0, True), (0.79, True), (0.81, False)])
def test_the_same_code_repeats_within_the_window_only(after: float, repeats: bool) -> None:
    debounce = Debounce()
    debounce.note(b"TB1", at=10.0, read_id="first")
    assert (debounce.repeats(b"TB1", at=10.0 + after) == "first") is repeats


def test_another_code_is_no_repeat() -> None:
    debounce = Debounce()
    debounce.note(b"TB1", at=10.0, read_id="first")
    assert debounce.repeats(b"TB2", at=10.1) is None


def _learn(server_clock: ServerClock, clock: FakeClock, *, ahead: float, took: float) -> None:
    sent = clock.steady()
    server_time = clock.wall() + timedelta(seconds=ahead + took / 2)
    clock.advance(took)
    server_clock.learn(server_time, sent=sent, received=clock.steady(), boot=clock.boot())


def test_nothing_is_known_before_the_first_answer(clock: FakeClock) -> None:
    assert ServerClock().measure(moment(clock)) is None


def test_the_offset_is_measured_with_half_the_way_as_doubt(clock: FakeClock) -> None:
    server_clock = ServerClock()
    _learn(server_clock, clock, ahead=3.0, took=0.2)
    measured = server_clock.measure(moment(clock))
    assert measured is not None
    assert measured.offset_ms == 3000
    assert 100 <= measured.uncertainty_ms <= 101


def test_a_stepped_wall_clock_shows_in_the_offset_at_once(clock: FakeClock) -> None:
    server_clock = ServerClock()
    _learn(server_clock, clock, ahead=0.0, took=0.2)
    clock.advance(3600)
    clock.set_wall(timedelta(days=3))
    measured = server_clock.measure(moment(clock))
    assert measured is not None
    assert measured.offset_ms == -3 * 86_400_000
    assert measured.uncertainty_ms > 400


def test_a_coarse_answer_does_not_spoil_a_fine_one(clock: FakeClock) -> None:
    server_clock = ServerClock()
    _learn(server_clock, clock, ahead=0.0, took=0.02)
    coarse = clock.wall().replace(microsecond=0)
    server_clock.learn(
        coarse, sent=clock.steady(), received=clock.steady(), boot=clock.boot(), grain=1.0
    )
    measured = server_clock.measure(moment(clock))
    assert measured is not None
    assert measured.uncertainty_ms <= 11


def test_an_answer_that_contradicts_the_last_one_counts(clock: FakeClock) -> None:
    server_clock = ServerClock()
    _learn(server_clock, clock, ahead=0.0, took=0.02)
    _learn(server_clock, clock, ahead=60.0, took=0.5)
    measured = server_clock.measure(moment(clock))
    assert measured is not None
    assert measured.offset_ms == 60_000


def test_what_was_learned_before_a_reboot_is_not_used_after_it(clock: FakeClock) -> None:
    server_clock = ServerClock()
    _learn(server_clock, clock, ahead=0.0, took=0.02)
    clock.reboot()
    assert server_clock.measure(moment(clock)) is None
    server_clock.learn(datetime(2026, 3, 2, tzinfo=UTC), sent=5.0, received=5.0, boot=clock.boot())
    assert server_clock.measure(moment(clock)) is not None
