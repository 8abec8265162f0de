"""The board: what the agent knows about itself right now, for the status file and the server."""

import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Final

from hardware.agent.latencies import Latencies
from hardware.clock import Clock

READY: Final = "ready"
CONNECTING: Final = "connecting"


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """How one part of the agent is doing, in plain words, and since when."""

    state: str
    message: str = ""
    remedy: str = ""
    since: str = ""


class Board:
    """Written by every thread, read by the one that reports."""

    def __init__(self, *, clock: Clock) -> None:
        self.changed = threading.Event()
        self.latencies = Latencies()
        self._clock = clock
        self._lock = threading.Lock()
        self._devices: dict[str, Condition] = {}
        self._counts: dict[str, Counter[str]] = {}
        self._uplink = Condition(state=CONNECTING, since=_written(clock.wall()))

    def set_device(self, device_id: str, condition: Condition) -> bool:
        """Note how a device is doing; says whether that is news."""
        with self._lock:
            known = self._devices.get(device_id)
            if known is not None and _alike(known, condition):
                return False
            self._devices[device_id] = self._dated(condition)
        self.changed.set()
        return True

    def set_uplink(self, condition: Condition) -> bool:
        """Note how the way to the server is doing; says whether that is news."""
        with self._lock:
            if _alike(self._uplink, condition):
                return False
            self._uplink = self._dated(condition)
        self.changed.set()
        return True

    def count(self, device_id: str, what: str) -> None:
        """Count one more of something at a device."""
        with self._lock:
            self._counts.setdefault(device_id, Counter())[what] += 1

    def device(self, device_id: str) -> Condition:
        """How a device is doing."""
        with self._lock:
            return self._devices[device_id]

    def uplink(self) -> Condition:
        """How the way to the server is doing."""
        with self._lock:
            return self._uplink

    def device_states(self) -> Mapping[str, str]:
        """Each device's state in a word or two."""
        with self._lock:
            return {name: each.state for name, each in self._devices.items()}

    def written(self) -> dict[str, object]:
        """All of it, as plain values for a status file."""
        took = {name: asdict(each) for name, each in self.latencies.told().items()}
        with self._lock:
            devices = {
                name: {
                    **asdict(each),
                    "counts": dict(self._counts.get(name, {})),
                    "latency": took.get(name),
                }
                for name, each in self._devices.items()
            }
            return {"uplink": asdict(self._uplink), "devices": devices}

    def _dated(self, condition: Condition) -> Condition:
        return replace(condition, since=_written(self._clock.wall()))


def _alike(one: Condition, other: Condition) -> bool:
    return (one.state, one.message) == (other.state, other.message)


def _written(time: datetime) -> str:
    return time.isoformat(timespec="seconds")
