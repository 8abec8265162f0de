"""The simulated scanner: each misbehaviour is what its name says, and answers are heard."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from hardware.control import ControlServer
from hardware.scanner.control import RemoteScanner, obey
from hardware.scanner.misbehaviours import MISBEHAVIOURS
from hardware.scanner.protocol import Answer, Flaw, Heard
from hardware.scanner.simulated import SimulatedScanner, UnknownMisbehaviour
from tests.hardware.scanner.speech import SPEECHES, SSI, TEXT, Speech

CODE = "TB0000000006H"


@pytest.fixture
def simulated() -> Iterator[SimulatedScanner]:
    with SimulatedScanner(seed=5) as scanner:
        yield scanner


@pytest.fixture(params=SPEECHES, ids=lambda speech: speech.driver)
def speech(request: pytest.FixtureRequest) -> Speech:
    spoken: Speech = request.param
    return spoken


@pytest.fixture
def speaking(speech: Speech) -> Iterator[SimulatedScanner]:
    """The simulated scanner of each driver in turn."""
    with SimulatedScanner(seed=5, dialect=speech.dialect()) as scanner:
        yield scanner


def _heard_after(simulated: SimulatedScanner, *, fault: str, speech: Speech = TEXT) -> list[Heard]:
    driver = speech.open(simulated.device)
    simulated.misbehave(fault)
    hand = threading.Thread(target=simulated.scan, args=(CODE,))
    hand.start()
    heard: list[Heard] = []
    turns_left = 5
    while turns_left:
        heard += driver.listen()
        turns_left -= not hand.is_alive()
    driver.close()
    return heard


def _has_heard(simulated: SimulatedScanner, answer: Answer) -> bool:
    return simulated.wait_until(lambda: answer in simulated.heard(), seconds=5)


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ("none", [(CODE, None)]),
        ("double_read", [(CODE, None)] * 2),
        ("doubled", [(CODE * 2, None)]),
        ("merged", [(CODE * 2, None)]),
        ("mute", []),
        ("slow", [(CODE, None)]),
        ("modem_probe", [(CODE, None)]),
    ],
)
def test_a_fault_looks_like_its_name(
    speaking: SimulatedScanner,
    speech: Speech,
    fault: str,
    expected: list[tuple[str, Flaw | None]],
) -> None:
    heard = _heard_after(speaking, fault=fault, speech=speech)
    assert [(each.scan.text, each.flaw) for each in heard] == expected


@pytest.mark.parametrize(
    ("speech", "fault", "flaw"),
    [
        (TEXT, "garbled", Flaw.UNREADABLE),
        (TEXT, "wrong_baud", Flaw.UNREADABLE),
        (SSI, "garbled", Flaw.UNREADABLE),  # the checksum is right: the scanner read it so
        (SSI, "wrong_baud", Flaw.NO_PACKET),
    ],
    indirect=["speech"],
)
def test_spoilt_bytes_are_never_a_code(
    speaking: SimulatedScanner, speech: Speech, fault: str, flaw: Flaw
) -> None:
    heard = _heard_after(speaking, fault=fault, speech=speech)
    assert {each.flaw for each in heard} == {flaw}


def test_a_read_without_end_is_a_fragment(speaking: SimulatedScanner, speech: Speech) -> None:
    (heard,) = _heard_after(speaking, fault="no_suffix", speech=speech)
    assert heard.flaw is Flaw.FRAGMENT
    assert CODE in heard.scan.text


def test_a_split_packet_is_a_fragment_and_rubbish() -> None:
    with SimulatedScanner(seed=5, dialect=SSI.dialect()) as simulated:
        heard = _heard_after(simulated, fault="split", speech=SSI)
    assert [each.flaw for each in heard] == [Flaw.FRAGMENT, Flaw.NO_PACKET]


def test_a_bit_turned_on_the_way_is_a_misread_where_there_is_no_checksum(
    simulated: SimulatedScanner,
) -> None:
    (heard,) = _heard_after(simulated, fault="bad_checksum")
    assert len(heard.scan.text) == len(CODE)
    assert heard.scan.text != CODE


def test_a_split_read_is_a_fragment_and_a_tail(simulated: SimulatedScanner) -> None:
    fragment, tail = _heard_after(simulated, fault="split")
    assert fragment.flaw is Flaw.FRAGMENT
    assert fragment.scan.text + tail.scan.text == CODE


def test_a_misread_is_another_text_of_the_same_form(
    speaking: SimulatedScanner, speech: Speech
) -> None:
    (heard,) = _heard_after(speaking, fault="misread", speech=speech)
    assert len(heard.scan.text) == len(CODE)
    assert heard.scan.text != CODE


def test_noise_in_front_does_not_swallow_the_scan(
    speaking: SimulatedScanner, speech: Speech
) -> None:
    assert _heard_after(speaking, fault="noisy", speech=speech)[-1].scan.text == CODE


def test_the_same_seed_misbehaves_in_the_same_way() -> None:
    def texts() -> list[str]:
        with SimulatedScanner(seed=9) as scanner:
            return [each.scan.text for each in _heard_after(scanner, fault="garbled")]

    assert texts() == texts()


def test_a_fault_can_last_for_some_scans_only(simulated: SimulatedScanner) -> None:
    simulated.misbehave("mute", times=2)
    for _ in range(3):
        simulated.scan(CODE)
    assert [each.misbehaviour for each in simulated.triggers()] == ["mute", "mute", "none"]


def test_an_unknown_fault_is_refused(simulated: SimulatedScanner) -> None:
    with pytest.raises(UnknownMisbehaviour, match="double_read"):
        simulated.misbehave("bites")


def test_answers_and_verdicts_are_given_to_the_scans_in_order(
    speaking: SimulatedScanner, speech: Speech
) -> None:
    driver = speech.open(speaking.device)
    numbers = [speaking.scan(CODE) for _ in range(3)]
    for answer in (Answer.SAFE, Answer.SAFE, Answer.AGAIN):
        driver.acknowledge(answer)
    assert [speaking.answer_to(number) for number in numbers] == ["ack", "ack", "nak"]
    for answer in (Answer.STORED, Answer.STOP):
        driver.acknowledge(answer)
        assert _has_heard(speaking, answer)
    assert [speaking.verdict_on(number) for number in numbers] == [
        Answer.STORED,
        Answer.STOP,
        Answer.AGAIN,
    ]
    driver.close()


def test_a_lasting_link_survives_unplugging_and_plugging(tmp_path: Path) -> None:
    link = tmp_path / "by-id" / "usb-Simulated_Scanner"
    with SimulatedScanner(link=link) as scanner:
        scanner.unplug()
        assert not link.exists()
        assert scanner.plug() == str(link)
        assert link.exists()
        assert scanner.scan(CODE) == 1


def test_every_fault_runs_without_anyone_listening(speaking: SimulatedScanner) -> None:
    for name in MISBEHAVIOURS:
        speaking.misbehave(name)
        speaking.scan(CODE)
        speaking.plug()


def test_a_kind_of_code_that_has_no_type_is_refused_and_not_scanned() -> None:
    with SimulatedScanner(dialect=SSI.dialect()) as simulated:
        with pytest.raises(ValueError, match="no code type"):
            simulated.scan(CODE, aim="C2")
        assert simulated.triggers() == []


def test_others_can_make_it_scan(simulated: SimulatedScanner) -> None:
    with ControlServer(obey(simulated)) as control:
        remote = RemoteScanner(control.address)
        remote.ask("fault mute 1")
        assert remote.scan(CODE) == {"ok": True, "scan": 1, "answer": "silence"}
        assert remote.ask("scans")["scans"] == [
            {"scan": 1, "code": CODE, "fault": "mute", "answer": "silence", "verdict": None}
        ]
        assert remote.ask("tones")["tones"] == []
        remote.ask("unplug")
        assert remote.ask("plug")["device"] == simulated.device
        with pytest.raises(ValueError, match="bites"):
            remote.ask("fault bites")
        with pytest.raises(ValueError, match="there are scan"):
            remote.ask("GET / HTTP/1.1")


@pytest.mark.parametrize("driver", ["text", "ssi"])
def test_it_runs_by_itself_and_ends_with_its_parent(tmp_path: Path, driver: str) -> None:
    link = tmp_path / "scanner"
    command = [sys.executable, "-m", "hardware.scanner.simulator"]
    with subprocess.Popen(
        [*command, "--link", str(link), "--driver", driver, "--with-parent"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        where = json.loads(process.stdout.readline())
        assert where["device"] == str(link)
        assert RemoteScanner(where["control"]).ask("tones")["tones"] == []
        process.communicate(timeout=10)
    assert process.returncode == 0
