"""Somebody opens a printer's lid: within 2 s the page of its station says so."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from werkzeug.serving import WSGIRequestHandler, make_server

from hardware.agent.settings import make_settings
from hardware.agent.station import run_station
from hardware.clock import SystemClock
from hardware.ids import uuid7_source
from hardware.printer.engine import Engine
from hardware.printer.simulated import SimulatedPrinter
from tests.app.scanning.bench import Bench
from tests.builders.site import Site
from tests.conftest import FreshDatabase
from tests.fakes.moved_clock import MovedClock

pytestmark = pytest.mark.slow
PATIENCE = 30.0
IN_TIME = 2.0

Deed = Callable[[Engine], None]
CAUSES: dict[str, tuple[Deed, Deed]] = {
    "the lid is open": (Engine.open_head, Engine.close_head),
    "the printer is out of labels": (Engine.end_roll, Engine.refill),
    "the ribbon is used up": (lambda it: it.end_ribbon(True), lambda it: it.end_ribbon(False)),
    "the printer is paused": (lambda it: it.hold(True), lambda it: it.hold(False)),
}


class Quiet(WSGIRequestHandler):
    """Answers, and writes nothing about it."""

    def log(self, type: str, message: str, *args: object) -> None:
        """Nothing."""


@pytest.fixture
def bench(fresh_database: FreshDatabase, tmp_path: Path) -> Iterator[Bench]:
    clock = MovedClock(tmp_path / "clock")  # which nobody moves
    site = Site(folder=tmp_path, database=fresh_database().runtime_url, clock=clock)
    yield Bench(site, clock)
    site.close()


@contextmanager
def served(bench: Bench, printer: SimulatedPrinter, folder: Path) -> Iterator[None]:
    """The server on a port, and the agent of the chair with this printer."""
    door = make_server("127.0.0.1", 0, bench.site.app, threaded=True, request_handler=Quiet)
    token = folder / "token"
    token.touch(0o600)
    token.write_text(bench.token)
    settings = make_settings(
        {
            "server": f"http://127.0.0.1:{door.port}",
            "station": bench.station,
            "token_file": str(token),
            "data": str(folder / "agent"),
            "printer": [f"labels={printer.device}"],
        }
    )
    clock, stopping, started = SystemClock(), threading.Event(), threading.Event()

    def run() -> None:
        run_station(
            settings,
            clock=clock,
            ids=uuid7_source(clock),
            stopping=stopping,
            started=lambda _: started.set(),
        )

    threads = [threading.Thread(target=part) for part in (door.serve_forever, run)]
    for thread in threads:
        thread.start()
    try:
        assert started.wait(PATIENCE)
        yield
    finally:
        stopping.set()
        threads[1].join(PATIENCE)
        door.shutdown()
        door.server_close()
        threads[0].join(PATIENCE)


def shown(bench: Bench, true: Callable[[str], bool]) -> float:
    """How long it takes until the page of the station is so."""
    begun = time.monotonic()
    turn = threading.Event()
    while not true(bench.nurse.get(f"/stations/{bench.station}").text):
        assert time.monotonic() < begun + PATIENCE
        turn.wait(0.02)
    return time.monotonic() - begun


def test_the_page_says_why_a_printer_cannot_print_in_time(bench: Bench, tmp_path: Path) -> None:
    took = {}
    with SimulatedPrinter(seed=1) as printer, served(bench, printer, tmp_path):
        for words, (happens, is_over) in CAUSES.items():
            shown(bench, lambda page: "Ready" in page and "Cannot print" not in page)
            printer.do(happens)
            took[words] = shown(bench, lambda page, words=words: words in page)  # type: ignore[misc] # bound to this turn
            printer.do(is_over)

    assert {words: seconds for words, seconds in took.items() if seconds > IN_TIME} == {}
