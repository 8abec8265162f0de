"""The ZPL driver on a real pty, with the simulated printer behind it."""

from collections import Counter
from collections.abc import Iterator
from random import Random

import pytest

from hardware.clock import SystemClock
from hardware.errors import NoReply, Unplugged
from hardware.ports import open_port
from hardware.printer.engine import Engine
from hardware.printer.one_label import State
from hardware.printer.protocol import Condition
from hardware.printer.simulated import SimulatedPrinter, UnknownTrouble
from hardware.printer.troubles import TROUBLES
from hardware.printer.zpl import ZplPrinter
from tests.counts import SOAK
from tests.hardware.lines import PtyLine
from tests.hardware.printer.batch import Batch, labels
from tests.hardware.printer.rogue import Rogue, garbage

PACE = 0.1
COUNT = 60 if SOAK else 6
NEVER_ENDS = ("roll_end_nobody", "replies_lost", "dead")


@pytest.fixture
def simulated() -> Iterator[SimulatedPrinter]:
    with SimulatedPrinter(pace=PACE) as printer:
        yield printer


def driver(device: str) -> ZplPrinter:
    return ZplPrinter(open_port(device), clock=SystemClock())


def test_it_says_what_it_is(simulated: SimulatedPrinter) -> None:
    printer = driver(simulated.device)
    identity = printer.identify()
    assert (identity.dpmm, identity.confirms) == (8, True)
    assert printer.status().condition is Condition.READY
    printer.close()
    printer.close()


@pytest.mark.slow
@pytest.mark.parametrize("trouble", TROUBLES)
def test_nothing_is_claimed_that_is_not_there(trouble: str) -> None:
    after = Random(trouble).randrange(1, COUNT - 2)
    with SimulatedPrinter(seed=1, trouble=trouble, after=after, pace=PACE) as simulated:
        printer = driver(simulated.device)
        batch = Batch(printer, labels(COUNT))
        if trouble in NEVER_ENDS:
            reason = "paper_out" if trouble == "roll_end_nobody" else "silent"
            assert batch.wait_for(reason, seconds=120)  # it comes after up to all of them
            batch.stop()
        assert batch.ended(seconds=120)
        printer.close()
        tray = Counter(int(out.content[5:8]) for out in simulated.tray() if out.whole)
    printed = {number for number, state in batch.states.items() if state is State.PRINTED}
    assert printed <= set(tray)
    assert max(tray.values()) == 1
    assert batch.count(State.UNKNOWN) <= 2
    assert batch.error is None
    if trouble not in NEVER_ENDS:
        assert batch.count(State.PRINTED) + batch.count(State.UNKNOWN) == COUNT


@pytest.mark.parametrize(
    ("deed", "reason"),
    [
        (Engine.end_roll, "paper_out"),
        (Engine.open_head, "head_open"),
        (lambda engine: engine.end_ribbon(True), "ribbon_out"),
        (lambda engine: engine.hold(True), "pause"),
    ],
)
def test_what_is_in_its_way_is_told_by_name(
    simulated: SimulatedPrinter, deed: object, reason: str
) -> None:
    printer = driver(simulated.device)
    simulated.do(deed)  # type: ignore[arg-type]
    status = printer.status()
    assert status.condition is Condition.TROUBLED
    assert reason in status.reasons
    batch = Batch(printer, labels(1))
    assert batch.wait_for(reason)
    batch.stop()
    assert batch.states == {1: State.WAITING}
    assert not simulated.tray()
    printer.close()


def test_silence_is_a_state(simulated: SimulatedPrinter) -> None:
    with SimulatedPrinter(trouble="silent_on_error", pace=PACE) as silent:
        silent.do(Engine.end_roll)
        printer = driver(silent.device)
        assert printer.status().condition is Condition.SILENT
        printer.close()
    line = PtyLine()
    printer = driver(line.address)
    with pytest.raises(NoReply):
        printer.identify()
    printer.close()
    line.unplug()


def test_garbage_is_no_status() -> None:
    with Rogue(garbage) as rogue:
        printer = driver(rogue.device)
        assert printer.status().condition is Condition.GARBLED
        printer.close()


def test_unplugged_in_flight_is_unknown_and_the_rest_waits(simulated: SimulatedPrinter) -> None:
    printer = driver(simulated.device)
    batch = Batch(printer, labels(6))
    assert simulated.wait_until(lambda tray: len(tray) >= 2, seconds=10)
    simulated.unplug()
    assert batch.ended(seconds=5)
    assert isinstance(batch.error, Unplugged)
    assert batch.count(State.SENT) == 0
    assert batch.count(State.UNKNOWN) <= 1
    assert batch.count(State.WAITING) >= 3
    printer.close()


def test_a_trouble_nobody_knows_is_refused() -> None:
    with pytest.raises(UnknownTrouble, match="roll_end"):
        SimulatedPrinter(trouble="gremlins")


class StoppedWire:
    """Answers as a printer does, and takes no label: it has sent XOFF."""

    address = "stopped"

    def __init__(self) -> None:
        self._engine = Engine()
        self._clock = SystemClock()
        self._begun = self._clock.steady()

    def read(self) -> bytes:
        return self._engine.said(at=self._clock.steady() - self._begun)

    def write(self, content: bytes) -> None:
        if content.startswith(b"^XA"):
            raise NoReply(self.address, "the device takes no more bytes")
        self._engine.feed(content, at=self._clock.steady() - self._begun)

    def drop(self) -> None:
        self.read()

    def close(self) -> None:
        pass


def test_a_printer_that_takes_no_bytes_leaves_the_batch_to_go_on() -> None:
    batch = Batch(ZplPrinter(StoppedWire(), clock=SystemClock()), labels(2))
    assert batch.ended(seconds=20)
    assert batch.states == {1: State.UNKNOWN, 2: State.UNKNOWN}
    assert batch.error is None
    assert {tell.reasons for tell in batch.told if tell.state is State.UNKNOWN} == {("not_taken",)}
