"""What the tests of the station's side share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hardware.agent.outbox import Outbox
from tests.hardware.fake_server import FakeServer
from tests.hardware.fakes import FakeClock, ids_in_order
from tests.hardware.lines import PtyLine


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    box = Outbox(tmp_path / "outbox.sqlite", ids=ids_in_order())
    yield box
    box.close()


@pytest.fixture
def server() -> Iterator[FakeServer]:
    fake = FakeServer()
    yield fake
    fake.stop()


@pytest.fixture
def line() -> Iterator[PtyLine]:
    wire = PtyLine()
    yield wire
    wire.unplug()
