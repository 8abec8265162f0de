"""One station's agent, put together: ports, outbox, uplink, health; started and stopped as one."""

import fcntl
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Final, TextIO

from hardware.agent.board import Board
from hardware.agent.capture import Capture
from hardware.agent.health import Health
from hardware.agent.outbox import Outbox
from hardware.agent.print_book import BookUnusable, PrintBook
from hardware.agent.print_jobs import PrintKeeper
from hardware.agent.server import HttpServer
from hardware.agent.server_clock import ServerClock
from hardware.agent.settings import PrinterSettings, ScannerSettings, Settings
from hardware.agent.supervisor import PortKeeper
from hardware.agent.uplink import Uplink
from hardware.clock import Clock
from hardware.ids import IdSource
from hardware.ports import open_port
from hardware.printer import drivers as printers
from hardware.printer.protocol import DPMM, Place, Printer
from hardware.scanner import drivers as scanners
from hardware.scanner.protocol import Answer, Scanner

OUTBOX_FILE: Final = "outbox.sqlite"
BOOK_FILE: Final = "printing.sqlite"
LOCK_FILE: Final = "agent.lock"
HEALTH_SECONDS: Final = 3.0  # a report is not worth a longer wait
_GRACE_SECONDS: Final = 2.0
_LOCK_TRIES: Final = 10
_LOCK_SECONDS: Final = 0.05

log = logging.getLogger(__name__)


class DataInUse(Exception):
    """Another agent works in this data folder."""


class DataUnusable(Exception):
    """The data folder cannot be made or written."""


class StationAgent:
    """Start it, wait for `stopping`, stop it. What was acknowledged is safe at any moment."""

    def __init__(
        self, settings: Settings, *, clock: Clock, outbox: Outbox, book: PrintBook
    ) -> None:
        self.board = Board(clock=clock)
        self._clock = clock
        self._outbox = outbox
        self._server_clock = ServerClock()
        self._door = self._open_door(settings)
        self._health_door = self._open_door(settings, answer_seconds=HEALTH_SECONDS)
        self._uplink = Uplink(
            outbox=outbox,
            server=self._door,
            clock=clock,
            server_clock=self._server_clock,
            board=self.board,
            on_answer=self._pass_on,
        )
        self._captures = {
            capture.device_id: capture
            for capture in map(partial(self._capture, settings.station), settings.scanners)
        }
        self._keepers = [
            PortKeeper(
                open_scanner=partial(_open_scanner, scanner), capture=capture, board=self.board
            )
            for scanner, capture in zip(settings.scanners, self._captures.values(), strict=True)
        ]
        self._book = book
        self._print_door = self._open_door(settings)
        self._printers = [self._print_keeper(settings.station, each) for each in settings.printers]
        self._health = Health(
            station=settings.station,
            server_url=settings.server,
            folder=settings.data,
            outbox=outbox,
            board=self.board,
            server=self._health_door,
            server_clock=self._server_clock,
            clock=clock,
        )
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Start one thread per port, one for the uplink and one for health."""
        parts: list[Callable[[], None]] = [keeper.run for keeper in self._keepers]
        for printer in self._printers:
            parts += [printer.run, printer.tell]
        parts += [self._uplink.run, self._health.run]
        # Daemons: a stop must never hang on a server that does not answer.
        self._threads = [threading.Thread(target=part, daemon=True) for part in parts]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Stop taking reads first, then sending, then reporting."""
        for keeper in self._keepers:
            keeper.stop()
        for printer in self._printers:
            printer.stop()
        self._uplink.stop()
        self._health.stop()
        deadline = self._clock.steady() + _GRACE_SECONDS
        for thread in self._threads:
            thread.join(max(0.0, deadline - self._clock.steady()))
        if any(thread.is_alive() for thread in self._threads):
            return  # it waits for the server; what it holds ends with the process
        self._outbox.close()
        self._book.close()
        for door in (self._door, self._print_door, self._health_door):
            door.close()

    def _open_door(self, settings: Settings, **limits: float) -> HttpServer:
        return HttpServer(
            url=settings.server,
            token=settings.token,
            clock=self._clock,
            server_clock=self._server_clock,
            **limits,
        )

    def _capture(self, station: str, scanner: ScannerSettings) -> Capture:
        return Capture(
            # The outbox's own mark is in it: a new outbox counts from one again, and must not
            # be taken for the old one.
            device_id=f"{station}/{scanner.name}/{self._outbox.identity}",
            outbox=self._outbox,
            clock=self._clock,
            server_clock=self._server_clock,
            board=self.board,
            notify=self._uplink.notify,
        )

    def _print_keeper(self, station: str, printer: PrinterSettings) -> PrintKeeper:
        return PrintKeeper(
            name=f"{station}/{printer.name}",
            station=station,
            open_printer=partial(_open_printer, printer, self._clock),
            format=printer.format,
            book=self._book,
            server=self._print_door,
            board=self.board,
            clock=self._clock,
        )

    def _pass_on(self, device_id: str, read_id: str, answer: Answer) -> None:
        capture = self._captures.get(device_id)
        if capture is not None:  # else: a scanner that is no longer connected here
            capture.answered(read_id, answer)


def run_station(
    settings: Settings,
    *,
    clock: Clock,
    ids: IdSource,
    stopping: threading.Event,
    started: Callable[[StationAgent], None],
) -> None:
    """Run an agent until `stopping`. Raises DataInUse, DataUnusable or OutboxUnusable.

    Labels that were in flight when the last one ended are unknown from now on.
    """
    with ExitStack() as stack:
        stack.enter_context(_alone_in(settings.data))
        outbox = Outbox(settings.data / OUTBOX_FILE, ids=ids)
        book = _book(settings.data / BOOK_FILE)
        agent = StationAgent(settings, clock=clock, outbox=outbox, book=book)
        agent.start()
        stack.callback(agent.stop)
        started(agent)
        stopping.wait()
        log.info("stopping")


def _book(path: Path) -> PrintBook:
    try:
        book = PrintBook(path)
        book.end_what_was_in_flight()
    except BookUnusable as error:
        raise DataUnusable(str(error)) from error
    return book


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Hold the data folder's lock; the system lets go of it when the process ends, however."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / LOCK_FILE).open("a")
    except OSError as error:
        raise DataUnusable(f"data folder {folder}: {error.strerror}") from error
    with lock:
        if not _lock(lock):
            raise DataInUse(f"another agent is using the data folder {folder}")
        yield


def _lock(lock: TextIO) -> bool:
    for _ in range(_LOCK_TRIES):  # a look at the status holds it for a moment
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            threading.Event().wait(_LOCK_SECONDS)
        else:
            return True
    return False


def is_running(folder: Path) -> bool:
    """Whether an agent works in this data folder right now."""
    try:
        with (folder / LOCK_FILE).open("r") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def _open_scanner(settings: ScannerSettings) -> Scanner:
    port = open_port(settings.address, baud=settings.baud)
    return scanners.DRIVERS[settings.driver](port)


def _open_printer(settings: PrinterSettings, clock: Clock) -> Printer:
    place = Place(
        address=settings.address,
        baud=settings.baud,
        dpmm=DPMM[settings.dpi],
        format=settings.format,
    )
    return printers.DRIVERS[settings.driver].open(place, clock)
