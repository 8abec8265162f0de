"""The outbox: every read of this station, on disk before the scanner is told that it is safe.

SQLite, one writer. What the server has answered stays for a while, so that it can be looked up.
"""

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from secrets import token_hex
from typing import Final

from hardware.clock import Moment
from hardware.ids import IdSource
from hardware.symbology import Scan

KEPT_ANSWERS: Final = 10_000
_VERSION: Final = 1
_BUSY_SECONDS: Final = 5.0
_BUSY_TRIES: Final = 100

_SCHEMA: Final = (
    "CREATE TABLE identity (outbox TEXT NOT NULL)",
    "CREATE TABLE device (device_id TEXT PRIMARY KEY, last_seq INTEGER NOT NULL)",
    """CREATE TABLE read (
        position INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        device_id TEXT NOT NULL,
        device_seq INTEGER NOT NULL,
        raw BLOB NOT NULL,
        text TEXT NOT NULL,
        symbology TEXT NOT NULL,
        device_time TEXT NOT NULL,
        steady REAL NOT NULL,
        boot TEXT NOT NULL,
        offset_ms INTEGER,
        uncertainty_ms INTEGER,
        count INTEGER NOT NULL DEFAULT 1,
        body TEXT,
        state TEXT NOT NULL DEFAULT 'waiting',
        verdict TEXT,
        words TEXT,
        UNIQUE (device_id, device_seq)
    )""",
    "CREATE INDEX read_by_state ON read (state, position)",
)

_COLUMNS: Final = (
    "position, id, device_id, device_seq, raw, text, symbology, device_time, steady, boot,"
    " offset_ms, uncertainty_ms, count, body, state, verdict, words"
)


class NotStored(Exception):
    """The read could not be made durable: the disk is full or failing."""


class OutboxUnusable(Exception):
    """The outbox file cannot be opened, is damaged, or comes from a newer program."""


class ReadState(StrEnum):
    """Where a read is on its way."""

    WAITING = "waiting"
    ANSWERED = "answered"
    CONFLICT = "conflict"  # the server knows another read by this id
    SET_ASIDE = "set aside"  # the server cannot take it; kept for inspection


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """One read as it lies in the outbox. `body` is what the server may have been sent already."""

    position: int
    id: str
    device_id: str
    device_seq: int
    raw: bytes
    text: str
    symbology: str
    device_time: str
    steady: float
    boot: str
    offset_ms: int | None
    uncertainty_ms: int | None
    count: int
    body: str | None
    state: ReadState
    verdict: str | None
    words: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What became of a read at the server."""

    id: str
    state: ReadState
    verdict: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How much is in the outbox, and since when the oldest waits, by both clocks."""

    waiting: int
    conflicts: int
    set_aside: int
    oldest_at: str | None
    oldest_steady: float
    oldest_boot: str


class Outbox:
    """Safe to use from several threads. Writing raises NotStored, opening OutboxUnusable."""

    def __init__(self, path: Path, *, ids: IdSource, pages_max: int | None = None) -> None:
        self._ids = ids
        self._lock = threading.Lock()
        try:
            self._file = _open(path)
            if pages_max is not None:
                self._file.execute(f"PRAGMA max_page_count = {pages_max:d}")
            self.identity: str = self._file.execute("SELECT outbox FROM identity").fetchone()[0]
        except sqlite3.Error as error:
            raise OutboxUnusable(f"{path}: {error}") from error

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._file.close()

    def keep(
        self,
        scan: Scan,
        *,
        device_id: str,
        at: Moment,
        offset_ms: int | None = None,
        uncertainty_ms: int | None = None,
    ) -> str:
        """Make a read durable under a new id and its device's next number; returns the id."""
        read_id = str(self._ids())
        with self._writing() as file:
            (device_seq,) = file.execute(
                "INSERT INTO device VALUES (?, 1)"
                " ON CONFLICT DO UPDATE SET last_seq = last_seq + 1 RETURNING last_seq",
                (device_id,),
            ).fetchone()
            file.execute(
                "INSERT INTO read (id, device_id, device_seq, raw, text, symbology, device_time,"
                " steady, boot, offset_ms, uncertainty_ms) VALUES (?,?,?,?,?,?,?,?,?,?,?)",
                (
                    read_id,
                    device_id,
                    device_seq,
                    scan.raw,
                    scan.text,
                    scan.symbology,
                    at.wall.isoformat(timespec="milliseconds"),
                    at.steady,
                    at.boot,
                    offset_ms,
                    uncertainty_ms,
                ),
            )
        return read_id

    def count_again(self, read_id: str) -> None:
        """Note that the same label was read once more in the same moment."""
        with self._writing() as file:
            file.execute("UPDATE read SET count = count + 1 WHERE id = ?", (read_id,))

    def waiting(self, *, limit: int) -> list[Read]:
        """The oldest reads that the server has not answered, in the order they were taken."""
        return self.listed([ReadState.WAITING], limit=limit)

    def listed(self, states: Sequence[ReadState], *, limit: int) -> list[Read]:
        """Reads in any of these states, in the order they were taken."""
        marks = ",".join("?" * len(states))
        with self._lock:
            rows = self._file.execute(
                f"SELECT {_COLUMNS} FROM read WHERE state IN ({marks})"  # noqa: S608 - marks only
                " ORDER BY position LIMIT ?",
                (*states, limit),
            ).fetchall()
        return [_read(row) for row in rows]

    def stamp(self, bodies: Mapping[str, str]) -> None:
        """Fix what the server is about to be sent, by read id: it must not change any more."""
        with self._writing() as file:
            file.executemany(
                "UPDATE read SET body = ? WHERE id = ?",
                [(body, read_id) for read_id, body in bodies.items()],
            )

    def unstamp(self, read_ids: Iterable[str]) -> None:
        """Let go of bodies that certainly never reached the server."""
        with self._writing() as file:
            file.executemany(
                "UPDATE read SET body = NULL WHERE id = ?", [(each,) for each in read_ids]
            )

    def settle(self, settled: Iterable[Settled]) -> None:
        """Write down what the server answered."""
        with self._writing() as file:
            file.executemany(
                "UPDATE read SET state = ?, verdict = ?, words = ? WHERE id = ?",
                [(each.state, each.verdict, each.words, each.id) for each in settled],
            )

    def put_back(self) -> int:
        """Let everything that was set aside wait again; returns how many."""
        with self._writing() as file:
            return file.execute(
                "UPDATE read SET state = ?, verdict = NULL, words = NULL WHERE state = ?",
                (ReadState.WAITING, ReadState.SET_ASIDE),
            ).rowcount

    def forget_answered(self, *, keep: int = KEPT_ANSWERS) -> int:
        """Drop the oldest answered reads beyond `keep`; returns how many."""
        with self._writing() as file:
            return file.execute(
                "DELETE FROM read WHERE position IN (SELECT position FROM read WHERE state = ?"
                " ORDER BY position DESC LIMIT -1 OFFSET ?)",
                (ReadState.ANSWERED, keep),
            ).rowcount

    def tally(self) -> Tally:
        """Count what waits, what conflicts and what was set aside."""
        with self._lock:
            counts = dict(
                self._file.execute(
                    "SELECT state, count(*) FROM read WHERE state <> ? GROUP BY state",
                    (ReadState.ANSWERED,),
                ).fetchall()
            )
            oldest = self._file.execute(
                "SELECT device_time, steady, boot FROM read WHERE state = ?"
                " ORDER BY position LIMIT 1",
                (ReadState.WAITING,),
            ).fetchone()
        oldest_at, oldest_steady, oldest_boot = oldest or (None, 0.0, "")
        return Tally(
            waiting=counts.get(ReadState.WAITING, 0),
            conflicts=counts.get(ReadState.CONFLICT, 0),
            set_aside=counts.get(ReadState.SET_ASIDE, 0),
            oldest_at=oldest_at,
            oldest_steady=oldest_steady,
            oldest_boot=oldest_boot,
        )

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction, durable when the block has ended; an error leaves nothing behind."""
        with self._lock:
            try:
                self._file.execute("BEGIN IMMEDIATE")
                yield self._file
                self._file.execute("COMMIT")
            except sqlite3.Error as error:
                self._undo()
                raise NotStored(str(error)) from error

    def _undo(self) -> None:
        try:
            if self._file.in_transaction:
                self._file.execute("ROLLBACK")
        except sqlite3.Error:
            return  # the transaction is over already; the first error is the one to tell


def _open(path: Path) -> sqlite3.Connection:
    # isolation_level=None: transactions begin and end where this file says so, nowhere else.
    file = sqlite3.connect(
        path, isolation_level=None, timeout=_BUSY_SECONDS, check_same_thread=False
    )
    try:
        _prepare(file, path)
    except BaseException:
        file.close()
        raise
    return file


def _prepare(file: sqlite3.Connection, path: Path) -> None:
    _log_ahead(file)
    file.execute("PRAGMA synchronous = FULL")
    # Within the lock: somebody may be looking into the queue while its agent starts for the first
    # time, and only one of the two may make the tables.
    file.execute("BEGIN IMMEDIATE")
    (version,) = file.execute("PRAGMA user_version").fetchone()
    if version == 0:
        _make(file)
    file.execute("COMMIT")
    if version not in (0, _VERSION):
        raise OutboxUnusable(f"{path}: written by another version of the agent ({version})")


def _log_ahead(file: sqlite3.Connection) -> None:
    """Switch to the write-ahead log; for that switch alone SQLite does not wait for others."""
    for _ in range(_BUSY_TRIES):
        try:
            file.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                raise
            threading.Event().wait(_BUSY_SECONDS / _BUSY_TRIES)
        else:
            return
    file.execute("PRAGMA journal_mode = WAL")


def _make(file: sqlite3.Connection) -> None:
    for statement in _SCHEMA:
        file.execute(statement)
    file.execute("INSERT INTO identity VALUES (?)", (token_hex(4),))
    file.execute(f"PRAGMA user_version = {_VERSION:d}")


def _read(row: tuple[object, ...]) -> Read:
    values = dict(zip(Read.__slots__, row, strict=True))
    return Read(**{**values, "state": ReadState(str(values["state"]))})  # type: ignore[arg-type]
