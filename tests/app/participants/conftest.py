"""Work on a session that is rolled back, with the places of the cast; nobody is signed in."""

import pytest
from sqlalchemy.orm import Session

from app.kernel.work import Actor, Work
from tests.builders.people import NORTH, make_places, system_work
from tests.builders.work import make_work
from tests.fakes.clock import SetClock


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def work(session: Session, clock: SetClock) -> Work:
    """The system's own work at North clinic."""
    make_places(system_work(session, clock))
    return make_work(session, clock=clock, actor=Actor(system=True, site=NORTH))


def acting(work: Work, role: str, site: str, programme: str = "*") -> Work:
    """The same session, asked by somebody who holds one role at one site."""
    actor = Actor(person=7, site=site, grants=frozenset(((role, site, programme),)))
    return make_work(work.session, clock=work.clock, actor=actor)
