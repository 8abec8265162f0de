"""The real watcher raises of a broken journey what following its causes says: one alarm."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from app.custody import service
from app.jobs import sweep_once
from tests.app.alarms.bench import works_on
from tests.counts import counted
from tests.fakes.clock import SetClock
from tests.journeys.custody.arrivals import draft, register
from tests.journeys.custody.breaking import WAYS
from tests.journeys.custody.journeys import journeys
from tests.journeys.custody.judging import alarms_over_time
from tests.journeys.custody.teller import START, Journey

pytestmark = pytest.mark.slow

NEXT = text(
    "SELECT min(at) FROM (SELECT due_at AS at FROM expectation"
    " UNION ALL SELECT settles_at FROM gap WHERE raised_at IS NULL) ahead WHERE at > :now"
)


@pytest.mark.parametrize("way", WAYS)
@given(journey=journeys, pick=st.integers(0, 10_000))
@counted(reduced=5, full=50)
def test_the_watcher_raises_one_alarm_for_each_cause(
    engine: Engine, way: str, journey: Journey, pick: int
) -> None:
    ways = list(WAYS[way](journey))
    if not ways:
        return
    broken = ways[pick % len(ways)]

    assert _raised(engine, broken.journey) == len(alarms_over_time(broken.journey)), f"{broken}"


def _raised(engine: Engine, journey: Journey) -> int:
    """How many alarms there are when the last thing has fallen due; nothing stays."""
    with engine.connect() as connection, connection.begin() as transaction:
        with Session(connection, join_transaction_mode="create_savepoint") as session:
            _watch(session, journey)
            found = session.scalar(text("SELECT count(*) FROM alarm"))
        transaction.rollback()
    return int(found or 0)


def _watch(session: Session, journey: Journey) -> None:
    clock = SetClock(START)
    open_work = works_on(session, clock)
    ids = register(open_work(), journey)
    for entry in sorted(journey.entries, key=lambda e: e.recorded_at):
        clock.now = entry.recorded_at
        service.append(open_work(), [draft(entry, ids)])
    session.commit()
    ahead: datetime | None = clock()
    while ahead is not None:
        clock.now = ahead
        sweep_once(open_work)
        ahead = session.scalar(NEXT, {"now": clock()})
