"""How far the server's clock is from ours, measured on every answer and told with its doubt.

Anchored on the clock that never steps, so it stays right when somebody sets the computer's time.
"""

import threading
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from hardware.clock import Moment

# Quartz drifts up to about 50 ppm on either side.
DRIFT_PER_SECOND: Final = 0.0001


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Server minus device, in milliseconds, and how wrong that may be."""

    offset_ms: int
    uncertainty_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Anchor:
    server: float  # seconds since the epoch
    steady: float
    boot: str
    doubt: float  # seconds

    def doubt_at(self, steady: float) -> float:
        return self.doubt + abs(steady - self.steady) * DRIFT_PER_SECOND

    def server_at(self, steady: float) -> float:
        return self.server + steady - self.steady


class ServerClock:
    """Learns from answers; says the offset that held at any moment of this boot."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._anchor: _Anchor | None = None

    def learn(
        self, server_time: datetime, *, sent: float, received: float, boot: str, grain: float = 0.0
    ) -> None:
        """Take in what the server said between two steady times; `grain` is its coarseness."""
        new = _Anchor(
            server=server_time.timestamp() + grain / 2,
            steady=(sent + received) / 2,
            boot=boot,
            doubt=(received - sent + grain) / 2,
        )
        with self._lock:
            if _better(new, self._anchor):
                self._anchor = new

    def measure(self, at: Moment) -> Measured | None:
        """The offset at a moment, or None when the server was not heard in that boot."""
        with self._lock:
            anchor = self._anchor
        if anchor is None or anchor.boot != at.boot:
            return None
        offset = anchor.server_at(at.steady) - at.wall.timestamp()
        return Measured(
            offset_ms=round(offset * 1000),
            uncertainty_ms=max(1, round(anchor.doubt_at(at.steady) * 1000)),
        )


def _better(new: _Anchor, old: _Anchor | None) -> bool:
    if old is None or old.boot != new.boot:
        return True
    doubt = old.doubt_at(new.steady)
    apart = abs(old.server_at(new.steady) - new.server)
    # What contradicts the old one outright is better too: the server's clock was set.
    return new.doubt <= doubt or apart > new.doubt + doubt
