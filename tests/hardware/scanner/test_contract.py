"""What every scanner driver must do, run over every wire and over the simulated scanner."""

from collections.abc import Callable, Iterator

import pytest

from hardware.errors import DeviceTrouble, Unplugged
from hardware.ports import open_port
from hardware.scanner.protocol import ANSWERS, Answer, Flaw, Heard, Scanner
from hardware.scanner.text import TextScanner
from tests.hardware.lines import Line, PtyLine, SimulatorLine, SocketLine

CODE = b"]C0TB0000000006H"
TURNS = 100


# Closing a line over the network takes the library a third of a second.
@pytest.fixture(params=[PtyLine, SimulatorLine, pytest.param(SocketLine, marks=pytest.mark.slow)])
def line(request: pytest.FixtureRequest) -> Iterator[Line]:
    wire: Line = request.param()
    yield wire
    wire.unplug()


@pytest.fixture
def scanner(line: Line) -> Iterator[Scanner]:
    driver = TextScanner(open_port(line.address))
    yield driver
    driver.close()


def _listen(scanner: Scanner, *, count: int) -> list[Heard]:
    heard: list[Heard] = []
    for _ in range(TURNS):
        heard += scanner.listen()
        if len(heard) >= count:
            break
    return heard


def test_a_scan_is_heard_once_without_its_prefix(line: Line, scanner: Scanner) -> None:
    line.send(CODE + b"\r")
    (heard,) = _listen(scanner, count=1)
    assert (heard.scan.text, heard.scan.symbology) == ("TB0000000006H", "code128")
    assert heard.scan.raw == CODE
    assert heard.flaw is None


def test_two_scans_in_one_write_are_two_in_order(line: Line, scanner: Scanner) -> None:
    line.send(CODE + b"\r\n" + b"]d1TB0000000007F\r\n")
    assert [heard.scan.text for heard in _listen(scanner, count=2)] == [
        "TB0000000006H",
        "TB0000000007F",
    ]


def test_a_scan_without_end_is_cut_short_and_the_next_is_whole(
    line: Line, scanner: Scanner
) -> None:
    line.send(CODE)
    assert [heard.flaw for heard in _listen(scanner, count=1)] == [Flaw.FRAGMENT]
    line.send(CODE + b"\r")
    (heard,) = _listen(scanner, count=1)
    assert (heard.scan.raw, heard.flaw) == (CODE, None)


def test_bytes_that_are_no_text_are_unreadable(line: Line, scanner: Scanner) -> None:
    line.send(b"]C0\x00\x1b[2J\r")
    assert [heard.flaw for heard in _listen(scanner, count=1)] == [Flaw.UNREADABLE]


def test_a_read_without_measure_is_too_long_once(line: Line, scanner: Scanner) -> None:
    line.send(b"9" * 1000 + b"\r" + CODE + b"\r")
    assert [heard.flaw for heard in _listen(scanner, count=2)] == [Flaw.OVERFLOW, None]


def test_modem_talk_is_not_heard(line: Line, scanner: Scanner) -> None:
    line.send(b"AT\r\nATE0\r\n" + CODE + b"\r")
    assert [heard.scan.raw for heard in _listen(scanner, count=1)] == [CODE]


def test_each_answer_reaches_the_scanner_byte_for_byte(line: Line, scanner: Scanner) -> None:
    for answer in Answer:
        scanner.acknowledge(answer)
    everything = b"".join(ANSWERS[answer] for answer in Answer)
    assert line.received(len(everything)) == everything


def test_silence_returns_empty_handed(scanner: Scanner) -> None:
    assert list(scanner.listen()) == []


@pytest.mark.parametrize("line", [PtyLine], indirect=True)
@pytest.mark.parametrize("cut", range(1, len(CODE) + 1))
def test_unplugged_at_any_byte_gives_no_scan(line: Line, scanner: Scanner, cut: int) -> None:
    line.send(CODE[:cut])
    assert list(scanner.listen()) == []
    line.unplug()
    with pytest.raises(Unplugged):
        scanner.listen()


def test_a_line_that_ends_gives_no_scan(line: Line, scanner: Scanner) -> None:
    line.send(CODE)
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


def test_no_two_answers_sound_alike() -> None:
    assert len(set(ANSWERS.values())) == len(Answer)
    assert ANSWERS[Answer.SAFE] == bytes.fromhex("06")
    assert ANSWERS[Answer.AGAIN].startswith(bytes.fromhex("15"))
    assert ANSWERS[Answer.REFUSED] == bytes.fromhex("1B 34 2C")
    assert ANSWERS[Answer.LOOK] == bytes.fromhex("1B 35 2C")
    assert ANSWERS[Answer.ACCEPTED] == bytes.fromhex("1B 36 2C")


def test_the_driver_reads_a_loop() -> None:
    port = open_port("loop://")
    driver: Scanner = TextScanner(port)
    say: Callable[[bytes], None] = port.write
    say(CODE + b"\r")
    assert [heard.scan.raw for heard in _listen(driver, count=1)] == [CODE]
    driver.close()
