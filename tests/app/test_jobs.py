"""The watcher, stopped, restarted, killed or doubled: no alarm is lost, none is doubled."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import Engine, create_engine, func, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app.alarms.marks import SWEEP, VERIFY, looks
from app.alarms.models import Alarm, AlarmEvent, AlarmLine, JobMark, Lease, SweepSlot
from app.custody import sweep
from app.custody.ledger import Kind
from app.custody.queries import entries_of
from app.jobs import JOBS, Job, Outcome, Watcher, in_transaction, sweep_once, watch
from app.kernel.work import Work
from tests.app.alarms.bench import Bench, works_of
from tests.builders.people import make_places, system_work
from tests.conftest import FreshDatabase
from tests.fakes.clock import SetClock

FIRST, SECOND = UUID(int=1), UUID(int=2)
SWEEPING = JOBS[0]
TUBES = 12
PATIENCE = 20


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def engine(fresh_database: FreshDatabase) -> Iterator[Engine]:
    engine = create_engine(fresh_database().runtime_url)
    yield engine
    engine.dispose()


@pytest.fixture
def bench(engine: Engine, clock: SetClock) -> Bench:
    with Session(engine) as session:
        make_places(system_work(session, clock))
        session.commit()
    return Bench(works_of(engine, clock), clock)


def opened(engine: Engine) -> Counter[int]:
    """How often each alarm says that it was opened."""
    with Session(engine) as session:
        wanted = select(AlarmEvent.alarm).where(AlarmEvent.kind == "opened")
        return Counter(session.scalars(wanted))


def count(engine: Engine, table: type) -> int:
    with Session(engine) as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def raised(engine: Engine, subjects: list[int]) -> list[int]:
    """How often each subject's chain says that a gap was raised."""
    with Session(engine) as session:
        return [
            sum(entry.kind is Kind.RAISED for entry in entries_of(session, subject))
            for subject in subjects
        ]


def test_two_that_look_at_the_same_moment_open_each_alarm_once(
    bench: Bench, engine: Engine
) -> None:
    tubes = [bench.drawn().id for _ in range(TUBES)]
    bench.clock.wait(hours=13)
    gate = threading.Barrier(3)

    def look() -> None:
        gate.wait(PATIENCE)
        sweep_once(bench.open_work)

    with ThreadPoolExecutor(3) as pool:
        for done in [pool.submit(look) for _ in range(3)]:
            done.result(PATIENCE)

    assert count(engine, Alarm) == count(engine, AlarmLine) == TUBES
    assert set(opened(engine).values()) == {1}
    assert raised(engine, tubes) == [1] * TUBES


def test_two_watchers_take_turns_and_miss_nothing(bench: Bench, engine: Engine) -> None:
    tubes = [bench.drawn().id for _ in range(TUBES)]
    bench.clock.wait(hours=12, minutes=-TUBES)
    watchers = [Watcher(bench.open_work, holder) for holder in (FIRST, SECOND)]
    done: Counter[int] = Counter()
    with ThreadPoolExecutor(2) as pool:
        for _ in range(16):
            bench.clock.wait(minutes=1)
            turns = [pool.submit(watcher.turn, SWEEPING) for watcher in watchers]
            done[sum(turn.result(PATIENCE) for turn in turns)] += 1

    assert done == {1: 16}
    assert count(engine, SweepSlot) == 16
    assert count(engine, Alarm) == TUBES
    assert set(opened(engine).values()) == {1}
    assert raised(engine, tubes) == [1] * TUBES


def test_one_that_was_stopped_makes_up_for_it_and_dates_the_alarm_at_the_deadline(
    bench: Bench, engine: Engine
) -> None:
    bench.drawn()
    deadline = bench.clock() + timedelta(hours=12)
    Watcher(bench.open_work, FIRST).turn(SWEEPING)
    bench.clock.wait(days=3)
    Watcher(bench.open_work, SECOND).turn(SWEEPING)

    with Session(engine) as session:
        [alarm] = session.scalars(select(Alarm))
        assert (alarm.since, alarm.opened_at) == (deadline, bench.clock())


def test_a_gap_raised_by_one_that_was_killed_right_after_still_gets_its_alarm(
    bench: Bench, engine: Engine
) -> None:
    tube = bench.drawn()
    bench.clock.wait(hours=13)
    in_transaction(bench.open_work, sweep.due)
    in_transaction(bench.open_work, sweep.raise_settled)
    assert count(engine, Alarm) == 0
    sweep_once(bench.open_work)

    assert set(opened(engine).values()) == {1}
    assert raised(engine, [tube.id]) == [1]


def test_another_takes_over_when_the_lease_has_run_out(bench: Bench) -> None:
    first, second = (Watcher(bench.open_work, holder) for holder in (FIRST, SECOND))

    assert first.turn(SWEEPING)
    bench.clock.wait(seconds=5)
    assert not second.turn(SWEEPING)
    bench.clock.wait(seconds=5)
    assert second.turn(SWEEPING)
    assert not first.turn(SWEEPING)


def test_one_that_leaves_lets_the_next_look_at_once(bench: Bench, engine: Engine) -> None:
    first, second = (Watcher(bench.open_work, holder) for holder in (FIRST, SECOND))
    first.turn(SWEEPING)
    first.leave()
    bench.clock.wait(seconds=5)

    assert count(engine, Lease) == 0
    assert second.turn(SWEEPING)


def test_a_turn_leaves_a_mark_of_when_and_what(bench: Bench, engine: Engine) -> None:
    Watcher(bench.open_work, FIRST).turn(SWEEPING)

    with Session(engine) as session:
        mark = session.get_one(JobMark, SWEEP)
        assert (mark.at, mark.ok, mark.facts["opened"]) == (bench.clock(), True, 0)
    assert looks(mark.at, bench.clock() + timedelta(seconds=15))
    assert not looks(mark.at, bench.clock() + timedelta(seconds=16))


def test_a_database_that_is_away_is_asked_again_after_a_growing_pause(bench: Bench) -> None:
    asked: list[float] = []
    now = 0.0

    def away() -> Work:
        asked.append(now)
        raise OperationalError("SELECT 1", None, ConnectionError("away"))

    watcher = Watcher(away, FIRST, seconds=lambda: now)
    for now in map(float, range(20)):  # noqa: B007 - read by the watcher's clock
        assert not watcher.turn(SWEEPING)

    assert asked == [0, 1, 3, 7, 15]
    watcher.work_factory, now = bench.open_work, 100.0
    assert watcher.turn(SWEEPING)


def test_old_turns_are_forgotten_and_those_of_today_kept(bench: Bench, engine: Engine) -> None:
    watcher = Watcher(bench.open_work, FIRST)
    watcher.turn(SWEEPING)
    bench.clock.wait(days=1, hours=1)
    watcher.turn(SWEEPING)
    watcher.turn(next(job for job in JOBS if job.name == "tidy"))

    assert count(engine, SweepSlot) == 2


def test_the_ledger_is_verified_once_a_day(bench: Bench, engine: Engine) -> None:
    bench.drawn()
    watcher, verifying = Watcher(bench.open_work, FIRST), JOBS[3]

    assert watcher.turn(verifying)
    bench.clock.wait(minutes=30)
    assert not watcher.turn(verifying)
    with Session(engine) as session:
        mark = session.get_one(JobMark, VERIFY)
    assert (mark.ok, mark.facts["findings"], mark.facts["subjects"]) == (True, 0, 1)


def test_the_clock_of_the_watcher_starts_at_once_and_stops_when_told(
    bench: Bench, engine: Engine
) -> None:
    ran, stopping = threading.Event(), threading.Event()

    def run(open_work: Callable[[], Work]) -> Outcome:
        ran.set()
        return Outcome({})

    watcher = Watcher(
        bench.open_work, FIRST, jobs=(Job(name="look", every=timedelta(hours=1), run=run),)
    )
    thread = threading.Thread(target=watch, args=(watcher,), kwargs={"stopping": stopping})
    thread.start()
    assert ran.wait(PATIENCE)
    stopping.set()
    thread.join(PATIENCE)

    assert not thread.is_alive()
    assert count(engine, Lease) == 0
