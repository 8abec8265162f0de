"""Print jobs at the station: taken, printed label by label, told; and never printed twice."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from hardware.agent.board import Board
from hardware.agent.print_book import ENDED, BookUnusable, PrintBook
from hardware.agent.print_jobs import PrintKeeper
from hardware.clock import SystemClock
from hardware.errors import Unplugged
from hardware.printer.folder import LabelFolder
from hardware.printer.handing import HandingPrinter
from hardware.printer.one_label import Label, State, Tell
from hardware.printer.protocol import (
    PDF,
    ZPL,
    Condition,
    Printer,
    PrinterIdentity,
    PrinterStatus,
    Told,
)
from tests.builders.programs import until
from tests.hardware.agent.printing import PATIENCE, STATION, FakeServer, states, working
from tests.hardware.fakes import FakeClock


class FakePrinter:
    """Prints what it is given, one label after the other, as far as it is allowed to."""

    def __init__(self) -> None:
        self.tray: list[int] = []
        self.may_print = threading.Semaphore(1000)
        self.unplugged_at: int | None = None  # the label under way when the plug is drawn
        self.unplugged = threading.Event()
        self.plugged_in = threading.Event()
        self.closed = False

    def identify(self) -> PrinterIdentity:
        return PrinterIdentity(model="fake", firmware="1", dpmm=8, confirms=True)

    def status(self) -> PrinterStatus:
        return PrinterStatus(condition=Condition.READY)

    def print_labels(self, labels: Sequence[Label], *, tell: Told, stop: threading.Event) -> None:
        for label in labels:
            while not self.may_print.acquire(timeout=0.01):
                if stop.is_set():
                    return
            if stop.is_set():
                return
            tell(Tell(number=label.number, state=State.SENT))
            if stop.is_set():
                tell(Tell(number=label.number, state=State.UNKNOWN, reasons=("stopped",)))
                return
            if label.number == self.unplugged_at:
                tell(Tell(number=label.number, state=State.UNKNOWN, reasons=("line_lost",)))
                self.unplugged.set()
                self.plugged_in.wait(PATIENCE)
                raise Unplugged("/dev/zpl", "it is gone")
            self.tray.append(label.number)
            proof = (len(self.tray) - 1, len(self.tray))
            tell(Tell(number=label.number, state=State.PRINTED, proof=proof))

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def book(tmp_path: Path) -> Iterator[PrintBook]:
    kept = PrintBook(tmp_path / "book.sqlite")
    yield kept
    kept.close()


def make(
    printer: Printer, server: FakeServer, book: PrintBook, *, format: str = ZPL
) -> PrintKeeper:
    return PrintKeeper(
        name="zpl",
        station=STATION,
        open_printer=lambda: printer,
        format=format,
        book=book,
        server=server,
        board=Board(clock=FakeClock()),
        clock=SystemClock(),
    )


def test_documents_reach_the_printer_byte_for_byte(book: PrintBook, tmp_path: Path) -> None:
    folder = LabelFolder(tmp_path, ending=PDF, clock=SystemClock())
    printer, server = HandingPrinter(folder, dpmm=8), FakeServer(2)
    with working(make(printer, server, book, format=PDF)):
        assert server.wait_until(lambda: len(states(server, "job-0")) == 2)
        assert server.wait_until(lambda: states(server, "job-0").get(2) == "handed over")
    assert states(server, "job-0") == {1: "handed over", 2: "handed over"}
    files = sorted(each.read_bytes() for each in tmp_path.glob("*.pdf"))
    assert files == [b"%PDF \xff\x01", b"%PDF \xff\x02"]


def test_jobs_are_printed_and_told_label_by_label(book: PrintBook) -> None:
    printer, server = FakePrinter(), FakeServer(3, 2)
    with working(make(printer, server, book)):
        assert server.wait_until(lambda: states(server, "job-1").get(2) == "printed")
    assert printer.tray == [1, 2, 3, 1, 2]
    assert set(states(server, "job-0").values()) == {"printed"}
    assert book.to_tell() == []
    assert printer.closed


def test_nothing_is_sent_before_the_server_knows_of_it(book: PrintBook) -> None:
    printer, server = FakePrinter(), FakeServer(4)
    printer.may_print = threading.Semaphore(0)
    with working(make(printer, server, book)):
        assert server.wait_until(lambda: not server.jobs)
        server.away = True
        for _ in range(4):
            printer.may_print.release()
        until(lambda: [noted.state for noted in book.to_tell()] == [State.SENT])
        assert server.told == []
        assert printer.tray == []
        server.away = False
        assert server.wait_until(lambda: states(server, "job-0").get(4) == "printed")
    assert printer.tray == [1, 2, 3, 4]
    assert server.told.index(("job-0", 2, "sent")) > server.told.index(("job-0", 1, "printed"))


def test_no_job_is_taken_while_there_is_something_to_tell(book: PrintBook) -> None:
    """The server would give out once more what it does not know to be printed."""
    printer, server = FakePrinter(), FakeServer(1)
    book.note(Tell(number=1, state=State.UNKNOWN, reasons=(ENDED,)), job="before", lease="lease")
    server.status = 503
    with working(make(printer, server, book)):
        assert server.wait_until(lambda: server.beats > 3)
        assert server.asked == 0
        server.status = 200
        assert server.wait_until(lambda: states(server, "job-0").get(1) == "printed")
    assert states(server, "before") == {1: "unknown"}


def test_a_lost_lease_ends_the_job_before_the_next_label(book: PrintBook) -> None:
    printer, server = FakePrinter(), FakeServer(50)
    printer.may_print = threading.Semaphore(2)
    with working(make(printer, server, book)):
        assert server.wait_until(lambda: len(printer.tray) == 2)
        server.held = False
        for _ in range(50):
            printer.may_print.release()
        assert server.wait_until(lambda: states(server, "job-0").get(3) == "unknown")
        assert server.wait_until(lambda: book.to_tell() == [])
    assert printer.tray == [1, 2]


@pytest.mark.parametrize(("held", "tray"), [(True, [1, 3, 4]), (False, [1])])
def test_what_was_left_when_the_plug_was_drawn_is_printed_where_nobody_else_has_it(
    book: PrintBook, held: bool, tray: list[int]
) -> None:
    printer, server = FakePrinter(), FakeServer(4)
    printer.unplugged_at = 2
    with working(make(printer, server, book)):
        assert printer.unplugged.wait(PATIENCE)
        server.held = held
        printer.plugged_in.set()
        assert server.wait_until(lambda: server.asked > 1)  # it is done with the job
    assert printer.tray == tray
    assert states(server, "job-0")[2] == "unknown"


def test_an_agent_that_begins_again_tells_what_it_knows_and_prints_the_rest(
    book: PrintBook,
) -> None:
    printer, server = FakePrinter(), FakeServer(4, 1)
    printer.may_print = threading.Semaphore(1)
    with working(make(printer, server, book)):
        assert server.wait_until(lambda: states(server, "job-0").get(1) == "printed")
    # It ended with a label on its way, and never told that it was sent.
    had = book.held("zpl")
    assert had is not None
    book.note(Tell(number=2, state=State.SENT), job="job-0", lease=had)
    book.end_what_was_in_flight()

    printer.may_print = threading.Semaphore(1000)
    with working(make(printer, server, book)):
        assert server.wait_until(lambda: states(server, "job-1").get(1) == "printed")
    assert printer.tray == [1, 3, 4, 1]
    assert states(server, "job-0")[2] == "unknown"
    assert server.told.index(("job-0", 2, "unknown")) < server.told.index(("job-0", 3, "sent"))


@pytest.mark.parametrize(("status", "kept"), [(401, True), (503, True), (404, False)])
def test_what_a_server_will_not_take_is_kept_where_it_may_yet(
    book: PrintBook, status: int, kept: bool
) -> None:
    server = FakeServer(1)
    server.status = status
    with working(make(FakePrinter(), server, book)):
        assert server.wait_until(lambda: server.beats > 0)
    assert bool(book.to_tell()) is kept


def test_what_was_in_flight_when_it_ended_is_unknown(tmp_path: Path) -> None:
    book = PrintBook(tmp_path / "book.sqlite")
    for number, state in ((1, State.SENT), (1, State.PRINTED), (2, State.SENT)):
        book.note(Tell(number=number, state=state, proof=(1, 2)), job="job", lease="lease")
    book.taken(book.to_tell())
    assert [(each.number, each.state) for each in book.to_tell()] == [(2, State.SENT)]
    book.close()

    again = PrintBook(tmp_path / "book.sqlite")
    assert again.end_what_was_in_flight() == 1
    assert again.end_what_was_in_flight() == 0
    last = again.to_tell()[-1]
    assert (last.number, last.state, last.reasons) == (2, State.UNKNOWN, (ENDED,))
    again.taken(again.to_tell())
    assert again.to_tell() == []
    again.close()


def test_a_book_that_cannot_be_written_stops_the_printing(book: PrintBook) -> None:
    printer, server = FakePrinter(), FakeServer(3)
    book.close()
    keeper = make(printer, server, book)
    with working_run(keeper):
        until(lambda: printer.closed)
    assert printer.tray == []
    assert server.jobs


@contextmanager
def working_run(keeper: PrintKeeper) -> Iterator[None]:
    thread = threading.Thread(target=keeper.run)
    thread.start()
    try:
        yield
    finally:
        keeper.stop()
        thread.join(PATIENCE)


def test_a_job_of_which_the_server_cannot_be_told_is_not_printed_on(book: PrintBook) -> None:
    printer, server = FakePrinter(), FakeServer(50)
    printer.may_print = threading.Semaphore(1)
    with working(make(printer, server, book)):
        assert server.wait_until(lambda: states(server, "job-0").get(1) == "printed")
        server.broken = True
        printer.may_print.release()
        assert server.wait_until(lambda: server.failed > 0)
        for _ in range(50):
            printer.may_print.release()
        until(lambda: printer.closed)  # it is done with the job
        assert len(printer.tray) < 50


def test_a_book_is_refused_where_it_cannot_be_opened(tmp_path: Path) -> None:
    (tmp_path / "book.sqlite").write_bytes(b"no database" * 100)
    with pytest.raises(BookUnusable):
        PrintBook(tmp_path / "book.sqlite")
