"""Hostile words on a printer's wire: no crash, no growth, nothing claimed, a state that says so."""

import socket
import threading
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hardware.agent.board import Board
from hardware.agent.print_book import PrintBook
from hardware.agent.print_jobs import PrintKeeper
from hardware.clock import SystemClock
from hardware.ports import open_port
from hardware.printer.protocol import Condition
from hardware.printer.zpl import ZplPrinter
from tests.builders.programs import until
from tests.hardware.agent.printing import STATION, FakeServer, states, working
from tests.hardware.fakes import FakeClock
from tests.hardware.printer.rogue import (
    NOISE,
    AfterLabel,
    Late,
    Rogue,
    Spoil,
    Unasked,
    garbage,
    noise,
)

NAME = "labels"
IDLE = (
    b"\x02030,0,0,0152,000,0,0,0,000,0,0,0\x03\r\n"
    b"\x02000,0,0,0,1,2,6,0,00000000,1,000\x03\r\n"
    b"\x021234,0\x03\r\n"
)
ENDED = {"printed", "unknown"}
UNREADABLE = "unreadable data, check baud"
MOST_BYTES = 200_000  # that a driver may hold, whatever arrives


@pytest.fixture
def board() -> Board:
    return Board(clock=FakeClock())


@contextmanager
def at_work(address: str, server: FakeServer, board: Board, folder: Path) -> Iterator[None]:
    """The real driver and the real keeper on this line."""
    book = PrintBook(folder / "book.sqlite")
    clock = SystemClock()
    keeper = PrintKeeper(
        name=NAME,
        station=STATION,
        open_printer=lambda: ZplPrinter(open_port(address), clock=clock),
        book=book,
        server=server,
        board=board,
        clock=clock,
    )
    with working(keeper):
        yield
    book.close()


@pytest.mark.parametrize("spoil", [noise, garbage, Late()])
def test_one_that_never_says_what_it_is_gets_no_job(
    spoil: Spoil, board: Board, tmp_path: Path
) -> None:
    server = FakeServer(2)
    with Rogue(spoil) as rogue, at_work(rogue.device, server, board, tmp_path):
        until(lambda: board.device(NAME).state == UNREADABLE)
    assert "no ZPL printer's word" in board.device(NAME).message
    assert "baud" in board.device(NAME).remedy
    assert server.asked == 0
    assert not rogue.tray()


@pytest.mark.parametrize("spoil", [noise, garbage, Late()])
def test_one_that_loses_its_wits_over_a_label_proves_nothing(
    spoil: Spoil, board: Board, tmp_path: Path
) -> None:
    server = FakeServer(3)
    with Rogue(AfterLabel(spoil)) as rogue, at_work(rogue.device, server, board, tmp_path):
        assert server.wait_until(lambda: states(server, "job-0").get(1) == "unknown")
        until(lambda: board.device(NAME).state.startswith("cannot print: "))
    told = states(server, "job-0")
    assert told == {1: "unknown"}
    assert {out.content for out in rogue.tray()} <= {b"^XA1^XZ"}


@pytest.mark.parametrize("trouble", ["none", "half_label_counted", "head_open"])
def test_one_that_talks_unasked_is_believed_only_in_what_it_answers(
    trouble: str, board: Board, tmp_path: Path
) -> None:
    server = FakeServer(4)
    with (
        Rogue(Unasked(), trouble=trouble, after=1) as rogue,
        at_work(rogue.device, server, board, tmp_path),
    ):
        until(lambda: len(states(server, "job-0")) == 4)
        until(lambda: set(states(server, "job-0").values()) <= ENDED)
    printed = [number for number, state in states(server, "job-0").items() if state == "printed"]
    whole = [out.content for out in rogue.tray() if out.whole]
    assert {f"^XA{number}^XZ".encode() for number in printed} <= set(whole)
    assert len(whole) == len(set(whole))


def test_one_that_hangs_up_after_each_question_is_unplugged(board: Board, tmp_path: Path) -> None:
    server, over = FakeServer(1), threading.Event()
    door = socket.create_server(("127.0.0.1", 0))
    door.settimeout(0.05)
    hung_up = _hang_up_on_all(door, over)
    address = f"socket://127.0.0.1:{door.getsockname()[1]}"
    with at_work(address, server, board, tmp_path):
        until(lambda: board.device(NAME).state == "unplugged")
    over.set()
    hung_up.join()
    door.close()
    assert server.asked == 0


class EndlessWire:
    """Four kilobytes of noise each millisecond."""

    address = "endless"

    def __init__(self, clock: FakeClock) -> None:
        self.said = 0
        self._clock = clock

    def read(self) -> bytes:
        self._clock.advance(0.001)
        self.said += 4096
        return NOISE[:4096]

    def write(self, content: bytes) -> None:
        pass

    def drop(self) -> None:
        pass

    def close(self) -> None:
        pass


def test_megabytes_of_noise_are_not_kept() -> None:
    clock = FakeClock()
    wire = EndlessWire(clock)
    printer = ZplPrinter(wire, clock=clock)
    tracemalloc.start()
    status = printer.status()
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert status.condition is Condition.GARBLED
    assert wire.said > 1_000_000
    assert most < MOST_BYTES


class OldNewsWire:
    """Says that it is idle before anybody asks, and nothing afterwards."""

    address = "old news"

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock
        self._said = IDLE

    def read(self) -> bytes:
        self._clock.advance(0.05)
        said, self._said = self._said, b""
        return said

    def write(self, content: bytes) -> None:
        pass

    def drop(self) -> None:
        self._said = b""

    def close(self) -> None:
        pass


def test_what_was_said_before_the_question_is_no_answer() -> None:
    clock = FakeClock()
    printer = ZplPrinter(OldNewsWire(clock), clock=clock)
    assert printer.status().condition is Condition.SILENT


def _hang_up_on_all(door: socket.socket, over: threading.Event) -> threading.Thread:
    """Answer each caller's first question by hanging up."""

    def hang_up() -> None:
        while not over.is_set():
            try:
                caller, _ = door.accept()
            except TimeoutError:
                continue
            with caller:
                caller.settimeout(5)
                caller.recv(100)

    thread = threading.Thread(target=hang_up, daemon=True)
    thread.start()
    return thread
