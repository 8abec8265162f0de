"""Entries arriving at the real store as several devices send them, and what is kept then."""

import random
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast
from uuid import NAMESPACE_URL, uuid5

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.custody import amending, bearing, gap_rows, projected, registry, service, store, sweep
from app.custody.drafts import Draft, Reading
from app.custody.gaps.table import BY_CODE
from app.custody.ledger import Entry, Json, parse_entry_id
from app.custody.replay import Replay
from app.kernel.sql import Row, ask
from app.kernel.work import Actor, Work
from tests.builders.work import make_work, the_limits
from tests.fakes.clock import SetClock
from tests.journeys.custody.judging import projections
from tests.journeys.custody.teller import START, Journey

LATER = timedelta(days=3)
_POINTS = ("inside", "place", "package")  # fields that name a subject
_OBJECTS, _ALL_OF_IT = 11, 12  # columns of a gap row: the objection; whether it has vanished


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What is kept in the end, of the journey's own subjects: comparable between two arrivals."""

    states: Mapping[int, Row]
    slots: Mapping[tuple[int, str], tuple[int, bool]]
    gaps: frozenset[tuple[str, int, str, bool]]  # rule, subject, entry, whether explained


def mixed(journey: Journey, dice: random.Random) -> list[Entry]:
    """Every entry once, each device's own in its order, the devices between each other in any."""
    queues = [
        [e for e in journey.entries if e.device_id == device]
        for device in sorted({e.device_id for e in journey.entries})
    ]
    order = []
    while queues := [queue for queue in queues if queue]:
        order.append(dice.choice(queues).pop(0))
    return order


def arrive(
    engine: Engine, journey: Journey, order: Sequence[Entry], *, watched: bool
) -> tuple[Outcome, Outcome]:
    """What is kept when all have arrived, and three days later; nothing of it stays.

    `watched`: after every single one, what is kept must be what a replay of everything says.
    """
    with engine.connect() as connection, connection.begin() as transaction:
        with Session(connection, join_transaction_mode="create_savepoint") as session:
            outcomes = _arrive(session, journey, order, watched=watched)
        transaction.rollback()
    return outcomes


def _arrive(
    session: Session, journey: Journey, order: Sequence[Entry], *, watched: bool
) -> tuple[Outcome, Outcome]:
    clock = SetClock(START)
    work = make_work(session, clock=clock, actor=Actor(system=True))
    ids = register(work, journey)
    clock.now = max(e.recorded_at for e in journey.entries)
    for number, entry in enumerate(order, start=1):
        service.append(work, [draft(entry, ids)])
        _swept(work)
        if watched or number == len(order):
            found = differing(session, ids, clock())
            assert not found, f"after entry {number}, {entry.kind}: {found}"
    _explain(work, ids)
    found = differing(session, ids, clock())
    assert not found, f"once explained: {found}"
    outcome = _outcome(session, ids)
    clock.now += LATER
    _swept(work)
    found = differing(session, ids, clock())
    assert not found, f"three days later: {found}"
    return outcome, _outcome(session, ids)


def _explain(work: Work, ids: Mapping[int, int]) -> None:
    """A manager answers the first two gaps that an explanation ends."""
    gaps = sorted(_gaps(work.session, ids.values()), key=lambda row: (row[1], row[2], row[0]))
    answered = [row for row in gaps if not BY_CODE[row[1]].ages][:2]
    for number, (subject, rule, entry, *_) in enumerate(answered):
        amending.explain(
            work,
            reading=Reading(
                command=uuid5(NAMESPACE_URL, f"answer:{number}"), occurred_at=work.clock()
            ),
            rule=rule,
            subject=subject,
            entry=parse_entry_id(entry),
            reason="misread",
            comment="",
            until=None,
        )
    _swept(work)


def _swept(work: Work) -> None:
    while sweep.due(work):
        pass


def differing(session: Session, ids: Mapping[int, int], now: datetime) -> list[str]:
    """What is stored otherwise than a replay of everything says."""
    book = bearing.load_all(session)
    replayed = projections(book, now)
    kept = store.states(session, ids.values())
    gaps = {row[:_OBJECTS] for row in _gaps(session, ids.values())}
    due = ask(session, "SELECT subject_id, rule, due_at FROM expectation")
    mine = [(name, replayed[id_]) for name, id_ in ids.items()]
    wrong = []
    for name, projection in mine:
        stored, told = (
            projected.comparable(kept[ids[name]]),
            projected.state_values(projection.history),
        )
        if stored != told:
            wrong.append(f"state {name}: {stored} for {told}")
    wrong += [
        f"gap {row}" for row in gaps ^ {gap_rows.gap_values(g) for _, p in mine for g in p.gaps}
    ]
    wanted = {(ids[name], *wake_up) for name, p in mine for wake_up in p.wake_ups}
    of_mine = {row for row in due if row[0] in set(ids.values())}
    wrong += [f"due {row}" for row in wanted ^ of_mine]
    replay = Replay(book, limits=the_limits(), now=now)
    return wrong + [f"slot {one}" for one in _slots(session, ids).items() ^ _live(replay, ids)]


def _live(replay: Replay, ids: Mapping[int, int]) -> set[tuple[tuple[int, str], tuple[int, bool]]]:
    """Who occupies each position, and whether others claim it, as a replay says."""
    names = {id_: name for name, id_ in ids.items()}
    claims = sorted(replay.claims(list(ids.values())), key=lambda c: c.order, reverse=True)
    first = {(names[c.location], c.position): names[c.subject] for c in claims}
    at = [(names[c.location], c.position) for c in claims]
    return {(place, (one, at.count(place) > 1)) for place, one in first.items()}


def _slots(session: Session, ids: Mapping[int, int]) -> dict[tuple[int, str], tuple[int, bool]]:
    names = {id_: name for name, id_ in ids.items()}
    rows = ask(
        session,
        "SELECT location, position, occupant, disputed FROM slot WHERE occupant IS NOT NULL",
    )
    return {
        (names[at], position): (names[occupant], disputed)
        for at, position, occupant, disputed in rows
        if at in names
    }


def _gaps(session: Session, ids: Collection[int]) -> list[Row]:
    mine = set(ids)
    return [row for row in gap_rows.all_gaps(session) if row[0] in mine and not row[_ALL_OF_IT]]


def _outcome(session: Session, ids: Mapping[int, int]) -> Outcome:
    names = {id_: name for name, id_ in ids.items()}
    states = {}
    for id_, kept in store.states(session, ids.values()).items():
        location, *rest = projected.comparable(kept)
        alias = None if kept.alias_of is None else names[kept.alias_of]
        at = None if location is None else names[location]
        states[names[id_]] = (at, alias, *(value for value in rest if value != kept.alias_of))
    gaps = frozenset(
        (str(row[1]), names[row[0]], str(row[2]), row[_OBJECTS - 1] is not None)
        for row in _gaps(session, ids.values())
    )
    return Outcome(states=states, slots=_slots(session, ids), gaps=gaps)


def register(work: Work, journey: Journey) -> dict[int, int]:
    """Everything of a journey made known: by its id there, the id that it has in the store."""
    ids: dict[int, int] = {}
    for subject in journey.subjects:
        new = registry.New(
            sort=subject.sort,
            reading=Reading(command=work.ids(), occurred_at=START),
            namespace=subject.namespace,
            code=subject.code,
            origin=subject.origin,
            participant=ids[subject.participant] if subject.participant else None,
            kit=ids[subject.kit] if subject.kit else None,
            facts=subject.facts,
        )
        ids[subject.id] = registry.register(work, [new])[0].id
    return ids


def draft(entry: Entry, ids: Mapping[int, int]) -> Draft:
    """An entry of a journey as its station would send it."""
    return Draft(
        subject=ids[entry.subject],
        kind=entry.kind,
        reading=Reading(
            command=entry.entry_id.command,
            occurred_at=entry.occurred_at,
            site=entry.site,
            mode=entry.mode,
            uncertainty_ms=entry.uncertainty_ms,
            device_id=entry.device_id,
            device_seq=entry.device_seq,
            device_time=entry.device_time,
        ),
        source=entry.source,
        target=entry.target,
        evidence=entry.evidence,
        place=ids[entry.place] if entry.place else None,
        inside=ids[entry.inside] if entry.inside else None,
        position=entry.position,
        package=ids[entry.package] if entry.package else None,
        corrects=entry.corrects,
        facts=_facts(entry, ids),
    )


def _facts(entry: Entry, ids: Mapping[int, int]) -> dict[str, Json]:
    facts = dict(entry.facts)
    if isinstance(lines := facts.get("lines"), list):
        facts["lines"] = [
            [ids[cast(int, line[0])], *line[1:]] for line in lines if isinstance(line, list)
        ]
    if isinstance(real := facts.get("real"), int):
        facts["real"] = ids[real]
    if isinstance(instead := facts.get("replacement"), dict):
        named = {n: ids[id_] for n in _POINTS if isinstance(id_ := instead.get(n), int)}
        facts["replacement"] = {**instead, **named}
    return facts
