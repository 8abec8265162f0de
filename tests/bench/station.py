"""How long people at stations wait: at the scanner, at a page bound to it, before its own page.

The real server, a real agent of one station with scanners and a printer on ptys, and pages that
ask each second as a browser's would. All of it on loopback, on one machine.
"""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import quote

from sqlalchemy.orm import Session

from app.accounts import places
from app.custody.drafts import Reading
from app.custody.ledger import Sort
from app.custody.registry import New, register
from app.kernel.clock import system_clock
from hardware.clock import SystemClock
from hardware.printer.engine import Engine
from hardware.printer.simulated import SimulatedPrinter
from hardware.scanner.protocol import Answer
from hardware.scanner.simulated import SimulatedScanner
from tests.bench.callers import Door, signed_in
from tests.bench.cluster import Cluster, engine_of
from tests.bench.figures import Figure, at
from tests.bench.listening import Heard, listening
from tests.bench.web import web_server
from tests.builders.people import NORTH, system_work

PATIENCE = 60.0
SCANNERS = 4
PACE = 0.3  # seconds between two pulls of one trigger: as fast as anybody scans
PAGES = 200
STATIONS = PAGES // 2  # two pages of each
HEALTH_PACE = 0.1
ROUNDS = 7
VERDICTS = frozenset((Answer.ACCEPTED, Answer.LOOK, Answer.STOP, Answer.REFUSED))
LID = "the lid is open"
_CLOCK = SystemClock()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """The stations, the first of which has the agent; its token; and tubes to scan there."""

    stations: Sequence[str]
    token: str
    tubes: Sequence[str]


def station_waits(cluster: Cluster, base: str, *, scans: int, seconds: int) -> list[Figure]:
    """So many scans at the station, and pages that listen for so long."""
    copy = cluster.copy(base, f"{base}_station")
    stock = _furnish(cluster, f"{base}_station", tubes=scans + 2 * seconds)
    folder = cluster.folder / "station"
    folder.mkdir()
    with ExitStack() as stack:
        host, port = stack.enter_context(web_server(copy, cluster.folder))
        door = signed_in(host, port)
        printer = stack.enter_context(SimulatedPrinter(seed=1))
        hands = [stack.enter_context(SimulatedScanner(seed=n)) for n in range(SCANNERS)]
        stack.enter_context(_agent(stock, hands, printer, door, folder))
        _open_task(door, stock.stations[0])
        figures = _at_the_scanner(hands, stock.tubes[:scans])
        figures += _with_pages(door, stock, hands[0], stock.tubes[scans:], seconds)
        figures.append(_cause(door, stock.stations[0], printer))
    cluster.drop(f"{base}_station")
    return figures


# At the scanner


def _at_the_scanner(hands: Sequence[SimulatedScanner], tubes: Sequence[str]) -> list[Figure]:
    """Each hand scans its share; measured is what the scanner itself hears."""
    safe: list[float] = []
    judged: list[float] = []
    threads = [
        threading.Thread(target=_scan, args=(hand, tubes[number::SCANNERS], safe, judged))
        for number, hand in enumerate(hands)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    note = f"{len(tubes)} scans of {SCANNERS} scanners, {SCANNERS / PACE:.0f} a second"
    return [
        Figure(name="kept and acknowledged, p95", value=at(sorted(safe), 95), unit="ms", most=60,
               note=f"p50 {at(sorted(safe), 50):.1f} ms, {note}"),
        Figure(name="verdict at the scanner, p95", value=at(sorted(judged), 95), unit="ms",
               most=300, note=f"p50 {at(sorted(judged), 50):.1f} ms"),
        Figure(name="scans without a verdict of the server", value=len(tubes) - len(judged),
               unit="", most=0),
    ]  # fmt: skip


def _scan(
    hand: SimulatedScanner, tubes: Sequence[str], safe: list[float], judged: list[float]
) -> None:
    for tube in tubes:
        begun = _CLOCK.steady()
        number = hand.scan(tube)
        if hand.answer_to(number) != "ack":
            raise AssertionError(f"{tube} was not kept")
        safe.append(_CLOCK.steady() - begun)
        if hand.verdict_on(number) in VERDICTS:
            judged.append(_CLOCK.steady() - begun)
        time.sleep(max(0.0, begun + PACE - _CLOCK.steady()))


# Pages that listen


def _with_pages(
    door: Door, stock: Stock, hand: SimulatedScanner, tubes: Sequence[str], seconds: int
) -> list[Figure]:
    scanned: dict[str, float] = {}
    stop = threading.Event()

    def scan() -> None:
        for tube in tubes:
            scanned[tube] = _CLOCK.steady()
            hand.scan(tube)
            if stop.wait(1 / 2.1):
                return

    with listening(
        door, [one for one in stock.stations for _ in range(PAGES // STATIONS)]
    ) as crowd:
        scanning = threading.Thread(target=scan)
        scanning.start()
        health = sorted(_ask_health(door, seconds))
        stop.set()
        scanning.join()
        time.sleep(2)  # for the pages to hear of the last
        heard = crowd()
    return [*_delays(heard, scanned), *_health(health, heard)]


def _ask_health(door: Door, seconds: int) -> Iterator[float]:
    connection = HTTPConnection(door.host, door.port, timeout=PATIENCE)
    end = _CLOCK.steady() + seconds
    while (begun := _CLOCK.steady()) < end:
        connection.request("GET", "/health")
        connection.getresponse().read()
        yield _CLOCK.steady() - begun
        time.sleep(max(0.0, begun + HEALTH_PACE - _CLOCK.steady()))
    connection.close()


def _health(health: Sequence[float], heard: Heard) -> list[Figure]:
    return [
        Figure(name=f"GET /health beside {PAGES} listening pages, p95", value=at(health, 95),
               unit="ms", most=100, note=f"p50 {at(health, 50):.1f} ms, {len(health)} questions"),
        Figure(name="polls a second", value=heard.polls / heard.seconds, unit="", least=PAGES * 0.8,
               note=f"{heard.unchanged / heard.polls:.1%} told at once that there is no news"),
    ]  # fmt: skip


def _delays(heard: Heard, scanned: dict[str, float]) -> list[Figure]:
    delays = sorted(at_ - scanned[raw] for raw, at_ in heard.reads if raw in scanned)
    missed = len(scanned) * (PAGES // STATIONS) - len(delays)
    return [
        Figure(name="from the scan to the poll that shows it, longest", value=delays[-1], unit="s",
               most=1.5, note=f"p50 {at(delays, 50):.0f} ms, {len(delays)} times"),
        Figure(name="scans that a page of the station missed", value=missed, unit="", most=0),
    ]  # fmt: skip


# The station's own page


def _cause(door: Door, station: str, printer: SimulatedPrinter) -> Figure:
    """How long after a lid was opened the page of its station says so."""
    took = []
    for _ in range(ROUNDS):
        _shows(door, station, lambda page: LID not in page)
        printer.do(Engine.open_head)
        took.append(_shows(door, station, lambda page: LID in page))
        printer.do(Engine.close_head)
    took.sort()
    return Figure(
        name="from the open lid to the station's page, longest",
        value=took[-1],
        unit="s",
        most=2,
        note=f"middle {took[ROUNDS // 2]:.2f} s, {ROUNDS} times",
    )


def _shows(door: Door, station: str, true: Callable[[str], bool]) -> float:
    begun = _CLOCK.steady()
    while not true(_ask(door, "GET", f"/stations/{station}")):
        if _CLOCK.steady() - begun > PATIENCE:
            raise AssertionError(f"the page of {station} does not change")
        time.sleep(0.02)
    return _CLOCK.steady() - begun


# The programs


def _furnish(cluster: Cluster, name: str, *, tubes: int) -> Stock:
    engine = engine_of(cluster.server.runtime_url.set(database=name))
    with Session(engine) as session:
        work = system_work(session, system_clock)
        stations = [
            places.add_station(work, site=NORTH, unit="collection", title=f"Chair {number}")
            for number in range(STATIONS)
        ]
        token = places.give_token(work, station=stations[0])
        reading = Reading(command=work.ids(), occurred_at=system_clock(), site=NORTH)
        news = [
            New(sort=Sort.TUBE, reading=reading, namespace="TB", ordinal=n) for n in range(tubes)
        ]
        codes = [tube.code for tube in register(work, news)]
        session.commit()
    engine.dispose()
    return Stock(stations=stations, token=token, tubes=codes)


@contextmanager
def _agent(
    stock: Stock,
    hands: Sequence[SimulatedScanner],
    printer: SimulatedPrinter,
    door: Door,
    folder: Path,
) -> Iterator[None]:
    token = folder / "token"
    token.touch(0o600)
    token.write_text(stock.token)
    scanners = [
        part for n, hand in enumerate(hands) for part in ("--scanner", f"s{n}={hand.device}")
    ]
    with (folder / "agent.log").open("wb") as log:
        agent = subprocess.Popen(
            [
                *(sys.executable, "-m", "hardware", "run", "--station", stock.stations[0]),
                *("--server", f"http://{door.host}:{door.port}", "--token-file", str(token)),
                *(*scanners, "--printer", f"labels={printer.device}"),
                *("--data", str(folder / "agent"), "--json", "--log-level", "warning"),
            ],
            stdout=subprocess.PIPE,
            stderr=log,
            env=dict(os.environ),
        )
        try:
            _shows(door, stock.stations[0], lambda page: page.count(">Ready<") > SCANNERS)
            yield
        finally:
            agent.terminate()
            agent.wait(PATIENCE)
            if agent.stdout is not None:
                agent.stdout.close()


def _open_task(door: Door, station: str) -> None:
    body = json.dumps({"step": "spin_start"})
    _ask(door, "PUT", f"/api/v1/stations/{quote(station)}/task", body)


def _ask(door: Door, method: str, path: str, body: str | None = None) -> str:
    connection = HTTPConnection(door.host, door.port, timeout=PATIENCE)
    headers = {"Cookie": door.cookies[NORTH], "X-Unbroken": "1", "Accept-Language": "en"}
    if body is not None:
        headers["Content-Type"] = "application/json"
    connection.request(method, path, body, headers)
    response = connection.getresponse()
    told = response.read().decode()
    connection.close()
    if response.status != 200:
        raise AssertionError(f"{method} {path}: {response.status} {told[:300]}")
    return told
