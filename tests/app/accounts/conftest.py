"""The application, with somebody to sign in, on a database of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.builders.people import make_cast, make_places
from tests.builders.site import Site
from tests.conftest import FreshDatabase
from tests.fakes.clock import SetClock


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def site(fresh_database: FreshDatabase, tmp_path: Path, clock: SetClock) -> Iterator[Site]:
    """The application, three sites, and one phlebotomist: hashing a password is slow on purpose."""
    made = Site(folder=tmp_path, database=fresh_database().runtime_url, clock=clock)
    with made.work() as work:
        make_places(work)
        make_cast(work, ("phlebotomist",))
    yield made
    made.close()
