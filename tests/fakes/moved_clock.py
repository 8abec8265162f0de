"""The real time, moved by what a file says: one clock for several programs and whoever moves it."""

import json
import threading
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from app.kernel.clock import system_clock
from hardware.clock import SystemClock

_STANDS: Final = {"passed": 0.0, "stepped": 0.0}


class MovedClock:
    """Implements the server's `Clock` and the agent's: real seconds, and some more at once.

    What has passed moves every clock; a step moves only the one on the station's wall, as somebody
    does who sets it.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._system = SystemClock()
        self._moving = threading.Lock()

    def __call__(self) -> datetime:
        """The time of the server."""
        return system_clock() + timedelta(seconds=self._read()["passed"])

    def wall(self) -> datetime:
        """The time of day at the station."""
        return self._system.wall() + timedelta(seconds=sum(self._read().values()))

    def steady(self) -> float:
        """Seconds that only ever go forward."""
        return self._system.steady() + self._read()["passed"]

    def boot(self) -> str:
        """One boot."""
        return self._system.boot()

    def wait(self, **time: float) -> None:
        """Let so much time pass at once, as for `timedelta`."""
        self._add("passed", timedelta(**time))

    def step(self, **time: float) -> None:
        """Somebody sets the clock on the wall by so much."""
        self._add("stepped", timedelta(**time))

    def _read(self) -> dict[str, float]:
        return json.loads(self._file.read_text()) if self._file.exists() else dict(_STANDS)

    def _add(self, what: str, time: timedelta) -> None:
        with self._moving:
            moved = self._read()
            new = self._file.with_suffix(".new")
            new.write_text(json.dumps(moved | {what: moved[what] + time.total_seconds()}))
            new.replace(self._file)
