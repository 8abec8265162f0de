"""A crowd of pages that ask their stations each second, in a process of its own."""

import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from multiprocessing import get_context
from multiprocessing.connection import Connection
from urllib.parse import quote

from app.kernel.clock import system_clock
from hardware.clock import SystemClock
from tests.bench.callers import Door
from tests.builders.people import NORTH

EVERY = 1.0
PATIENCE = 60.0
UNCHANGED, FINE = 304, 200
_FORK = get_context("fork")
_CLOCK = SystemClock()


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What all pages heard together: each read, and when; and how often they asked."""

    reads: Sequence[tuple[str, float]]
    polls: int
    unchanged: int
    seconds: float


@contextmanager
def listening(door: Door, stations: Sequence[str]) -> Iterator[Callable[[], Heard]]:
    """One page for each of these stations; what is yielded ends them and says what they heard."""
    ours, theirs = _FORK.Pipe()
    crowd = _FORK.Process(target=_crowd, args=(door, stations, theirs), daemon=True)
    crowd.start()

    def end() -> Heard:
        ours.send("end")
        if not ours.poll(PATIENCE):
            raise AssertionError("the pages do not end")
        found: Heard = ours.recv()
        return found

    try:
        if not ours.poll(PATIENCE) or ours.recv() != "all listen":
            raise AssertionError("the pages do not all listen")
        yield end
    finally:
        crowd.terminate()
        crowd.join(PATIENCE)


def _crowd(door: Door, stations: Sequence[str], end: Connection) -> None:
    stop = threading.Event()
    ready = threading.Barrier(len(stations) + 1)
    pages = [_Page(door, station, stop, ready) for station in stations]
    for number, page in enumerate(pages):
        page.first_at = EVERY * number / len(pages)  # nobody opens all of them at once
        page.start()
    ready.wait(PATIENCE)
    begun = _CLOCK.steady()
    end.send("all listen")
    end.recv()
    stop.set()
    seconds = _CLOCK.steady() - begun
    for page in pages:
        page.join(PATIENCE)
    end.send(
        Heard(
            reads=[one for page in pages for one in page.heard],
            polls=sum(page.polls for page in pages),
            unchanged=sum(page.unchanged for page in pages),
            seconds=seconds,
        )
    )


class _Page(threading.Thread):
    """One page, as `static/scan/hearing.js` asks: with the tag it has, a second after an answer."""

    def __init__(
        self, door: Door, station: str, stop: threading.Event, ready: threading.Barrier
    ) -> None:
        super().__init__(daemon=True)
        self.first_at = 0.0
        self.heard: list[tuple[str, float]] = []
        self.polls = self.unchanged = 0
        self._connection = HTTPConnection(door.host, door.port, timeout=PATIENCE)
        self._path = f"/api/v1/stations/{station}/reads?since={quote(system_clock().isoformat())}"
        self._headers = {"Cookie": door.cookies[NORTH], "Accept": "application/json"}
        self._stop_asking = stop
        self._ready = ready

    def run(self) -> None:
        """Ask until stopped."""
        time.sleep(self.first_at)
        self._ask()
        self._ready.wait(PATIENCE)
        while not self._stop_asking.wait(EVERY):
            self._ask()
            self.polls += 1

    def _ask(self) -> None:
        self._connection.request("GET", self._path, headers=self._headers)
        response = self._connection.getresponse()
        told = response.read()
        now = _CLOCK.steady()
        if response.status == UNCHANGED:
            self.unchanged += 1
            return
        if response.status != FINE:
            raise AssertionError(f"{response.status} {told[:300]!r}")
        self._headers["If-None-Match"] = response.headers["ETag"]
        self.heard += [(read["raw"], now) for read in json.loads(told)["reads"]]
