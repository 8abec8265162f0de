"""What is known of each label, on disk before the next step is taken, until the server has it.

And the lease that each printer has, by which its agent has the job back when it begins again.

SQLite, one writer. A label that was about to be sent when the agent ended is unknown: it may lie in
the tray, and nobody prints it a second time.
"""

import json
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hardware.printer.one_label import State, Tell

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS told (
    position INTEGER PRIMARY KEY,
    job TEXT NOT NULL,
    lease TEXT NOT NULL,
    number INTEGER NOT NULL,
    state TEXT NOT NULL,
    reasons TEXT NOT NULL,
    counted TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS held (printer TEXT PRIMARY KEY, lease TEXT NOT NULL);
"""
ENDED: Final = "agent_ended"


class BookUnusable(Exception):
    """The book cannot be opened or written; nothing is printed without it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """One thing that is known of a label and that the server has not taken yet."""

    position: int
    job: str
    lease: str
    number: int
    state: State
    reasons: tuple[str, ...]
    counted: tuple[int, ...]


class PrintBook:
    """Safe to use from several threads. Raises BookUnusable."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        with self._ours(path):
            self._file = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
            self._file.execute("PRAGMA journal_mode = WAL")
            self._file.execute("PRAGMA synchronous = FULL")
            self._file.executescript(_SCHEMA)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._file.close()

    def note(self, tell: Tell, *, job: str, lease: str) -> None:
        """Make durable what is known of a label."""
        row = (job, lease, tell.number, tell.state, json.dumps(tell.reasons))
        with self._lock, self._ours():
            self._file.execute(
                "INSERT INTO told (job, lease, number, state, reasons, counted)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (*row, json.dumps(tell.proof or ())),
            )

    def to_tell(self, *, limit: int = 100) -> list[Noted]:
        """What the server has not taken yet, in the order it became known."""
        with self._lock, self._ours():
            rows = self._file.execute(
                "SELECT position, job, lease, number, state, reasons, counted FROM told"
                " ORDER BY position LIMIT ?",
                (limit,),
            ).fetchall()
        return [_noted(row) for row in rows]

    def taken(self, noted: Sequence[Noted]) -> None:
        """The server has these. What is in flight is remembered until its end is known."""
        with self._lock, self._ours():
            self._file.executemany(
                "DELETE FROM told WHERE position = ? AND (state <> 'sent' OR EXISTS (SELECT 1"
                " FROM told later WHERE later.job = told.job AND later.number = told.number"
                " AND later.position > told.position))",
                [(each.position,) for each in noted],
            )

    def hold(self, printer: str, lease: str) -> None:
        """Make durable by which lease a printer has its job."""
        with self._lock, self._ours():
            self._file.execute("INSERT OR REPLACE INTO held VALUES (?, ?)", (printer, lease))

    def held(self, printer: str) -> str | None:
        """The lease that a printer had last."""
        with self._lock, self._ours():
            found = self._file.execute("SELECT lease FROM held WHERE printer = ?", (printer,))
            row = found.fetchone()
        return None if row is None else str(row[0])

    def end_what_was_in_flight(self) -> int:
        """Whatever was about to be sent when the agent last ended is unknown; how many that are."""
        left = [each for each in self.to_tell(limit=-1) if each.state is State.SENT]
        ended = {(e.job, e.number) for e in self.to_tell(limit=-1) if e.state is not State.SENT}
        open_ = [each for each in left if (each.job, each.number) not in ended]
        for each in open_:
            tell = Tell(number=each.number, state=State.UNKNOWN, reasons=(ENDED,))
            self.note(tell, job=each.job, lease=each.lease)
        return len(open_)

    @contextmanager
    def _ours(self, path: Path | None = None) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            where = f"{path}: " if path else ""
            raise BookUnusable(f"{where}{error}") from error


def _noted(row: tuple[int, str, str, int, str, str, str]) -> Noted:
    position, job, lease, number, state, reasons, counted = row
    return Noted(
        position=position,
        job=job,
        lease=lease,
        number=number,
        state=State(state),
        reasons=tuple(json.loads(reasons)),
        counted=tuple(json.loads(counted)),
    )
