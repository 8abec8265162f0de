"""Reads the prefix by which a scanner says what kind of code it saw (AIM identifiers).

Not for deciding whose code it is: a supplier's EAN and a tube's label both come out as text.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

UNKNOWN: Final = "unknown"

AIM: Final[Mapping[str, str]] = {
    "C0": "code128",
    "C1": "gs1_128",
    "C2": "code128_fnc1_second",
    "C4": "isbt128",
    "A0": "code39",
    "A1": "code39_check",
    "d1": "datamatrix",
    "d2": "gs1_datamatrix",
    "Q1": "qr",
    "Q3": "gs1_qr",
    "E0": "ean13",
    "I0": "itf",
    "F0": "codabar",
    "L0": "pdf417",
}

_PREFIX: Final = re.compile(r"\]([A-Za-z][0-9A-Za-z])")
_READABLE: Final = re.compile(r"[\x1d -~]+")  # printable ASCII, and GS between GS1 fields
# What ModemManager sends to a port that it has just found, and a scanner may echo.
_MODEM_PROBE: Final = re.compile(rb"AT(?:[EHIQVXZ][0-9]?|[&+$%*#^!][A-Z0-9=?,;\"]*)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """What a scanner read: the text, the kind of code, and the bytes it was taken from."""

    text: str
    symbology: str
    aim: str | None
    raw: bytes

    @property
    def readable(self) -> bool:
        """Whether the text can be somebody's code: printable, and not empty."""
        return _READABLE.fullmatch(self.text) is not None


def read_code(raw: bytes) -> Scan:
    """Take the prefix off one read. Never fails: each byte becomes one character."""
    text = raw.decode("latin-1")
    prefix = _PREFIX.match(text)
    if prefix is None:
        return Scan(text=text, symbology=UNKNOWN, aim=None, raw=raw)
    aim = prefix.group(1)
    symbology = AIM.get(aim, f"aim_{aim}")
    return Scan(text=text[prefix.end() :], symbology=symbology, aim=aim, raw=raw)


def is_modem_probe(raw: bytes) -> bool:
    """Whether this is a modem's start-up talk and no code."""
    return _MODEM_PROBE.fullmatch(raw) is not None
