"""The tables of custody, read and written: the only module that touches them.

Hand-written SQL on the driver's own parameters: this is the path of every scan, and building the
same statements again for each would cost more than the database does.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, cast
from uuid import UUID

from psycopg.types.json import Jsonb
from sqlalchemy.orm import Session

from app.custody.ledger import Entry, Json, Sort, Subject
from app.custody.rows import EVENT_COLUMNS, SUBJECT_COLUMNS, entry_of, row_of, subject_of_row
from app.kernel.sql import ask, insert, keys, pour, remembered, tell

# Locks are taken from the outside in, so that two transactions never wait for each other in a ring.
RANKS: Mapping[Sort, int] = {
    Sort.PARTICIPANT: 0,
    Sort.KIT: 0,
    Sort.STATION: 0,
    Sort.PLACE: 0,
    Sort.RACK: 1,
    Sort.PACKAGE: 1,
    Sort.BOX: 2,
    Sort.TUBE: 3,
}
GENESIS = bytes(32)
_SUBJECTS = insert("subject", SUBJECT_COLUMNS, "ON CONFLICT (namespace, code) DO NOTHING")
_EVENT_ROW = f"{EVENT_COLUMNS}, facts_hash, hash"


# Subjects


def subjects_by_code(session: Session, codes: Collection[str]) -> list[Subject]:
    rows = ask(
        session,
        f"SELECT {SUBJECT_COLUMNS} FROM subject WHERE code = ANY(%(codes)s)",  # noqa: S608 - constant
        codes=list(codes),
    )
    found = [subject_of_row(row) for row in rows]
    _known(session).update((subject.id, subject) for subject in found)
    return found


def subjects(session: Session, ids: Collection[int]) -> dict[int, Subject]:
    """Those of these subjects there are; what one is never changes, so each is asked for once."""
    known = _known(session)
    if unknown := [id_ for id_ in ids if id_ not in known]:
        rows = ask(
            session,
            f"SELECT {SUBJECT_COLUMNS} FROM subject WHERE id = ANY(%(ids)s)",  # noqa: S608 - constant
            ids=keys(unknown),
        )
        known.update((subject.id, subject) for subject in map(subject_of_row, rows))
    return {id_: known[id_] for id_ in ids if id_ in known}


def _known(session: Session) -> dict[int, Subject]:
    known: dict[int, Subject] = remembered(session).setdefault("subjects", {})
    return known


def numbers(session: Session, sequence: str, count: int) -> list[int]:
    """The next `count` numbers of a sequence."""
    rows = ask(
        session,
        "SELECT nextval(%(sequence)s) FROM generate_series(1, %(count)s)",
        sequence=sequence,
        count=count,
    )
    return [cast(int, row[0]) for row in rows]


def add_subjects(session: Session, subjects: Sequence[Subject]) -> None:
    """Write subjects down; one whose code is known already is left as it was."""
    tell(
        session,
        _SUBJECTS,
        [
            (
                s.id,
                s.sort,
                s.code,
                s.namespace,
                s.origin,
                s.participant,
                s.kit,
                Jsonb(dict(s.facts)),
            )
            for s in subjects
        ],
    )


# Locks and chains


class Kept(NamedTuple):
    """A state row as it was when it was locked."""

    subject: int
    rank: int
    seq: int
    head: bytes
    location: int | None
    within: bool
    position: str | None
    holder: str | None
    event_time: datetime | None
    phase: str
    spin: str
    site: str | None
    entered_at: datetime | None
    entered_by: str | None
    claim: dict[str, Json] | None
    alias_of: int | None
    last_seen: str | None
    last_seen_at: datetime | None


_STATE = (
    "subject_id, rank, seq, head, location, within, position, holder, event_time, phase, spin,"
    " site, entered_at, entered_by, claim, alias_of, last_seen, last_seen_at"
)


def states_outward(session: Session, ids: Collection[int]) -> dict[int, Kept]:
    """The states of these subjects and of the containers around them, without a lock."""
    # One row by key for each step: a planner left to join would read every state there is.
    rows = ask(
        session,
        "WITH RECURSIVE up(id) AS ("  # noqa: S608 - constant
        " SELECT unnest(%(ids)s::bigint[])"
        " UNION SELECT around.location FROM up CROSS JOIN LATERAL (SELECT location"
        " FROM subject_state WHERE subject_id = up.id AND within LIMIT 1) around)"
        f" SELECT state.* FROM up CROSS JOIN LATERAL (SELECT {_STATE}"
        " FROM subject_state WHERE subject_id = up.id LIMIT 1) state",
        ids=keys(ids),
    )
    return {cast(int, row[0]): Kept(*row) for row in rows}


def lock(session: Session, ids: Collection[int], *, shared: bool = False) -> dict[int, Kept]:
    """The state rows, locked, from the outside in."""
    if not ids:
        return {}
    rows = ask(
        session,
        f"SELECT {_STATE} FROM subject_state WHERE subject_id = ANY(%(ids)s)"  # noqa: S608 - constant
        f" ORDER BY rank, subject_id FOR {'SHARE' if shared else 'UPDATE'}",
        ids=keys(ids),
    )
    return {cast(int, row[0]): Kept(*row) for row in rows}


def states(session: Session, ids: Collection[int]) -> dict[int, Kept]:
    """The state rows as they are, without a lock."""
    rows = ask(
        session,
        f"SELECT {_STATE} FROM subject_state WHERE subject_id = ANY(%(ids)s)",  # noqa: S608 - constant
        ids=keys(ids),
    )
    return {cast(int, row[0]): Kept(*row) for row in rows}


# Entries


def entries_of_commands(session: Session, commands: Collection[UUID]) -> list[Entry]:
    rows = ask(
        session,
        f"SELECT {EVENT_COLUMNS} FROM custody_event"  # noqa: S608 - constant
        " WHERE command = ANY(%(commands)s) ORDER BY ordinal",
        commands=keys(commands),
    )
    return [entry_of(row) for row in rows]


def entries_of(session: Session, ids: Collection[int]) -> list[Entry]:
    if len(ids) == 1:  # by its key: a list is planned anew each time, which takes longer
        return _chain(session, *ids)
    rows = ask(
        session,
        f"SELECT {EVENT_COLUMNS} FROM custody_event WHERE subject_id = ANY(%(ids)s)"  # noqa: S608 - constant
        " ORDER BY subject_id, seq",
        ids=keys(ids),
    )
    return [entry_of(row) for row in rows]


def _chain(session: Session, subject: int) -> list[Entry]:
    rows = ask(
        session,
        f"SELECT {EVENT_COLUMNS} FROM custody_event WHERE subject_id = %(subject)s"  # noqa: S608 - constant
        " ORDER BY seq",
        subject=subject,
    )
    return [entry_of(row) for row in rows]


def insert_entries(
    session: Session, entries: Sequence[Entry], heads: Mapping[int, bytes]
) -> dict[int, bytes]:
    """Append entries that have their seq; the new heads of their subjects."""
    moved = dict(heads)
    rows = []
    for entry in entries:
        row, head = row_of(entry, previous=moved.get(entry.subject, GENESIS))
        moved[entry.subject] = head
        rows.append(row)
    pour(session, "custody_event", _EVENT_ROW, rows)
    return moved
