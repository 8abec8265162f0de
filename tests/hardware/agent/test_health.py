"""Health: news at once, the rest each half minute, and a file for whoever stands there."""

import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from hardware.agent import conditions
from hardware.agent.board import READY, Board, Condition
from hardware.agent.health import EVERY_SECONDS, STATUS_FILE, Health
from hardware.agent.outbox import Outbox, ReadState, Settled
from hardware.agent.server import HttpServer
from hardware.agent.server_clock import ServerClock
from hardware.clock import moment
from tests.hardware.fake_server import STATION, TOKEN, FakeServer
from tests.hardware.fakes import FakeClock, scan_of

DEVICE = f"{STATION}/counter/0a0a"


class Bench:
    """A health reporter and what it reports about."""

    def __init__(self, *, folder: Path, outbox: Outbox, clock: FakeClock, url: str) -> None:
        self.folder = folder
        self.outbox = outbox
        self.clock = clock
        self.board = Board(clock=clock)
        self.server_clock = server_clock = ServerClock()
        self.http = HttpServer(url=url, token=TOKEN, clock=clock, server_clock=server_clock)
        self.health = Health(
            station=STATION,
            server_url=url,
            folder=folder,
            outbox=outbox,
            board=self.board,
            server=self.http,
            server_clock=server_clock,
            clock=clock,
        )
        self.board.set_device(DEVICE, Condition(state=READY))

    def keep(self) -> str:
        return self.outbox.keep(scan_of("TB1"), device_id=DEVICE, at=moment(self.clock))

    def settle(self, read_id: str, state: ReadState = ReadState.ANSWERED) -> None:
        self.outbox.settle([Settled(id=read_id, state=state, verdict="accepted", words="")])

    def status(self) -> dict[str, object]:
        status = json.loads((self.folder / STATUS_FILE).read_text())
        assert isinstance(status, dict)
        return status


@pytest.fixture
def bench(tmp_path: Path, outbox: Outbox, clock: FakeClock, server: FakeServer) -> Iterator[Bench]:
    bench = Bench(folder=tmp_path, outbox=outbox, clock=clock, url=server.url)
    yield bench
    bench.http.close()


def _settle_down(bench: Bench) -> None:
    for _ in range(3):
        bench.health.report()


def test_the_server_is_told_at_the_start(bench: Bench, server: FakeServer) -> None:
    bench.health.report()
    assert server.health == [
        {
            "queue": 0,
            "oldest_at": None,
            "conflicts": 0,
            "offset_ms": None,
            "device_states": {DEVICE: READY},
            "leaving": False,
            "latencies": {},
        }
    ]
    assert bench.board.uplink().state == conditions.CONNECTED.state


def test_without_news_it_is_told_each_half_minute(bench: Bench, server: FakeServer) -> None:
    _settle_down(bench)
    told = len(server.health)
    bench.clock.advance(EVERY_SECONDS - 0.1)
    bench.health.report()
    assert len(server.health) == told
    bench.clock.advance(0.1)
    bench.health.report()
    assert len(server.health) == told + 1


def test_the_clock_is_told_once_it_was_measured(bench: Bench, server: FakeServer) -> None:
    bench.health.report()
    measured = bench.server_clock.measure(moment(bench.clock))
    bench.clock.advance(EVERY_SECONDS)
    bench.health.report()

    assert measured is not None
    assert [told["offset_ms"] for told in server.health] == [None, measured.offset_ms]


def test_a_clock_that_was_set_is_told_with_the_next_report(
    bench: Bench, server: FakeServer
) -> None:
    bench.health.report()
    before = bench.server_clock.measure(moment(bench.clock))
    bench.clock.set_wall(timedelta(minutes=7))
    bench.clock.advance(EVERY_SECONDS)
    bench.health.report()

    assert before is not None
    assert server.health[-1]["offset_ms"] == before.offset_ms - 7 * 60_000


def test_a_device_in_trouble_is_told_at_once(bench: Bench, server: FakeServer) -> None:
    _settle_down(bench)
    bench.board.set_device(DEVICE, Condition(state="unplugged", message="gone"))
    bench.health.report()
    assert server.health[-1]["device_states"] == {DEVICE: "unplugged"}


def test_a_read_on_its_way_is_no_news_and_a_queue_is(bench: Bench, server: FakeServer) -> None:
    _settle_down(bench)
    told = len(server.health)
    read_id = bench.keep()
    bench.health.report()
    assert len(server.health) == told
    bench.clock.advance(2)
    bench.health.report()
    assert server.health[-1]["queue"] == 1
    bench.settle(read_id)
    bench.health.report()
    assert (server.health[-1]["queue"], len(server.health)) == (0, told + 2)


def test_conflicts_and_refused_reads_are_told(bench: Bench, server: FakeServer) -> None:
    _settle_down(bench)
    bench.settle(bench.keep(), ReadState.CONFLICT)
    bench.settle(bench.keep(), ReadState.SET_ASIDE)
    bench.health.report()
    assert server.health[-1]["conflicts"] == 2


def test_a_server_that_is_down_is_told_in_the_file_and_tried_again(
    bench: Bench, server: FakeServer
) -> None:
    server.stop()
    _settle_down(bench)
    assert bench.board.uplink().state == "server not reached"
    bench.health.report()
    assert bench.status()["uplink"]["state"] == "server not reached"  # type: ignore[index]
    server.start()
    bench.clock.advance(6)
    bench.health.report()
    assert len(server.health) == 1
    assert bench.board.uplink().state == conditions.CONNECTED.state


def test_a_refused_token_is_told_in_the_file(bench: Bench, server: FakeServer) -> None:
    server.mood.token = "another-token"
    _settle_down(bench)
    assert bench.board.uplink().state == "token refused"


def test_the_file_says_how_everything_is(bench: Bench) -> None:
    bench.board.count(DEVICE, "reads")
    _settle_down(bench)
    status = bench.status()
    assert status["station"] == STATION
    assert status["running"] is True
    assert status["queue"] == {"waiting": 0, "oldest_at": None, "conflicts": 0, "set_aside": 0}
    assert status["devices"][DEVICE]["counts"] == {"reads": 1}  # type: ignore[index]
    assert TOKEN not in (bench.folder / STATUS_FILE).read_text()
    assert isinstance(status["clock"], dict)


def test_a_folder_that_cannot_be_written_is_no_reason_to_stop(
    bench: Bench, server: FakeServer
) -> None:
    (bench.folder / f"{STATUS_FILE}.new").mkdir()
    bench.health.report()
    assert len(server.health) == 1


def test_what_changes_while_a_report_is_on_its_way_is_told_with_the_next(
    bench: Bench, server: FakeServer
) -> None:
    """The server is slow to answer the first report; meanwhile the device is unplugged."""
    server.mood.answer_after = threading.Event()
    reporting = threading.Thread(target=bench.health.report)
    reporting.start()
    assert server.wait_for(lambda: len(server.health) == 1)
    bench.board.set_device(DEVICE, Condition(state="unplugged", message="gone"))
    server.mood.answer_after.set()
    reporting.join()
    bench.health.report()

    told = [said["device_states"] for said in server.health]
    assert told == [{DEVICE: READY}, {DEVICE: "unplugged"}]


def test_how_long_people_wait_is_told_with_each_report(bench: Bench, server: FakeServer) -> None:
    bench.board.latencies.stored(DEVICE, 0.009)
    bench.health.report()

    took = {"reads": 1, "stored_ms": 9, "verdict_ms": None}
    assert server.health[-1]["latencies"] == {DEVICE: took}
