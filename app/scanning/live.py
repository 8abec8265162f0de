"""What is new at each station, known without the database: a number that changes with its news.

The numbers are this process's own: there is one server process, by design (decision 12).
"""

import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

# So long a page is believed without a look at its rights, and hears nothing that came in another
# way: reads that had waited for an earlier one are understood by the watcher.
LASTS = timedelta(seconds=20)


def ends(now: datetime) -> datetime:
    """When a ticket given now ends: up to half earlier, lest a crowd of pages ask in full at once.

    By the fraction of the second in which a page asks, which is any.
    """
    return now + LASTS - LASTS / 2 * (now.microsecond / 1_000_000)


class Numbers:
    """A number for each station; `boot` tells this process's from an earlier one's."""

    def __init__(self, boot: str) -> None:
        self._boot = boot
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()

    def of(self, station: str) -> str:
        """The number of a station now."""
        return f"{self._boot}-{self._counts[station]}"

    def advance(self, station: str) -> None:
        """There is news at a station, and the database has it."""
        with self._lock:
            self._counts[station] += 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """What a page may hear, and what it has heard: of which station, whose page it is, until when.

    `upto` is the last read of each device that was told, of those since the page was made.
    """

    station: str
    person: int
    version: int
    number: str
    until: datetime
    since: datetime
    upto: Mapping[str, int]

    def is_of(self, *, station: str, person: int, version: int) -> bool:
        """Whether it was given for this station, to this person under this password."""
        return (self.station, self.person, self.version) == (station, person, version)
