"""What every scanner driver must do, run over every wire and over the simulated scanner."""

from collections.abc import Callable, Iterator

import pytest

from hardware.errors import DeviceTrouble, Unplugged
from hardware.ports import open_port
from hardware.scanner.dialects import DIALECTS
from hardware.scanner.drivers import DRIVERS
from hardware.scanner.protocol import ANSWERS, Answer, Flaw, Heard, Scanner
from tests.hardware.lines import Line, PtyLine, SimulatorLine, SocketLine
from tests.hardware.scanner.speech import SPEECHES, Speech

CODE = b"TB0000000006H"
TURNS = 100

WIRES: dict[str, Callable[[Speech], Line]] = {
    "pty": lambda _: PtyLine(),
    "simulator": lambda speech: SimulatorLine(speech.dialect()),
    "socket": lambda _: SocketLine(),
}


@pytest.fixture(params=SPEECHES, ids=lambda speech: speech.driver)
def speech(request: pytest.FixtureRequest) -> Speech:
    spoken: Speech = request.param
    return spoken


# Closing a line over the network takes the library a third of a second.
@pytest.fixture(params=["pty", "simulator", pytest.param("socket", marks=pytest.mark.slow)])
def line(request: pytest.FixtureRequest, speech: Speech) -> Iterator[Line]:
    wire = WIRES[request.param](speech)
    yield wire
    wire.unplug()


@pytest.fixture
def scanner(line: Line, speech: Speech) -> Iterator[Scanner]:
    driver = speech.open(line.address)
    yield driver
    driver.close()


def _listen(scanner: Scanner, *, count: int) -> list[Heard]:
    heard: list[Heard] = []
    for _ in range(TURNS):
        heard += scanner.listen()
        if len(heard) >= count:
            break
    return heard


def test_every_driver_is_held_to_this_and_has_its_simulated_scanner() -> None:
    assert {speech.driver for speech in SPEECHES} == DRIVERS.keys() == DIALECTS.keys()


def test_a_scan_is_heard_once_without_what_is_around_it(
    line: Line, speech: Speech, scanner: Scanner
) -> None:
    line.send(speech.read("C0", CODE))
    (heard,) = _listen(scanner, count=1)
    assert (heard.scan.text, heard.scan.symbology) == (CODE.decode(), "code128")
    assert heard.scan.raw == speech.raw("C0", CODE)
    assert heard.flaw is None


def test_two_scans_in_one_write_are_two_in_order(
    line: Line, speech: Speech, scanner: Scanner
) -> None:
    line.send(speech.read("C0", CODE) + speech.read("d1", b"TB0000000007F"))
    assert [(heard.scan.text, heard.scan.symbology) for heard in _listen(scanner, count=2)] == [
        ("TB0000000006H", "code128"),
        ("TB0000000007F", "datamatrix"),
    ]


def test_a_scan_without_end_is_cut_short_and_the_next_is_whole(
    line: Line, speech: Speech, scanner: Scanner
) -> None:
    line.send(speech.read("C0", CODE)[: -speech.end])
    assert [heard.flaw for heard in _listen(scanner, count=1)] == [Flaw.FRAGMENT]
    line.send(speech.read("C0", CODE))
    (heard,) = _listen(scanner, count=1)
    assert (heard.scan.raw, heard.flaw) == (speech.raw("C0", CODE), None)


def test_bytes_that_are_no_text_are_unreadable(
    line: Line, speech: Speech, scanner: Scanner
) -> None:
    line.send(speech.read("C0", b"\x00\x1b[2J"))
    assert [heard.flaw for heard in _listen(scanner, count=1)] == [Flaw.UNREADABLE]


def test_an_empty_read_is_unreadable(line: Line, speech: Speech, scanner: Scanner) -> None:
    line.send(speech.read("C0", b""))
    (heard,) = _listen(scanner, count=1)
    assert (heard.scan.text, heard.flaw) == ("", Flaw.UNREADABLE)


def test_a_read_without_measure_is_too_long_once(
    line: Line, speech: Speech, scanner: Scanner
) -> None:
    line.send(speech.too_long + speech.read("C0", CODE))
    assert [heard.flaw for heard in _listen(scanner, count=2)] == [Flaw.OVERFLOW, None]


def test_modem_talk_is_not_heard(line: Line, speech: Speech, scanner: Scanner) -> None:
    line.send(b"AT\r\nATE0\r\n" + speech.read("C0", CODE))
    assert [heard.scan.text for heard in _listen(scanner, count=1)] == [CODE.decode()]


def test_each_answer_reaches_the_scanner_byte_for_byte(
    line: Line, speech: Speech, scanner: Scanner
) -> None:
    for answer in Answer:
        scanner.acknowledge(answer)
    everything = b"".join(speech.answers[answer] for answer in Answer)
    assert line.received(len(everything)) == everything


def test_a_scan_is_not_answered_before_the_driver_is_told_what(
    line: Line, speech: Speech, scanner: Scanner
) -> None:
    line.send(speech.read("C0", CODE))
    assert len(_listen(scanner, count=1)) == 1
    assert list(scanner.listen()) == []
    scanner.acknowledge(Answer.AGAIN)
    again = speech.answers[Answer.AGAIN]
    assert line.received(len(again)) == again  # and no acknowledgement in front of it


def test_silence_returns_empty_handed(scanner: Scanner) -> None:
    assert list(scanner.listen()) == []


@pytest.mark.parametrize("line", ["pty"], indirect=True)
@pytest.mark.parametrize(
    ("speech", "cut"),
    [(each, cut) for each in SPEECHES for cut in range(1, len(each.read("C0", CODE)))],
    indirect=["speech"],
)
def test_unplugged_at_any_byte_gives_no_scan(
    line: Line, speech: Speech, scanner: Scanner, cut: int
) -> None:
    line.send(speech.read("C0", CODE)[:cut])
    assert list(scanner.listen()) == []
    line.unplug()
    with pytest.raises(Unplugged):
        scanner.listen()


def test_a_line_that_ends_gives_no_scan(line: Line, speech: Speech, scanner: Scanner) -> None:
    line.send(speech.read("C0", CODE)[: -speech.end])
    assert list(scanner.listen()) == []
    line.unplug()
    with pytest.raises(Unplugged):
        scanner.listen()


def test_closing_is_safe_at_any_time(line: Line, scanner: Scanner) -> None:
    line.unplug()
    scanner.close()
    scanner.close()
    with pytest.raises(DeviceTrouble):
        scanner.listen()


def test_no_two_answers_sound_alike(speech: Speech) -> None:
    assert speech.answers.keys() == set(Answer)
    assert len(set(speech.answers.values())) == len(Answer)


def test_a_scanner_of_text_is_answered_as_its_manual_says() -> None:
    assert ANSWERS[Answer.SAFE] == bytes.fromhex("06")
    assert ANSWERS[Answer.AGAIN].startswith(bytes.fromhex("15"))
    assert ANSWERS[Answer.REFUSED] == bytes.fromhex("1B 34 2C")
    assert ANSWERS[Answer.LOOK] == bytes.fromhex("1B 35 2C")
    assert ANSWERS[Answer.ACCEPTED] == bytes.fromhex("1B 36 2C")


def test_the_driver_reads_a_loop(speech: Speech) -> None:
    port = open_port("loop://")
    driver = DRIVERS[speech.driver](port)
    port.write(speech.read("C0", CODE))
    assert [heard.scan.text for heard in _listen(driver, count=1)] == [CODE.decode()]
    driver.close()
