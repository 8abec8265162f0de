"""Adding people, and what an administrator of one site cannot reach."""

from typing import Any

import pytest

from tests.builders.people import NORTH, PASSWORD, SOUTH, make_person
from tests.builders.site import Site, Visitor

PEOPLE = "/api/v1/people"
NEW: dict[str, Any] = {
    "login": "technician-b",
    "label": "Technician B",
    "password": "lantern under cedar 8",
    "site": NORTH,
    "language": "es",
    "grants": [{"role": "technician", "site": NORTH}],
}


@pytest.fixture
def administrator(site: Site) -> Visitor:
    """The administrator of North clinic, signed in."""
    with site.work() as work:
        make_person(work, login="administrator-a", role="administrator")
    visitor = site.visitor()
    visitor.sign_in("administrator-a")
    return visitor


def test_somebody_new_can_sign_in_and_is_spoken_to_in_their_language(
    site: Site, administrator: Visitor
) -> None:
    assert administrator.send("POST", PEOPLE, **NEW).status_code == 201

    visitor = site.visitor()
    answer = visitor.sign_in("technician-b", NEW["password"])

    assert answer.json["roles"] == [["technician", NORTH, "*"]]
    assert visitor.get("/api/v1/nothing").json["title"] == "No se encontró"
    refused = visitor.send("PUT", "/api/v1/session/password").json
    assert refused["errors"][0] == {"path": "present", "message": "Falta este dato"}


@pytest.mark.parametrize(
    ("change", "status", "said"),
    [
        ({"login": "Technician B"}, 422, "A user name has 2 to 64"),
        ({"login": "phlebotomist-a"}, 409, "This user name is taken"),
        ({"password": "password1234"}, 422, "easily guessed"),
        ({"password": "short"}, 422, "at least 12"),
        ({"grants": [{"role": "technician", "site": SOUTH}]}, 403, "another site"),
        ({"grants": [{"role": "technician", "site": "*"}]}, 403, "another site"),
        ({"grants": [{"role": "king", "site": NORTH}]}, 422, "does not fit"),
        ({"grants": [{"role": "technician", "site": NORTH, "programme": "x"}]}, 404, "programme"),
        ({"site": SOUTH}, 403, "another site"),
        ({"site": None}, 403, "another site"),
    ],
)
def test_what_is_refused(
    site: Site, administrator: Visitor, change: dict[str, Any], status: int, said: str
) -> None:
    answer = administrator.send("POST", PEOPLE, **(NEW | change))

    assert answer.status_code == status
    assert said in answer.json["detail"]
    assert site.visitor().sign_in("technician-b", NEW["password"]).status_code == 401


def test_nobody_changes_their_own_rights(administrator: Visitor) -> None:
    me = administrator.get("/api/v1/session").json["person"]
    grant = {"role": "manager", "site": NORTH}

    for answer in (
        administrator.send("POST", f"{PEOPLE}/{me}/grants", **grant),
        administrator.send("DELETE", f"{PEOPLE}/{me}/grants", **grant),
        administrator.send("PATCH", f"{PEOPLE}/{me}", inactive=True),
    ):
        assert answer.status_code == 409


def test_a_password_is_not_reset_for_somebody_who_holds_more(
    site: Site, administrator: Visitor
) -> None:
    with site.work() as work:
        everywhere = make_person(work, login="quality-z", role="quality", site="*")

    answer = administrator.send(
        "PATCH", f"{PEOPLE}/{everywhere}", password="any pass phrase at all"
    )

    assert answer.status_code == 403
    assert site.visitor().sign_in("quality-z").status_code == 200


def test_a_reset_password_ends_the_sessions(site: Site, administrator: Visitor) -> None:
    visitor = site.visitor()
    person = visitor.sign_in("phlebotomist-a").json["person"]

    answer = administrator.send("PATCH", f"{PEOPLE}/{person}", password="any pass phrase at all")

    assert answer.status_code == 200
    assert visitor.get("/api/v1/session").status_code == 401
    assert site.visitor().sign_in("phlebotomist-a", PASSWORD).status_code == 401


def test_a_role_taken_away_is_gone_at_the_next_request(site: Site, administrator: Visitor) -> None:
    visitor = site.visitor()
    person = visitor.sign_in("phlebotomist-a").json["person"]
    grant = {"role": "phlebotomist", "site": NORTH}

    assert administrator.send("DELETE", f"{PEOPLE}/{person}/grants", **grant).status_code == 200

    assert visitor.get("/api/v1/session").json["roles"] == []


def test_people_are_listed_a_page_at_a_time_and_only_of_the_own_sites(
    site: Site, administrator: Visitor
) -> None:
    with site.work() as work:
        make_person(work, login="phlebotomist-s", role="phlebotomist", site=SOUTH)

    first = administrator.get(f"{PEOPLE}?limit=1").json
    rest = administrator.get(f"{PEOPLE}?limit=1&cursor={first['next']}").json

    assert [person["login"] for person in first["items"]] == ["administrator-a"]
    assert [person["login"] for person in rest["items"]] == ["phlebotomist-a"]
    assert rest["next"] is None
    assert administrator.get(f"{PEOPLE}?cursor=AAAA").status_code == 422
    assert administrator.get(f"{PEOPLE}?limit=0").json["errors"][0]["path"] == "limit"
