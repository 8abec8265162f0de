"""SSI: packets byte for byte, nothing spoilt is taken, and one scan however often it is sent."""

import random
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hardware.agent.board import READY, Board
from hardware.agent.capture import CANNOT_STORE, Capture
from hardware.agent.outbox import Outbox
from hardware.agent.print_book import PrintBook
from hardware.agent.server_clock import ServerClock
from hardware.agent.settings import ScannerSettings, Settings
from hardware.agent.station import StationAgent
from hardware.clock import SystemClock
from hardware.errors import Garbage
from hardware.framing import IDLE_SECONDS, LONGEST
from hardware.ports import open_port
from hardware.scanner.dialects import SsiDialect
from hardware.scanner.protocol import Answer, Flaw, Heard, Scanner
from hardware.scanner.simulated import SimulatedScanner
from hardware.scanner.ssi import ANSWERS, SsiScanner
from hardware.scanner.ssi_packets import (
    LONGEST_DATA,
    Found,
    Opcode,
    Packet,
    Packets,
    Rubbish,
    Source,
    Spoilt,
    encode,
    encode_read,
    read_decoded,
)
from tests.hardware.fake_server import STATION, TOKEN
from tests.hardware.fakes import ids_in_order
from tests.hardware.lines import PtyLine

CODE = "TB0000000001R"
READ = bytes.fromhex("12 F3 00 00 03 54 42 30 30 30 30 30 30 30 30 30 31 52 FC 2F")
RESENT = bytes.fromhex("12 F3 00 01 03 54 42 30 30 30 30 30 30 30 30 30 31 52 FC 2E")
SPOILT = bytes.fromhex("12 F3 00 00 03 54 42 30 31 30 30 30 30 30 30 30 31 52 FC 2F")
ACK = bytes.fromhex("04 D0 04 00 FF 28")
RESEND = bytes.fromhex("05 D1 04 00 01 FF 25")
DEVICE = "ST0000000001X/counter/0a0a"
TURNS = 100

COMMANDS = [
    ("04 D0 04 00 FF 28", Opcode.CMD_ACK, ""),
    ("05 D1 04 00 01 FF 25", Opcode.CMD_NAK, "01"),
    ("05 D1 04 00 02 FF 24", Opcode.CMD_NAK, "02"),
    ("05 D1 04 00 06 FF 20", Opcode.CMD_NAK, "06"),
    ("05 E6 04 00 00 FF 11", Opcode.BEEP, "00"),
    ("05 E6 04 00 01 FF 10", Opcode.BEEP, "01"),
    ("05 E6 04 00 02 FF 0F", Opcode.BEEP, "02"),
    ("05 E7 04 00 01 FF 0F", Opcode.LED_ON, "01"),
    ("05 E8 04 00 01 FF 0E", Opcode.LED_OFF, "01"),
    ("04 C4 04 00 FF 34", 0xC4, ""),  # aim off
    ("04 C5 04 00 FF 33", 0xC5, ""),  # aim on
    ("04 C8 04 00 FF 30", 0xC8, ""),  # default parameters
    ("04 A3 04 00 FF 55", 0xA3, ""),  # request revision
    ("04 D2 04 00 FF 26", 0xD2, ""),  # flush queue
    ("04 D3 04 00 FF 25", 0xD3, ""),  # request capabilities
    ("04 E4 04 00 FF 14", 0xE4, ""),  # start decode
    ("04 E5 04 00 FF 13", 0xE5, ""),  # stop decode
    ("04 E9 04 00 FF 0F", 0xE9, ""),  # scan enable
    ("04 EA 04 00 FF 0E", 0xEA, ""),  # scan disable
    ("04 EB 04 00 FF 0D", 0xEB, ""),  # sleep
]

READS = [
    (
        "13 F3 00 00 03 42 42 2D 32 30 32 36 2D 30 30 30 31 32 33 FC 29",
        (0x03, b"BB-2026-000123", False, False),
        ("code128", "BB-2026-000123"),
    ),
    (READ.hex(), (0x03, CODE.encode(), False, False), ("code128", CODE)),
    (
        "12 F3 00 00 1B 54 42 30 30 30 30 30 30 30 30 30 32 50 FC 18",
        (0x1B, b"TB0000000002P", False, False),
        ("datamatrix", "TB0000000002P"),
    ),
    (RESENT.hex(), (0x03, CODE.encode(), True, False), ("code128", CODE)),
    (
        "0B F3 00 02 03 54 42 30 30 30 30 FD A7",
        (0x03, b"TB0000", False, True),
        ("code128", "TB0000"),
    ),
]


@pytest.fixture
def driver(line: PtyLine) -> Iterator[Scanner]:
    scanner = SsiScanner(open_port(line.address))
    yield scanner
    scanner.close()


@pytest.fixture
def simulated() -> Iterator[SimulatedScanner]:
    with SimulatedScanner(seed=5, dialect=SsiDialect()) as scanner:
        yield scanner


def _found(content: bytes, *, chunk: int = 4096) -> list[Found]:
    """Everything that comes out of some bytes followed by silence."""
    packets, found = Packets(), list[Found]()
    for start in range(0, len(content), chunk):
        found += packets.feed(content[start : start + chunk])
    return found + packets.silence(IDLE_SECONDS)


def _texts(found: list[Found]) -> list[str]:
    return [
        read_decoded(each.data).text
        for each in found
        if isinstance(each, Packet) and each.opcode == Opcode.DECODE_DATA
    ]


def _listen(scanner: Scanner, *, until: Callable[[list[Heard]], bool]) -> list[Heard]:
    heard: list[Heard] = []
    for _ in range(TURNS):
        heard += scanner.listen()
        if until(heard):
            return heard
    raise AssertionError(f"not heard in time, but {heard}")


def _one(scanner: Scanner) -> Heard:
    (heard,) = _listen(scanner, until=bool)
    return heard


# Packets


@pytest.mark.parametrize(("content", "opcode", "data"), COMMANDS)
def test_commands_are_written_and_read_as_published(content: str, opcode: int, data: str) -> None:
    packet = bytes.fromhex(content)
    assert encode(opcode, bytes.fromhex(data)) == packet
    assert _found(packet) == [
        Packet(opcode=opcode, data=bytes.fromhex(data), source=Source.HOST, status=0)
    ]


@pytest.mark.parametrize(("content", "sent", "scan"), READS)
def test_reads_are_written_and_read_as_published(
    content: str, sent: tuple[int, bytes, bool, bool], scan: tuple[str, str]
) -> None:
    code_type, text, resent, continued = sent
    packet = bytes.fromhex(content)
    assert encode_read(code_type, text, resent=resent, continued=continued) == packet
    (found,) = _found(packet)
    assert isinstance(found, Packet)
    assert (found.source, found.resent, found.continued) == (Source.DECODER, resent, continued)
    read = read_decoded(found.data)
    assert (read.symbology, read.text, read.aim) == (*scan, None)


def test_a_packet_holds_251_bytes_and_no_more() -> None:
    data = b"\x03" + b"9" * (LONGEST_DATA - 1)
    (found,) = _found(encode(Opcode.DECODE_DATA, data))
    assert isinstance(found, Packet)
    assert found.data == data
    with pytest.raises(ValueError, match="252 bytes"):
        encode(Opcode.DECODE_DATA, data + b"9")


def test_byte_by_byte_is_as_good_as_at_once() -> None:
    assert _texts(_found(READ * 3, chunk=1)) == [CODE] * 3


def test_a_wrong_checksum_is_told_once() -> None:
    assert _found(SPOILT) == [Spoilt(content=SPOILT)]


def test_noise_in_front_is_skipped() -> None:
    packets = Packets()
    found = packets.feed(bytes.fromhex("00 FF 07") + READ)
    assert _texts(found) == [CODE]
    assert packets.skipped == 3


@pytest.mark.parametrize(
    "before",
    [
        bytes.fromhex("00 FF 07"),
        bytes.fromhex("1E F3 00 00 03 41"),  # claims to end eight bytes after the read
    ],
)
def test_what_was_in_front_of_a_read_is_no_part_of_what_comes_after_it(before: bytes) -> None:
    packets, after = Packets(), b"not a packet"
    found = packets.feed(before + READ + after) + packets.silence(IDLE_SECONDS)
    assert _texts(found) == [CODE]
    assert found[-1] == Rubbish(content=after)


def test_noise_that_claims_to_be_a_long_packet_hides_the_read_until_silence_only() -> None:
    packets = Packets()
    assert packets.feed(bytes.fromhex("FF F3 00") + READ) == []
    assert packets.silence(IDLE_SECONDS / 2) == []
    assert _texts(packets.silence(IDLE_SECONDS / 2)) == [CODE]


def test_half_a_packet_is_dropped_after_the_idle_limit_and_never_joined() -> None:
    packets = Packets()
    assert packets.feed(READ[:17]) == []
    assert packets.silence(IDLE_SECONDS) == [Rubbish(content=READ[:17], begun=True)]
    assert packets.feed(READ[17:] + READ)[-1:] == packets.feed(READ)


@pytest.mark.parametrize("content", ["03 D0 04 00 FF 29", "04 D0 07 00 FF 25"])
def test_a_length_under_four_or_a_foreign_source_is_no_packet(content: str) -> None:
    assert not any(isinstance(each, Packet) for each in _found(bytes.fromhex(content)))


def test_what_was_pending_at_an_unplugging_is_forgotten() -> None:
    packets = Packets()
    packets.feed(READ[:10])
    packets.forget()
    assert _texts(packets.feed(READ)) == [CODE]


def test_plain_text_is_no_packet_and_no_beginning_of_one() -> None:
    assert _found(b"]C0TB0000000006H\r") == [Rubbish(content=b"]C0TB0000000006H\r")]


# What spoils a packet


def _flips(packet: bytes) -> Iterator[bytes]:
    for bit in range(8 * len(packet)):
        spoilt = bytearray(packet)
        spoilt[bit // 8] ^= 1 << bit % 8
        yield bytes(spoilt)


def _drops(packet: bytes) -> Iterator[bytes]:
    for place in range(len(packet)):
        yield packet[:place] + packet[place + 1 :]


def _doubles(packet: bytes) -> Iterator[bytes]:
    for place in range(len(packet)):
        yield packet[: place + 1] + packet[place:]


# Two neighbours that change places are not among these: the sum stays as it was, and the packet
# passes. What catches them is the check character of the code, as in TB0000000010R below.
@pytest.mark.parametrize("spoil", [_flips, _drops, _doubles])
@pytest.mark.parametrize("packet", [READ, RESENT, bytes.fromhex(READS[2][0])])
def test_a_read_with_one_fault_in_it_is_never_another_read(
    spoil: Callable[[bytes], Iterator[bytes]], packet: bytes
) -> None:
    (right,) = _texts(_found(packet))
    for spoilt in spoil(packet):
        assert _texts(_found(spoilt)) in ([], [right]), spoilt.hex()
        # The one after it comes through, whatever the first was taken for.
        assert _texts(_found(spoilt + packet))[-1:] == [right], spoilt.hex()


def test_swapped_neighbours_pass_the_checksum() -> None:
    swapped = bytes.fromhex("12 F3 00 00 03 54 42 30 30 30 30 30 30 30 30 31 30 52 FC 2F")
    assert _texts(_found(swapped)) == ["TB0000000010R"]


def test_many_reads_with_random_faults_and_noise_between_are_right_or_missing() -> None:
    roll = random.Random(17)
    spoilers = (_flips, _drops, _doubles)
    for _ in range(300):
        texts = [b"TB%010d%c" % (roll.randrange(10**10), roll.choice(b"0AK")) for _ in range(5)]
        wire = b""
        for text in texts:
            packet = encode_read(roll.choice([0x03, 0x1B]), text)
            if roll.random() < 0.5:
                packet = roll.choice(list(roll.choice(spoilers)(packet)))
            wire += roll.randbytes(roll.choice([0, 0, 5, 40])) + packet
        found = _texts(_found(wire, chunk=roll.choice([1, 7, 400])))
        assert set(found) <= {text.decode() for text in texts}


def test_a_megabyte_of_noise_is_bounded_and_holds_no_packet() -> None:
    noise, packets, fed = random.Random(3).randbytes(1_000_000), Packets(), 0
    for start in range(0, len(noise), 4096):
        chunk = noise[start : start + 4096]
        fed += len(chunk)
        found = packets.feed(chunk)
        assert not any(isinstance(each, Packet) for each in found)
        assert all(len(each.content) <= LONGEST for each in found if isinstance(each, Rubbish))
        assert fed - packets.skipped <= 257
    packets.silence(IDLE_SECONDS)
    assert packets.skipped == len(noise)


# What a read says


@pytest.mark.parametrize(
    ("data", "symbology", "text", "aim"),
    [
        (b"\x0f0106141411234567897", "gs1_128", "0106141411234567897", None),
        (b"\x1c" + CODE.encode(), "qr", CODE, None),
        (b"\xb4" + CODE.encode(), "ssi_b4", CODE, None),
        (b"\x03" + CODE.encode() + b"\r\n", "code128", CODE, None),
        (b"\x03]C0" + CODE.encode(), "code128", CODE, "C0"),
        (b"\x03]d1" + CODE.encode(), "code128", "]d1" + CODE, None),
        (b"", "unknown", "", None),
    ],
)
def test_type_prefix_and_suffix_are_taken_off(
    data: bytes, symbology: str, text: str, aim: str | None
) -> None:
    scan = read_decoded(data)
    assert (scan.symbology, scan.text, scan.aim, scan.raw) == (symbology, text, aim, data)


# The driver


def test_a_spoilt_packet_is_asked_for_again_at_once_and_comes_through_once(
    line: PtyLine, driver: Scanner
) -> None:
    line.send(SPOILT)
    assert list(driver.listen()) == []
    assert line.received(len(RESEND)) == RESEND
    line.send(RESENT)
    assert _one(driver).scan.text == CODE
    assert [list(driver.listen()) for _ in range(4)] == [[]] * 4


def test_a_packet_that_stays_spoilt_is_heard_of_when_the_tries_are_used_up(
    line: PtyLine, driver: Scanner
) -> None:
    for _ in range(2):
        line.send(SPOILT)
        assert [heard for _ in range(5) for heard in driver.listen()] == []
        assert line.received(len(RESEND)) == RESEND
    line.send(SPOILT)
    heard = _one(driver)
    assert (heard.flaw, heard.scan.raw) == (Flaw.CHECKSUM, SPOILT)


def test_a_resent_read_is_acknowledged_again_and_not_heard_again(
    line: PtyLine, driver: Scanner
) -> None:
    line.send(READ)
    assert _one(driver).scan.text == CODE
    line.send(RESENT)  # while it is being stored: SAFE will answer both
    assert list(driver.listen()) == []
    driver.acknowledge(Answer.SAFE)
    assert line.received(len(ACK)) == ACK
    line.send(RESENT)  # the acknowledgement was lost
    assert list(driver.listen()) == []
    assert line.received(len(ACK)) == ACK


def test_a_read_resent_while_it_is_being_stored_is_not_acknowledged_yet(
    line: PtyLine, driver: Scanner
) -> None:
    line.send(READ)
    assert _one(driver).scan.text == CODE
    line.send(RESENT)
    assert list(driver.listen()) == []
    driver.acknowledge(Answer.AGAIN)  # it could not be stored
    again = ANSWERS[Answer.AGAIN]
    assert line.received(len(again)) == again


def test_a_read_that_was_not_taken_is_heard_again_when_resent(
    line: PtyLine, driver: Scanner
) -> None:
    line.send(READ)
    assert _one(driver).flaw is None
    driver.acknowledge(Answer.AGAIN)
    line.send(RESENT)
    assert _one(driver).scan.text == CODE
    again = ANSWERS[Answer.AGAIN]
    assert line.received(len(again)) == again


def test_the_same_label_scanned_again_is_heard_again(line: PtyLine, driver: Scanner) -> None:
    for _ in range(2):
        line.send(READ)
        assert _one(driver).scan.text == CODE
        driver.acknowledge(Answer.SAFE)


def test_a_second_scan_that_came_spoilt_is_not_taken_for_the_first(
    line: PtyLine, driver: Scanner
) -> None:
    line.send(READ)
    assert _one(driver).scan.text == CODE
    driver.acknowledge(Answer.SAFE)
    line.send(SPOILT)
    assert list(driver.listen()) == []
    line.send(RESENT)
    assert _one(driver).scan.text == CODE


def test_several_reads_at_once_are_remembered_for_none(line: PtyLine, driver: Scanner) -> None:
    line.send(encode_read(0x03, b"TB0000000002P") + READ)
    assert len(_listen(driver, until=lambda heard: len(heard) == 2)) == 2
    driver.acknowledge(Answer.SAFE)  # of the first
    line.send(RESENT)
    assert _one(driver).scan.text == CODE


@pytest.mark.slow
def test_what_is_resent_after_the_scanner_has_given_up_is_another_read(
    line: PtyLine, driver: Scanner
) -> None:
    line.send(READ)
    assert _one(driver).scan.text == CODE
    driver.acknowledge(Answer.SAFE)
    assert [heard for _ in range(60) for heard in driver.listen()] == []
    line.send(RESENT)
    assert _one(driver).scan.text == CODE


def test_a_read_in_two_packets_is_one_and_its_first_part_is_acknowledged(
    line: PtyLine, driver: Scanner
) -> None:
    line.send(encode_read(0x03, b"TB0000", continued=True))
    assert list(driver.listen()) == []
    assert line.received(len(ACK)) == ACK
    line.send(encode_read(0x03, b"TB0000", resent=True, continued=True))
    assert list(driver.listen()) == []
    assert line.received(len(ACK)) == ACK
    line.send(encode_read(0x03, b"000001R"))
    heard = _one(driver)
    assert (heard.scan.text, heard.flaw) == (CODE, None)
    assert heard.scan.raw == b"\x03" + CODE.encode()


def test_parts_of_two_types_are_no_read(line: PtyLine, driver: Scanner) -> None:
    line.send(encode_read(0x03, b"TB0000", continued=True) + encode_read(0x1B, b"000001R"))
    assert _one(driver).flaw is Flaw.FRAGMENT


def test_parts_without_end_are_too_long(line: PtyLine, driver: Scanner) -> None:
    for _ in range(20):
        line.send(encode_read(0x03, b"9" * 200, continued=True))
        assert list(driver.listen()) == []
        assert line.received(len(ACK)) == ACK
    line.send(encode_read(0x03, b"9"))
    heard = _one(driver)
    assert heard.flaw is Flaw.OVERFLOW
    assert len(heard.scan.text) <= LONGEST


@pytest.mark.slow
def test_a_read_whose_last_packet_does_not_come_is_cut_short(
    line: PtyLine, driver: Scanner
) -> None:
    line.send(encode_read(0x03, b"TB0000", continued=True))
    heard = _one(driver)
    assert (heard.scan.text, heard.flaw) == ("TB0000", Flaw.FRAGMENT)
    line.send(READ)
    assert _one(driver).scan.text == CODE


@pytest.mark.parametrize(
    "content",
    [
        encode(Opcode.CMD_ACK, source=Source.DECODER),
        encode(0xF6, b"\x01", source=Source.DECODER),  # an event
        encode(Opcode.DECODE_DATA, b"\x03" + CODE.encode(), source=Source.HOST),  # an echo
    ],
)
def test_packets_that_are_no_reads_are_passed_over(
    line: PtyLine, driver: Scanner, content: bytes
) -> None:
    line.send(content + READ)
    assert _one(driver).scan.text == CODE


def test_a_scanner_of_plain_text_is_heard_as_no_packet(line: PtyLine, driver: Scanner) -> None:
    line.send(b"]C0TB0000000006H\r")
    heard = _one(driver)
    assert (heard.flaw, heard.scan.raw) == (Flaw.NO_PACKET, b"]C0TB0000000006H\r")


def test_modem_talk_alone_is_passed_over(line: PtyLine, driver: Scanner) -> None:
    line.send(b"AT\r\nATE0\r\n")
    assert [heard for _ in range(5) for heard in driver.listen()] == []


def test_answers_are_written_as_published() -> None:
    assert ANSWERS[Answer.SAFE] == ACK
    assert ANSWERS[Answer.AGAIN].startswith(bytes.fromhex("05 D1 04 00 02 FF 24"))
    assert ANSWERS[Answer.ACCEPTED] == bytes.fromhex("05E6040000FF11 05E8040001FF0E")
    assert ANSWERS[Answer.LOOK] == bytes.fromhex("05E6040002FF0F 05E7040001FF0F")


# The driver in an agent's hands


class Bench:
    """One SSI scanner served as an agent serves it, turn by turn."""

    def __init__(self, *, outbox: Outbox, simulated: SimulatedScanner) -> None:
        clock = SystemClock()
        self.outbox = outbox
        self.board = Board(clock=clock)
        self.driver = SsiScanner(open_port(simulated.device))
        self.capture = Capture(
            device_id=DEVICE,
            outbox=outbox,
            clock=clock,
            server_clock=ServerClock(),
            board=self.board,
            notify=lambda: None,
        )
        self.capture.begin()

    def serve_until(self, true: Callable[[], bool], *, seconds: float = 10.0) -> bool:
        clock = SystemClock()
        deadline = clock.steady() + seconds
        while not true() and clock.steady() < deadline:
            self.capture.serve(self.driver)
        return true()

    def serve_what_is_left(self) -> None:
        """What still waits in the port takes a few turns, and the rest are silent ones."""
        for _ in range(10):
            self.capture.serve(self.driver)

    def texts(self) -> list[str]:
        return [read.text for read in self.outbox.waiting(limit=1000)]

    def state(self) -> str:
        return self.board.device(DEVICE).state


@pytest.fixture
def bench(outbox: Outbox, simulated: SimulatedScanner) -> Iterator[Bench]:
    served = Bench(outbox=outbox, simulated=simulated)
    yield served
    served.driver.close()


def _told(simulated: SimulatedScanner, number: int) -> Callable[[], bool]:
    return lambda: simulated.triggers()[number - 1].answer is not None


def test_a_read_is_acknowledged_when_it_is_stored(
    bench: Bench, simulated: SimulatedScanner
) -> None:
    number = simulated.scan(CODE)
    assert bench.serve_until(_told(simulated, number))
    assert simulated.answer_to(number) == "ack"
    assert bench.texts() == [CODE]


def test_a_read_that_cannot_be_stored_is_never_acknowledged(
    tmp_path: Path, simulated: SimulatedScanner
) -> None:
    outbox = Outbox(tmp_path / "full.sqlite", ids=ids_in_order(), pages_max=8)
    bench = Bench(outbox=outbox, simulated=simulated)

    def scan_until_full() -> bool:
        number = simulated.scan(f"TB{len(simulated.triggers()):090d}")
        assert bench.serve_until(_told(simulated, number))
        return simulated.answer_to(number) == "nak"

    assert any(scan_until_full() for _ in range(500))
    assert bench.state() == CANNOT_STORE.state
    stored = len(bench.texts())
    assert simulated.heard().count("ack") == stored
    assert simulated.verdict_on(stored + 1) is Answer.AGAIN
    bench.driver.close()
    outbox.close()


def test_a_packet_spoilt_on_the_way_is_one_read(bench: Bench, simulated: SimulatedScanner) -> None:
    simulated.misbehave("bad_checksum", times=1)
    number = simulated.scan(CODE)
    assert bench.serve_until(_told(simulated, number))
    assert simulated.heard() == ["resend", "ack"]
    assert bench.texts() == [CODE]


def test_every_verdict_is_told_apart_at_the_scanner(
    bench: Bench, simulated: SimulatedScanner
) -> None:
    verdicts = [answer for answer in Answer if answer not in {Answer.SAFE, Answer.AGAIN}]
    for verdict in verdicts:
        bench.driver.acknowledge(verdict)
    assert simulated.wait_until(lambda: simulated.heard() == verdicts, seconds=5)


@pytest.mark.slow
def test_a_scanner_that_nobody_answers_sends_twice_more_and_is_heard_once(
    bench: Bench, simulated: SimulatedScanner
) -> None:
    number = simulated.scan(CODE)
    assert simulated.answer_to(number) == "silence"  # after six seconds, and said so
    heard = [each for _ in range(10) for each in bench.driver.listen()]
    assert [each.scan.text for each in heard] == [CODE]


@pytest.mark.slow
def test_an_agent_that_comes_late_takes_what_is_sent_again(
    outbox: Outbox, simulated: SimulatedScanner
) -> None:
    number = simulated.scan(CODE)
    bench = Bench(outbox=outbox, simulated=simulated)
    assert bench.serve_until(_told(simulated, number))
    assert (simulated.answer_to(number), bench.texts()) == ("ack", [CODE])
    bench.driver.close()


def test_a_megabyte_of_noise_does_no_harm(bench: Bench, simulated: SimulatedScanner) -> None:
    noise = random.Random(4).randbytes(1_000_000)
    hand = threading.Thread(target=simulated.send, args=(noise,))
    hand.start()
    assert bench.serve_until(lambda: not hand.is_alive(), seconds=60)
    bench.serve_what_is_left()
    assert bench.state() == Garbage.state
    assert bench.texts() == []
    number = simulated.scan(CODE)
    assert bench.serve_until(_told(simulated, number))
    assert bench.texts() == [CODE]
    assert simulated.answer_to(number) == "ack"


def test_text_from_a_scanner_set_up_wrongly_is_never_kept(
    bench: Bench, simulated: SimulatedScanner
) -> None:
    assert bench.state() == READY
    for _ in range(3):
        simulated.send(b"]C0TB0000000006H\r")
        heard = _listen(bench.driver, until=bool)
        assert [each.flaw for each in heard] == [Flaw.NO_PACKET]
    simulated.send(b"]C0TB0000000006H\r" * 30)
    assert bench.serve_until(lambda: bench.state() == Garbage.state)
    assert bench.texts() == []


def test_a_station_opens_each_scanner_by_its_driver(
    tmp_path: Path, simulated: SimulatedScanner
) -> None:
    settings = Settings(
        server="http://127.0.0.1:1",
        station=STATION,
        token=TOKEN,
        data=tmp_path,
        scanners=(ScannerSettings(name="desk", address=simulated.device, driver="ssi"),),
    )
    outbox = Outbox(tmp_path / "station.sqlite", ids=ids_in_order())
    book = PrintBook(tmp_path / "book.sqlite")
    agent = StationAgent(settings, clock=SystemClock(), outbox=outbox, book=book)
    agent.start()
    number = simulated.scan(CODE)
    assert simulated.answer_to(number) == "ack"
    assert simulated.verdict_on(number) is Answer.STORED  # there is no server
    agent.stop()
