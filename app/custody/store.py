"""The tables of custody, read and written: the only module that touches them.

Hand-written SQL on the driver's own parameters: this is the path of every scan, and building the
same statements again for each would cost more than the database does.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast
from uuid import UUID

from psycopg.types.json import Jsonb
from sqlalchemy import Table
from sqlalchemy.orm import Session

from app.custody.history import Book, Claim, Content, History
from app.custody.ledger import (
    CONTAINERS,
    NOBODY,
    Entry,
    EntryId,
    Json,
    Sort,
    Subject,
    parse_entry_id,
)
from app.custody.models import (
    EventRow,
    ExpectationRow,
    ManifestLineRow,
    SlotRow,
    StateRow,
    SubjectRow,
)
from app.custody.project import Gap, Projection, last_seen
from app.custody.replay import manifest_lines
from app.custody.rows import (
    EVENT_COLUMNS,
    SUBJECT_COLUMNS,
    claim_as_json,
    claim_of,
    entry_of,
    row_of,
    subject_of_row,
)
from app.custody.steps import ENDED, Phase, Spin
from app.kernel.sql import Insert, Row, ask, do, keys, put, remembered, tell

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
_SUBJECTS = Insert(
    cast(Table, SubjectRow.__table__), SUBJECT_COLUMNS, "ON CONFLICT (namespace, code) DO NOTHING"
)
_EVENTS = Insert(cast(Table, EventRow.__table__), f"{EVENT_COLUMNS}, facts_hash, hash")


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
    put(
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


@dataclass(frozen=True, slots=True)
class Kept:
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
    return {cast(int, row[0]): _kept(row) for row in rows}


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
    return {cast(int, row[0]): _kept(row) for row in rows}


def states(session: Session, ids: Collection[int]) -> dict[int, Kept]:
    """The state rows as they are, without a lock."""
    rows = ask(
        session,
        f"SELECT {_STATE} FROM subject_state WHERE subject_id = ANY(%(ids)s)",  # noqa: S608 - constant
        ids=keys(ids),
    )
    return {cast(int, row[0]): _kept(row) for row in rows}


def _kept(row: Row) -> Kept:
    return Kept(*row)


# Entries


def entries_of_commands(session: Session, commands: Collection[UUID]) -> list[Entry]:
    rows = ask(
        session,
        f"SELECT {EVENT_COLUMNS} FROM custody_event"  # noqa: S608 - constant
        " WHERE command = ANY(%(commands)s) ORDER BY ordinal",
        commands=keys(commands),
    )
    return [entry_of(row) for row in rows]


def entries_of(session: Session, subject: int) -> list[Entry]:
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
    put(session, _EVENTS, rows)
    return moved


_BY_SUBJECT = f"SELECT {EVENT_COLUMNS} FROM custody_event WHERE subject_id = ANY(%(ids)s)"  # noqa: S608 - constant
_KIN = (
    "SELECT subject_id FROM subject_state WHERE alias_of = ANY(%(ids)s)"
    " UNION ALL SELECT package FROM manifest_line WHERE subject_id = ANY(%(ids)s)"
)
# The first things put into a container say whose hands it came to; five, since some may be undone.
_PUT_IN = f"""
SELECT e.* FROM unnest(%(ids)s::bigint[]) AS container(id) CROSS JOIN LATERAL (
  SELECT {EVENT_COLUMNS} FROM custody_event WHERE inside = container.id
  ORDER BY occurred_at, device_id, device_seq, command, ordinal LIMIT 5) e
UNION ALL SELECT e.* FROM unnest(%(ids)s::bigint[]) AS container(id)
CROSS JOIN LATERAL (SELECT corrects_command, corrects_ordinal FROM custody_event
  WHERE corrects_command IS NOT NULL AND facts #>> '{{replacement,inside}}' = container.id::text) c
CROSS JOIN LATERAL (SELECT {EVENT_COLUMNS} FROM custody_event
  WHERE command = c.corrects_command AND ordinal = c.corrects_ordinal) e
"""  # noqa: S608 - constant
_CORRECTING = (
    f"SELECT {EVENT_COLUMNS} FROM custody_event WHERE corrects_command = ANY(%(commands)s)"  # noqa: S608 - constant
)


def load(
    session: Session,
    ids: Collection[int],
    *,
    near: Collection[int] = (),
) -> Book:
    """Everything that bears on these subjects: their chains, what they were inside, their
    participants, kits and packages, and every correction that names one of those entries.

    Small questions by key, outward, and no recursive one: a planner that guesses thousands of rows
    reads the whole ledger. `near` are subjects known to be wanted, which saves asking twice.
    """
    known = subjects(session, ids)
    wanted = set(ids) | set(near)
    wanted |= {kin for s in known.values() for kin in (s.participant, s.kit) if kin is not None}
    wanted |= {cast(int, row[0]) for row in ask(session, _KIN, ids=keys(ids))}
    found: dict[tuple[int, int], Entry] = {}
    done: set[int] = set()
    while wanted:
        entries = [entry_of(row) for row in ask(session, _BY_SUBJECT, ids=keys(wanted))]
        found.update(((e.subject, e.seq), e) for e in entries)
        done |= wanted
        wanted = {id_ for e in entries for id_ in _named(e)} - done
    containers = {e.inside for e in found.values() if e.inside is not None} | (done - set(ids))
    containers |= {id_ for id_, s in known.items() if s.sort in CONTAINERS}
    if containers:
        entries = [entry_of(row) for row in ask(session, _PUT_IN, ids=keys(containers))]
        found.update(((e.subject, e.seq), e) for e in entries)
    commands = {e.entry_id.command for e in found.values()}
    while commands:
        entries = [entry_of(row) for row in ask(session, _CORRECTING, commands=keys(commands))]
        entries = [e for e in entries if (e.subject, e.seq) not in found]
        found.update(((e.subject, e.seq), e) for e in entries)
        commands = {e.entry_id.command for e in entries}
    others = {e.subject for e in found.values()} - known.keys()
    if others:
        known |= subjects(session, others)
    return Book(subjects=known, entries=list(found.values()), complete=False)


def _named(entry: Entry) -> Iterator[int]:
    """What else an entry speaks of: containers and packages, also as a correction would have
    them, whom a tube was bound to, and what something found turned out to be."""
    bound = entry.facts.get("participant_subject")
    for id_ in (entry.inside, entry.package, entry.facts.get("real"), bound):
        if isinstance(id_, int):
            yield id_
    instead = entry.facts.get("replacement") if entry.corrects is not None else None
    if isinstance(instead, dict):
        for name in ("inside", "package"):
            if isinstance(other := instead.get(name), int):
                yield other


def load_all(session: Session) -> Book:
    """The whole ledger."""
    everything = ask(session, f"SELECT {SUBJECT_COLUMNS} FROM subject")  # noqa: S608 - constant
    events = ask(session, f"SELECT {EVENT_COLUMNS} FROM custody_event")  # noqa: S608 - constant
    known = [subject_of_row(row) for row in everything]
    return Book(subjects={s.id: s for s in known}, entries=[entry_of(row) for row in events])


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
    session: Session, positions: Collection[tuple[int, str]]
) -> dict[tuple[int, str], tuple[Claim, ...]]:
    """The live claims on these positions, earliest first."""
    rows = ask(
        session,
        "SELECT s.subject_id, s.location, s.position, s.claim FROM subject_state s"
        " JOIN unnest(%(locations)s::bigint[], %(positions)s::text[]) AS at(location, position)"
        " ON s.location = at.location AND s.position = at.position WHERE s.claim IS NOT NULL",
        locations=[location for location, _ in positions],
        positions=[position for _, position in positions],
    )
    found: dict[tuple[int, str], list[Claim]] = {at: [] for at in positions}
    for subject, location, position, kept in rows:
        claim = claim_of(
            cast(int, subject),
            cast(int, location),
            cast(str, position),
            cast(dict[str, Json], kept),
        )
        found[claim.location, claim.position].append(claim)
    return {at: tuple(sorted(live, key=lambda c: c.order)) for at, live in found.items()}


# Whom an entry touches


def holding(
    session: Session, containers: Collection[int]
) -> dict[int, tuple[datetime, datetime | None]]:
    """Those of these containers that have something in them: since when, and the first time that
    something put in, and not corrected since, said whose hands that was in."""
    if not containers:
        return {}
    rows = ask(
        session,
        "SELECT location, min(entered_at), (SELECT occurred_at FROM custody_event said"
        " WHERE inside = location AND target IS NOT NULL AND NOT EXISTS (SELECT FROM custody_event"
        " WHERE corrects_command = said.command AND corrects_ordinal = said.ordinal)"
        " ORDER BY occurred_at LIMIT 1)"
        " FROM subject_state WHERE location = ANY(%(ids)s) AND within"
        " AND phase <> ALL(%(ended)s) GROUP BY location",
        ids=keys(containers),
        ended=[str(phase) for phase in ENDED],
    )
    return {cast(int, id_): (cast(datetime, since), given) for id_, since, given in rows}


def corrections_of(session: Session, commands: Collection[UUID]) -> list[Entry]:
    """Every correction that names an entry of these commands."""
    return [entry_of(row) for row in ask(session, _CORRECTING, commands=keys(commands))]


def same_things(session: Session, ids: Collection[int]) -> set[int]:
    """These subjects, what they are known or were said to be, and what is known to be those."""
    rows = ask(
        session,
        "WITH RECURSIVE same(id) AS (SELECT unnest(%(ids)s::bigint[]) UNION SELECT other.id"
        " FROM same CROSS JOIN LATERAL ("
        " SELECT alias_of AS id FROM subject_state WHERE subject_id = same.id"
        " UNION ALL SELECT subject_id FROM subject_state WHERE alias_of = same.id"
        " UNION ALL SELECT (facts->>'real')::bigint FROM custody_event"
        " WHERE subject_id = same.id AND kind = 'IDENTIFIED') other WHERE other.id IS NOT NULL)"
        " SELECT id FROM same",
        ids=keys(ids),
    )
    return {cast(int, row[0]) for row in rows}


def ever_inside(session: Session, containers: Collection[int]) -> set[int]:
    """Everything that was ever put into these containers, also as what that is known."""
    rows = ask(
        session,
        "WITH RECURSIVE down(id) AS (SELECT unnest(%(ids)s::bigint[])"
        " UNION SELECT put.subject_id FROM down CROSS JOIN LATERAL ("
        "SELECT subject_id FROM custody_event WHERE inside = down.id UNION ALL SELECT"
        " subject_id FROM custody_event WHERE corrects_command IS NOT NULL"
        " AND facts #>> '{replacement,inside}' = down.id::text UNION ALL SELECT alias_of"
        " FROM subject_state WHERE subject_id = down.id AND alias_of IS NOT NULL) put)"
        " SELECT id FROM down",
        ids=keys(containers),
    )
    return {cast(int, row[0]) for row in rows}


def ever_around(session: Session, ids: Collection[int]) -> set[int]:
    """Every container these subjects were ever put into directly."""
    rows = ask(
        session,
        "SELECT inside FROM custody_event WHERE subject_id = ANY(%(ids)s) AND inside IS NOT NULL"
        " UNION SELECT (facts #>> '{replacement,inside}')::bigint FROM custody_event"
        " WHERE subject_id = ANY(%(ids)s) AND corrects_command IS NOT NULL"
        " AND facts #>> '{replacement,inside}' IS NOT NULL",
        ids=keys(ids),
    )
    return {cast(int, row[0]) for row in rows}


def of_packages(session: Session, packages: Collection[int]) -> set[int]:
    """Tubes on these packages' manifests, and whatever was said to have come in them, also as
    what that is known to be."""
    rows = ask(
        session,
        "WITH told AS (SELECT subject_id FROM manifest_line WHERE package = ANY(%(ids)s)"
        " UNION SELECT subject_id FROM custody_event WHERE package = ANY(%(ids)s))"
        " SELECT subject_id FROM told UNION SELECT alias_of FROM subject_state"
        " JOIN told USING (subject_id) WHERE alias_of IS NOT NULL",
        ids=keys(packages),
    )
    return {cast(int, row[0]) for row in rows}


def of_kin(session: Session, ids: Collection[int]) -> set[int]:
    """The tubes of these participants and kits, also those bound to them under foreign codes."""
    rows = ask(
        session,
        "SELECT id FROM subject WHERE participant = ANY(%(ids)s) OR kit = ANY(%(ids)s)"
        " UNION SELECT subject_id FROM custody_event WHERE kind = 'BOUND'"
        " AND (facts->>'participant_subject')::bigint = ANY(%(ids)s)",
        ids=keys(ids),
    )
    return {cast(int, row[0]) for row in rows}


# The projection


_REWRITTEN = (
    "seq, head, location, within, position, holder, event_time, phase, spin, site, entered_at,"
    " entered_by, claim, alias_of, last_seen, last_seen_at"
)
_STATES = Insert(
    cast(Table, StateRow.__table__),
    f"subject_id, rank, {_REWRITTEN}",
    "ON CONFLICT (subject_id) DO UPDATE SET "
    + ", ".join(f"{name} = EXCLUDED.{name}" for name in _REWRITTEN.split(", ")),
)
_WAKE_UPS = Insert(
    cast(Table, ExpectationRow.__table__),
    "subject_id, rule, due_at",
    "ON CONFLICT (subject_id, rule) DO UPDATE SET due_at = EXCLUDED.due_at",
)
_HELD = Insert(
    cast(Table, SlotRow.__table__),
    "location, position, occupant, disputed",
    "ON CONFLICT (location, position) DO UPDATE SET disputed = slot.disputed",
)
_LINES = Insert(
    cast(Table, ManifestLineRow.__table__), "subject_id, package", "ON CONFLICT DO NOTHING"
)
_SLOTS = Insert(
    cast(Table, SlotRow.__table__),
    "location, position, occupant, disputed",
    "ON CONFLICT (location, position) DO UPDATE SET occupant = EXCLUDED.occupant,"
    " disputed = EXCLUDED.disputed",
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
    put(session, _STATES, rows)


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
    put(
        session,
        _WAKE_UPS,
        [(*key, at) for key, at in wanted.items() if kept.get(key) != at],
    )


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


def write_slots(session: Session, claims: Mapping[tuple[int, str], Sequence[Claim]]) -> None:
    """Write down who occupies these positions: the first live claim."""
    put(
        session,
        _SLOTS,
        [
            (location, position, live[0].subject if live else None, len(live) > 1)
            for (location, position), live in sorted(claims.items())
        ],
    )


def hold_slots(session: Session, positions: Collection[tuple[int, str]]) -> None:
    """Have each position to oneself until the transaction ends."""
    put(session, _HELD, [(*at, None, False) for at in sorted(positions)])


def write_manifest(session: Session, released: Entry) -> None:
    """From each tube on a frozen manifest to the package."""
    put(
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
    put(
        session,
        _STATES,
        [(s.id, RANKS[s.sort], 1, heads[s.id], *_NOWHERE) for s in fresh],
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
