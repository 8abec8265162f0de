"""The outbox: numbered in order, durable before anyone is told, and never half written."""

import signal
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from hardware.agent.outbox import (
    NotStored,
    Outbox,
    OutboxUnusable,
    ReadState,
    Settled,
)
from hardware.clock import moment
from tests.counts import SOAK
from tests.hardware.fakes import FakeClock, ids_in_order, scan_of

KILLS = 10 if SOAK else 2
DEVICE = "ST0000000001X/scanner/1"

# Keeps reads as fast as it can and says the number of each once it is durable.
KEEPER = """
import sys
from pathlib import Path
from hardware.agent.outbox import Outbox
from hardware.clock import SystemClock, moment
from hardware.ids import uuid7_source
from hardware.symbology import read_code
clock = SystemClock()
outbox = Outbox(Path(sys.argv[1]), ids=uuid7_source(clock))
while True:
    read_id = outbox.keep(read_code(b"TB1"), device_id="d", at=moment(clock))
    sys.stdout.write(read_id + "\\n")
    sys.stdout.flush()
"""


def _keep(outbox: Outbox, clock: FakeClock, *, text: str, device_id: str = DEVICE) -> str:
    return outbox.keep(scan_of(text), device_id=device_id, at=moment(clock))


def _settled(read_id: str, state: ReadState) -> Settled:
    return Settled(id=read_id, state=state, verdict="accepted", words="")


def test_reads_wait_in_the_order_they_were_kept(outbox: Outbox, clock: FakeClock) -> None:
    ids = [_keep(outbox, clock, text=f"TB{number}") for number in range(5)]
    waiting = outbox.waiting(limit=3)
    assert [read.id for read in waiting] == ids[:3]
    assert [read.device_seq for read in waiting] == [1, 2, 3]
    assert (waiting[0].text, waiting[0].symbology, waiting[0].raw) == ("TB0", "code128", b"]C0TB0")
    assert waiting[0].device_time == clock.wall().isoformat(timespec="milliseconds")


def test_each_device_counts_for_itself_across_restarts(tmp_path: Path, clock: FakeClock) -> None:
    path, ids = tmp_path / "outbox.sqlite", ids_in_order()
    seqs = []
    for _ in range(2):
        outbox = Outbox(path, ids=ids)
        for device in ("one", "two", "one"):
            _keep(outbox, clock, text="TB1", device_id=device)
        seqs = [(read.device_id, read.device_seq) for read in outbox.waiting(limit=9)]
        outbox.close()
    assert seqs == [
        ("one", 1),
        ("two", 1),
        ("one", 2),
        ("one", 3),
        ("two", 2),
        ("one", 4),
    ]


def test_numbers_go_on_after_everything_was_answered_and_dropped(
    outbox: Outbox, clock: FakeClock
) -> None:
    outbox.settle([_settled(_keep(outbox, clock, text="TB1"), ReadState.ANSWERED)])
    assert outbox.forget_answered(keep=0) == 1
    _keep(outbox, clock, text="TB2")
    assert [read.device_seq for read in outbox.waiting(limit=9)] == [2]


def test_a_repeat_is_counted_on_its_read(outbox: Outbox, clock: FakeClock) -> None:
    outbox.count_again(_keep(outbox, clock, text="TB1"))
    assert [read.count for read in outbox.waiting(limit=9)] == [2]


def test_the_tally_tells_what_waits_and_since_when(outbox: Outbox, clock: FakeClock) -> None:
    first = _keep(outbox, clock, text="TB1")
    oldest = clock.wall().isoformat(timespec="milliseconds")
    clock.advance(5)
    others = [_keep(outbox, clock, text="TB2") for _ in range(3)]
    outbox.settle([_settled(others[0], ReadState.CONFLICT)])
    outbox.settle([_settled(others[1], ReadState.SET_ASIDE)])
    tally = outbox.tally()
    assert (tally.waiting, tally.oldest_at, tally.conflicts, tally.set_aside) == (2, oldest, 1, 1)
    outbox.settle([_settled(first, ReadState.ANSWERED), _settled(others[2], ReadState.ANSWERED)])
    assert (outbox.tally().waiting, outbox.tally().oldest_at) == (0, None)


def test_what_was_set_aside_can_be_put_back(outbox: Outbox, clock: FakeClock) -> None:
    read_id = _keep(outbox, clock, text="TB1")
    outbox.settle([_settled(read_id, ReadState.SET_ASIDE)])
    assert outbox.waiting(limit=9) == []
    assert outbox.put_back() == 1
    assert [read.id for read in outbox.waiting(limit=9)] == [read_id]


def test_answers_are_dropped_oldest_first_and_waiting_reads_never(
    outbox: Outbox, clock: FakeClock
) -> None:
    ids = [_keep(outbox, clock, text=f"TB{number}") for number in range(6)]
    outbox.settle([_settled(each, ReadState.ANSWERED) for each in ids[1:]])
    assert outbox.forget_answered(keep=2) == 3
    left = outbox.listed([ReadState.WAITING, ReadState.ANSWERED], limit=9)
    assert [read.id for read in left] == [ids[0], *ids[4:]]


def test_a_full_disk_stores_nothing_and_says_so(tmp_path: Path, clock: FakeClock) -> None:
    outbox = Outbox(tmp_path / "outbox.sqlite", ids=ids_in_order(), pages_max=12)
    kept: list[str] = []
    with pytest.raises(NotStored, match="full"):
        kept.extend(_keep(outbox, clock, text="T" * 100) for _ in range(10_000))
    waiting = outbox.waiting(limit=10_000)
    assert [read.id for read in waiting] == kept
    assert [read.device_seq for read in waiting] == list(range(1, len(kept) + 1))
    outbox.settle([_settled(kept[0], ReadState.ANSWERED)])
    assert outbox.forget_answered(keep=0) == 1
    outbox.close()


def test_several_threads_lose_nothing(outbox: Outbox, clock: FakeClock) -> None:
    def keep_many(device: str) -> None:
        for _ in range(50):
            _keep(outbox, clock, text="TB1", device_id=device)

    threads = [threading.Thread(target=keep_many, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    waiting = outbox.waiting(limit=1000)
    assert len(waiting) == 200
    for name in "abcd":
        assert [r.device_seq for r in waiting if r.device_id == name] == list(range(1, 51))


def test_a_new_file_may_be_opened_by_several_at_once(tmp_path: Path) -> None:
    """Somebody looks into the queue while its agent starts for the first time."""
    hands, marks = 3, []
    for number in range(20):
        path, together = tmp_path / f"{number}.sqlite", threading.Barrier(hands)

        def open_it(path: Path = path, together: threading.Barrier = together) -> None:
            together.wait()
            outbox = Outbox(path, ids=ids_in_order())
            marks.append((path, outbox.identity))
            outbox.close()

        threads = [threading.Thread(target=open_it) for _ in range(hands)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(marks) == 20 * hands
    assert len(set(marks)) == 20


def test_two_outboxes_never_share_their_mark(tmp_path: Path) -> None:
    boxes = [Outbox(tmp_path / name, ids=ids_in_order()) for name in ("a", "b")]
    assert boxes[0].identity != boxes[1].identity
    for box in boxes:
        box.close()


def test_it_is_a_write_ahead_log_synchronised_in_full(outbox: Outbox, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "outbox.sqlite") as other:
        assert other.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    other.close()
    assert outbox.tally().waiting == 0


@pytest.mark.parametrize(
    "content", [b"no database at all" * 100, b"SQLite format 3\x00" + b"x" * 999]
)
def test_a_damaged_file_is_said_so(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "outbox.sqlite"
    path.write_bytes(content)
    with pytest.raises(OutboxUnusable, match=r"outbox\.sqlite"):
        Outbox(path, ids=ids_in_order())


def test_a_newer_file_is_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "outbox.sqlite"
    with sqlite3.connect(path) as newer:
        newer.execute("PRAGMA user_version = 99")
    newer.close()
    with pytest.raises(OutboxUnusable, match="another version"):
        Outbox(path, ids=ids_in_order())


def test_killed_at_any_moment_it_has_every_read_that_it_said_was_safe(tmp_path: Path) -> None:
    path = tmp_path / "outbox.sqlite"
    said: list[str] = []
    for kill in range(KILLS):
        with subprocess.Popen(
            [sys.executable, "-c", KEEPER, str(path)], stdout=subprocess.PIPE, text=True
        ) as keeper:
            assert keeper.stdout is not None
            said += [keeper.stdout.readline().strip() for _ in range(20 + 17 * kill)]
            keeper.send_signal(signal.SIGKILL)
            said += [line.strip() for line in keeper.stdout if line.endswith("\n")]
    outbox = Outbox(path, ids=ids_in_order())
    waiting = outbox.waiting(limit=1_000_000)
    outbox.close()
    assert [read.device_seq for read in waiting] == list(range(1, len(waiting) + 1))
    assert set(said) <= {read.id for read in waiting}
    assert len(waiting) <= len(said) + KILLS
