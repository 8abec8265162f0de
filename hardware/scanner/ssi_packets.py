"""SSI packets: made, and found again in what a scanner sends. Not for who is answered what.

The format is that of Zebra's Simple Serial Interface Programmer's Guide (72E-40451): length,
opcode, source, status, data, checksum. The length counts all but the checksum; the checksum is
the two's complement of the sum of the bytes before it, in 16 bits, high byte first. A sum cannot
see that two bytes changed places: the check character of the code itself has to.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from hardware.framing import IDLE_SECONDS, LONGEST
from hardware.symbology import AIM, UNKNOWN, Scan, read_code

LONGEST_DATA: Final = 251
_HEADER: Final = 4
_CHECKSUM: Final = 2
_RESENT: Final = 0x01
_CONTINUED: Final = 0x02
_SUFFIXES: Final = b"\r\n\t"
WAKEUP: Final = b"\x00"  # no packet: one byte, which wakes a scanner in low power
NAK_RESEND: Final = b"\x01"  # the cause of a CMD_NAK: it came spoilt, send it again

# The first byte of a decoded read: what kind of code it was.
CODE_TYPES: Final[Mapping[int, str]] = {
    0x01: "code39",
    0x02: "codabar",
    0x03: "code128",
    0x06: "itf",
    0x0B: "ean13",
    0x0F: "gs1_128",
    0x11: "pdf417",
    0x13: "code39",  # with all of ASCII
    0x19: "isbt128",
    0x1B: "datamatrix",
    0x1C: "qr",
}


class Opcode(IntEnum):
    """The messages that we send or understand."""

    CMD_ACK = 0xD0
    CMD_NAK = 0xD1
    BEEP = 0xE6
    LED_ON = 0xE7
    LED_OFF = 0xE8
    DECODE_DATA = 0xF3


class Source(IntEnum):
    """Who speaks."""

    DECODER = 0x00
    HOST = 0x04


@dataclass(frozen=True, slots=True, kw_only=True)
class Packet:
    """A packet whose checksum is right."""

    opcode: int
    data: bytes
    source: int
    status: int

    @property
    def resent(self) -> bool:
        """Whether it was sent before and not answered, or answered with a NAK."""
        return bool(self.status & _RESENT)

    @property
    def continued(self) -> bool:
        """Whether the message goes on in the next packet."""
        return bool(self.status & _CONTINUED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoilt:
    """What has the form of a packet, and a wrong checksum."""

    content: bytes

    @property
    def resent(self) -> bool:
        """As of a packet; the bit may itself be what was spoilt."""
        return bool(self.content[_HEADER - 1] & _RESENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rubbish:
    """Bytes that belong to no packet; `begun` when they are the beginning of one."""

    content: bytes
    begun: bool = False


Found = Packet | Spoilt | Rubbish


def encode(opcode: int, data: bytes = b"", *, source: int = Source.HOST, status: int = 0) -> bytes:
    """One packet, ready to be sent. Raises ValueError for more than 251 bytes of data."""
    if len(data) > LONGEST_DATA:
        raise ValueError(f"{len(data)} bytes of data; a packet holds {LONGEST_DATA}")
    packet = bytes((_HEADER + len(data), opcode, source, status)) + data
    return packet + checksum(packet)


def encode_read(
    code_type: int, text: bytes, *, resent: bool = False, continued: bool = False
) -> bytes:
    """A read as a decoder sends it. Raises ValueError for more than 250 bytes of text."""
    status = _RESENT * resent | _CONTINUED * continued
    data = bytes((code_type,)) + text
    return encode(Opcode.DECODE_DATA, data, source=Source.DECODER, status=status)


def again(packet: Packet) -> bytes:
    """A packet as it is sent once more."""
    status = packet.status | _RESENT
    return encode(packet.opcode, packet.data, source=packet.source, status=status)


def checksum(content: bytes) -> bytes:
    """The two bytes that follow `content` in a packet."""
    return (-sum(content) & 0xFFFF).to_bytes(_CHECKSUM, "big")


def read_decoded(data: bytes) -> Scan:
    """The scan in the data of a decoded read: the type of code, then its text. Never fails.

    What the scanner is set to put around the text is taken off: CR, LF or TAB behind it, and in
    front of it an AIM prefix that says the same as the type.
    """
    symbology = CODE_TYPES.get(data[0], f"ssi_{data[0]:02x}") if data else UNKNOWN
    text = data[1:].rstrip(_SUFFIXES)
    named = read_code(text)
    if named.aim is not None and AIM.get(named.aim) == symbology:
        return Scan(text=named.text, symbology=symbology, aim=named.aim, raw=data)
    return Scan(text=text.decode("latin-1"), symbology=symbology, aim=None, raw=data)


class Packets:
    """Finds packets in bytes as they come. Holds at most the longest packet and some rubbish.

    Where no packet begins, or its checksum is wrong, one byte is skipped and the next is tried.
    """

    def __init__(
        self, *, longest_rubbish: int = LONGEST, idle_seconds: float = IDLE_SECONDS
    ) -> None:
        self.skipped = 0  # bytes that belonged to no packet
        self._longest_rubbish = longest_rubbish
        self._idle_seconds = idle_seconds
        self._pending = bytearray()
        self._rubbish = bytearray()
        self._spoilt_left = 0  # what still comes of a spoilt packet: it is told of only once
        self._silent = 0.0

    def feed(self, content: bytes) -> list[Found]:
        """Take what arrived and return what it completed, in order.

        Rubbish in front of a packet is not returned: with the packet, nothing was lost.
        """
        self._silent = 0.0
        self._pending += content
        return self._find(ended=False)

    def silence(self, seconds: float) -> list[Found]:
        """Note that nothing arrived for `seconds`; after the idle limit nothing is kept back.

        Only time spent waiting counts, as in `Framer.silence`. What seemed to be half a packet may
        have hidden whole ones; what is left of it is returned as rubbish.
        """
        self._silent += seconds
        if self._silent < self._idle_seconds - 1e-9:
            return []
        begun = bool(self._pending) and not self._rubbish and not self._spoilt_left
        begun = begun and _claimed_size(self._pending) > len(self._pending)
        found = self._find(ended=True)
        if self._rubbish:
            content = bytes(self._rubbish[: self._longest_rubbish])
            self._rubbish.clear()
            alone = not any(isinstance(each, Packet) for each in found)
            found.append(Rubbish(content=content, begun=begun and alone))
        return found

    def forget(self) -> None:
        """Drop what is incomplete: its rest will never come."""
        self._pending.clear()
        self._rubbish.clear()
        self._spoilt_left = 0
        self._silent = 0.0

    def _find(self, *, ended: bool) -> list[Found]:
        found: list[Found] = []
        while self._pending:
            size = _claimed_size(self._pending)
            if size > len(self._pending) and not ended:
                break  # it may yet be completed
            content = bytes(self._pending[:size]) if size <= len(self._pending) else b""
            if content and checksum(content[:-_CHECKSUM]) == content[-_CHECKSUM:]:
                found.append(self._take(content))
                continue
            if content and not self._spoilt_left:
                found.append(Spoilt(content=content))
                self._spoilt_left = size
            self._skip()
            if not ended and len(self._rubbish) == self._longest_rubbish:
                found.append(Rubbish(content=bytes(self._rubbish)))
                self._rubbish.clear()
        return found

    def _take(self, content: bytes) -> Packet:
        del self._pending[: len(content)]
        self._rubbish.clear()
        self._spoilt_left = 0
        _, opcode, source, status = content[:_HEADER]
        data = content[_HEADER:-_CHECKSUM]
        return Packet(opcode=opcode, data=data, source=source, status=status)

    def _skip(self) -> None:
        self.skipped += 1
        if self._spoilt_left:
            self._spoilt_left -= 1
        else:
            self._rubbish.append(self._pending[0])
        del self._pending[0]


def _claimed_size(pending: bytearray) -> int:
    """How many bytes the packet has that begins here; 0 when none can begin here."""
    length = pending[0]
    if length < _HEADER:
        return 0
    if len(pending) > 2 and pending[2] not in (Source.DECODER, Source.HOST):
        return 0
    return length + _CHECKSUM
