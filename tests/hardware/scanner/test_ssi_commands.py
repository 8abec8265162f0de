"""Tones at an SSI scanner: one that sleeps is woken first, what came spoilt is sent once more."""

from collections.abc import Callable, Iterator

import pytest

from hardware.errors import NoReply
from hardware.ports import open_port
from hardware.scanner.dialects import SLEEP_SECONDS, SsiDialect
from hardware.scanner.protocol import Answer
from hardware.scanner.simulated import SimulatedScanner
from hardware.scanner.ssi import ANSWERS, SsiScanner
from hardware.scanner.ssi_packets import WAKEUP, Opcode, Source, encode, encode_read
from hardware.serial_line import READ_SECONDS
from tests.hardware.fakes import FakeClock

BEEP = bytes.fromhex("05 E6 04 00 00 FF 11")
BEEP_AGAIN = bytes.fromhex("05 E6 04 01 00 FF 10")
READ = encode_read(0x03, b"TB0000000001R")
ACK = encode(Opcode.CMD_ACK, source=Source.DECODER)
NAK_SPOILT = encode(Opcode.CMD_NAK, b"\x01", source=Source.DECODER)
NAK_DENIED = encode(Opcode.CMD_NAK, b"\x06", source=Source.DECODER)
TURNS = 100


class FakePort:
    """A line whose reading takes no time but on the fake clock, and an ear at its end."""

    address = "fake"

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.arriving: list[bytes] = []
        self.writes: list[bytes] = []
        self.understood: list[str] = []
        self._hear = SsiDialect(naps=self.clock).ear()

    def read(self) -> bytes:
        if self.arriving:
            return self.arriving.pop(0)
        self.clock.advance(READ_SECONDS)
        return b""

    def write(self, content: bytes) -> None:
        self.writes.append(content)
        self.understood += self._hear(content)

    def drop(self) -> None:
        self.arriving.clear()

    def close(self) -> None:
        self.arriving.clear()


@pytest.fixture
def port() -> FakePort:
    return FakePort()


@pytest.fixture
def driver(port: FakePort) -> SsiScanner:
    return SsiScanner(port)


def silent(driver: SsiScanner, seconds: float) -> None:
    for _ in range(round(seconds / READ_SECONDS)):
        assert driver.listen() == []


def answered(driver: SsiScanner, port: FakePort, *answers: bytes) -> None:
    port.arriving += answers
    for _ in answers:
        assert driver.listen() == []


def test_a_scanner_that_may_sleep_is_woken_and_told_in_the_next_turn(
    port: FakePort, driver: SsiScanner
) -> None:
    silent(driver, 2 * SLEEP_SECONDS)
    driver.acknowledge(Answer.ACCEPTED)
    driver.acknowledge(Answer.LOOK)
    assert port.writes == [WAKEUP]
    driver.listen()
    assert port.writes == [WAKEUP, ANSWERS[Answer.ACCEPTED] + ANSWERS[Answer.LOOK]]
    assert port.understood == [Answer.ACCEPTED, Answer.LOOK]
    driver.acknowledge(Answer.STOP)  # it is awake now
    assert port.understood[-1] == Answer.STOP


def test_a_sleeping_scanner_understands_nothing_of_what_wakes_it(port: FakePort) -> None:
    port.clock.advance(SLEEP_SECONDS)
    port.write(ANSWERS[Answer.ACCEPTED])
    assert port.understood == []
    port.write(ANSWERS[Answer.LOOK])
    assert port.understood == [Answer.LOOK]


def test_a_read_is_acknowledged_at_once_and_its_verdict_needs_no_waking(
    port: FakePort, driver: SsiScanner
) -> None:
    silent(driver, 2 * SLEEP_SECONDS)
    port.arriving.append(READ)
    assert len(driver.listen()) == 1
    for answer in (Answer.SAFE, Answer.ACCEPTED):
        driver.acknowledge(answer)
    assert port.writes == [ANSWERS[Answer.SAFE], ANSWERS[Answer.ACCEPTED]]


def test_a_tone_that_came_spoilt_is_sent_once_more_and_then_given_up(
    port: FakePort, driver: SsiScanner
) -> None:
    driver.acknowledge(Answer.ACCEPTED)
    answered(driver, port, NAK_SPOILT, ACK)
    assert port.writes[1:] == [BEEP_AGAIN]
    port.arriving.append(NAK_SPOILT + READ)
    assert [heard.scan.text for heard in driver.listen()] == ["TB0000000001R"]  # not lost
    with pytest.raises(NoReply, match="reach the scanner spoilt"):
        driver.listen()
    assert port.writes[1:] == [BEEP_AGAIN]
    assert driver.listen() == []


@pytest.mark.parametrize("answers", [(ACK, ACK), (NAK_DENIED, ACK), (ACK, ACK, NAK_SPOILT)])
def test_what_was_taken_or_is_not_allowed_is_not_sent_again(
    port: FakePort, driver: SsiScanner, answers: tuple[bytes, ...]
) -> None:
    driver.acknowledge(Answer.ACCEPTED)
    answered(driver, port, *answers)
    assert port.writes == [ANSWERS[Answer.ACCEPTED]]


@pytest.fixture
def mishearing() -> Iterator[SimulatedScanner]:
    with SimulatedScanner(dialect=SsiDialect(mishears=1)) as scanner:
        yield scanner


def test_a_scanner_that_mishears_once_has_tone_and_light_in_the_end(
    mishearing: SimulatedScanner,
) -> None:
    driver = SsiScanner(open_port(mishearing.device))
    driver.acknowledge(Answer.ACCEPTED)
    listened(driver, until=lambda: BEEP_AGAIN in mishearing.wire)
    assert bytes(mishearing.wire) == ANSWERS[Answer.ACCEPTED] + BEEP_AGAIN
    assert ANSWERS[Answer.ACCEPTED].startswith(BEEP)
    assert mishearing.heard()[0] == "spoilt"
    driver.close()


def listened(driver: SsiScanner, *, until: Callable[[], bool]) -> None:
    for _ in range(TURNS):
        if until():
            return
        driver.listen()
    raise AssertionError("not in time")
