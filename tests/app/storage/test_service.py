"""Places promised, taken and disputed, on a real database that is rolled back."""

import pytest
from sqlalchemy.orm import Session

from app.custody import queries as custody
from app.custody.drafts import Reading
from app.custody.ledger import Mode, Sort, Subject
from app.custody.registry import New, register
from app.kernel.work import Actor, Work
from app.storage import service, units
from app.storage.queries import propose
from app.storage.service import NewReservation, PutAway, SlotReserved, SlotTaken
from app.storage.units import NewUnit, add_unit
from tests.builders.people import DOCK, make_places
from tests.builders.work import make_work
from tests.fakes.clock import SetClock


class Room:
    """A biobank with a freezer, a rack in it, and a box nobody has put away yet."""

    def __init__(self, session: Session) -> None:
        self.session, self.clock = session, SetClock()
        self.work = self.of(None)
        make_places(self.work)
        freezer = add_unit(self.work, NewUnit(kind="freezer", site=DOCK))
        self.rack = add_unit(
            self.work,
            NewUnit(kind="rack", site=DOCK, rows=2, columns=2, place=freezer.code, position="A1"),
        )
        self.box = add_unit(self.work, NewUnit(kind="box", site=DOCK, rows=9, columns=9))

    def of(self, person: int | None) -> Work:
        """Work of this person, who may do everything here."""
        actor = Actor(
            person=person,
            system=person is None,
            site=DOCK,
            grants=frozenset({("technician", DOCK, "*")}),
        )
        return make_work(self.session, clock=self.clock, actor=actor)

    def put(self, subject: Subject, position: str, *, by: int = 1) -> PutAway:
        self.clock.wait(minutes=1)
        reading = Reading(
            command=self.work.ids(),
            occurred_at=self.clock(),
            site=DOCK,
            actor=by,
            mode=Mode.SCAN,
        )
        return PutAway(subject=subject, location=self.rack, position=position, reading=reading)


@pytest.fixture
def room(session: Session) -> Room:
    return Room(session)


def test_a_rack_in_a_freezer_is_proposed_and_promised(room: Room) -> None:
    found, held = service.propose_for(room.of(1), room.box.code, site=DOCK)

    assert (found.location, found.position) == (room.rack, "A1")
    assert held.person == 1


def test_what_is_promised_to_one_is_refused_to_another(room: Room) -> None:
    wanted = NewReservation(location=room.rack.code, position="A1")
    service.reserve(room.of(1), wanted)

    with pytest.raises(SlotReserved):
        service.reserve(room.of(2), wanted)


def test_a_promise_ends_by_itself(room: Room) -> None:
    wanted = NewReservation(location=room.rack.code, position="A1")
    service.reserve(room.of(1), wanted)
    room.clock.wait(minutes=31)

    assert service.reserve(room.of(2), wanted).person == 2


def test_a_promise_can_be_given_back_by_its_owner_alone(room: Room) -> None:
    held = service.reserve(room.of(1), NewReservation(location=room.rack.code, position="A1"))

    with pytest.raises(service.NoSuchReservation):
        service.give_back(room.of(2), held.id)
    service.give_back(room.of(1), held.id)


def test_putting_it_there_keeps_the_promise_and_takes_the_place(room: Room) -> None:
    service.reserve(room.of(1), NewReservation(location=room.rack.code, position="A1"))
    written = service.store(room.of(1), [room.put(room.box, "A1")])

    assert written.findings == ()
    assert custody.occupied(room.session, room.rack.id) == {"A1": room.box.id}
    with pytest.raises(SlotTaken):
        service.reserve(room.of(2), NewReservation(location=room.rack.code, position="A1"))


def test_two_boxes_reported_in_one_place_are_both_written_and_disputed(room: Room) -> None:
    other = add_unit(room.work, NewUnit(kind="box", site=DOCK, rows=9, columns=9))
    service.store(room.of(1), [room.put(room.box, "A1")])
    second = service.store(room.of(2), [room.put(other, "A1", by=2)])

    assert [gap.rule for gap in second.findings] == ["G56"]
    assert custody.claimed(room.session, room.rack.id, "A1") == (room.box.id, other.id)
    service.move(room.of(2), [room.put(other, "A2", by=2)])
    assert custody.gaps_of(room.session, [other.id]) == []


def test_somebody_elses_promise_stops_the_deed_before_it_is_done(room: Room) -> None:
    service.reserve(room.of(1), NewReservation(location=room.rack.code, position="A1"))

    assert service.why_stop(room.of(2), room.put(room.box, "A1", by=2)) is not None
    assert service.why_stop(room.of(1), room.put(room.box, "A1", by=1)) is None


def test_moving_a_box_is_one_entry_and_its_tubes_go_with_it(room: Room) -> None:
    reading = Reading(command=room.work.ids(), occurred_at=room.clock(), site=DOCK)
    (tube,) = register(room.work, [New(sort=Sort.TUBE, reading=reading, namespace="TB")])
    inside = PutAway(
        subject=tube, location=room.box, position="B2", reading=room.put(tube, "").reading
    )
    service.store(room.of(1), [inside])
    service.store(room.of(1), [room.put(room.box, "A1")])
    before = len(custody.entries_of(room.session, tube.id))

    service.move(room.of(1), [room.put(room.box, "B2")])

    assert len(custody.entries_of(room.session, tube.id)) == before
    standing = custody.standing(room.session, tube.id)
    assert [around.code for around in standing.path] == [room.box.code, room.rack.code]
    assert custody.standing(room.session, room.box.id).position == "B2"


def test_no_place_is_proposed_where_there_is_none(room: Room) -> None:
    assert propose(room.work, room.box, site="XXX") is None


def test_units_are_found_by_their_code(room: Room) -> None:
    assert units.unit_of(room.work, room.rack.code)[0] == room.rack
    with pytest.raises(units.UnknownPlace):
        units.unit_of(room.work, "RK0000000000X")
