"""A bench on a rolled-back session, with people to take the alarms."""

import pytest
from sqlalchemy.orm import Session

from tests.app.alarms.bench import Bench, works_on
from tests.builders.people import make_cast, make_places, system_work
from tests.fakes.clock import SetClock

ROLES = ("manager", "technician", "auditor")


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def cast(session: Session, clock: SetClock) -> dict[str, int]:
    """A manager, a technician and an auditor at North clinic: hashing a password is slow."""
    work = system_work(session, clock)
    make_places(work)
    return make_cast(work, ROLES)


@pytest.fixture
def bench(session: Session, clock: SetClock, cast: dict[str, int]) -> Bench:
    return Bench(works_on(session, clock), clock)
