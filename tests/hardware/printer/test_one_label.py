"""The printing truth table: what the loop claims, against what lies in the simulated tray."""

from random import Random

import pytest

from hardware.printer.engine import Engine
from hardware.printer.one_label import Ask, Result, Send, State, Tell, print_labels
from hardware.printer.troubles import TROUBLES
from tests.hardware.printer.played import BATCH, SEEDS, Played, labels, played, sent_all


@pytest.mark.parametrize("trouble", TROUBLES)
@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_is_claimed_that_is_not_there(trouble: str, seed: int) -> None:
    batch = played(trouble, seed)
    printed = {number for number, state in batch.states.items() if state is State.PRINTED}
    assert printed <= set(batch.tray), "said to be printed, and not in the tray"
    assert max(batch.tray.values()) == 1, "printed twice"
    assert batch.count(State.UNKNOWN) <= 2
    assert sum(batch.count(state) for state in State) == BATCH
    left = batch.count(State.WAITING) + batch.count(State.SENT)
    assert (left > 0) is (trouble in {"roll_end_nobody", "replies_lost", "dead"})


def test_whoever_sends_all_believes_in_labels_that_never_were() -> None:
    for trouble, most in (("none", 0), ("roll_end_nobody", 20), ("reboot", 20), ("dead", 20)):
        missing = [BATCH - len(sent_all(trouble, seed, labels())) for seed in SEEDS]
        assert max(missing) >= most
        assert (max(missing) == 0) is (trouble == "none")


def test_without_trouble_all_are_printed() -> None:
    batch = played("none", 7)
    assert batch.count(State.PRINTED) == BATCH
    assert all(tell.proof for tell in batch.told if tell.state is State.PRINTED)


@pytest.mark.parametrize(
    "moment", [pytest.param(m, marks=[] if m % 5 == 0 else pytest.mark.soak) for m in range(50)]
)
def test_killed_at_any_moment_nothing_is_printed_twice(moment: int) -> None:
    batch = Played(Engine(seed=moment))
    batch.play(labels(), steps_at_most=Random(moment).randrange(5, 900))
    for number, state in batch.states.items():
        if state is State.SENT:  # whoever comes back knows only that it was about to be sent
            batch.states[number] = State.UNKNOWN
    settled = dict(batch.states)
    batch.play([label for label in labels() if settled[label.number] is State.WAITING])
    batch.states = {**settled, **batch.states}
    printed = {number for number, state in batch.states.items() if state is State.PRINTED}
    assert printed <= set(batch.tray)
    assert max(batch.tray.values()) == 1
    assert batch.count(State.UNKNOWN) <= 1
    assert batch.count(State.PRINTED) + batch.count(State.UNKNOWN) == BATCH


def test_a_layout_for_another_head_is_refused_and_nothing_is_written() -> None:
    batch = Played(Engine(dpmm=12)).play(labels(3, dpmm=8))
    assert [tell.state for tell in batch.told] == [State.REFUSED] * 3
    assert batch.told[0].reasons == ("resolution", "8", "12")
    assert not batch.tray


@pytest.mark.parametrize("answer", [b"", b"~HI\r\n", b"\x02nonsense\x03" * 3, b"\xff" * 500])
def test_a_printer_that_does_not_say_what_it_is_receives_no_label(answer: bytes) -> None:
    asked = []
    steps = print_labels(labels(1))
    step = next(steps)
    for turn in range(100):
        asked.append(step)
        step = steps.send(Result(at=turn, content=answer if isinstance(step, Ask) else b""))
    assert not [each for each in asked if isinstance(each, Send)]
    assert [each.state for each in asked if isinstance(each, Tell)] == [State.WAITING]


def test_half_a_format_left_by_another_is_thrown_away_first() -> None:
    engine = Engine(seed=3)
    engine.feed(b"^XA^FO20,20^FDhalf of a label", at=0)
    batch = Played(engine).play(labels(2))
    assert batch.count(State.PRINTED) == 2
    assert engine.tray[0].content == b"^XA^A001^XZ"


@pytest.mark.parametrize(
    ("counter", "second", "state"),
    [
        (b'"8"', "idle", State.PRINTED),
        (b'"8"', "paper_out", State.UNKNOWN),  # the roll ended between the two looks
        (b'"8"', "", State.UNKNOWN),
        (b'"9"', "idle", State.UNKNOWN),
        (b'"0"', "idle", State.UNKNOWN),
        (b'"?"', "idle", State.UNKNOWN),
        (b"", "idle", State.UNKNOWN),
    ],
)
def test_queue_then_counter_then_queue(counter: bytes, second: str, state: State) -> None:
    status = {"idle": _status(), "paper_out": _status(paper_out=1), "": b""}
    answers = iter([_IDENTITY, _status(), b'"7"', _status(), _status(), counter, status[second]])
    steps = print_labels(labels(1))
    step, told = next(steps), []
    while not told:
        content = next(answers) if isinstance(step, Ask) else b""
        step = steps.send(Result(at=1.0, content=content))
        told = [step] if isinstance(step, Tell) and step.state is not State.SENT else []
    assert [tell.state for tell in told] == [state]


def test_a_printer_without_a_counter_never_makes_it_printed() -> None:
    answers = iter([_IDENTITY, _status(), b'"?"', _status(), _status(), b'"?"', _status()])
    steps = print_labels(labels(1))
    step = next(steps)
    states = []
    try:
        while True:
            if isinstance(step, Tell):
                states.append(step.state)
            content = next(answers) if isinstance(step, Ask) else b""
            step = steps.send(Result(at=1.0, content=content))
    except StopIteration:
        pass
    assert states == [State.SENT, State.HANDED_OVER]


def test_a_label_it_does_not_take_is_unknown() -> None:
    answers = iter([_IDENTITY, _status(), b'"7"', _status()])
    steps = print_labels(labels(1))
    step = next(steps)
    while not isinstance(step, Send):
        step = steps.send(Result(at=1.0, content=next(answers) if isinstance(step, Ask) else b""))
    told = steps.send(Result(at=2.0, failed=True))
    assert isinstance(told, Tell)
    assert (told.state, told.reasons) == (State.UNKNOWN, ("not_taken",))


_IDENTITY = b"\x02SIM,V1,8,1KB\x03\r\n"


def _status(*, paper_out: int = 0) -> bytes:
    return (
        f"\x02030,{paper_out},0,0203,000,0,0,0,000,0,0,0\x03\r\n"
        "\x02000,0,0,0,1,2,6,0,00000000,1,000\x03\r\n\x021234,0\x03\r\n"
    ).encode()
