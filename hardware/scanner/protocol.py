"""What every scanner driver can do: listen, and answer the person who holds the scanner.

A driver knows bytes, never meaning. It raises children of DeviceTrouble and nothing else, never
waits longer than one reading of its port, and passes the tests of tests/hardware/scanner.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

from hardware.symbology import Scan

# What a scanner that sends text is answered.
ACK: Final = b"\x06"
NAK: Final = b"\x15"
LOW, MEDIUM, HIGH = b"\x1b4,", b"\x1b5,", b"\x1b6,"


class Answer(StrEnum):
    """What a scanner is told about a read."""

    SAFE = "safe"  # it is kept; only ever said after the durable write
    AGAIN = "again"  # it was not taken: scan again
    ACCEPTED = "accepted"
    LOOK = "look"
    STOP = "stop"
    REFUSED = "refused"
    STORED = "stored, not checked"  # no server answered in time


class Flaw(StrEnum):
    """Why a read cannot be anybody's code."""

    FRAGMENT = "cut short"
    OVERFLOW = "too long"
    UNREADABLE = "unreadable bytes"
    CHECKSUM = "wrong checksum"
    NO_PACKET = "no packet"  # bytes of another protocol, or noise; as text it may look like a code


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One read as the driver heard it; with a flaw, it must not be used as a code."""

    scan: Scan
    flaw: Flaw | None = None


# The three tones of a Honeywell scanner that waits for its host; patterns are told apart by ear.
ANSWERS: Final[Mapping[Answer, bytes]] = {
    Answer.SAFE: ACK,
    Answer.AGAIN: NAK + LOW,
    Answer.ACCEPTED: HIGH,
    Answer.LOOK: MEDIUM,
    Answer.STOP: LOW + LOW,
    Answer.REFUSED: LOW,
    Answer.STORED: HIGH + MEDIUM,
}


class Scanner(Protocol):
    """An open scanner. `whole` is what helps where reads come without their end."""

    whole: str

    def listen(self) -> Sequence[Heard]:
        """What was read since the last call, in order; returns empty-handed after a moment."""
        ...

    def acknowledge(self, answer: Answer) -> None:
        """Send one answer: a byte, a tone, or both."""
        ...

    def close(self) -> None:
        """Let go of the device. Safe to repeat."""
        ...
