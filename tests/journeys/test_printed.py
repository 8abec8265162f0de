"""From the order to labels in hand: server, agent and a printer on a pty, all the real ones.

What comes out of the simulated printer is then scanned at the chair, as a phlebotomist would.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid5

import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import Session
from werkzeug.serving import WSGIRequestHandler, make_server

from app.custody.ledger import Kind
from app.custody.verify import verify
from hardware.agent.board import Board
from hardware.agent.print_book import PrintBook
from hardware.agent.print_jobs import PrintKeeper
from hardware.agent.server import HttpServer
from hardware.agent.server_clock import ServerClock
from hardware.clock import SystemClock
from hardware.ports import open_port
from hardware.printer.simulated import SimulatedPrinter
from hardware.printer.zpl import ZplPrinter
from labels.verify import codes_in
from labels.zpl_reader import picture
from tests.app.scanning.bench import SPACE, Bench, Kit
from tests.builders.site import Site
from tests.builders.work import the_limits
from tests.conftest import FreshDatabase
from tests.fakes.clock import SetClock

pytestmark = pytest.mark.slow
PATIENCE = 60


class Quiet(WSGIRequestHandler):
    """Answers, and writes nothing about it."""

    def log(self, type: str, message: str, *args: object) -> None:
        """Nothing."""


@contextmanager
def printing(bench: Bench, printer: SimulatedPrinter, folder: Path) -> Iterator[PrintBook]:
    """The server on a port, and the agent of the chair with this printer."""
    door = make_server("127.0.0.1", 0, bench.site.app, threaded=True, request_handler=Quiet)
    clock = SystemClock()
    url = f"http://127.0.0.1:{door.port}"
    way = HttpServer(url=url, token=bench.token, clock=clock, server_clock=ServerClock())
    book = PrintBook(folder / "printing.sqlite")
    keeper = PrintKeeper(
        name="zpl",
        station=bench.station,
        open_printer=lambda: ZplPrinter(open_port(printer.device), clock=clock),
        book=book,
        server=way,
        board=Board(clock=clock),
        clock=clock,
    )
    threads = [
        threading.Thread(target=part) for part in (door.serve_forever, keeper.run, keeper.tell)
    ]
    for thread in threads:
        thread.start()
    try:
        yield book
    finally:
        keeper.stop()
        for thread in threads[1:]:
            thread.join(PATIENCE)
        door.shutdown()
        door.server_close()
        threads[0].join(PATIENCE)
        way.close()
        book.close()


@pytest.fixture
def bench(fresh_database: FreshDatabase, tmp_path: Path) -> Iterator[Bench]:
    clock = SetClock()
    site = Site(folder=tmp_path, database=fresh_database().runtime_url, clock=clock)
    yield Bench(site, clock)
    site.close()


def ask(bench: Bench, kit: Kit) -> Any:
    body = {"command": str(uuid5(SPACE, kit.order)), "station": bench.station}
    answer = bench.nurse.send("POST", f"/api/v1/orders/{kit.order}/print-jobs", **body)
    assert answer.status_code == 201, answer.json
    return answer.json


def settled(bench: Bench, job: str) -> dict[int, str]:
    """How each label ended, once each has."""
    turn = threading.Event()
    for _ in range(PATIENCE * 10):
        seen = bench.nurse.send("GET", f"/api/v1/print-jobs/{job}").json["labels"]
        states = {label["number"]: label["state"] for label in seen}
        if not {"waiting", "sent"} & set(states.values()):
            return states
        turn.wait(0.1)
    raise AssertionError(f"not printed: {states}")


@pytest.mark.parametrize("trouble", ["none", "roll_end"])
def test_eight_labels_come_out_and_the_tubes_they_name_are_drawn(
    bench: Bench, tmp_path: Path, trouble: str
) -> None:
    kit = bench.kit()
    with SimulatedPrinter(seed=3, trouble=trouble, after=4, pace=0.2) as printer:
        with printing(bench, printer, tmp_path):
            states = settled(bench, ask(bench, kit)["id"])
        tray = [out.content for out in printer.tray() if out.whole]

    unknown = [number for number, state in states.items() if state == "unknown"]
    assert unknown == ([5] if trouble == "roll_end" else [])
    assert set(states.values()) <= {"printed", "unknown"}
    # What lies in the tray is drawn, and read back as a scanner would.
    pictures = [picture(content.decode("ascii")) for content in tray]
    codes = [code for image in pictures for code in (seen.text for seen in codes_in(image))]
    assert len(codes) == len(tray)
    assert set(codes) == {tube.code for tube in kit.tubes}

    task = {"step": "collect", "order": kit.order}
    path = f"/api/v1/stations/{bench.station}/task"
    assert bench.nurse.send("PUT", path, **task).status_code == 200
    in_hand = list(dict.fromkeys(codes))
    reads = [
        bench.scan(code, None, method="agent", device_id="chair") | {"device_seq": number}
        for number, code in enumerate(in_hand, start=1)
    ]
    assert {result["verdict"] for result in bench.agent(*reads)} == {"accepted"}

    for tube in kit.tubes:
        kinds = [entry.kind for entry in bench.story(tube)]
        assert kinds.count(Kind.COLLECTED) == 1
        assert Kind.LABEL_PRINTED in kinds
    told = [
        entry.facts["status"]
        for tube in kit.tubes
        for entry in bench.story(tube)
        if entry.kind is Kind.LABEL_PRINTED and "printer" in entry.facts
    ]
    assert len(told) == len(states)
    assert told.count("unknown") == len(unknown)

    engine = create_engine(bench.site.app.config["SQLALCHEMY_DATABASE_URI"])
    with Session(engine) as session:
        assert verify(session, limits=the_limits(), now=bench.clock()).findings == ()
    engine.dispose()
