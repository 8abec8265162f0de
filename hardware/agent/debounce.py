"""Tells a label that was read twice in a moment from one that is scanned again on purpose."""

from typing import Final

WINDOW_SECONDS: Final = 0.8


class Debounce:
    """Remembers the last read of one scanner. The first read is never the repeat."""

    def __init__(self, *, window_seconds: float = WINDOW_SECONDS) -> None:
        self._window_seconds = window_seconds
        self._raw: bytes | None = None
        self._at = 0.0
        self._read_id = ""

    def repeats(self, raw: bytes, *, at: float) -> str | None:
        """The id of the read that this one repeats, or None when it stands for itself."""
        if raw == self._raw and 0 <= at - self._at <= self._window_seconds:
            return self._read_id
        return None

    def note(self, raw: bytes, *, at: float, read_id: str) -> None:
        """Remember a read that stands for itself; the window is counted from here."""
        self._raw, self._at, self._read_id = raw, at, read_id
