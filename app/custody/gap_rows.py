"""The table of gaps: opened, changed and ended with every telling."""

from collections.abc import Sequence
from datetime import datetime
from typing import cast

from sqlalchemy.orm import Session

from app.custody.ledger import EntryId
from app.custody.project import Gap, Projection
from app.kernel.sql import Row, ask, keys, tell

_GAP = (
    "subject_id, rule, entry, at, settles_at, cause, cause_subject, site, priority, silent_until,"
    " explained"
)


def gap_values(gap: Gap) -> Row:
    """What the row of an open gap holds."""
    return (
        gap.subject,
        gap.rule,
        str(gap.entry_id),
        gap.at,
        gap.settles_at,
        str(gap.cause),
        gap.cause_subject,
        gap.site,
        gap.priority,
        gap.silent_until,
        None if gap.explained is None else str(gap.explained),
    )


def write_gaps(session: Session, projections: Sequence[Projection]) -> None:
    """Open, change and end the gaps of these subjects.

    One that was never raised is simply gone when it vanishes; a raised one waits for CURED.
    """
    ids = [p.history.subject.id for p in projections]
    rows = ask(
        session,
        f"SELECT {_GAP}, raised_at, vanished FROM gap"  # noqa: S608 - constant
        " WHERE subject_id = ANY(%(ids)s) AND cured_at IS NULL",
        ids=keys(ids),
    )
    kept = {row[:3]: row for row in rows}
    wanted = {(row := gap_values(gap))[:3]: row for p in projections for gap in p.gaps}
    tell(
        session,
        "DELETE FROM gap WHERE subject_id = %s AND rule = %s AND entry = %s AND raised_at IS NULL",
        [key for key, row in kept.items() if key not in wanted and row[11] is None],
    )
    tell(
        session,
        "UPDATE gap SET vanished = true WHERE subject_id = %s AND rule = %s AND entry = %s",
        [key for key, row in kept.items() if key not in wanted and row[11] and not row[12]],
    )
    tell(
        session,
        f"INSERT INTO gap ({_GAP}) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"  # noqa: S608 - constant
        " ON CONFLICT (subject_id, rule, entry) DO UPDATE SET at = EXCLUDED.at,"
        " settles_at = EXCLUDED.settles_at, cause = EXCLUDED.cause,"
        " cause_subject = EXCLUDED.cause_subject, site = EXCLUDED.site,"
        " priority = EXCLUDED.priority, silent_until = EXCLUDED.silent_until,"
        " explained = EXCLUDED.explained,"
        " raised_at = CASE WHEN gap.cured_at IS NULL THEN gap.raised_at END, cured_at = NULL,"
        " vanished = false",
        [
            row
            for key, row in wanted.items()
            if key not in kept or kept[key][:11] != row or kept[key][12]
        ],
    )


def open_gap(session: Session, rule: str, subject: int, entry: EntryId) -> Row | None:
    """The row of a gap that is open."""
    rows = ask(
        session,
        "SELECT at, priority FROM gap WHERE subject_id = %(subject)s AND rule = %(rule)s"
        " AND entry = %(entry)s AND cured_at IS NULL",
        subject=subject,
        rule=rule,
        entry=str(entry),
    )
    return rows[0] if rows else None


def next_step(session: Session, rule: str, subject: int) -> datetime | None:
    """When a rule will look at a subject again."""
    rows = ask(
        session,
        "SELECT due_at FROM expectation WHERE subject_id = %(subject)s AND rule = %(rule)s",
        subject=subject,
        rule=rule,
    )
    return cast(datetime, rows[0][0]) if rows else None


def all_gaps(session: Session) -> list[Row]:
    """Every gap row: the values of `gap_values`, then raised_at, vanished, cured_at."""
    return ask(session, f"SELECT {_GAP}, raised_at, vanished, cured_at FROM gap")  # noqa: S608 - constant
