"""Freezer, rack and box through the doors: made, proposed, promised, looked into."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest

from app.custody.drafts import Reading
from app.custody.ledger import Mode, Sort
from app.custody.queries import subject_of
from app.custody.registry import New, register
from app.storage import service
from app.storage.service import PutAway
from tests.builders.people import DOCK, NORTH, make_person, make_places
from tests.builders.site import Site, Visitor
from tests.conftest import FreshDatabase
from tests.fakes.clock import SetClock


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def site(fresh_database: FreshDatabase, tmp_path: Path, clock: SetClock) -> Iterator[Site]:
    made = Site(folder=tmp_path, database=fresh_database().runtime_url, clock=clock)
    with made.work() as work:
        make_places(work)
        make_person(work, login="tech-a", role="technician", site=DOCK)
        make_person(work, login="tech-b", role="technician", site=DOCK)
        make_person(work, login="manager-c", role="manager", site=DOCK)
        make_person(work, login="admin-d", role="administrator", site=DOCK)
        make_person(work, login="nurse-a", role="phlebotomist", site=NORTH)
    yield made
    made.close()


@pytest.fixture
def technician(site: Site) -> Visitor:
    return site.visitor_as("tech-a")


@pytest.fixture
def manager(site: Site) -> Visitor:
    return site.visitor_as("manager-c")


def add(visitor: Visitor, kind: str, **more: Any) -> str:
    made = visitor.send("POST", "/api/v1/places", kind=kind, site=DOCK, **more)
    assert made.status_code == 201, made.json
    code: str = made.json["code"]
    return code


@pytest.fixture
def rack(manager: Visitor) -> str:
    """A rack of two by two in a freezer."""
    freezer = add(manager, "freezer", rows=1, columns=4, temperature="minus80")
    return add(manager, "rack", rows=2, columns=2, place=freezer, position="A1")


def put(site: Site, clock: SetClock, code: str, where: str, position: str) -> None:
    clock.wait(minutes=1)
    with site.work() as work:
        thing, location = subject_of(work.session, code), subject_of(work.session, where)
        assert thing is not None
        assert location is not None
        reading = Reading(
            command=work.ids(), occurred_at=clock(), site=DOCK, mode=Mode.SCAN, device_id="d"
        )
        away = PutAway(subject=thing, location=location, position=position, reading=reading)
        service.store(work, [away])


def box_from_a_clinic(site: Site) -> str:
    nurse = site.visitor_as("nurse-a")
    made = nurse.send("POST", "/api/v1/boxes", site=NORTH, rows=2, columns=3)
    code: str = made.json["boxes"][0]["code"]
    return code


def test_a_place_is_proposed_and_then_promised(
    site: Site, technician: Visitor, manager: Visitor, rack: str
) -> None:
    box = add(manager, "box", rows=9, columns=9)

    first = technician.send("POST", "/api/v1/places/proposals", subject=box)
    second = site.visitor_as("tech-b").send("POST", "/api/v1/places/proposals", subject=box)

    assert (first.json["location"], first.json["position"]) == (rack, "A1")
    assert second.json["position"] == "A2"
    spots = technician.get(f"/api/v1/places/{rack}").json["positions"]
    assert [spot["state"] for spot in spots] == ["reserved", "reserved", "free", "free"]


def test_a_box_is_proposed_only_what_is_as_cold_as_it_needs(
    technician: Visitor, manager: Visitor, rack: str
) -> None:
    cold = add(manager, "box", rows=9, columns=9, temperature="minus80")
    colder = add(manager, "box", rows=9, columns=9, temperature="nitrogen")

    fits = technician.send("POST", "/api/v1/places/proposals", subject=cold, site=DOCK)
    nowhere = technician.send("POST", "/api/v1/places/proposals", subject=colder, site=DOCK)

    assert (fits.status_code, fits.json["location"]) == (201, rack)
    assert nowhere.status_code == 409


def test_of_two_who_ask_for_one_place_at_once_one_has_it(
    site: Site, technician: Visitor, rack: str
) -> None:
    people = [technician, site.visitor_as("tech-b")]
    together = Barrier(len(people))

    def ask(visitor: Visitor) -> int:
        together.wait(timeout=10)
        answer = visitor.send("POST", "/api/v1/reservations", location=rack, position="A1")
        return int(answer.status_code)

    with ThreadPoolExecutor(len(people)) as pool:
        answers = list(pool.map(ask, people))

    assert sorted(answers) == [201, 409]


def test_a_foreign_code_in_the_table_of_a_box_is_no_formula(
    site: Site, technician: Visitor, manager: Visitor, clock: SetClock
) -> None:
    box = add(manager, "box", rows=1, columns=1)
    with site.work() as work:
        reading = Reading(command=work.ids(), occurred_at=clock(), site=DOCK)
        tube = New(sort=Sort.TUBE, reading=reading, namespace="foreign", code="=1+1")
        register(work, [tube])
    put(site, clock, "=1+1", box, "A1")

    table = technician.get(f"/api/v1/boxes/{box}.csv").text.splitlines()

    assert table[-1] == f"{box},A1,taken,'=1+1"


def test_a_rack_is_proposed_a_freezer(technician: Visitor, manager: Visitor, rack: str) -> None:
    other = add(manager, "rack", rows=2, columns=2)

    proposed = technician.send("POST", "/api/v1/places/proposals", subject=other, site=DOCK)

    assert proposed.status_code == 201, proposed.json
    assert proposed.json["location"].startswith("FZ")
    assert proposed.json["position"] == "A2"


def test_what_is_promised_is_politely_refused_and_can_be_given_back(
    site: Site, technician: Visitor, rack: str
) -> None:
    other = site.visitor_as("tech-b")
    asked = {"location": rack, "position": "B02"}
    held = technician.send("POST", "/api/v1/reservations", **asked)
    refused = other.send("POST", "/api/v1/reservations", **asked)

    assert (held.status_code, held.json["position"]) == (201, "B2")
    assert refused.status_code == 409
    assert "technician A" in refused.json["detail"]
    path = f"/api/v1/reservations/{held.json['id']}"
    assert other.send("DELETE", path).status_code == 404
    assert technician.send("DELETE", path).status_code == 204
    assert other.send("POST", "/api/v1/reservations", **asked).status_code == 201


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"position": "C1"}, 409),
        ({"position": "A1", "location": "RK0000000000X"}, 404),
        ({"position": ""}, 422),
    ],
)
def test_what_cannot_be_promised(
    technician: Visitor, rack: str, asked: dict[str, str], status: int
) -> None:
    answer = technician.send("POST", "/api/v1/reservations", **({"location": rack} | asked))

    assert answer.status_code == status


def test_a_clinic_s_box_is_seen_where_it_is_kept(
    site: Site, technician: Visitor, clock: SetClock, rack: str
) -> None:
    box = box_from_a_clinic(site)
    with site.work() as work:
        reading = Reading(command=work.ids(), occurred_at=clock(), site=DOCK)
        (tube,) = register(work, [New(sort=Sort.TUBE, reading=reading, namespace="TB")])
    put(site, clock, tube.code, box, "B3")
    put(site, clock, box, rack, "A1")

    seen = technician.get(f"/api/v1/boxes/{box}").json
    table = technician.get(f"/api/v1/boxes/{box}.csv").text.splitlines()

    assert (seen["rows"], seen["columns"], seen["used"], seen["free"]) == (2, 3, 1, 5)
    assert seen["positions"][-1] == {
        "position": "B3",
        "state": "taken",
        "subject": tube.code,
        "until": None,
    }
    assert table[-1] == f"{box},B3,taken,{tube.code}"
    assert site.visitor_as("nurse-a").get(f"/api/v1/boxes/{box}").status_code == 403


def test_who_may_not_keep_places_makes_none(site: Site, rack: str) -> None:
    nurse = site.visitor_as("nurse-a")

    for login in ("nurse-a", "tech-a"):
        for kind in ("freezer", "rack", "box"):
            made = site.visitor_as(login).send("POST", "/api/v1/places", kind=kind, site=DOCK)
            assert made.status_code == 403
    asked = {"location": rack, "position": "A1"}
    assert nurse.send("POST", "/api/v1/reservations", **asked).status_code == 403
    assert nurse.get(f"/api/v1/places/{rack}").status_code == 403


def test_the_administrator_adds_places_and_looks_into_none(site: Site) -> None:
    administrator = site.visitor_as("admin-d")

    freezer = add(administrator, "freezer", rows=1, columns=4)

    assert administrator.get(f"/api/v1/places/{freezer}").status_code == 403
    elsewhere = {"kind": "freezer", "site": NORTH}
    assert administrator.send("POST", "/api/v1/places", **elsewhere).status_code == 403


@pytest.mark.parametrize(
    ("path", "more"), [("places", {"kind": "freezer"}), ("boxes", {}), ("places", {"kind": "box"})]
)
def test_nothing_is_made_at_a_site_that_is_none(site: Site, path: str, more: Any) -> None:
    with site.work() as work:
        for role in ("manager", "technician"):
            make_person(work, login=f"{role}-e", role=role, site="*")
    maker = site.visitor_as("manager-e" if path == "places" else "technician-e")

    for nowhere in ("XYZ", "*"):
        assert maker.send("POST", f"/api/v1/{path}", site=nowhere, **more).status_code == 404


def test_what_stands_at_a_place_without_a_position_is_listed(
    site: Site, technician: Visitor, manager: Visitor, clock: SetClock
) -> None:
    freezer = add(manager, "freezer")
    boxes = [add(manager, "box") for _ in range(2)]
    with site.work() as work:
        for box, position in zip(boxes, (None, "A1"), strict=True):
            thing, place = subject_of(work.session, box), subject_of(work.session, freezer)
            assert thing is not None
            assert place is not None
            reading = Reading(command=work.ids(), occurred_at=clock(), site=DOCK, device_id="d")
            put_away = PutAway(subject=thing, location=place, position=position, reading=reading)
            service.store(work, [put_away])

    seen = technician.get(f"/api/v1/places/{freezer}").json
    page = technician.get(f"/s/{freezer}").text

    assert seen["without_position"] == [boxes[0]]
    assert [spot["subject"] for spot in seen["positions"]] == [boxes[1]]
    assert all(f'href="/b/{box}"' in page for box in boxes)
    assert "<h2>Here</h2>" in page
