"""A port is opened, served, and opened again when it went away; its state is always named."""

import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hardware.agent.board import READY, Board
from hardware.agent.capture import Capture
from hardware.agent.outbox import Outbox
from hardware.agent.server_clock import ServerClock
from hardware.agent.supervisor import PortKeeper
from hardware.clock import SystemClock
from hardware.ports import open_port
from hardware.scanner.protocol import Scanner
from hardware.scanner.simulated import SimulatedScanner
from hardware.scanner.text import TextScanner

DEVICE = "ST0000000001X/counter/0a0a"
CODE = "TB0000000006H"


class Bench:
    """One kept port, and its outbox."""

    def __init__(self, *, outbox: Outbox, open_scanner: Callable[[], Scanner]) -> None:
        clock = SystemClock()
        self.outbox = outbox
        self.board = Board(clock=clock)
        capture = Capture(
            device_id=DEVICE,
            outbox=outbox,
            clock=clock,
            server_clock=ServerClock(),
            board=self.board,
            notify=lambda: None,
        )
        self.keeper = PortKeeper(open_scanner=open_scanner, capture=capture, board=self.board)

    def becomes(self, state: str, *, seconds: float = 3.0) -> bool:
        """Wait until the device is in this state."""
        deadline = SystemClock().steady() + seconds
        while self.board.device(DEVICE).state != state:
            if SystemClock().steady() > deadline:
                return False
            self.board.changed.wait(0.05)
            self.board.changed.clear()
        return True

    def texts(self) -> list[str]:
        return [read.text for read in self.outbox.waiting(limit=1000)]


@contextmanager
def _running(outbox: Outbox, open_scanner: Callable[[], Scanner]) -> Iterator[Bench]:
    bench = Bench(outbox=outbox, open_scanner=open_scanner)
    thread = threading.Thread(target=bench.keeper.run, daemon=True)
    thread.start()
    try:
        yield bench
    finally:
        bench.keeper.stop()
        thread.join(5)
    assert not thread.is_alive()


def _opener(address: str) -> Callable[[], Scanner]:
    return lambda: TextScanner(open_port(address))


def test_an_unplugged_scanner_is_named_within_a_second_and_found_again(
    outbox: Outbox, tmp_path: Path
) -> None:
    with (
        SimulatedScanner(link=tmp_path / "by-id") as scanner,
        _running(outbox, _opener(scanner.device)) as bench,
    ):
        assert bench.becomes(READY)
        scanner.misbehave("unplugged", times=1)
        scanner.scan(CODE)
        assert bench.becomes("unplugged", seconds=1)
        scanner.plug()  # under another name, as the system likes
        assert bench.becomes(READY, seconds=3)
        assert scanner.answer_to(scanner.scan(CODE)) == "ack"
        assert bench.texts() == [CODE]


def test_a_port_that_another_has_is_named_busy_and_served_when_free(outbox: Outbox) -> None:
    with SimulatedScanner() as scanner:
        other = open_port(scanner.device)
        with _running(outbox, _opener(scanner.device)) as bench:
            assert bench.becomes("busy")
            assert "other program" in bench.board.device(DEVICE).remedy
            other.close()
            assert bench.becomes(READY)


def test_a_megabyte_of_noise_does_no_harm(outbox: Outbox) -> None:
    with (
        SimulatedScanner(seed=4) as scanner,
        _running(outbox, _opener(scanner.device)) as bench,
    ):
        assert bench.becomes(READY)
        scanner.send(random.Random(4).randbytes(1_000_000))
        assert bench.becomes("unreadable data, check baud")
        scanner.send(b"\r")
        scanner.scan(CODE)
        assert scanner.wait_until(lambda: CODE in bench.texts(), seconds=10)
        # What by chance looked like text was kept too: the server refuses it.
        assert len(bench.texts()) < 500


class _Mistaken:
    """A driver with a mistake in it."""

    def listen(self) -> list[object]:
        raise ZeroDivisionError

    def acknowledge(self, answer: object) -> None:
        raise ZeroDivisionError

    def close(self) -> None:
        """Nothing to close."""


def test_a_mistake_in_a_driver_is_named_and_tried_again(
    outbox: Outbox, caplog: pytest.LogCaptureFixture
) -> None:
    tries = threading.Semaphore(0)

    def open_scanner() -> Scanner:
        tries.release()
        return _Mistaken()  # type: ignore[return-value]

    with _running(outbox, open_scanner) as bench:
        assert tries.acquire(timeout=3)
        assert tries.acquire(timeout=3)
        assert bench.becomes("failed")
    assert "ZeroDivisionError" in caplog.text
