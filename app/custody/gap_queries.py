"""Questions about gaps as they are kept: which there are, whose, and what is due next."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple, cast

from sqlalchemy.orm import Session

from app.custody.gaps.table import RULES
from app.custody.ledger import EntryId, parse_entry_id
from app.kernel.sql import Row, ask, keys


class GapView(NamedTuple):
    """A gap as it is kept."""

    rule: str
    subject: int
    entry_id: EntryId
    at: datetime
    settles_at: datetime
    cause: EntryId
    cause_subject: int
    site: str | None
    priority: str
    silent_until: datetime | None
    explained: EntryId | None
    raised_at: datetime | None
    cured_at: datetime | None


_GAP = (
    "rule, subject_id, entry, at, settles_at, cause, cause_subject, site, priority, silent_until,"
    " explained, raised_at, cured_at"
)


def gaps_of(session: Session, subjects: Collection[int]) -> list[GapView]:
    """The gaps of these subjects, open and closed, oldest first."""
    rows = ask(
        session,
        f"SELECT {_GAP} FROM gap WHERE subject_id = ANY(%(ids)s) ORDER BY at, rule, entry",  # noqa: S608 - constant
        ids=keys(subjects),
    )
    return [_gap(row) for row in rows]


def due(session: Session, ids: Collection[int]) -> dict[int, datetime]:
    """By when somebody must see to each: the deadline that has passed, else the next one."""
    rows = ask(
        session,
        "SELECT subject_id, min(at) FROM (SELECT subject_id, at FROM gap"
        " WHERE cured_at IS NULL AND NOT vanished AND rule = ANY(%(ageing)s)"
        " UNION ALL SELECT subject_id, due_at FROM expectation) AS told (subject_id, at)"
        " WHERE subject_id = ANY(%(ids)s) GROUP BY subject_id",
        ageing=[rule.code for rule in RULES if rule.ages],
        ids=keys(ids),
    )
    return {cast(int, id_): cast(datetime, at) for id_, at in rows}


def objected(session: Session, *, rules: Collection[str]) -> set[int]:
    """The subjects with a gap of one of these rules that is not over."""
    rows = ask(
        session,
        "SELECT DISTINCT subject_id FROM gap"
        " WHERE cured_at IS NULL AND NOT vanished AND rule = ANY(%(rules)s)",
        rules=list(rules),
    )
    return {cast(int, row[0]) for row in rows}


_STATES = {
    None: "true",
    "open": "cured_at IS NULL AND explained IS NULL",
    "explained": "cured_at IS NULL AND explained IS NOT NULL",
    "closed": "cured_at IS NOT NULL",
}


def gaps(
    session: Session,
    *,
    sites: Collection[str] | None = None,
    rule: str | None = None,
    state: str | None = "open",
    after: tuple[datetime, int, str, str] | None = None,
    limit: int = 100,
) -> list[GapView]:
    """Gaps, oldest first, after a cursor (at, subject, rule, entry). `sites` None means all."""
    rows = ask(
        session,
        f"SELECT {_GAP} FROM gap WHERE {_STATES[state]}"  # noqa: S608 - constants
        " AND (%(all)s OR site = ANY(%(sites)s)) AND (%(rule)s::text IS NULL OR rule = %(rule)s)"
        " AND (%(at)s::timestamptz IS NULL OR (at, subject_id, rule, entry)"
        " > (%(at)s, %(subject)s, %(after_rule)s, %(entry)s))"
        " ORDER BY at, subject_id, rule, entry LIMIT %(limit)s",
        all=sites is None,
        sites=list(sites or ()),
        rule=rule,
        at=after[0] if after else None,
        subject=after[1] if after else 0,
        after_rule=after[2] if after else "",
        entry=after[3] if after else "",
        limit=limit,
    )
    return [_gap(row) for row in rows]


def _gap(row: Row) -> GapView:
    rule, subject, entry_, at, settles, cause, cause_subject, site, priority, silent, answer = row[
        :11
    ]
    return GapView(
        cast(str, rule),
        cast(int, subject),
        parse_entry_id(cast(str, entry_)),
        cast(datetime, at),
        cast(datetime, settles),
        parse_entry_id(cast(str, cause)),
        cast(int, cause_subject),
        cast("str | None", site),
        cast(str, priority),
        cast("datetime | None", silent),
        parse_entry_id(cast(str, answer)) if answer else None,
        cast("datetime | None", row[11]),
        cast("datetime | None", row[12]),
    )


def swept_at(session: Session) -> datetime | None:
    """When the last sweep looked."""
    rows = ask(session, "SELECT swept_at FROM sweep WHERE id = 1")
    return cast(datetime, rows[0][0]) if rows else None
