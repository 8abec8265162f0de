"""What bears on some subjects: the parts of the ledger to read before they are told again."""

from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from typing import cast
from uuid import UUID

from sqlalchemy.orm import Session

from app.custody.history import Book
from app.custody.ledger import CONTAINERS, LEGS, Entry, Kind
from app.custody.rows import EVENT_COLUMNS, SUBJECT_COLUMNS, entry_of, subject_of_row
from app.custody.steps import ENDED
from app.custody.store import subjects
from app.kernel.sql import ask, keys

_ANY_TIME = datetime.max.replace(tzinfo=UTC)
# Of each also what was found and is known to be it: its entries count as that one's own.
_BY_SUBJECT = f"""
SELECT {EVENT_COLUMNS} FROM custody_event WHERE subject_id = ANY(ARRAY(
  SELECT unnest(%(ids)s::bigint[])
  UNION ALL SELECT subject_id FROM subject_state WHERE alias_of = ANY(%(ids)s)))
"""  # noqa: S608 - constant


_PACKAGES = "SELECT package FROM manifest_line WHERE subject_id = ANY(%(ids)s)"


# The first things put into a container say whose hands it came to; five, since some may be undone.
_EARLY = 5
_IN_ORDER = f"ORDER BY occurred_at, device_id, device_seq, command, ordinal LIMIT {_EARLY}"
_PUT_IN = f"""
SELECT e.* FROM unnest(%(ids)s::bigint[]) AS container(id) CROSS JOIN LATERAL (
  SELECT {EVENT_COLUMNS} FROM custody_event WHERE inside = container.id {_IN_ORDER}) e
UNION ALL SELECT e.* FROM unnest(%(ids)s::bigint[]) AS container(id)
CROSS JOIN LATERAL (SELECT corrects_command, corrects_ordinal FROM custody_event
  WHERE corrects_command IS NOT NULL AND facts #>> '{{replacement,inside}}' = container.id::text) c
CROSS JOIN LATERAL (SELECT {EVENT_COLUMNS} FROM custody_event
  WHERE command = c.corrects_command AND ordinal = c.corrects_ordinal) e
"""  # noqa: S608 - constant


# And five that nobody ever corrected, where all of those were: asked then alone, for it is slow.
_PUT_IN_FOR_GOOD = f"""
SELECT e.* FROM unnest(%(ids)s::bigint[]) AS container(id) CROSS JOIN LATERAL (
  SELECT {EVENT_COLUMNS} FROM custody_event said WHERE inside = container.id
  AND NOT EXISTS (SELECT FROM custody_event
    WHERE corrects_command = said.command AND corrects_ordinal = said.ordinal) {_IN_ORDER}) e
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
    wanted |= {cast(int, row[0]) for row in ask(session, _PACKAGES, ids=keys(ids))}
    found: dict[tuple[int, int], Entry] = {}
    done: set[int] = set()
    while wanted:
        entries = [entry_of(row) for row in ask(session, _BY_SUBJECT, ids=keys(wanted))]
        found.update(((e.subject, e.seq), e) for e in entries)
        done |= wanted
        wanted = {id_ for e in entries for id_ in _named(e)} - done
    containers = {e.inside for e in found.values() if e.inside is not None}
    containers |= (done | {e.subject for e in found.values()}) - set(ids)
    containers |= {id_ for id_, s in known.items() if s.sort in CONTAINERS}
    if containers:
        entries = [entry_of(row) for row in ask(session, _PUT_IN, ids=keys(containers))]
        found.update(((e.subject, e.seq), e) for e in entries)
    _add_corrections(session, found)
    if doubtful := _doubtful(found.values(), containers):
        entries = [entry_of(row) for row in ask(session, _PUT_IN_FOR_GOOD, ids=keys(doubtful))]
        found.update(((e.subject, e.seq), e) for e in entries)
        _add_corrections(session, found)
    others = {e.subject for e in found.values()} - known.keys()
    if others:
        known |= subjects(session, others)
    return Book(subjects=known, entries=list(found.values()), complete=False)


def _add_corrections(session: Session, found: dict[tuple[int, int], Entry]) -> None:
    """Every correction that names one of these entries, and every correction of those."""
    commands = {e.entry_id.command for e in found.values()}
    while commands:
        entries = [entry_of(row) for row in ask(session, _CORRECTING, commands=keys(commands))]
        entries = [e for e in entries if (e.subject, e.seq) not in found]
        found.update(((e.subject, e.seq), e) for e in entries)
        commands = {e.entry_id.command for e in entries}


def _doubtful(entries: Collection[Entry], containers: Collection[int]) -> set[int]:
    """Containers of which as many early entries as were read were all corrected."""
    corrected = {e.corrects for e in entries if e.corrects is not None}
    if not corrected:
        return set()
    undone: dict[int, int] = {}
    for entry in entries:
        if entry.inside is not None and entry.entry_id in corrected:
            undone[entry.inside] = undone.get(entry.inside, 0) + 1
    return {id_ for id_ in containers if undone.get(id_, 0) >= _EARLY}


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
    """Everything that was ever put into these containers, also as what that is known, and into
    what is known to be one of them."""
    rows = ask(
        session,
        "WITH RECURSIVE down(id) AS (SELECT unnest(%(ids)s::bigint[])"
        " UNION SELECT put.subject_id FROM down CROSS JOIN LATERAL ("
        "SELECT subject_id FROM custody_event WHERE inside = down.id UNION ALL SELECT"
        " subject_id FROM custody_event WHERE corrects_command IS NOT NULL"
        " AND facts #>> '{replacement,inside}' = down.id::text UNION ALL SELECT alias_of"
        " FROM subject_state WHERE subject_id = down.id AND alias_of IS NOT NULL"
        " UNION ALL SELECT subject_id FROM subject_state WHERE alias_of = down.id) put)"
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


def last_legs(session: Session, packages: Collection[int]) -> dict[int, datetime]:
    """When these packages were last said to be sent, delivered or opened; of one about which
    anything was corrected nobody can tell from here, so it may have been at any time."""
    if not packages:
        return {}
    rows = ask(
        session,
        "SELECT subject_id, max(occurred_at), bool_or(kind = 'CORRECTION') FROM custody_event"
        " WHERE subject_id = ANY(%(ids)s) AND kind = ANY(%(kinds)s) GROUP BY subject_id",
        ids=keys(packages),
        kinds=[str(kind) for kind in (*LEGS, Kind.CORRECTION)],
    )
    return {
        cast(int, id_): _ANY_TIME if corrected else cast(datetime, last)
        for id_, last, corrected in rows
    }


def of_packages(session: Session, packages: Collection[int]) -> set[int]:
    """Tubes on these packages' manifests, and whatever was said to have come in them, also as
    what that is known to be."""
    rows = ask(
        session,
        "WITH told AS (SELECT subject_id FROM manifest_line WHERE package = ANY(%(ids)s)"
        " UNION SELECT subject_id FROM custody_event WHERE package = ANY(%(ids)s)"
        " UNION SELECT subject_id FROM custody_event WHERE corrects_command IS NOT NULL"
        " AND facts #>> '{replacement,package}' = ANY(%(texts)s::text[]))"
        " SELECT subject_id FROM told UNION SELECT alias_of FROM subject_state"
        " JOIN told USING (subject_id) WHERE alias_of IS NOT NULL",
        ids=keys(packages),
        texts=keys(packages),
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
