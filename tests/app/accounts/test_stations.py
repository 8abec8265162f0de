"""A station's token: shown once, kept as a hash, worth nothing once revoked."""

import pytest
from sqlalchemy import select

from app.accounts import places
from app.accounts.models import Station
from labels.code import parse
from tests.builders.people import NORTH, make_person
from tests.builders.site import HEADER, Site, Visitor


@pytest.fixture
def administrator(site: Site) -> Visitor:
    """The administrator of North clinic, signed in."""
    with site.work() as work:
        make_person(work, login="administrator-a", role="administrator")
    visitor = site.visitor()
    visitor.enter("administrator-a")
    return visitor


def new_station(administrator: Visitor) -> tuple[str, str]:
    answer = administrator.send(
        "POST", "/api/v1/stations", site=NORTH, unit="collection", title="Chair 1"
    )
    assert answer.status_code == 201
    return answer.json["station"], answer.json["token"]


def sites_as(site: Site, token: str) -> int:
    return site.visitor().get("/api/v1/sites", Authorization=f"Station {token}").status_code


def test_a_station_is_known_by_its_token(site: Site, administrator: Visitor) -> None:
    code, token = new_station(administrator)

    assert parse(code).namespace == "ST"
    assert sites_as(site, token) == 200
    assert sites_as(site, token[:-1]) == 401
    assert sites_as(site, "") == 401


def test_only_a_hash_is_kept_and_lists_show_no_token(site: Site, administrator: Visitor) -> None:
    code, token = new_station(administrator)

    with site.work() as work:
        kept = work.session.scalars(select(Station.key_hash)).one()
    listed = administrator.get("/api/v1/stations")

    assert kept == places.hash_of(token)
    assert listed.json["items"][0]["code"] == code
    assert token not in listed.text


def test_a_new_token_ends_the_one_before(site: Site, administrator: Visitor) -> None:
    code, before = new_station(administrator)

    after = administrator.send("POST", f"/api/v1/stations/{code}/token").json["token"]

    assert sites_as(site, before) == 401
    assert sites_as(site, after) == 200


def test_a_revoked_token_is_nobody_s(site: Site, administrator: Visitor) -> None:
    code, token = new_station(administrator)

    assert administrator.send("DELETE", f"/api/v1/stations/{code}/token").status_code == 204

    assert sites_as(site, token) == 401


def test_a_token_that_fails_does_not_fall_back_on_the_cookie(
    site: Site, administrator: Visitor
) -> None:
    assert administrator.get("/api/v1/sites").status_code == 200
    assert administrator.get("/api/v1/sites", Authorization="Station x").status_code == 401


def test_a_station_is_not_let_in_where_a_person_is_asked_for(
    site: Site, administrator: Visitor
) -> None:
    _, token = new_station(administrator)

    answer = site.visitor().get("/api/v1/session", Authorization=f"Station {token}")

    assert answer.status_code == 403


def test_an_administrator_makes_no_station_elsewhere(administrator: Visitor) -> None:
    answer = administrator.send(
        "POST", "/api/v1/stations", site="SOU", unit="collection", title="Chair 1"
    )

    assert answer.status_code == 403
    assert answer.json["detail"] == "It belongs to another site"


def test_a_phlebotomist_makes_no_station(site: Site) -> None:
    visitor = site.visitor()
    visitor.enter("phlebotomist-a")

    answer = visitor.send("POST", "/api/v1/stations", site=NORTH, unit="x", title="x")

    assert answer.status_code == 403
    assert visitor.client.get("/api/v1/stations", headers=HEADER).status_code == 403
