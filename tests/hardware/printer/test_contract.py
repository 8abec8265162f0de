"""What every printer driver must do, run over each driver of the table."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from hardware.clock import SystemClock
from hardware.errors import BadAddress
from hardware.printer.cups import SpoolerQueue
from hardware.printer.drivers import DRIVERS
from hardware.printer.handing import HandingPrinter
from hardware.printer.one_label import State
from hardware.printer.protocol import Condition, Place, Printer
from hardware.printer.simulated import SimulatedPrinter
from tests.hardware.printer.batch import Batch, labels
from tests.hardware.printer.takers import FakeSpooler

PROVEN = {True: State.PRINTED, False: State.HANDED_OVER}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """A driver with something to print on, and what came out there, in order."""

    printer: Printer
    came_out: Callable[[], list[bytes]]


def _opened(driver: str, address: str) -> Printer:
    place = Place(address=address, baud=9600, dpmm=8, format=DRIVERS[driver].formats[0])
    return DRIVERS[driver].open(place, SystemClock())


@contextmanager
def _zpl(_: Path) -> Iterator[Bench]:
    with SimulatedPrinter(pace=0.1) as simulated:
        printer = _opened("zpl", simulated.device)
        yield Bench(printer=printer, came_out=lambda: [out.content for out in simulated.tray()])


@contextmanager
def _cups(folder: Path) -> Iterator[Bench]:
    spooler = FakeSpooler(folder)
    queue = SpoolerQueue("labels", program=str(spooler.program))
    yield Bench(
        printer=HandingPrinter(queue, dpmm=8),
        came_out=lambda: [spooler.given(n) for n in range(1, len(spooler.asked) + 1)],
    )


@contextmanager
def _file(folder: Path) -> Iterator[Bench]:
    yield Bench(
        printer=_opened("file", str(folder)),
        came_out=lambda: sorted(each.read_bytes() for each in folder.glob("[!.]*")),
    )


BENCHES: Mapping[str, Callable[[Path], AbstractContextManager[Bench]]] = {
    "zpl": _zpl,
    "cups": _cups,
    "file": _file,
}


@pytest.fixture(params=BENCHES)
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    with BENCHES[request.param](tmp_path) as opened:
        yield opened
        opened.printer.close()


def test_every_driver_is_held_to_this() -> None:
    assert BENCHES.keys() == DRIVERS.keys()


def test_it_says_what_it_is_and_that_it_is_ready(bench: Bench) -> None:
    identity = bench.printer.identify()
    assert identity.dpmm == 8
    assert identity.model
    status = bench.printer.status()
    assert (status.condition, status.reasons) == (Condition.READY, ())


def test_each_label_comes_out_once_and_no_more_is_claimed_than_it_can_prove(bench: Bench) -> None:
    proven = PROVEN[bench.printer.identify().confirms]
    batch = Batch(bench.printer, labels(3))
    assert batch.ended(seconds=30)
    assert batch.error is None
    assert set(batch.states.values()) == {proven}
    assert bench.came_out() == [each.content for each in labels(3)]


def test_a_label_is_told_before_it_is_sent(bench: Bench) -> None:
    batch = Batch(bench.printer, labels(1))
    assert batch.ended(seconds=30)
    told = [tell.state for tell in batch.told if tell.number == 1]
    assert (told[0], len(told)) == (State.SENT, 2)


def test_a_label_laid_out_for_another_head_is_refused_and_the_rest_goes_on(bench: Bench) -> None:
    other, mine = labels(1, dpmm=12)[0], labels(2)[1]
    batch = Batch(bench.printer, [other, mine])
    assert batch.ended(seconds=30)
    assert batch.states[1] is State.REFUSED
    assert batch.told[0].reasons == ("resolution", "12", "8")
    assert batch.states[2] in PROVEN.values()


def test_no_labels_are_no_trouble(bench: Bench) -> None:
    batch = Batch(bench.printer, [])
    assert batch.ended(seconds=30)
    assert not batch.told
    assert not bench.came_out()


def test_closing_twice_is_safe(bench: Bench) -> None:
    bench.printer.close()
    bench.printer.close()


@pytest.mark.parametrize("driver", DRIVERS)
@pytest.mark.parametrize("address", ["", " ", "a\nb"])
def test_no_driver_takes_an_address_that_is_none(driver: str, address: str) -> None:
    with pytest.raises(BadAddress) as refused:
        DRIVERS[driver].check(address)
    assert refused.value.remedy
