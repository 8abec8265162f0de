"""The application with somebody at North clinic and at the dock, and a station with a scanner."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.scanning.bench import Bench
from tests.builders.site import Site
from tests.conftest import FreshDatabase
from tests.fakes.clock import SetClock


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def bench(fresh_database: FreshDatabase, tmp_path: Path, clock: SetClock) -> Iterator[Bench]:
    site = Site(folder=tmp_path, database=fresh_database().runtime_url, clock=clock)
    yield Bench(site, clock)
    site.close()
