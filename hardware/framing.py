"""Cuts a scanner's bytes into reads: by terminator, by silence, never by guessing.

Not for meaning. CR, LF and TAB end a read, in any mixture; a pause makes what came before a
fragment, so that it is never put in front of the next read.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

IDLE_SECONDS: Final = 0.15  # ten times what thirteen characters take at 9600 baud
LONGEST: Final = 128
_TERMINATORS: Final = b"\r\n\t"


class Kind(StrEnum):
    """How a frame ended."""

    WHOLE = "whole"
    FRAGMENT = "fragment"  # by silence: the end is missing
    OVERFLOW = "overflow"  # too long: only its beginning is kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One read as it came over the wire, without its terminator."""

    content: bytes
    kind: Kind = Kind.WHOLE


class Framer:
    """Collects bytes until a read is complete. Holds at most `longest` bytes, whatever arrives."""

    def __init__(self, *, longest: int = LONGEST, idle_seconds: float = IDLE_SECONDS) -> None:
        self.overflows = 0
        self.fragments = 0
        self._longest = longest
        self._idle_seconds = idle_seconds
        self._pending = bytearray()
        self._overflowing = False
        self._silent = 0.0

    def feed(self, content: bytes) -> list[Frame]:
        """Take what arrived and return the reads it completed, in order."""
        self._silent = 0.0
        frames: list[Frame] = []
        for piece, ended in _pieces(content):
            frames += self._take(piece)
            if ended:
                frames += self._end()
        return frames

    def silence(self, seconds: float) -> list[Frame]:
        """Note that nothing arrived for `seconds`; return the fragment that this makes, if any.

        Only time spent waiting counts: while the agent itself was busy, bytes may have queued.
        """
        self._silent += seconds
        if self._silent < self._idle_seconds - 1e-9:
            return []
        self._overflowing = False
        if not self._pending:
            return []
        self.fragments += 1
        return [self._cut(Kind.FRAGMENT)]

    def forget(self) -> None:
        """Drop what is incomplete: its rest will never come."""
        self._pending.clear()
        self._overflowing = False
        self._silent = 0.0

    def _take(self, piece: bytes) -> list[Frame]:
        if self._overflowing:
            return []
        room = self._longest - len(self._pending)
        self._pending += piece[:room]
        if len(piece) <= room:
            return []
        self.overflows += 1
        self._overflowing = True
        return [self._cut(Kind.OVERFLOW)]

    def _end(self) -> list[Frame]:
        self._overflowing = False
        return [self._cut(Kind.WHOLE)] if self._pending else []

    def _cut(self, kind: Kind) -> Frame:
        frame = Frame(content=bytes(self._pending), kind=kind)
        self._pending.clear()
        return frame


def _pieces(content: bytes) -> list[tuple[bytes, bool]]:
    """The stretches between terminators, each with whether one followed it."""
    for terminator in _TERMINATORS[1:]:
        content = content.replace(bytes((terminator,)), _TERMINATORS[:1])
    *ended, rest = content.split(_TERMINATORS[:1])
    return [(piece, True) for piece in ended] + [(rest, False)]
