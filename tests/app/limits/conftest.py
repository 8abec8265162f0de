"""A clinic whose programs read the limits from the database, as ours do."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session

from app.kernel.work import Actor, Work
from app.limits.versions import LimitsKnown
from app.web.door import LimitsOf
from config.limits import load
from tests.app.alarms.bench import Bench
from tests.builders.people import make_places, system_work
from tests.builders.work import make_work, the_limits
from tests.conftest import FreshDatabase
from tests.fakes.clock import SetClock


class Program:
    """One of our programs: it opens units of work, and remembers the versions it has read."""

    def __init__(self, engine: Engine, clock: SetClock) -> None:
        self._engine, self._clock = engine, clock
        self._sessions: list[Session] = []
        self._known = LimitsKnown(load(), clock=clock)

    def __call__(self) -> Work:
        return self.work(self._known)

    def unaware(self) -> Work:
        """A unit of work that knows only the file's limits."""
        return self.work(lambda session: the_limits())

    def work(self, limits_of: LimitsOf) -> Work:
        session = Session(self._engine)
        self._sessions.append(session)
        limits = limits_of(session)
        return make_work(session, clock=self._clock, actor=Actor(system=True), limits=limits)

    def end(self) -> None:
        for session in self._sessions:
            session.close()


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def engine(fresh_database: FreshDatabase) -> Iterator[Engine]:
    engine = create_engine(fresh_database().runtime_url)
    yield engine
    engine.dispose()


@pytest.fixture
def program(engine: Engine, clock: SetClock) -> Iterator[Program]:
    with Session(engine) as session:
        make_places(system_work(session, clock))
        session.commit()
    program = Program(engine, clock)
    yield program
    program.end()


@pytest.fixture
def other(engine: Engine, clock: SetClock) -> Iterator[Program]:
    """Another program of the same installation, with a memory of its own."""
    program = Program(engine, clock)
    yield program
    program.end()


@pytest.fixture
def bench(program: Program, clock: SetClock) -> Bench:
    return Bench(program, clock)
