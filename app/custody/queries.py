"""Questions to the ledger: where is it, who has it, since when, seen or presumed."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, cast
from uuid import UUID

from sqlalchemy.orm import Session

from app.custody import bearing, projected, store
from app.custody.effective import effective
from app.custody.gap_queries import GapView, gaps_of
from app.custody.history import History, Line, Stand
from app.custody.ledger import CONTAINERS, Entry, EntryId, Kind, Subject, parse_entry_id
from app.custody.project import last_seen, project
from app.custody.replay import Replay
from app.custody.steps import ENDED
from app.kernel.limits import LimitsInForce
from app.kernel.sql import ask, keys


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a subject stands now. `path` are the containers around it, outward.

    `seen`: by its own scan, since it was last handed over or moved; otherwise presumed.
    """

    subject: Subject
    phase: str
    holder: str
    site: str | None
    place: Subject | None
    position: str | None
    path: tuple[Subject, ...]
    since: datetime | None
    last_seen: EntryId | None
    last_seen_at: datetime | None

    @property
    def within(self) -> Subject | None:
        return self.path[0] if self.path else None

    @property
    def outermost(self) -> Subject:
        return self.path[-1] if self.path else self.subject

    @property
    def seen(self) -> bool:
        """Whether its own scan is not older than where it is said to be."""
        if self.last_seen_at is None:
            return False
        return self.since is None or self.last_seen_at >= self.since


class Inside(NamedTuple):
    """One thing in a container."""

    subject: Subject
    container: int
    position: str | None
    phase: str
    entered_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """A subject's history for people: lines, gaps among them, and what is due next."""

    subject: Subject
    history: History
    lines: tuple[Line, ...]
    stand: Stand
    gaps: tuple[GapView, ...]
    expected: tuple[tuple[str, datetime], ...]
    last_seen: Line | None


def subject_of(session: Session, code: str) -> Subject | None:
    """The subject with this code; of several namespaces, ours."""
    return subjects_of(session, [code]).get(code)


def subjects_of(session: Session, codes: Collection[str]) -> dict[str, Subject]:
    """The subjects with these codes."""
    return {s.code: s for s in store.subjects_by_code(session, codes)} if codes else {}


def subjects(session: Session, ids: Collection[int]) -> dict[int, Subject]:
    """The subjects with these ids."""
    return store.subjects(session, ids) if ids else {}


def tubes_of_kit(session: Session, kit: int) -> list[Subject]:
    """What was minted for a kit."""
    return list(store.subjects(session, bearing.of_kin(session, [kit])).values())


def standing(session: Session, subject: int) -> Standing:
    """Where one subject stands; raises KeyError for an unknown id."""
    return standings(session, [subject])[subject]


def standings(session: Session, ids: Collection[int]) -> dict[int, Standing]:
    """Where these subjects stand, each resolved to the outermost container around it."""
    if not ids:
        return {}
    rows = store.states_outward(session, ids)
    places = {row.location for row in rows.values() if not row.within and row.location}
    known = store.subjects(session, {*rows, *places})
    looks = _put_in(session, [id_ for id_ in ids if id_ in rows and _holds(known[id_])])
    return {id_: _standing(id_, rows, known, looks.get(id_)) for id_ in ids if id_ in rows}


def _holds(subject: Subject) -> bool:
    return subject.sort in CONTAINERS


_Look = tuple[str | None, datetime | None]


def _put_in(session: Session, containers: Collection[int]) -> dict[int, _Look]:
    """The last of what is in each container to be put there: that was a look at it too."""
    if not containers:
        return {}
    rows = ask(
        session,
        "SELECT DISTINCT ON (location) location, entered_by, entered_at FROM subject_state"
        " WHERE location = ANY(%(ids)s) AND within ORDER BY location, entered_at DESC NULLS LAST",
        ids=keys(containers),
    )
    return {id_: (by, at) for id_, by, at in rows}


def _standing(
    id_: int, rows: dict[int, store.Kept], known: dict[int, Subject], put_in: _Look | None
) -> Standing:
    own = rows[id_]
    seen, seen_at = own.last_seen, own.last_seen_at
    if put_in and put_in[1] and (seen_at is None or put_in[1] > seen_at):
        seen, seen_at = put_in
    path: list[int] = []
    here = own
    while here.within and here.location in rows and here.location not in path:
        path.append(here.location)
        here = rows[here.location]
    return Standing(
        subject=known[id_],
        phase=own.phase,
        holder=here.holder or "unknown",
        site=here.site,
        place=known.get(here.location) if here.location and not here.within else None,
        position=own.position,
        path=tuple(known[p] for p in path),
        since=_since([own, *(rows[p] for p in path)]),
        last_seen=parse_entry_id(seen) if seen else None,
        last_seen_at=seen_at,
    )


def _since(chain: list[store.Kept]) -> datetime | None:
    """Since when it is where it is: the latest that it, or what is around it, was put or moved."""
    times = [row.entered_at for row in chain[:-1]] + [chain[-1].event_time]
    return max((time for time in times if time is not None), default=None)


def phases(session: Session, ids: Collection[int]) -> dict[int, str]:
    """How far each of these has come."""
    rows = ask(
        session,
        "SELECT subject_id, phase FROM subject_state WHERE subject_id = ANY(%(ids)s)",
        ids=keys(ids),
    )
    return {cast(int, id_): cast(str, phase) for id_, phase in rows}


def contents(session: Session, container: int, *, deep: bool = False) -> tuple[Inside, ...]:
    """What is in a container now, by position; `deep` also what is in that."""
    deeper = (
        "UNION SELECT s.subject_id FROM inner_ i"
        " JOIN subject_state s ON s.location = i.id AND s.within"
    )
    rows = ask(
        session,
        "WITH RECURSIVE inner_(id) AS (SELECT subject_id FROM subject_state"  # noqa: S608 - constants
        f" WHERE location = %(id)s AND within {deeper if deep else ''})"
        " SELECT s.subject_id, s.location, s.position, s.phase, s.entered_at"
        " FROM inner_ JOIN subject_state s ON s.subject_id = inner_.id"
        " ORDER BY s.location, s.position, s.subject_id",
        id=container,
    )
    known = store.subjects(session, [cast(int, row[0]) for row in rows]) if rows else {}
    return tuple(Inside(known[cast(int, r[0])], *r[1:]) for r in rows)


def standing_at(session: Session, place: int, *, limit: int) -> tuple[Inside, ...]:
    """What stands in a freezer or on a bench itself now, by position; those without one last."""
    rows = ask(
        session,
        "SELECT subject_id, location, position, phase, entered_at FROM subject_state"
        " WHERE location = %(id)s AND NOT within AND phase <> ALL(%(ended)s)"
        " ORDER BY position, entered_at DESC, subject_id LIMIT %(limit)s",
        id=place,
        ended=[str(phase) for phase in ENDED],
        limit=limit,
    )
    known = subjects(session, [cast(int, row[0]) for row in rows])
    return tuple(Inside(known[cast(int, r[0])], *r[1:]) for r in rows)


def occupied(session: Session, location: int) -> dict[str, int]:
    """Who is at each position of a place or container."""
    rows = ask(
        session,
        "SELECT position, occupant FROM slot WHERE location = %(id)s AND occupant IS NOT NULL",
        id=location,
    )
    return {cast(str, position): cast(int, occupant) for position, occupant in rows}


def claimed(session: Session, location: int, position: str) -> tuple[int, ...]:
    """Everything reported at one position, the occupant first."""
    live = projected.claims_at(session, {(location, position)})[location, position]
    return tuple(claim.subject for claim in live)


def entries_of(session: Session, subject: int) -> tuple[Entry, ...]:
    """A subject's chain, in the order of record."""
    return tuple(store.entries_of(session, [subject]))


def entries_of_each(session: Session, ids: Collection[int]) -> dict[int, list[Entry]]:
    """The chains of several subjects, each in the order of record."""
    chains: dict[int, list[Entry]] = {id_: [] for id_ in ids}
    for written in store.entries_of(session, ids):
        chains[written.subject].append(written)
    return chains


def entries_by_command(session: Session, command: UUID) -> tuple[Entry, ...]:
    """What one command wrote."""
    return tuple(store.entries_of_commands(session, [command]))


def entry(session: Session, entry_id: EntryId) -> Entry | None:
    """One entry by its identity."""
    for written in store.entries_of_commands(session, [entry_id.command]):
        if written.entry_id == entry_id:
            return written
    return None


def history(session: Session, subject: int, *, limits: LimitsInForce, now: datetime) -> History:
    """The resolved history of one subject."""
    book = bearing.load(session, [subject])
    replay = Replay(book, limits=limits, now=now)
    if book.subjects[subject].sort in CONTAINERS:
        replay.learn(contents=projected.first_contents(session, [subject]))
    return replay.history(subject)


def timeline(session: Session, subject: int, *, limits: LimitsInForce, now: datetime) -> Timeline:
    """Everything a person asks of one subject."""
    told = history(session, subject, limits=limits, now=now)
    return Timeline(
        subject=told.subject,
        history=told,
        lines=told.lines,
        stand=told.stand,
        gaps=tuple(gaps_of(session, [subject])),
        expected=project(told, limits=limits, now=now).wake_ups,
        last_seen=last_seen(told),
    )


def label_generations(session: Session, ids: Collection[int]) -> dict[int, int]:
    """The newest generation of label that was printed and is not void, of those that have one."""
    rows = ask(
        session,
        "SELECT subject_id, max(generation) FROM ("
        " SELECT subject_id, (facts->>'generation')::int AS generation FROM custody_event"
        " WHERE subject_id = ANY(%(ids)s) AND kind IN ('LABEL_PRINTED', 'LABEL_VOIDED')"
        " GROUP BY 1, 2 HAVING bool_and(kind = 'LABEL_PRINTED')) AS live GROUP BY 1",
        ids=keys(ids),
    )
    return {cast(int, row[0]): cast(int, row[1]) for row in rows if row[1] is not None}


def manifest(session: Session, package: int) -> Entry | None:
    """The latest RELEASED of a package that counts: its frozen manifest is in its facts."""
    book = bearing.load(session, [package])
    from_package = [e for e in book.entries if e.subject == package]
    return latest_release(from_package)


def latest_release(entries: Collection[Entry]) -> Entry | None:
    """The latest RELEASED among entries, corrections applied."""
    from_start = [e for _, e in effective(entries).entries if e.kind is Kind.RELEASED]
    return from_start[-1] if from_start else None
