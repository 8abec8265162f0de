"""An hour of a station without its server, and everything that can go wrong in it.

5,000 tubes are scanned with UNBROKEN_SOAK, 300 without. The scanner is simulated on a pty, and the
hour passes in jumps, for the agent goes by a clock that the test moves; all else is the real
program, on a real database.
"""

import random
import sys
import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import urllib3

from app.custody.ledger import Sort
from app.custody.verify import verify
from hardware.agent import wire
from hardware.agent.outbox import Outbox, Read, ReadState
from hardware.agent.station import OUTBOX_FILE
from hardware.agent.uplink import BATCH
from hardware.scanner.simulated import SimulatedScanner
from tests.builders.plant import SERVER, Plant
from tests.builders.programs import PATIENCE, until
from tests.builders.relay import Way
from tests.builders.work import the_limits
from tests.conftest import FreshDatabase
from tests.counts import SOAK
from tests.fakes.moved_clock import MovedClock
from tests.hardware.fakes import ids_in_order

TUBES = 5_000 if SOAK else 300
HOUR, A_WHILE = 3600.0, 2.0  # seconds; nobody waits at the scanner for so long as a while
STEP = timedelta(days=3)
A_MOMENT = timedelta(seconds=5)
AGENT = "desk"
KILLED_IN_THE_HOUR = 3 if SOAK else 1
KILLED_CATCHING_UP = (AGENT, SERVER, AGENT, SERVER) if SOAK else (SERVER, AGENT)
RESIDENT_MOST = 60_000_000  # bytes of memory of an agent
OUTBOX_MOST = 6_000_000 + TUBES * 1_500  # bytes on its disk; its log of writes alone may be 4 MB


class Told(NamedTuple):
    """What the ledger says of one scan."""

    code: str
    device_seq: int
    occurred_at: datetime
    device_time: datetime
    mode: str
    uncertainty_ms: int


class Hand:
    """Somebody who scans one tube after the other, for an hour by the clock."""

    def __init__(self, scanner: SimulatedScanner, clock: MovedClock, codes: list[str]) -> None:
        self._scanner, self._clock, self._codes = scanner, clock, codes
        self.safe: list[str] = []  # those of which the scanner was told that they are
        self._thread = threading.Thread(target=self._scan_all, daemon=True)
        self._thread.start()

    def has_scanned(self, number: int) -> None:
        """Wait until so many are safe."""
        until(lambda: len(self.safe) >= number)

    def has_ended(self) -> None:
        """Wait until the hour is over."""
        self._thread.join(PATIENCE + TUBES)

    def _scan_all(self) -> None:
        for code in self._codes:
            self._clock.wait(seconds=HOUR / len(self._codes))
            if self._scanner.answer_to(self._scanner.scan(code)) == "ack":
                self.safe.append(code)


@pytest.fixture
def plant(fresh_database: FreshDatabase, tmp_path: Path) -> Iterator[Plant]:
    with Plant(tmp_path, fresh_database(), moved=frozenset({AGENT})) as plant:
        yield plant


@pytest.fixture
def scanner(tmp_path: Path) -> Iterator[SimulatedScanner]:
    with SimulatedScanner(seed=1, link=tmp_path / "by-id") as scanner:
        yield scanner


def test_an_hour_without_a_server_is_told_afterwards_once_in_order_and_with_its_flags(
    plant: Plant, scanner: SimulatedScanner
) -> None:
    plant.clock.wait(seconds=-HOUR - A_WHILE)
    begun = plant.clock()
    tubes = plant.bench.make_many(Sort.TUBE, TUBES + KILLED_IN_THE_HOUR)
    codes = [tube.code for tube in tubes]
    plant.set_up(AGENT, scanner=scanner.device)
    plant.relay.go(Way.CUT)
    plant.start(SERVER)
    plant.start(AGENT)
    hand = Hand(scanner, plant.clock, codes)
    an_hour_of_trouble(plant, hand)
    plant.clock.wait(seconds=A_WHILE)
    catch_up(plant)
    until(lambda: "G21" in open_gaps(plant))
    plant.stop(AGENT)

    told = in_ledger(plant)
    assert len(hand.safe) >= TUBES  # and one more, for each that was scanned into a kill
    assert [each.code for each in told if each.code in set(hand.safe)] == hand.safe
    assert len({each.code for each in told}) == len(told)
    assert [each.device_seq for each in told] == list(range(1, len(told) + 1))
    check_flags(told, begun=begun, ended=plant.clock())
    assert open_gaps(plant) == {"G21"}
    check_second_delivery(plant)
    with plant.bench.work() as work:
        assert verify(work.session, limits=the_limits(), now=plant.clock()).findings == ()


def an_hour_of_trouble(plant: Plant, hand: Hand) -> None:
    """The agent is killed now and then; half-way the clock is set, and the way falls silent."""
    dice = random.Random(3)
    moments = sorted(dice.randrange(TUBES // 4, TUBES - 20) for _ in range(KILLED_IN_THE_HOUR))
    for number in sorted([*moments, TUBES // 2]):
        hand.has_scanned(number)
        if number in moments:
            plant.kill(AGENT)
            plant.start(AGENT)
        else:
            plant.clock.step(days=STEP.days)
            plant.relay.go(Way.MUTE)
    hand.has_ended()


def catch_up(plant: Plant) -> None:
    """The way is open again; server and agent are killed while the reads go over it."""
    queue = waiting(plant)
    resident = resident_at_most(plant)
    begun = time.monotonic()
    plant.relay.go(Way.OPEN)
    for part, name in enumerate(KILLED_CATCHING_UP, start=1):
        wanted = queue - queue * part // (len(KILLED_CATCHING_UP) + 1)
        until(lambda wanted=wanted: waiting(plant) <= wanted)  # type: ignore[misc] # of this turn
        assert waiting(plant) > 0
        plant.kill(name)
        plant.start(name)
    until(lambda: waiting(plant) == 0)
    took = time.monotonic() - begun
    disk = sum(file.stat().st_size for file in plant.data(AGENT).iterdir())
    sys.stdout.write(f"{queue} reads in {took:.1f} s; {resident} bytes resident, {disk} on disk\n")
    assert max(resident, resident_at_most(plant)) < RESIDENT_MOST
    assert disk < OUTBOX_MOST


def check_flags(told: list[Told], *, begun: datetime, ended: datetime) -> None:
    """Each read is in its place in that hour, whatever its clock said, and says what it was."""
    happened = [each.occurred_at for each in told]
    assert happened == sorted(happened)
    assert begun <= happened[0]
    assert happened[-1] <= ended
    assert {each.mode for each in told} == {"offline"}
    wrong = [each.device_time - each.occurred_at for each in told]
    before = [by for by in wrong if abs(by) < A_MOMENT]
    after = [by for by in wrong if abs(by - STEP) < A_MOMENT]
    assert before + after == wrong
    assert min(len(before), len(after)) > TUBES // 3
    # What was sent into the silence went out before the clock could be compared.
    unmeasured = [each.device_seq for each in told if each.uncertainty_ms >= wire.UNMEASURED_MS]
    assert unmeasured == list(range(1, len(unmeasured) + 1))
    assert len(unmeasured) <= BATCH


def check_second_delivery(plant: Plant) -> None:
    """Any batch sent again is answered as the first time, and changes nothing."""
    outbox = Outbox(plant.data(AGENT) / OUTBOX_FILE, ids=ids_in_order())
    reads = outbox.listed([ReadState.ANSWERED], limit=2 * TUBES)
    outbox.close()
    before = everything(plant)
    for start in range(0, len(reads), BATCH):
        batch = reads[start : start + BATCH]
        results = deliver(plant, batch)
        assert [result["replayed"] for result in results] == [True] * len(batch)
        assert [result["verdict"] for result in results] == [read.verdict for read in batch]
    assert everything(plant) == before


def deliver(plant: Plant, batch: list[Read]) -> list[dict[str, Any]]:
    answer = urllib3.request(
        "POST",
        plant.relay.url + wire.SCANS_PATH,
        body=wire.batch_body((str(read.body), True) for read in batch),
        headers={"Content-Type": "application/json", **plant.bench.as_station},
        timeout=PATIENCE,
    )
    assert answer.status == 200, answer.data
    return list(answer.json()["results"])


def in_ledger(plant: Plant) -> list[Told]:
    rows = plant.bench.rows(
        "SELECT s.code, e.device_seq, e.occurred_at, e.device_time, e.mode, e.uncertainty_ms"
        " FROM custody_event e JOIN subject s ON s.id = e.subject_id"
        " WHERE e.kind = 'READ' ORDER BY e.device_seq, e.recorded_at"
    )
    return [Told(*row) for row in rows]


def everything(plant: Plant) -> list[tuple[Any, ...]]:
    """How much the ledger, what is derived from it, and the journal hold, and a hash of each."""
    tables = ("custody_event", "subject_state", "gap", "expectation", "scan", "scan_device")
    return plant.bench.rows(
        " UNION ALL ".join(
            f"SELECT '{table}', count(*), md5(string_agg(t::text, '' ORDER BY t::text))"  # noqa: S608 - constants
            f" FROM {table} t"
            for table in tables
        )
    )


def open_gaps(plant: Plant) -> set[str]:
    rows = plant.bench.rows("SELECT rule FROM gap WHERE cured_at IS NULL AND NOT vanished")
    return {row[0] for row in rows}


def waiting(plant: Plant) -> int:
    """How many reads the station still has to send."""
    outbox = Outbox(plant.data(AGENT) / OUTBOX_FILE, ids=ids_in_order())
    try:
        return outbox.tally().waiting
    finally:
        outbox.close()


def resident_at_most(plant: Plant) -> int:
    """The most memory that the agent which runs now ever held, in bytes."""
    status = Path(f"/proc/{plant.pid(AGENT)}/status").read_text()
    [line] = [line for line in status.splitlines() if line.startswith("VmHWM:")]
    return int(line.split()[1]) * 1024
