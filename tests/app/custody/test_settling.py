"""Settle time ends early once every station concerned has said that its queue is empty."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from app.accounts import places
from app.alarms import queries
from app.alarms.queries import AlarmSeen, Asked
from app.custody.drafts import Draft, Reading
from app.custody.ledger import Json, Kind, Mode, Sort, Subject
from app.custody.parties import courier, unit
from app.custody.queries import entries_of, subject_of
from app.custody.service import append
from app.jobs import sweep_once
from app.kernel.work import Actor
from app.scanning.health import Health, hear
from tests.app.alarms.bench import UNIT, Bench, works_on
from tests.builders.people import DOCK, NORTH, make_places, system_work
from tests.builders.work import make_work
from tests.fakes.clock import SetClock

SETTLE = timedelta(minutes=15)
AT_DOCK = unit(DOCK, "dock")


class Stations(Bench):
    """North clinic and the dock, whose stations say how their queues are."""

    def __init__(self, session: Session, clock: SetClock) -> None:
        super().__init__(works_on(session, clock), clock)
        self.session = session
        make_places(system_work(session, clock))
        self.sites: dict[str, str] = {}
        self.chair, self.desk = self.station(NORTH), self.station(NORTH)
        self.dock = self.station(DOCK)

    def station(self, site: str) -> str:
        work = self.open_work()
        code = places.add_station(work, site=site, unit="collection", title=f"At {site}")
        places.give_token(work, station=code)
        self.sites[code] = site
        return code

    def tell(self, station: str, *, queue: int = 0) -> None:
        """What its agent says of itself, a second later."""
        self.clock.wait(seconds=1)
        actor = Actor(station=station, site=self.sites[station])
        work = make_work(self.session, clock=self.clock, actor=actor)
        hear(work, station=station, said=Health(queue=queue))

    def told(self, station: str) -> list[object]:
        """What its story says of its queue."""
        subject = subject_of(self.session, station)
        entries = entries_of(self.session, subject.id) if subject else []
        return [each.facts["state"] for each in entries if each.kind is Kind.QUEUE_STATE]

    def surprise(self) -> Subject:
        """A package that arrives at the dock, and nobody has released it: G36."""
        package = self.register(Sort.PACKAGE, "PK")
        box, [tube] = self.box_of(1)
        self.lines: list[Json] = [[tube.id, tube.code, box.code, "A1"]]
        self.say(Kind.PACKED, box, target=UNIT, inside=package.id)
        self.say(Kind.SEALED, package, target=UNIT, facts={"seal": "S1"})
        hands = {"source": courier("FX"), "target": AT_DOCK}
        self.say(Kind.DELIVERED, package, minutes=60, site=DOCK, **hands)
        sweep_once(self.open_work)
        assert self.alarms() == []
        return package

    def release_late(self, package: Subject) -> None:
        """What a scanner of the clinic had kept: released half an hour before it arrived."""
        work = self.open_work()
        reading = Reading(
            command=work.ids(),
            occurred_at=self.clock() - timedelta(minutes=30),
            site=NORTH,
            station=self.desk,
            mode=Mode.OFFLINE,
        )
        facts: dict[str, Json] = {"destination": DOCK, "lines": self.lines, "count": 1}
        draft = Draft(
            subject=package.id,
            kind=Kind.RELEASED,
            reading=reading,
            source=UNIT,
            target=courier("FX"),
            package=package.id,
            facts=facts,
        )
        append(work, [draft])

    def alarms(self) -> list[AlarmSeen]:
        sweep_once(self.open_work)
        return list(queries.alarms(self.open_work(), Asked()))


@pytest.fixture
def stations(session: Session) -> Stations:
    return Stations(session, SetClock())


def test_when_all_of_both_sites_have_said_they_are_empty_it_is_raised(stations: Stations) -> None:
    stations.surprise()
    arrived = stations.clock()
    stations.tell(stations.chair)
    stations.tell(stations.desk)
    assert stations.alarms() == []
    stations.tell(stations.dock)

    [alarm] = stations.alarms()
    assert (alarm.rule, alarm.since) == ("G36", arrived)
    assert stations.clock() < arrived + SETTLE


def test_one_silent_station_is_waited_for_until_the_time_is_over(stations: Stations) -> None:
    stations.surprise()
    arrived = stations.clock()
    stations.tell(stations.chair)
    stations.tell(stations.dock)
    stations.clock.now = arrived + SETTLE - timedelta(seconds=1)
    assert stations.alarms() == []
    stations.clock.wait(seconds=1)

    assert [alarm.rule for alarm in stations.alarms()] == ["G36"]


def test_what_a_station_still_had_cures_it_before_anybody_is_alarmed(stations: Stations) -> None:
    package = stations.surprise()
    stations.tell(stations.chair)
    stations.tell(stations.dock)
    stations.tell(stations.desk, queue=1)
    assert stations.alarms() == []
    stations.release_late(package)
    stations.tell(stations.desk)

    assert stations.alarms() == []
    stations.clock.wait(minutes=20)
    assert stations.alarms() == []


def test_what_was_said_before_the_gap_ends_nothing(stations: Stations) -> None:
    for station in stations.sites:
        stations.tell(station)
    stations.surprise()

    assert stations.alarms() == []


def test_a_queue_that_emptied_and_filled_again_has_given_what_it_had(stations: Stations) -> None:
    stations.surprise()
    for station in stations.sites:
        stations.tell(station)
    stations.tell(stations.desk, queue=4)

    assert [alarm.rule for alarm in stations.alarms()] == ["G36"]


def test_one_that_was_always_empty_says_so_once_while_it_is_waited_for(stations: Stations) -> None:
    stations.tell(stations.desk)
    stations.tell(stations.desk)
    assert stations.told(stations.desk) == ["empty"]
    stations.surprise()
    for _ in range(3):
        stations.tell(stations.desk)

    assert stations.told(stations.desk) == ["empty", "empty"]


def test_a_station_elsewhere_neither_counts_nor_is_asked(stations: Stations) -> None:
    south = stations.station("SOU")
    stations.tell(south)
    stations.surprise()
    stations.tell(south)
    for station in (stations.chair, stations.desk, stations.dock):
        stations.tell(station)

    assert stations.told(south) == ["empty"]
    assert [alarm.rule for alarm in stations.alarms()] == ["G36"]


def test_a_station_whose_token_is_revoked_is_not_waited_for(stations: Stations) -> None:
    stations.surprise()
    places.revoke_token(stations.open_work(), station=stations.chair)
    stations.tell(stations.desk)
    stations.tell(stations.dock)

    assert [alarm.rule for alarm in stations.alarms()] == ["G36"]


def test_a_site_without_stations_is_never_heard(stations: Stations) -> None:
    stations.surprise()
    places.revoke_token(stations.open_work(), station=stations.dock)
    stations.tell(stations.chair)
    stations.tell(stations.desk)

    assert stations.alarms() == []
