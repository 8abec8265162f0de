"""Somebody sets a station's clock: its own agent says so, G21 objects, and is content again."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session
from werkzeug.serving import WSGIRequestHandler, make_server

from app.accounts import places
from app.alarms import queries
from app.alarms.overview import OPEN
from app.alarms.queries import Asked
from app.custody.verify import verify
from app.jobs import WorkFactory, sweep_once
from hardware.agent.board import Board
from hardware.agent.health import EVERY_SECONDS, Health
from hardware.agent.outbox import Outbox
from hardware.agent.server import HttpServer
from hardware.agent.server_clock import ServerClock
from tests.app.alarms.bench import works_of
from tests.builders.people import NORTH, make_places
from tests.builders.site import Site
from tests.builders.work import the_limits
from tests.conftest import FreshDatabase
from tests.fakes.clock import SetClock
from tests.hardware.fakes import FakeClock, ids_in_order


class Quiet(WSGIRequestHandler):
    """Answers, and writes nothing about it."""

    def log(self, type: str, message: str, *args: object) -> None:
        """Nothing."""


class Station:
    """The server with its watcher, and one station whose agent tells how it is."""

    def __init__(self, site: Site, engine: Engine, clock: SetClock, folder: Path) -> None:
        self.clock, self.device = clock, FakeClock()
        self.device.set_wall(clock() - self.device.wall())
        self.works: WorkFactory = works_of(engine, clock)
        with site.work() as work:
            make_places(work)
            self.code = places.add_station(work, site=NORTH, unit="collection", title="Chair 1")
            token = places.give_token(work, station=self.code)
        self._door = make_server("127.0.0.1", 0, site.app, threaded=True, request_handler=Quiet)
        self._thread = threading.Thread(target=self._door.serve_forever)
        self._thread.start()
        url = f"http://127.0.0.1:{self._door.port}"
        server_clock = ServerClock()
        self._way = HttpServer(url=url, token=token, clock=self.device, server_clock=server_clock)
        self._outbox = Outbox(folder / "outbox.sqlite", ids=ids_in_order())
        self._health = Health(
            station=self.code,
            server_url=url,
            folder=folder,
            outbox=self._outbox,
            board=Board(clock=self.device),
            server=self._way,
            server_clock=server_clock,
            clock=self.device,
        )
        self._health.report()

    def set_clock(self, **step: float) -> None:
        """Somebody sets the station's clock by so much."""
        self.device.set_wall(timedelta(**step))

    def alarms(self) -> list[tuple[str, str]]:
        """The open alarms, after the next report and the look of the watcher that follows."""
        self.device.advance(EVERY_SECONDS)
        self.clock.wait(seconds=EVERY_SECONDS)
        self._health.report()
        sweep_once(self.works)
        work = self.works()
        found = [(each.rule, each.code) for each in queries.alarms(work, Asked(states=OPEN))]
        work.session.close()
        return found

    def stop(self) -> None:
        self._way.close()
        self._outbox.close()
        self._door.shutdown()
        self._door.server_close()
        self._thread.join()


@pytest.fixture
def engine(fresh_database: FreshDatabase) -> Iterator[Engine]:
    engine = create_engine(fresh_database().runtime_url)
    yield engine
    engine.dispose()


@pytest.fixture
def station(engine: Engine, tmp_path: Path) -> Iterator[Station]:
    clock = SetClock()
    site = Site(folder=tmp_path, database=engine.url, clock=clock)
    station = Station(site, engine, clock, tmp_path)
    yield station
    station.stop()
    site.close()


def test_a_clock_that_is_set_is_objected_to_until_it_is_right_again(
    station: Station, engine: Engine
) -> None:
    assert station.alarms() == []
    station.set_clock(seconds=50)
    assert station.alarms() == []
    station.set_clock(minutes=2)
    assert station.alarms() == [("G21", station.code)]
    assert station.alarms() == [("G21", station.code)]
    station.set_clock(minutes=-2, seconds=-50)
    assert station.alarms() == []

    with Session(engine) as session:
        assert verify(session, limits=the_limits(), now=station.clock()).findings == ()
