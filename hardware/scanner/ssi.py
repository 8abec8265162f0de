"""Drives a Zebra or Symbol scanner that speaks SSI over a serial line.

Not for scanners that send plain text: what is no packet is never a code. Set the scanner to send
packets, to wait for ACK/NAK, and to leave the good-read beep to its host.
"""

from collections.abc import Mapping
from typing import Final

from hardware.framing import LONGEST
from hardware.ports import Port
from hardware.scanner.protocol import Answer, Flaw, Heard
from hardware.scanner.ssi_commands import Commands
from hardware.scanner.ssi_packets import (
    NAK_RESEND,
    Found,
    Opcode,
    Packet,
    Packets,
    Rubbish,
    Source,
    Spoilt,
    encode,
    read_decoded,
)
from hardware.serial_line import READ_SECONDS
from hardware.symbology import UNKNOWN, Scan, is_modem_probe

RESENDS: Final = 2  # how often a scanner sends again what was not acknowledged
RESEND_SECONDS: Final = 2.0  # how long it waits for that
# After this long a pause the scanner has given up, and what comes next is about another read.
_GIVEN_UP_SECONDS: Final = RESEND_SECONDS + 0.5

_ACK: Final = encode(Opcode.CMD_ACK)
_RESEND: Final = encode(Opcode.CMD_NAK, NAK_RESEND)
_BAD_CONTEXT: Final = encode(Opcode.CMD_NAK, b"\x02")
_LIGHT: Final = b"\x01"
_LIGHT_ON: Final = encode(Opcode.LED_ON, _LIGHT)
_LIGHT_OFF: Final = encode(Opcode.LED_OFF, _LIGHT)


def _beep(code: int) -> bytes:
    return encode(Opcode.BEEP, bytes((code,)))


# Beep codes: 00 one short high, 02 three short high, 05 one short low, 0F one long low,
# 14 fast high-low-high-low, 16 high-low. The light stays on while something needs a look.
ANSWERS: Final[Mapping[Answer, bytes]] = {
    Answer.SAFE: _ACK,
    Answer.AGAIN: _BAD_CONTEXT + _beep(0x05),
    Answer.ACCEPTED: _beep(0x00) + _LIGHT_OFF,
    Answer.LOOK: _beep(0x02) + _LIGHT_ON,
    Answer.STOP: _beep(0x14) + _LIGHT_ON,
    Answer.REFUSED: _beep(0x0F) + _LIGHT_ON,
    Answer.STORED: _beep(0x16) + _LIGHT_OFF,
}


class SsiScanner:
    """One scanner on one open port."""

    whole = "Set the scanner to send packets (SSI host), and check its cable and baud rate"

    def __init__(self, port: Port) -> None:
        self.probes_ignored = 0
        self._port = port
        self._commands = Commands(port)
        self._packets = Packets()
        self._message = _Message()
        self._last: bytes | None = None  # the last packet's data, as long as it may come again
        self._acknowledged = False  # whether that packet was
        self._spoilt = 0  # in a row
        self._quiet = 0.0

    def listen(self) -> list[Heard]:
        """The reads that were completed, flawed ones included; modem talk is left out.

        A spoilt packet is asked for again here, at once, and heard of only when the scanner has
        no more tries left. Raises NoReply, in a turn of its own, for an answer refused as spoilt.
        """
        self._commands.check()
        content = self._port.read()
        self._commands.listened(content)
        if content:
            self._quiet = 0.0
            found = self._packets.feed(content)
            given_up: list[Heard] = []
        else:
            found = self._packets.silence(READ_SECONDS)
            given_up = self._give_up_waiting(READ_SECONDS)
        whole = [each for each in found if isinstance(each, Packet)]
        for each in whole:
            self._commands.hear(each)
        packets = [each for each in whole if _is_read(each)]
        heard = [read for packet in packets for read in self._take(packet)]
        if len(heard) > 1:
            self._last = None  # several answers follow, and none says to which read it belongs
        if packets:
            # It waits for the answer to these, and would take an answer to noise for that.
            return given_up + heard
        return given_up + self._ask_again(found) + self._rubbish(found)

    def acknowledge(self, answer: Answer) -> None:
        """One write, so that a tone and its light are not torn apart.

        SAFE is the CMD_ACK for which the scanner waits, and what it gets again should it ask. For
        the others a scanner that may sleep is woken first; they are sent in the next `listen`.
        """
        if answer is Answer.SAFE:
            self._acknowledged = True
            self._port.write(_ACK)
            return
        if answer is Answer.AGAIN and not self._acknowledged:
            self._last = None
        self._commands.send(ANSWERS[answer])

    def close(self) -> None:
        """Close the port and drop what was incomplete."""
        self._packets.forget()
        self._message = _Message()
        self._last = None
        self._port.close()

    def _take(self, packet: Packet) -> list[Heard]:
        self._spoilt = 0
        if packet.resent and packet.data == self._last:
            if self._acknowledged:
                self._port.write(_ACK)
            return []
        self._last, self._acknowledged = packet.data, False
        self._message.add(packet.data)
        if packet.continued:
            # The rest is not sent before this part is answered; the read is safe with the last.
            self._acknowledged = True
            self._port.write(_ACK)
            return []
        heard = self._message.heard()
        self._message = _Message()
        if heard.flaw is not None:
            self._last = None
        return [heard]

    def _ask_again(self, found: list[Found]) -> list[Heard]:
        spoilt = [each for each in found if isinstance(each, Spoilt)]
        if not spoilt:
            return []
        if not spoilt[-1].resent:
            self._last = None  # a new read: what is sent again will be this one, even if alike
        self._spoilt += 1
        if self._spoilt <= RESENDS:
            self._port.write(_RESEND)
            return []
        self._spoilt = 0
        return [_flawed(spoilt[-1].content, Flaw.CHECKSUM)]

    def _rubbish(self, found: list[Found]) -> list[Heard]:
        rubbish = [each for each in found if isinstance(each, Rubbish)]
        strange = [each for each in rubbish if not _is_modem_talk(each.content)]
        self.probes_ignored += len(rubbish) - len(strange)
        return [
            _flawed(each.content, Flaw.FRAGMENT if each.begun else Flaw.NO_PACKET)
            for each in strange
        ]

    def _give_up_waiting(self, seconds: float) -> list[Heard]:
        """What is left of a message whose rest did not come; the last packet is forgotten."""
        self._quiet += seconds
        if self._quiet < _GIVEN_UP_SECONDS:
            return []
        self._last = None
        self._spoilt = 0
        message, self._message = self._message, _Message()
        return [message.cut_short()] if message.begun else []


class _Message:
    """One read, in one packet or several. Each of them begins with the type of code."""

    def __init__(self) -> None:
        self._content = bytearray()
        self._flaw: Flaw | None = None

    @property
    def begun(self) -> bool:
        return bool(self._content)

    def add(self, data: bytes) -> None:
        """Take one packet's data; what is too long or of two types is remembered as flawed."""
        if not self._content:
            self._content += data[:1]
        elif data[:1] != self._content[:1]:
            self._flaw = Flaw.FRAGMENT
        self._content += data[1:]
        if len(self._content) > LONGEST + 1:
            self._flaw = Flaw.OVERFLOW
            del self._content[LONGEST + 1 :]

    def heard(self) -> Heard:
        scan = read_decoded(bytes(self._content))
        unreadable = None if scan.readable else Flaw.UNREADABLE
        return Heard(scan=scan, flaw=self._flaw or unreadable)

    def cut_short(self) -> Heard:
        return Heard(scan=read_decoded(bytes(self._content)), flaw=Flaw.FRAGMENT)


def _is_read(packet: Packet) -> bool:
    return packet.opcode == Opcode.DECODE_DATA and packet.source == Source.DECODER


def _is_modem_talk(content: bytes) -> bool:
    return all(is_modem_probe(line) for line in content.split())


def _flawed(content: bytes, flaw: Flaw) -> Heard:
    text = content.decode("latin-1")
    return Heard(scan=Scan(text=text, symbology=UNKNOWN, aim=None, raw=content), flaw=flaw)
