"""The simulated programme: as big as it says, with everything wrong in it that was meant to be."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from app.custody import sweep
from app.custody.verify import verify
from app.kernel.work import Actor
from app.simulation.world import SMALL, World
from tests.builders.work import make_work, the_catalogue, the_limits
from tests.conftest import FreshDatabase, TestDatabase

NOW = datetime(2026, 3, 4, 15, tzinfo=UTC)
ENTRIES = (
    "SELECT code, kind, occurred_at, recorded_at, source, target, position"
    " FROM custody_event JOIN subject ON subject.id = subject_id ORDER BY subject_id, seq"
)
pytestmark = [pytest.mark.db, pytest.mark.slow]


def make_world(session: Session, *, seed: int = 1) -> World:
    world = World(
        session=session,
        catalogue=the_catalogue(),
        limits=the_limits(),
        now=NOW,
        seed=seed,
        scale=SMALL,
    )
    world.begin()
    world.play()
    return world


def look_again(session: Session) -> None:
    work = make_work(session, clock=lambda: NOW, actor=Actor(system=True))
    while sweep.due(work) >= sweep.BATCH:
        pass


def gaps_by_rule(session: Session) -> Counter[str]:
    return Counter(session.scalars(text("SELECT rule FROM gap")))


def test_it_has_everything_at_every_stage(session: Session) -> None:
    make_world(session)

    sorts = Counter(session.scalars(text("SELECT sort FROM subject")))
    phases = set(
        session.scalars(
            text(
                "SELECT phase FROM subject_state JOIN subject ON subject.id = subject_id"
                " WHERE sort IN ('tube', 'package')"
            )
        )
    )

    assert sorts["participant"] == 30
    assert sorts["tube"] == 28 * 8
    assert {"none", "collected", "packed", "in_transit", "delivered"} <= phases
    assert {"received", "checked_in", "stored"} <= phases


def test_what_is_wrong_in_it_is_what_was_meant_to_be(session: Session) -> None:
    make_world(session)
    look_again(session)

    assert gaps_by_rule(session) == {"G29": 1, "G31": 1, "G43": 1, "G11": 1}


def test_the_same_seed_gives_the_same_ledger_and_it_is_whole(
    fresh_database: FreshDatabase,
) -> None:
    heads = []
    for _ in range(2):
        with closing_session(fresh_database()) as session:
            make_world(session)
            look_again(session)
            session.commit()
            report = verify(session, limits=the_limits(), now=NOW)
            assert report.findings == ()
            session.rollback()
            heads.append(session.execute(text(ENTRIES)).all())

    assert heads[0] == heads[1]


@contextmanager
def closing_session(database: TestDatabase) -> Iterator[Session]:
    engine = create_engine(database.runtime_url)
    try:
        with Session(engine) as session:
            yield session
    finally:
        engine.dispose()
