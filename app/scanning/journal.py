"""The journal of reads: each written once, first, and answered from it ever after.

Hand-written SQL with arrays: one statement for a single read and for a rack of 96.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.kernel.sql import Row, ask, do
from app.kernel.work import Work
from app.scanning.agents import Memory
from app.scanning.scan import Answer, Intent, Scan, Sent, Verdict

_COLUMNS: Mapping[str, str] = {
    "device_id": "text",
    "device_seq": "bigint",
    "id": "uuid",
    "body_hash": "bytea",
    "raw": "bytea",
    "symbology": "text",
    "method": "text",
    "device_time": "timestamptz",
    "tz_minutes": "int",
    "offset_ms": "bigint",
    "uncertainty_ms": "bigint",
    "queued": "bool",
    "occurred_at": "timestamptz",
    "actor": "bigint",
    "intent": "jsonb",
}
# Rows travel as one JSON text: arrays of texts would be quoted anew, each by the driver.
_TYPED = ", ".join(f"{name} {kind}" for name, kind in _COLUMNS.items())
_CLAIM = (
    f"INSERT INTO scan ({', '.join(_COLUMNS)}, received_at, uploaded_by, station, site, entries)"  # noqa: S608 - constants
    f" SELECT t.*, %(now)s, %(uploaded_by)s, %(station)s, %(site)s, 0"
    f" FROM jsonb_to_recordset(%(rows)s::jsonb) AS t ({_TYPED})"
    " ON CONFLICT DO NOTHING RETURNING id, body_hash"
)
_SETTLE = (
    "UPDATE scan SET verdict = t.verdict, answer = t.answer, entries = t.entries, actor = t.actor"
    " FROM jsonb_to_recordset(%(rows)s::jsonb) AS t (id uuid, device_id text, device_seq bigint,"
    " verdict text, answer jsonb, entries int, actor bigint)"
    " WHERE scan.device_id = t.device_id AND scan.device_seq = t.device_seq AND scan.id = t.id"
)
_KEPT = (
    "SELECT id, device_id, device_seq, body_hash, answer FROM scan WHERE id = ANY(%(ids)s)"
    " UNION SELECT s.id, s.device_id, s.device_seq, s.body_hash, s.answer FROM scan s"
    " JOIN unnest(%(device_id)s::text[], %(device_seq)s::bigint[]) AS t (device_id, device_seq)"
    " ON s.device_id = t.device_id AND s.device_seq = t.device_seq"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """One read and what it came to; `actor` is whoever it was in the end."""

    sent: Sent
    answer: Answer
    actor: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Undoable:
    """A read that made entries: who made it, where, and on which device."""

    id: UUID
    device_id: str
    actor: int | None
    site: str | None
    entries: int
    undone: bool


def claim(work: Work, sent: Sequence[Sent], *, now: datetime) -> set[tuple[UUID, bytes]]:
    """Write down the reads that are new, in the order of their ids, and say which those are.

    The order is the same for everybody, so that two senders of one batch never wait in a ring.
    """
    ordered = sorted(sent, key=lambda one: one.id)
    rows = [dict(zip(_COLUMNS, _row(work, one), strict=True)) for one in ordered]
    found = ask(
        work.session,
        _CLAIM,
        now=now,
        uploaded_by=work.actor.person,
        station=work.actor.station,
        site=work.actor.site,
        rows=json.dumps(rows),
    )
    return {(row[0], bytes(row[1])) for row in found}


def replayed(work: Work, sent: Sequence[Sent]) -> dict[tuple[UUID, bytes], Answer | None]:
    """For reads that were known already: the first answer, or None where another body has that id.

    By id and hash of the body, for one batch may hold both.
    """
    kept = ask(
        work.session,
        _KEPT,
        ids=[one.id for one in sent],
        device_id=[one.device_id for one in sent],
        device_seq=[one.device_seq for one in sent],
    )
    same = {(row[0], row[1], row[2], bytes(row[3])): row[4] for row in kept}
    answers: dict[tuple[UUID, bytes], Answer | None] = {}
    for one in sent:
        key = (one.id, one.device_id, one.device_seq, one.body_hash)
        stored = same.get(key)
        known = replace(answer_kept(one.id, stored), replayed=True) if stored else None
        answers[one.id, one.body_hash] = known
    return answers


def settle(session: Session, settled: Sequence[Settled]) -> None:
    """Write down what each of these reads came to."""
    if not settled:
        return
    rows = [
        {
            "id": str(one.sent.id),
            "device_id": one.sent.device_id,
            "device_seq": one.sent.device_seq,
            "verdict": one.answer.verdict.value,
            "answer": _as_json(one.answer),
            "entries": len(one.answer.entries),
            "actor": one.actor,
        }
        for one in settled
    ]
    do(session, _SETTLE, rows=json.dumps(rows))


def undoable(session: Session, scan: UUID) -> Undoable | None:
    """A read by its id, to take back what it did."""
    return _undoable(ask(session, f"{_UNDOABLE} WHERE id = %(id)s", id=scan))


def last_of(session: Session, *, device_id: str, before: int) -> Undoable | None:
    """The last read of a device that made entries and was not taken back."""
    sql = (
        f"{_UNDOABLE} WHERE device_id = %(device)s AND device_seq < %(before)s"
        " AND entries > 0 AND undone_by IS NULL AND answer->>'saying' <> 'undone'"
        " ORDER BY device_seq DESC LIMIT 1"
    )
    return _undoable(ask(session, sql, device=device_id, before=before))


def mark_undone(session: Session, scan: UUID, *, by: UUID) -> None:
    """Note that what this read did was taken back."""
    do(session, "UPDATE scan SET undone_by = %(by)s WHERE id = %(id)s", by=by, id=scan)


_UNDOABLE = "SELECT id, device_id, actor, site, entries, undone_by IS NOT NULL FROM scan"


def _undoable(rows: Sequence[Row]) -> Undoable | None:
    if not rows:
        return None
    id_, device, actor, site, entries, undone = rows[0]
    return Undoable(
        id=id_, device_id=device, actor=actor, site=site, entries=entries, undone=undone
    )


# Parked reads


_PARKED = (
    "SELECT id, device_id, device_seq, body_hash, raw, symbology, method, device_time, tz_minutes,"
    " offset_ms, uncertainty_ms, queued, received_at, station, site, answer"
    " FROM scan WHERE verdict = 'parked'"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parked:
    """A read that waits for the reads before it."""

    sent: Sent
    received_at: datetime
    station: str | None
    site: str | None


def parked(session: Session, device_id: str) -> list[Parked]:
    """What waits of one device, in its order."""
    sql = f"{_PARKED} AND device_id = %(device)s ORDER BY device_seq"
    return [_parked(row) for row in ask(session, sql, device=device_id)]


def devices_waiting(session: Session, *, since: datetime) -> list[str]:
    """Devices that have a read which waits since before a moment."""
    sql = (
        "SELECT DISTINCT device_id FROM scan WHERE verdict = 'parked' AND received_at <= %(since)s"
        " ORDER BY device_id"
    )
    return [row[0] for row in ask(session, sql, since=since)]


def _parked(row: Row) -> Parked:
    zone = timezone(timedelta(minutes=row[8]))
    scan = Scan(
        id=row[0],
        raw=bytes(row[4]).decode("utf-8", "surrogatepass"),
        method=row[6],
        device_id=row[1],
        device_seq=row[2],
        device_time=row[7].astimezone(zone),
        symbology=row[5],
        offset_ms=row[9],
        uncertainty_ms=row[10],
        queued=row[11],
    )
    sent = Sent(
        id=row[0],
        device_id=row[1],
        device_seq=row[2],
        body_hash=bytes(row[3]),
        raw=bytes(row[4]),
        scan=scan,
    )
    return Parked(sent=sent, received_at=row[12], station=row[13], site=row[14])


# How far a device has come


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Up to which read a device is understood, what it remembers since which task, what waits."""

    done: int
    task_at: datetime | None
    memory: Memory
    waiting: int = 0


def lock_device(session: Session, device_id: str) -> Progress:
    """How far a device has come; it is the caller's alone until the transaction ends."""
    do(
        session,
        "INSERT INTO scan_device (device_id, done_seq) VALUES (%(device)s, 0)"
        " ON CONFLICT DO NOTHING",
        device=device_id,
    )
    rows = ask(
        session,
        "SELECT done_seq, task_at, card, box FROM scan_device WHERE device_id = %(device)s"
        " FOR UPDATE",
        device=device_id,
    )
    # Asked once the row is locked: what another request parked meanwhile is seen.
    waiting = ask(
        session,
        "SELECT count(*) FROM scan WHERE device_id = %(device)s AND verdict = 'parked'",
        device=device_id,
    )
    done, task_at, card, box = rows[0]
    memory = Memory(card=card, box=box)
    return Progress(done=done, task_at=task_at, memory=memory, waiting=waiting[0][0])


def keep_device(session: Session, device_id: str, progress: Progress) -> None:
    """Note how far this device has come, and what it remembers."""
    do(
        session,
        "UPDATE scan_device SET done_seq = %(done)s, task_at = %(task_at)s, card = %(card)s,"
        " box = %(box)s WHERE device_id = %(device)s",
        done=progress.done,
        task_at=progress.task_at,
        card=progress.memory.card,
        box=progress.memory.box,
        device=device_id,
    )


# Rows and values


def _row(work: Work, sent: Sent) -> Row:
    """The values of `_COLUMNS`, as JSON has them."""
    scan = sent.scan
    actor = sent.made_by or (None if sent.unknown else work.actor.person)
    if scan is None:
        missing = (None, None, None, 0, None, 0, False, None)
        return (sent.device_id, sent.device_seq, str(sent.id), _hex(sent.body_hash),
                _hex(sent.raw), *missing, actor, None)  # fmt: skip
    offset = scan.device_time.utcoffset() or timedelta()
    return (
        sent.device_id,
        sent.device_seq,
        str(sent.id),
        _hex(sent.body_hash),
        _hex(sent.raw),
        scan.symbology,
        scan.method,
        scan.device_time.astimezone(UTC).isoformat(),
        offset // timedelta(minutes=1),
        scan.offset_ms,
        scan.uncertainty_ms,
        scan.queued,
        scan.occurred_at.isoformat(),
        actor,
        None if scan.intent is None else intent_as_json(scan.intent),
    )


def _hex(raw: bytes) -> str:
    return f"\\x{raw.hex()}"


_INTENT = tuple(field.name for field in fields(Intent))


def intent_as_json(intent: Intent) -> dict[str, Any]:
    """An intent as it is kept; what was not said is left out."""
    told = {name: getattr(intent, name) for name in _INTENT}
    told["order"] = str(intent.order) if intent.order else None
    return {name: value for name, value in told.items() if value}


def intent_of(kept: Mapping[str, Any]) -> Intent:
    """The intent that was kept so."""
    order = kept.get("order")
    return Intent(**{**kept, "order": UUID(order) if order else None})


_ANSWER = tuple(
    field.name for field in fields(Answer) if field.name not in ("id", "replayed", "conflict")
)


def _as_json(answer: Answer) -> dict[str, Any]:
    told = {name: getattr(answer, name) for name in _ANSWER}
    told["seen_at"] = answer.seen_at.isoformat() if answer.seen_at else None
    return told


def answer_kept(id_: UUID, kept: Mapping[str, Any]) -> Answer:
    """The answer that was kept so."""
    seen = kept["seen_at"]
    return Answer(
        **{
            **kept,
            "id": id_,
            "verdict": Verdict(kept["verdict"]),
            "entries": tuple(kept["entries"]),
            "findings": tuple(kept["findings"]),
            "seen_at": datetime.fromisoformat(seen) if seen else None,
        }
    )


def id_of(value: object) -> UUID | None:
    """The id that a fact names, or None where it names none."""
    try:
        return UUID(value) if isinstance(value, str) else None
    except ValueError:
        return None
