"""The application with a phlebotomist and a coordinator, and the way to a kit through its doors."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.builders.people import NORTH, PROGRAMME, make_cast, make_places
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
        make_cast(work, ("phlebotomist", "site_coordinator", "auditor"))
    yield made
    made.close()


@pytest.fixture
def nurse(site: Site) -> Visitor:
    """The phlebotomist, signed in."""
    visitor = site.visitor()
    visitor.enter("phlebotomist-a")
    return visitor


def new_participant(
    visitor: Visitor, *, consents: tuple[str, ...] = ("primary", "biospecimen")
) -> str:
    """The code of a participant who agreed to these."""
    made = visitor.send("POST", "/api/v1/participants", site=NORTH, programme=PROGRAMME)
    assert made.status_code == 201, made.json
    code: str = made.json["code"]
    for scope in consents:
        said = visitor.send(
            "POST",
            f"/api/v1/participants/{code}/consents",
            scope=scope,
            status="yes",
            version="1",
            language="es",
        )
        assert said.status_code == 201, said.json
    return code


def new_order(visitor: Visitor, participant: str, **more: Any) -> Any:
    """The answer to an order for an adult full kit."""
    asked = {"participant": participant, "protocol": "adult_v3_1", "identity": KINDS, **more}
    return visitor.send("POST", "/api/v1/orders", **asked)


KINDS = ["card_scanned", "name"]
