"""The door to the server: what is certain, what is not, and nothing of a stranger's in a log."""

import pytest

from hardware.agent.server import HttpServer, NotReached, Reply
from hardware.agent.server_clock import ServerClock
from hardware.clock import SystemClock, moment
from tests.hardware.fake_server import STATION, TOKEN, FakeServer


def _door(url: str, server_clock: ServerClock) -> HttpServer:
    return HttpServer(url=url, token=TOKEN, clock=SystemClock(), server_clock=server_clock)


def test_nobody_there_is_certain_not_to_have_it() -> None:
    with pytest.raises(NotReached):
        _door("http://127.0.0.1:1", ServerClock()).post("/api/v1/scans", b"{}")


def test_the_date_of_any_answer_tells_the_time_to_the_second(server: FakeServer) -> None:
    server_clock = ServerClock()
    door = _door(server.url, server_clock)
    assert door.post(f"/api/v1/stations/{STATION}/health", b"{}").status == 200
    measured = server_clock.measure(moment(SystemClock()))
    door.close()
    assert measured is not None
    assert abs(measured.offset_ms) <= measured.uncertainty_ms + 100
    assert 500 <= measured.uncertainty_ms < 1500


def test_a_stranger_writes_no_lines_into_the_log() -> None:
    content: dict[str, object] = {"title": "No\n2026-01-01 all is well\x1b[2J", "detail": "x" * 900}
    words = Reply(status=400, content=content).words()
    assert words.isprintable()
    assert len(words) == 500
