"""Labels for a spooler: handed over where it took them, unknown where nobody knows, or waiting."""

from pathlib import Path

import pytest

from hardware.printer.cups import BadQueue, SpoolerQueue, check_queue
from hardware.printer.handing import HandingPrinter
from hardware.printer.one_label import State
from hardware.printer.protocol import Condition
from tests.hardware.printer.batch import Batch, labels
from tests.hardware.printer.takers import FakeSpooler

AGAIN = 0.02


@pytest.fixture
def spooler(tmp_path: Path) -> FakeSpooler:
    return FakeSpooler(tmp_path)


def driver(spooler: FakeSpooler, *, raw: bool = False, seconds: float = 20) -> HandingPrinter:
    queue = SpoolerQueue("labels", raw=raw, program=str(spooler.program), seconds=seconds)
    return HandingPrinter(queue, dpmm=8, again_seconds=AGAIN)


def test_what_it_took_is_handed_over_byte_for_byte_and_never_printed(spooler: FakeSpooler) -> None:
    batch = Batch(driver(spooler), labels(2))
    assert batch.ended(seconds=10)
    assert batch.states == {1: State.HANDED_OVER, 2: State.HANDED_OVER}
    assert [spooler.given(each.number) for each in labels(2)] == [e.content for e in labels(2)]
    assert spooler.asked == ["-d labels -t label 1 -", "-d labels -t label 2 -"]


def test_commands_of_a_printer_go_through_as_they_are(spooler: FakeSpooler) -> None:
    batch = Batch(driver(spooler, raw=True), labels(1))
    assert batch.ended(seconds=10)
    assert spooler.asked == ["-d labels -t label 1 -o raw -"]


def test_it_says_that_it_proves_nothing(spooler: FakeSpooler) -> None:
    identity = driver(spooler).identify()
    assert (identity.dpmm, identity.confirms, identity.model) == (8, False, "labels")
    assert driver(spooler).status().condition is Condition.READY


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("lp: The printer or class does not exist.", "queue_unknown"),
        ("lp: Error - unknown destination", "queue_unknown"),
        ('lp: Destination "labels" is not accepting jobs.', "queue_closed"),
        ("lp: Error - scheduler not responding.", "spooler_down"),
        ("lp: Connection refused", "spooler_down"),
        ("lp: ???", "spooler_refused"),
    ],
)
def test_what_it_refuses_waits_with_the_reason_and_is_handed_over_later(
    spooler: FakeSpooler, said: str, reason: str
) -> None:
    spooler.behave("says", said)
    batch = Batch(driver(spooler), labels(2))
    assert batch.wait_for(reason)
    assert batch.count(State.HANDED_OVER) == 0
    spooler.behave("well")
    assert batch.ended(seconds=10)
    assert batch.count(State.HANDED_OVER) == 2
    assert len(spooler.asked) == 2
    assert [tell.reasons for tell in batch.told if tell.number is None] == [(reason,), ()]


def test_a_computer_without_a_spooler_says_so_and_nothing_is_sent(spooler: FakeSpooler) -> None:
    spooler.program.unlink()
    printer = driver(spooler)
    assert printer.status().reasons == ("no_spooler",)
    batch = Batch(printer, labels(1))
    assert batch.wait_for("no_spooler")
    assert batch.states == {1: State.WAITING}
    spooler.install()
    assert batch.ended(seconds=10)
    assert batch.states == {1: State.HANDED_OVER}


@pytest.mark.parametrize("how", ["hangs", "dies"])
def test_one_that_began_and_never_said_may_have_taken_it(spooler: FakeSpooler, how: str) -> None:
    spooler.behave(how)
    batch = Batch(driver(spooler, seconds=0.3), labels(2))
    assert batch.ended(seconds=10)
    assert batch.states == {1: State.UNKNOWN, 2: State.UNKNOWN}
    assert batch.told[-1].reasons == ("spooler_silent",)


def test_stopped_while_it_is_refused_leaves_the_rest_unsent(spooler: FakeSpooler) -> None:
    spooler.behave("says", "not accepting")
    batch = Batch(driver(spooler), labels(3))
    assert batch.wait_for("queue_closed")
    batch.stop()
    assert batch.states == {1: State.UNKNOWN, 2: State.WAITING, 3: State.WAITING}


def test_a_label_for_another_head_is_refused(spooler: FakeSpooler) -> None:
    batch = Batch(driver(spooler), labels(1, dpmm=12))
    assert batch.ended(seconds=10)
    assert batch.states == {1: State.REFUSED}
    assert not spooler.asked


@pytest.mark.parametrize("name", ["", "-o", "a b", "a/b", "a#b", "a;b", "a\nb", "x" * 128])
def test_what_is_no_queue_is_said_so(name: str) -> None:
    with pytest.raises(BadQueue, match="no name"):
        check_queue(name)
    check_queue("Zebra_ZD421-chair.2")
