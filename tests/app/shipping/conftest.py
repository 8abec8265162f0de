"""The application with people who send and people who receive, and a package on its way."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.custody import parties
from app.custody.drafts import Draft, Reading
from app.custody.ledger import Evidence, Kind, Mode, Sort, Subject
from app.custody.queries import subject_of
from app.custody.registry import New, register
from app.custody.service import append, by_hand
from app.kernel.work import Work
from app.shipping import service as shipping
from tests.builders.people import DOCK, NORTH, make_cast, make_person, make_places
from tests.builders.site import Site, Visitor
from tests.conftest import FreshDatabase
from tests.fakes.clock import SetClock

FEDEX, FEDEX_TOO = "777777777770", "123456789012"


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def site(fresh_database: FreshDatabase, tmp_path: Path, clock: SetClock) -> Iterator[Site]:
    made = Site(folder=tmp_path, database=fresh_database().runtime_url, clock=clock)
    with made.work() as work:
        make_places(work)
        make_cast(work, ("phlebotomist", "site_coordinator", "auditor"))
        make_person(work, login="tech-d", role="technician", site=DOCK)
        make_person(work, login="nurse-s", role="phlebotomist", site="SOU")
    yield made
    made.close()


@pytest.fixture
def nurse(site: Site) -> Visitor:
    return site.visitor_as("phlebotomist-a")


@pytest.fixture
def technician(site: Site) -> Visitor:
    return site.visitor_as("tech-d")


def read_at(work: Work, site: str = NORTH) -> Reading:
    """Something scanned at a site now."""
    return replace(by_hand(work, site=site), mode=Mode.SCAN)


def drawn(work: Work, count: int, *, site: str = NORTH) -> tuple[Subject, ...]:
    """Tubes that were drawn at a site."""
    how = read_at(work, site)
    tubes = register(
        work,
        [New(sort=Sort.TUBE, reading=how, namespace="TB", ordinal=n) for n in range(count)],
    )
    append(
        work,
        [
            Draft(
                subject=tube.id,
                kind=Kind.COLLECTED,
                reading=read_at(work, site),
                source="nobody",
                target=parties.unit(site, "collection"),
                evidence=Evidence.NONE,
            )
            for tube in tubes
        ],
    )
    return tubes


def packed(site: Site, nurse: Visitor, clock: SetClock, *, tubes: int = 3) -> dict[str, Any]:
    """A sealed package with one box: the codes of package, box and tubes."""
    box = nurse.send("POST", "/api/v1/boxes", site=NORTH).json["boxes"][0]["code"]
    made = nurse.send("POST", "/api/v1/packages", site=NORTH, destination=DOCK)
    package = made.json["code"]
    with site.work() as work:
        inside = drawn(work, tubes)
        clock.wait(minutes=1)
        put_in(work, inside, box, package)
    clock.wait(minutes=1)
    sealed = nurse.send("POST", f"/api/v1/packages/{package}/seal", seal="S-1")
    assert sealed.status_code == 200, sealed.json
    clock.wait(minutes=1)
    return {"package": package, "box": box, "tubes": [tube.code for tube in inside]}


def put_in(work: Work, tubes: Sequence[Subject], box: str, package: str) -> None:
    """Put tubes into a box, at A1 and on, and the box into a package."""
    around, outer = subject_of(work.session, box), subject_of(work.session, package)
    assert around is not None
    assert outer is not None
    places = [(tube, f"A{n}", read_at(work)) for n, tube in enumerate(tubes, start=1)]
    shipping.pack_tubes(work, places, around)
    shipping.pack_boxes(work, [(around, read_at(work))], outer)


def release(visitor: Visitor, package: str, **more: Any) -> Any:
    """The answer to a release to a courier."""
    said = {
        "source": "unit:NOR/collection",
        "courier": "FedEx",
        "evidence": "signature",
        "carrier_number": FEDEX,
        **more,
    }
    return visitor.send("POST", f"/api/v1/packages/{package}/release", **said)
