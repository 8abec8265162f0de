"""What the scanners of each driver say and are told, so that one suite holds all drivers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from hardware.ports import open_port
from hardware.scanner import protocol, ssi
from hardware.scanner.dialects import DIALECTS, Dialect
from hardware.scanner.drivers import DRIVERS
from hardware.scanner.protocol import Answer, Scanner
from hardware.scanner.ssi_packets import encode_read

TYPES = {"C0": 0x03, "d1": 0x1B}


@dataclass(frozen=True, slots=True, kw_only=True)
class Speech:
    """How one kind of scanner speaks, byte for byte."""

    driver: str
    read: Callable[[str, bytes], bytes]  # kind of code, text
    raw: Callable[[str, bytes], bytes]  # what must be kept of that read
    end: int  # bytes without which a read is not complete
    too_long: bytes  # a read without measure
    answers: Mapping[Answer, bytes]

    def open(self, address: str) -> Scanner:
        return DRIVERS[self.driver](open_port(address))

    def dialect(self) -> Dialect:
        return DIALECTS[self.driver](b"\r")


def _text(aim: str, text: bytes) -> bytes:
    return b"]" + aim.encode() + text


TEXT = Speech(
    driver="text",
    read=lambda aim, text: _text(aim, text) + b"\r",
    raw=_text,
    end=1,
    too_long=b"9" * 1000 + b"\r",
    answers=protocol.ANSWERS,
)
SSI = Speech(
    driver="ssi",
    read=lambda aim, text: encode_read(TYPES[aim], text),
    raw=lambda aim, text: bytes((TYPES[aim],)) + text,
    end=2,
    too_long=encode_read(TYPES["C0"], b"9" * 200),
    answers=ssi.ANSWERS,
)
SPEECHES = (TEXT, SSI)
