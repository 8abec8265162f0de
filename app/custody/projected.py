"""The tables of what follows from the ledger: states, wake-ups, gaps, slots, manifest lines.

All of it can be thrown away and computed again.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import cast

from psycopg.types.json import Jsonb
from sqlalchemy.orm import Session

from app.custody.history import Claim, Content, History
from app.custody.ledger import NOBODY, Entry, Json, Subject, parse_entry_id
from app.custody.project import Projection, last_seen
from app.custody.receipts import manifest_lines
from app.custody.rows import claim_as_json, claim_of
from app.custody.steps import ENDED, Phase, Spin
from app.custody.store import GENESIS, RANKS, Kept
from app.kernel.sql import Row, ask, do, insert, keys, tell


def first_contents(session: Session, containers: Collection[int]) -> dict[int, Content | None]:
    """The earliest of what is inside each container now."""
    rows = ask(
        session,
        "SELECT DISTINCT ON (location) location, entered_at, entered_by FROM subject_state"
        " WHERE location = ANY(%(ids)s) AND within AND phase <> ALL(%(ended)s)"
        " ORDER BY location, entered_at, split_part(entered_by, '/', 1)::uuid,"
        " split_part(entered_by, '/', 2)::int",
        ids=keys(containers),
        ended=[str(phase) for phase in ENDED],
    )
    found = {
        cast(int, location): Content(cast(datetime, since), parse_entry_id(cast(str, by)))
        for location, since, by in rows
    }
    return {container: found.get(container) for container in containers}


def claims_at(
    session: Session, positions: Collection[tuple[int, str]], *, known: Sequence[Claim] = ()
) -> dict[tuple[int, str], tuple[Claim, ...]]:
    """The live claims on these positions, earliest first; `known` need not be read again."""
    found: dict[tuple[int, str], list[Claim]] = {at: [] for at in positions}
    for claim in known:
        if (claim.location, claim.position) in found:
            found[claim.location, claim.position].append(claim)
    rows = ask(
        session,
        "SELECT s.subject_id, s.location, s.position, s.claim FROM subject_state s"
        " JOIN unnest(%(locations)s::bigint[], %(positions)s::text[]) AS at(location, position)"
        " ON s.location = at.location AND s.position = at.position"
        " WHERE s.claim IS NOT NULL AND s.subject_id <> ALL(%(known)s)",
        locations=keys([location for location, _ in positions]),
        positions=[position for _, position in positions],
        known=keys([claim.subject for claim in known]),
    )
    for subject, location, position, kept in rows:
        claim = claim_of(
            cast(int, subject),
            cast(int, location),
            cast(str, position),
            cast(dict[str, Json], kept),
        )
        found[claim.location, claim.position].append(claim)
    return {at: tuple(sorted(live, key=lambda c: c.order)) for at, live in found.items()}


_REWRITTEN = (
    "seq, head, location, within, position, holder, event_time, phase, spin, site, entered_at,"
    " entered_by, claim, alias_of, last_seen, last_seen_at"
)


_STATES = insert(
    "subject_state",
    f"subject_id, rank, {_REWRITTEN}",
    "ON CONFLICT (subject_id) DO UPDATE SET "
    + ", ".join(f"{name} = EXCLUDED.{name}" for name in _REWRITTEN.split(", ")),
)


_WAKE_UPS = insert(
    "expectation",
    "subject_id, rule, due_at",
    "ON CONFLICT (subject_id, rule) DO UPDATE SET due_at = EXCLUDED.due_at",
)


_HELD = (
    "INSERT INTO slot (location, position, occupant, disputed)"
    " SELECT location, position, NULL, false"
    " FROM unnest(%(locations)s::bigint[], %(positions)s::text[]) AS at(location, position)"
    " ORDER BY location, position"
    " ON CONFLICT (location, position) DO UPDATE SET disputed = slot.disputed"
)


_LINES = insert("manifest_line", "subject_id, package", "ON CONFLICT DO NOTHING")


_SLOTS = (
    "UPDATE slot SET occupant = now.occupant, disputed = now.disputed"
    " FROM unnest(%(locations)s::bigint[], %(positions)s::text[], %(occupants)s::bigint[],"
    " %(disputed)s::boolean[]) AS now(location, position, occupant, disputed)"
    " WHERE slot.location = now.location AND slot.position = now.position"
)


def state_values(history: History) -> Row:
    """What the state row of a subject with this history holds, from `location` on."""
    stand = history.stand
    alone = stand.within is None
    location = stand.place if alone else stand.within
    looked = last_seen(history)
    entered = history.entered
    return (
        location,
        not alone,
        stand.position,
        stand.holder if alone else None,
        history.lines[-1].entry.occurred_at if history.lines else None,
        stand.phase,
        stand.spin,
        stand.site if alone else None,
        entered.occurred_at if entered else None,
        str(entered.entry_id) if entered else None,
        claim_as_json(history.claim) if history.claim else None,
        history.alias_of,
        str(looked.entry.entry_id) if looked else None,
        looked.entry.occurred_at if looked else None,
    )


def write_states(
    session: Session,
    histories: Iterable[History],
    kept: Mapping[int, Kept],
    heads: Mapping[int, tuple[int, bytes]],
) -> None:
    """Rewrite the state rows that changed."""
    rows = []
    for history in histories:
        subject = history.subject
        was = kept.get(subject.id)
        seq, head = heads.get(subject.id) or (
            (was.seq, was.head) if was is not None else (0, GENESIS)
        )
        values = state_values(history)
        before = None if was is None else comparable(was)
        if before == values and was is not None and was.seq == seq:
            continue
        claim = values[10]
        row = (*values[:10], None if claim is None else Jsonb(claim), *values[11:])
        rows.append((subject.id, RANKS[subject.sort], seq, head, *row))
    tell(session, _STATES, rows)


def comparable(kept: Kept) -> Row:
    """The same columns as `state_values`, of a stored row."""
    return (
        kept.location,
        kept.within,
        kept.position,
        kept.holder,
        kept.event_time,
        kept.phase,
        kept.spin,
        kept.site,
        kept.entered_at,
        kept.entered_by,
        kept.claim,
        kept.alias_of,
        kept.last_seen,
        kept.last_seen_at,
    )


def write_wake_ups(session: Session, projections: Sequence[Projection]) -> None:
    """Set and take back the wake-ups of these subjects."""
    ids = [p.history.subject.id for p in projections]
    rows = ask(
        session,
        "SELECT subject_id, rule, due_at FROM expectation WHERE subject_id = ANY(%(ids)s)",
        ids=keys(ids),
    )
    kept = {(cast(int, s), cast(str, r)): cast(datetime, at) for s, r, at in rows}
    wanted = {(p.history.subject.id, rule): at for p in projections for rule, at in p.wake_ups}
    over = [key for key in kept if key not in wanted]
    if over:
        do(
            session,
            "DELETE FROM expectation USING unnest(%(ids)s::bigint[], %(rules)s::text[])"
            " AS over(id, name) WHERE subject_id = over.id AND rule = over.name",
            ids=keys([id_ for id_, _ in over]),
            rules=[rule for _, rule in over],
        )
    tell(
        session,
        _WAKE_UPS,
        [(*key, at) for key, at in wanted.items() if kept.get(key) != at],
    )


def write_slots(session: Session, claims: Mapping[tuple[int, str], Sequence[Claim]]) -> None:
    """Write down who occupies these positions, which are held: the first live claim."""
    if not claims:
        return
    do(
        session,
        _SLOTS,
        locations=[location for location, _ in claims],
        positions=[position for _, position in claims],
        occupants=[live[0].subject if live else None for live in claims.values()],
        disputed=[len(live) > 1 for live in claims.values()],
    )


def hold_slots(session: Session, positions: Collection[tuple[int, str]]) -> None:
    """Have each position to oneself until the transaction ends."""
    if not positions:
        return
    do(
        session,
        _HELD,
        locations=keys([location for location, _ in positions]),
        positions=[position for _, position in positions],
    )


def write_manifest(session: Session, released: Entry) -> None:
    """From each tube on a frozen manifest to the package."""
    tell(
        session,
        _LINES,
        [(tube, released.subject) for tube in sorted(manifest_lines(released))],
    )


def want_recheck(session: Session, ids: Collection[int], now: datetime) -> None:
    """Have these subjects computed again after this commit."""
    tell(
        session,
        "INSERT INTO recheck (subject_id, wanted_at) VALUES (%s, %s) ON CONFLICT DO NOTHING",
        [(id_, now) for id_ in sorted(ids)],
    )


_NOWHERE = (None, False, None, NOBODY, None, Phase.NONE, Spin.NEVER, *[None] * 7)


def begin_states(session: Session, fresh: Sequence[Subject], heads: Mapping[int, bytes]) -> None:
    """The state rows of new subjects: nowhere, in nobody's hands."""
    tell(
        session,
        _STATES,
        [(s.id, RANKS[s.sort], 1, heads[s.id], *_NOWHERE) for s in fresh],
    )
