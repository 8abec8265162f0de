"""What the watcher has custody do: notice what did not happen, say so, and say when it is over.

Each function is one transaction's worth; running it twice, or in two watchers, changes nothing.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import cast
from uuid import NAMESPACE_OID, uuid5

from sqlalchemy.orm import Session

from app.custody import bearing, store
from app.custody.drafts import Draft, Reading
from app.custody.gap_queries import GapView, gaps_of
from app.custody.ledger import Json, Kind, Mode
from app.custody.recompute import recompute
from app.custody.service import append
from app.custody.settling import settled_early
from app.kernel.sql import Row, ask, do, tell
from app.kernel.work import Work

BATCH = 500
_ABOUT = (
    "subject_id, rule, entry, at, settles_at, cause, cause_subject, site, priority, silent_until,"
    " explained"
)


def due(work: Work, *, limit: int = BATCH) -> int:
    """Compute again whoever a wake-up or a recheck names; how many there were.

    Call it until it answers less than `limit`. Marks the time of the sweep: the `now` of every
    later recomputation.
    """
    now = work.clock()
    session = work.session
    rechecks = ask(
        session, "SELECT subject_id FROM recheck ORDER BY subject_id LIMIT %(n)s", n=limit
    )
    wake_ups = ask(
        session,
        "SELECT DISTINCT subject_id FROM expectation WHERE due_at <= %(now)s LIMIT %(n)s",
        now=now,
        n=limit,
    )
    ids = {cast(int, row[0]) for row in (*rechecks, *wake_ups)}
    packages = {
        cast(int, row[0])
        for row in ask(
            session,
            "SELECT id FROM subject WHERE id = ANY(%(ids)s) AND sort = 'package'",
            ids=list(ids),
        )
    }
    wider = ids | (bearing.ever_inside(session, packages) | bearing.of_packages(session, packages))
    kept = store.lock(session, wider)
    tell(session, "DELETE FROM recheck WHERE subject_id = %s", list(rechecks))
    recompute(session, list(kept), kept=kept, heads={}, limits=work.limits, now=now)
    tell(
        session,
        "INSERT INTO sweep (id, swept_at) VALUES (1, %s) ON CONFLICT (id) DO UPDATE"
        " SET swept_at = greatest(sweep.swept_at, EXCLUDED.swept_at)",
        [(now,)],
    )
    return len(ids)


def last_sweep(session: Session) -> datetime | None:
    """When a sweep looked last."""
    rows = ask(session, "SELECT swept_at FROM sweep WHERE id = 1")
    return cast(datetime, rows[0][0]) if rows else None


def look_again_from(work: Work, since: datetime) -> None:
    """Have the watcher plan anew whoever other limits from this moment on may concern:

    all that wait for something, have a gap that is not closed, or speak of a later moment,
    with what is inside those.
    """
    do(
        work.session,
        "WITH later AS (SELECT DISTINCT subject_id AS id FROM custody_event"
        " WHERE occurred_at >= %(since)s OR recorded_at >= %(since)s)"
        " INSERT INTO recheck (subject_id, wanted_at)"
        " SELECT subject_id, %(now)s FROM"
        " (SELECT subject_id FROM expectation UNION SELECT subject_id FROM gap WHERE NOT vanished"
        " UNION SELECT id FROM later"
        " UNION SELECT subject_id FROM custody_event WHERE inside IN (SELECT id FROM later)"
        ") AS concerned (subject_id) ORDER BY subject_id ON CONFLICT DO NOTHING",
        since=since,
        now=work.clock(),
    )


def raise_settled(work: Work, *, limit: int = BATCH) -> tuple[GapView, ...]:
    """Write RAISED for gaps that are not silenced and outlived their settle time,

    or whose settle time the stations concerned have ended.
    """
    now = work.clock()
    early = settled_early(work)
    rows = _unraised(work, "settles_at <= %(now)s", limit=limit, now=now)
    if early and len(rows) < limit:
        subjects, rules, entries = (list(column) for column in zip(*early, strict=True))
        named = (
            "(subject_id, rule, entry) IN (SELECT * FROM"
            " unnest(%(subjects)s::bigint[], %(rules)s::text[], %(entries)s::text[]))"
        )
        rest = {"subjects": subjects, "rules": rules, "entries": entries}
        rows += _unraised(work, named, limit=limit - len(rows), now=now, **rest)
    said_at = _say(work, Kind.RAISED, rows, now)
    tell(
        work.session,
        "UPDATE gap SET raised_at = %s WHERE subject_id = %s AND rule = %s AND entry = %s",
        [(said_at, *row[:3]) for row in rows],
    )
    return _views(work, rows)


def _unraised(work: Work, which: str, *, limit: int, now: datetime, **values: object) -> list[Row]:
    """Gaps to be raised, each locked; one that another watcher has in hand is left to it."""
    return ask(
        work.session,
        f"SELECT {_ABOUT} FROM gap WHERE raised_at IS NULL AND {which}"  # noqa: S608 - constants
        " AND (explained IS NULL OR silent_until <= %(now)s)"
        " ORDER BY subject_id, rule, entry LIMIT %(n)s FOR UPDATE SKIP LOCKED",
        now=now,
        n=limit,
        **values,
    )


def cure(work: Work, *, limit: int = BATCH) -> tuple[GapView, ...]:
    """Write CURED for raised gaps that no rule objects to any more."""
    now = work.clock()
    raised = ask(
        work.session,
        f"SELECT {_ABOUT} FROM gap WHERE vanished AND raised_at IS NOT NULL AND cured_at IS NULL"  # noqa: S608 - constant
        " ORDER BY subject_id, rule, entry LIMIT %(n)s FOR UPDATE SKIP LOCKED",
        n=limit,
    )
    said_at = _say(work, Kind.CURED, raised, now)
    tell(
        work.session,
        "UPDATE gap SET cured_at = %s WHERE subject_id = %s AND rule = %s AND entry = %s",
        [(said_at, *row[:3]) for row in raised],
    )
    return _views(work, raised)


def _say(work: Work, kind: Kind, rows: Sequence[Row], now: datetime) -> datetime:
    """One bookkeeping entry for each gap, its id following from the gap; when it was recorded."""
    drafts = []
    for row in rows:
        subject, rule, entry, at = row[:4]
        facts: dict[str, Json] = {
            "rule": cast(str, rule),
            "entry": cast(str, entry),
            "at": cast(datetime, at).isoformat(),
        }
        times = _times_said(work, cast(int, subject), kind, facts)
        name = f"{kind}:{subject}:{rule}:{entry}:{times}"
        reading = Reading(
            command=uuid5(NAMESPACE_OID, name),
            occurred_at=now,
            mode=Mode.SYSTEM,
        )
        drafts.append(Draft(subject=cast(int, subject), kind=kind, reading=reading, facts=facts))
    written = append(work, drafts).entries
    return written[0].recorded_at if written else now


def _times_said(work: Work, subject: int, kind: Kind, facts: dict[str, Json]) -> int:
    rows = ask(
        work.session,
        "SELECT count(*) FROM custody_event WHERE subject_id = %(subject)s AND kind = %(kind)s"
        " AND facts->>'rule' = %(rule)s AND facts->>'entry' = %(entry)s",
        subject=subject,
        kind=kind,
        rule=facts["rule"],
        entry=facts["entry"],
    )
    return cast(int, rows[0][0])


def _views(work: Work, rows: Sequence[Row]) -> tuple[GapView, ...]:
    keys = {row[:3] for row in rows}
    views = gaps_of(work.session, {cast(int, row[0]) for row in rows}) if rows else []
    return tuple(v for v in views if (v.subject, v.rule, str(v.entry_id)) in keys)
