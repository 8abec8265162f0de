"""What is stored after every entry is what a full replay of the ledger says."""

import random
from collections.abc import Collection
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.custody import service, store, sweep
from app.custody.drafts import Draft, Reading
from app.custody.ledger import Entry
from app.kernel.sql import ask
from app.kernel.work import Actor, Work
from tests.builders.work import make_work
from tests.fakes.clock import SetClock
from tests.journeys.custody.counts import counted
from tests.journeys.custody.journeys import journeys
from tests.journeys.custody.judging import projections
from tests.journeys.custody.teller import START, Journey

pytestmark = pytest.mark.slow


@given(journey=journeys, seed=st.integers(0, 2**32))
@counted(reduced=4, full=1_000)
def test_any_arrival_that_keeps_each_device_s_order_is_stored_as_it_replays(
    engine: Engine, journey: Journey, seed: int
) -> None:
    with engine.connect() as connection, connection.begin() as transaction:
        with Session(connection, join_transaction_mode="create_savepoint") as session:
            _arrive(session, journey, random.Random(seed))
        transaction.rollback()


def _arrive(session: Session, journey: Journey, dice: random.Random) -> None:
    clock = SetClock(START)
    work = make_work(session, clock=clock, actor=Actor(system=True))
    ids = _register(work, journey)
    clock.now = max(e.recorded_at for e in journey.entries)
    for entry in _mixed(journey, dice):
        service.append(work, [_draft(entry, ids)])
        while sweep.due(work):
            clock.wait(seconds=1)
        assert _differing(session, ids.values(), clock()) == [], entry.kind


def _differing(session: Session, ids: Collection[int], now: datetime) -> list[str]:
    """What is stored otherwise than a replay of everything says."""
    replayed = projections(store.load_all(session), now)
    kept = store.states(session, ids)
    gaps = {row[:11] for row in store.all_gaps(session) if row[0] in ids and not row[12]}
    due = ask(session, "SELECT subject_id, rule, due_at FROM expectation")
    mine = [replayed[id_] for id_ in ids]
    wrong = [
        f"state {i}" for i in ids if store.comparable(kept[i]) != store.state_values(replayed[i])
    ]
    wrong += [f"gap {row}" for row in gaps ^ {store.gap_values(g) for p in mine for g in p.gaps}]
    wanted = {(p.history.subject.id, *wake_up) for p in mine for wake_up in p.wake_ups}
    return wrong + [f"due {row}" for row in wanted ^ {row for row in due if row[0] in ids}]


def _mixed(journey: Journey, dice: random.Random) -> list[Entry]:
    queues = [
        [e for e in journey.entries if e.device_id == device]
        for device in sorted({e.device_id for e in journey.entries})
    ]
    mixed = []
    while queues := [queue for queue in queues if queue]:
        mixed.append(dice.choice(queues).pop(0))
    return mixed


def _register(work: Work, journey: Journey) -> dict[int, int]:
    ids: dict[int, int] = {}
    for number, subject in enumerate(journey.subjects):
        new = service.New(
            sort=subject.sort,
            reading=Reading(command=work.ids(), occurred_at=START),
            namespace=subject.namespace,
            code=f"{subject.code}-{number}",
            participant=ids[subject.participant] if subject.participant else None,
            kit=ids[subject.kit] if subject.kit else None,
            facts=subject.facts,
        )
        ids[subject.id] = service.register(work, [new])[0].id
    return ids


def _draft(entry: Entry, ids: dict[int, int]) -> Draft:
    facts = dict(entry.facts)
    if isinstance(lines := facts.get("lines"), list):
        facts["lines"] = [
            [ids[int(str(line[0]))], *line[1:]] for line in lines if isinstance(line, list)
        ]
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
        place=ids[entry.place] if entry.place else None,
        inside=ids[entry.inside] if entry.inside else None,
        position=entry.position,
        package=ids[entry.package] if entry.package else None,
        corrects=entry.corrects,
        facts=facts,
    )
