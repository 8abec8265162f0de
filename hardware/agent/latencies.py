"""How long a person waits at a scanner: for the tone that a read is kept, and for its verdict."""

import threading
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

LOOKED_BACK: Final = 200  # reads of each scanner
_MIDDLE, _MOST = 50, 95


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """Of the last reads of one scanner, in milliseconds: the middle, and what 95 of 100 stay below.

    Verdicts are the server's alone: None where none has come in time.
    """

    reads: int
    stored_p50_ms: int
    stored_p95_ms: int
    verdict_p50_ms: int | None
    verdict_p95_ms: int | None


@dataclass(frozen=True, slots=True)
class _Window:
    stored: deque[float] = field(default_factory=lambda: deque(maxlen=LOOKED_BACK))
    judged: deque[float] = field(default_factory=lambda: deque(maxlen=LOOKED_BACK))


class Latencies:
    """Written by the thread of each port, read by the one that reports."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._windows: dict[str, _Window] = {}

    def stored(self, device_id: str, seconds: float) -> None:
        """A read was durable, and said to be, so long after its last byte."""
        with self._lock:
            self._windows.setdefault(device_id, _Window()).stored.append(seconds)

    def judged(self, device_id: str, seconds: float) -> None:
        """The server's verdict on a read was told so long after its last byte."""
        with self._lock:
            self._windows.setdefault(device_id, _Window()).judged.append(seconds)

    def told(self) -> Mapping[str, Latency]:
        """How long it took lately, for each scanner that has read something."""
        with self._lock:
            kept = {name: (list(w.stored), list(w.judged)) for name, w in self._windows.items()}
        return {name: _latency(stored, judged) for name, (stored, judged) in kept.items() if stored}


def _latency(stored: Sequence[float], judged: Sequence[float]) -> Latency:
    return Latency(
        reads=len(stored),
        stored_p50_ms=_part(stored, _MIDDLE),
        stored_p95_ms=_part(stored, _MOST),
        verdict_p50_ms=_part(judged, _MIDDLE) if judged else None,
        verdict_p95_ms=_part(judged, _MOST) if judged else None,
    )


def _part(seconds: Sequence[float], percent: int) -> int:
    """The percentile by nearest rank, in whole milliseconds."""
    place = -(-len(seconds) * percent // 100) - 1
    return round(sorted(seconds)[place] * 1000)
