"""The only place where the agent asks the real clocks: the wall's, and one that never steps."""

import secrets
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
# Goes on while the computer sleeps, where the system has such a clock.
_STEADY = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


class Clock(Protocol):
    """Two clocks: one that people set, and one that only ever goes forward."""

    def wall(self) -> datetime:
        """The time of day with its offset. May be wrong, and may jump."""
        ...

    def steady(self) -> float:
        """Seconds since some moment of this boot. Never jumps."""
        ...

    def boot(self) -> str:
        """Which boot `steady` counts from: two values compare only when this is equal."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """When something happened, by both clocks."""

    wall: datetime
    steady: float
    boot: str


@dataclass(frozen=True, slots=True)
class SystemClock:
    """The computer's own clocks."""

    _boot: str = field(default_factory=lambda: _boot_id())

    def wall(self) -> datetime:
        """Now, in the local time zone, with its offset."""
        return datetime.now(UTC).astimezone()

    def steady(self) -> float:
        """Seconds since the computer started."""
        return time.clock_gettime(_STEADY)

    def boot(self) -> str:
        """The kernel's boot id; where there is none, one of this process."""
        return self._boot


def moment(clock: Clock) -> Moment:
    """Now, by both clocks."""
    return Moment(wall=clock.wall(), steady=clock.steady(), boot=clock.boot())


def _boot_id() -> str:
    try:
        return _BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        return secrets.token_hex(16)
