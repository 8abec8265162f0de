"""Capture: safe first, then said to be safe, then judged; and never a wrong yes."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from hardware.agent.board import Board
from hardware.agent.capture import PATIENCE_SECONDS, TONE_GAP_SECONDS, Capture
from hardware.agent.outbox import Outbox, Read
from hardware.agent.server_clock import ServerClock
from hardware.errors import Unplugged
from hardware.scanner.protocol import Answer, Flaw
from tests.hardware.fakes import FakeClock, FakeScanner, ids_in_order

DEVICE = "ST0000000001X/counter/0a0a"


class Bench:
    """One scanner being served, with everything around it."""

    def __init__(self, *, outbox: Outbox, clock: FakeClock) -> None:
        self.outbox = outbox
        self.clock = clock
        self.scanner = FakeScanner()
        self.board = Board(clock=clock)
        self.server_clock = ServerClock()
        self.notified = 0
        self.capture = Capture(
            device_id=DEVICE,
            outbox=outbox,
            clock=clock,
            server_clock=self.server_clock,
            board=self.board,
            notify=self._notify,
        )
        self.capture.begin()

    def scan(self, text: str, *, flaw: Flaw | None = None) -> list[Answer]:
        """Scan, take one turn, and return what the scanner was answered in it."""
        self.scanner.say(text, flaw=flaw)
        return self.turn()

    def turn(self) -> list[Answer]:
        self.scanner.answers.clear()
        self.capture.serve(self.scanner)
        return list(self.scanner.answers)

    def reads(self) -> list[Read]:
        return self.outbox.waiting(limit=1000)

    def _notify(self) -> None:
        self.notified += 1


@pytest.fixture
def bench(outbox: Outbox, clock: FakeClock) -> Bench:
    return Bench(outbox=outbox, clock=clock)


@pytest.fixture
def full_bench(tmp_path: Path, clock: FakeClock) -> Iterator[Bench]:
    """A bench whose disk has no room for another read."""
    outbox = Outbox(tmp_path / "full.sqlite", ids=ids_in_order(), pages_max=8)
    bench = Bench(outbox=outbox, clock=clock)
    while Answer.SAFE in bench.scan("T" * 100):
        clock.advance(2.0)
    bench.turn()
    yield bench
    outbox.close()


def test_a_read_is_durable_and_then_acknowledged(bench: Bench) -> None:
    assert bench.scan("TB1") == [Answer.SAFE]
    (read,) = bench.reads()
    assert (read.text, read.device_id, read.device_seq, read.count) == ("TB1", DEVICE, 1, 1)
    assert (read.steady, read.boot) == (bench.clock.steady(), bench.clock.boot())
    assert bench.notified == 1


def test_the_verdict_sounds_once_when_it_comes_in_time(bench: Bench) -> None:
    bench.scan("TB1")
    bench.capture.answered(bench.reads()[0].id, Answer.LOOK)
    assert bench.turn() == [Answer.LOOK]
    bench.clock.advance(60)
    assert bench.turn() == []


def test_without_an_answer_it_says_stored_not_checked_and_no_verdict_later(bench: Bench) -> None:
    bench.scan("TB1")
    bench.clock.advance(PATIENCE_SECONDS - 0.01)
    assert bench.turn() == []
    bench.clock.advance(0.01)
    assert bench.turn() == [Answer.STORED]
    bench.capture.answered(bench.reads()[0].id, Answer.STOP)
    bench.clock.advance(1)
    assert bench.turn() == []


def test_two_verdicts_are_kept_apart_by_a_pause(bench: Bench) -> None:
    bench.scan("TB1")
    bench.scan("TB2")
    for read in bench.reads():
        bench.capture.answered(read.id, Answer.ACCEPTED)
    assert bench.turn() == [Answer.ACCEPTED]
    assert bench.turn() == []
    bench.clock.advance(TONE_GAP_SECONDS)
    assert bench.turn() == [Answer.ACCEPTED]


def test_the_same_code_within_a_moment_is_one_read_counted_twice(bench: Bench) -> None:
    bench.scan("TB1")
    bench.clock.advance(0.12)
    assert bench.scan("TB1") == [Answer.SAFE]
    assert [(read.text, read.count) for read in bench.reads()] == [("TB1", 2)]


def test_after_the_moment_it_is_a_second_read(bench: Bench) -> None:
    bench.scan("TB1")
    bench.clock.advance(0.9)
    bench.scan("TB1")
    assert [read.count for read in bench.reads()] == [1, 1]


def test_another_code_in_between_makes_it_a_read_of_its_own(bench: Bench) -> None:
    for text in ("TB1", "TB2", "TB1"):
        bench.scan(text)
    assert [read.text for read in bench.reads()] == ["TB1", "TB2", "TB1"]


def test_a_repeat_after_the_verdict_hears_the_same_verdict(bench: Bench) -> None:
    bench.scan("TB1")
    bench.capture.answered(bench.reads()[0].id, Answer.REFUSED)
    bench.turn()
    bench.clock.advance(0.3)
    assert bench.scan("TB1") == [Answer.SAFE, Answer.REFUSED]


def test_a_full_disk_is_told_at_the_scanner_and_on_the_board(full_bench: Bench) -> None:
    before = len(full_bench.reads())
    full_bench.clock.advance(1)
    assert full_bench.scan("T" * 100) == [Answer.AGAIN]
    assert len(full_bench.reads()) == before
    assert full_bench.board.device(DEVICE).state == "cannot store"
    assert "Free space" in full_bench.board.device(DEVICE).remedy


def test_a_refused_read_is_not_taken_for_the_first_of_a_double(full_bench: Bench) -> None:
    full_bench.clock.advance(1)
    assert full_bench.scan("U" * 100) == [Answer.AGAIN]
    assert full_bench.scan("U" * 100) == [Answer.AGAIN]


@pytest.mark.parametrize("flaw", [Flaw.FRAGMENT, Flaw.OVERFLOW])
def test_a_read_that_is_not_whole_is_asked_for_again_and_never_sent(
    bench: Bench, flaw: Flaw
) -> None:
    assert bench.scan("TB000", flaw=flaw) == [Answer.AGAIN]
    assert bench.reads() == []


def test_a_spoilt_read_is_asked_for_again_and_journalled(bench: Bench) -> None:
    assert bench.scan("TB\x00\x1b[2J", flaw=Flaw.UNREADABLE) == [Answer.AGAIN]
    assert [read.text for read in bench.reads()] == ["TB\x00\x1b[2J"]
    bench.clock.advance(60)
    assert bench.turn() == []


def test_noise_is_counted_and_named_and_not_journalled_without_end(bench: Bench) -> None:
    for _ in range(500):
        bench.scan("\xff\xfe\xfd", flaw=Flaw.UNREADABLE)
    assert len(bench.reads()) == 3
    assert bench.board.device(DEVICE).state == "unreadable data, check baud"
    devices = bench.board.written()["devices"]
    assert isinstance(devices, dict)
    assert devices[DEVICE]["counts"] == {"unreadable bytes": 500}


def test_noise_is_answered_once_a_second_only(bench: Bench) -> None:
    answers = []
    for _ in range(100):
        answers += bench.scan("\xff", flaw=Flaw.UNREADABLE)
        bench.clock.advance(0.03)
    assert len(answers) == 3 + 2


def test_good_reads_end_the_complaint(bench: Bench) -> None:
    for _ in range(4):
        bench.scan("\xff", flaw=Flaw.UNREADABLE)
    for number in range(8):
        bench.scan(f"TB{number}")
    assert bench.board.device(DEVICE).state == "ready"


def test_a_scanner_without_suffix_is_told_apart_from_noise(bench: Bench) -> None:
    for _ in range(3):
        bench.scan("TB0000000006H", flaw=Flaw.FRAGMENT)
    assert bench.board.device(DEVICE).state == "reads without an end"
    assert bench.board.device(DEVICE).remedy == FakeScanner.whole


class _Witness(FakeScanner):
    """Looks into the file, as another program would, at the moment it is told that all is safe."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.seen: list[int] = []
        self._path = path

    def acknowledge(self, answer: Answer) -> None:
        super().acknowledge(answer)
        with closing(sqlite3.connect(self._path)) as file:
            self.seen += file.execute("SELECT count(*) FROM read").fetchone()


def test_the_scanner_is_told_only_after_the_durable_write(bench: Bench, tmp_path: Path) -> None:
    witness = _Witness(tmp_path / "outbox.sqlite")
    bench.scanner = witness
    for number in range(3):
        bench.scan(f"TB{number}")
    assert witness.seen == [1, 2, 3]


class _Gone(FakeScanner):
    def acknowledge(self, answer: Answer) -> None:
        raise Unplugged("/dev/ttyACM0", "the device is not there")


def test_a_scanner_that_goes_before_its_answer_does_not_lose_the_read(bench: Bench) -> None:
    bench.scanner = _Gone()
    with pytest.raises(Unplugged):
        bench.scan("TB1")
    assert [read.text for read in bench.reads()] == ["TB1"]


def test_a_port_opened_anew_hears_nothing_of_older_reads(bench: Bench) -> None:
    bench.scan("TB1")
    bench.capture.begin()
    bench.capture.answered(bench.reads()[0].id, Answer.STOP)
    bench.clock.advance(60)
    assert bench.turn() == []


def test_the_offset_known_at_the_read_is_kept_with_it(bench: Bench) -> None:
    now = bench.clock.steady()
    bench.server_clock.learn(bench.clock.wall(), sent=now, received=now, boot=bench.clock.boot())
    bench.scan("TB1")
    assert [(read.offset_ms, read.uncertainty_ms) for read in bench.reads()] == [(0, 1)]


def test_how_long_a_person_waits_is_measured(bench: Bench) -> None:
    """Kept at once by a clock that stands still; judged a tenth of a second later."""
    bench.scan("TB1")
    bench.clock.advance(0.1)
    bench.capture.answered(bench.reads()[0].id, Answer.LOOK)
    assert bench.turn() == [Answer.LOOK]

    took = bench.board.latencies.told()[DEVICE]
    assert (took.reads, took.stored_p95_ms, took.verdict_p95_ms) == (1, 0, 100)


def test_stored_and_not_checked_is_no_verdict_that_was_waited_for(bench: Bench) -> None:
    bench.scan("TB1")
    bench.clock.advance(PATIENCE_SECONDS)
    assert bench.turn() == [Answer.STORED]

    assert bench.board.latencies.told()[DEVICE].verdict_p95_ms is None
