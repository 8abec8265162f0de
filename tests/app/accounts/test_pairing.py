"""A code pairs one computer with one station, once and soon; guessing it is hopeless."""

from typing import Any

import pytest
from sqlalchemy import select

from app.accounts import pairing
from app.accounts.attempts import TOGETHER
from app.accounts.models import Site as SiteRow
from app.accounts.models import Station
from app.web.secrets import keep_secret
from tests.builders.people import NORTH, SOUTH, make_person
from tests.builders.site import HEADER, Site, Visitor
from tests.fakes.clock import SetClock

WRONG = "The code is wrong, was used already, or is older than ten minutes"


@pytest.fixture
def administrator(site: Site) -> Visitor:
    """The administrator of North clinic, signed in."""
    with site.work() as work:
        make_person(work, login="administrator-a", role="administrator")
    return site.visitor_as("administrator-a")


@pytest.fixture
def station(administrator: Visitor) -> str:
    return new_station(administrator)["station"]


def new_station(administrator: Visitor, title: str = "Chair 1") -> dict[str, str]:
    made: dict[str, str] = administrator.send(
        "POST", "/api/v1/stations", site=NORTH, unit="collection", title=title
    ).json
    return made


def code_for(visitor: Visitor, station: str) -> str:
    answer = visitor.send("POST", f"/api/v1/stations/{station}/pairing")
    assert answer.status_code == 201, answer.json
    code: str = answer.json["code"]
    return code


def pair(site: Site, code: str, *, address: str = "10.0.0.7", **more: Any) -> Any:
    return site.app.test_client().post(
        "/api/v1/pair",
        json={"code": code, **more},
        headers=HEADER,
        environ_base={"REMOTE_ADDR": address},
    )


def sites_as(site: Site, token: str) -> int:
    return site.visitor().get("/api/v1/sites", Authorization=f"Station {token}").status_code


def test_a_code_fetches_a_token_that_lets_the_station_in(
    site: Site, administrator: Visitor, station: str
) -> None:
    answer = pair(site, code_for(administrator, station))

    assert answer.status_code == 201
    assert {**answer.json, "token": ""} == {
        "station": station,
        "token": "",
        "title": "Chair 1",
        "site": NORTH,
    }
    assert sites_as(site, answer.json["token"]) == 200


def test_it_is_short_and_forgives_how_it_is_typed(
    site: Site, administrator: Visitor, station: str
) -> None:
    code = code_for(administrator, station)
    assert len(code) == 9
    assert set(code) <= set(pairing.SIGNS + "-")
    assert not set("ILOU") & set(pairing.SIGNS)

    typed = code.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert pair(site, typed).status_code == 201


def test_it_counts_once(site: Site, administrator: Visitor, station: str) -> None:
    code = code_for(administrator, station)
    token = pair(site, code).json["token"]

    again = pair(site, code)

    assert (again.status_code, again.json["detail"]) == (409, WRONG)
    assert sites_as(site, token) == 200


def test_it_counts_for_ten_minutes(
    site: Site, clock: SetClock, administrator: Visitor, station: str
) -> None:
    code = code_for(administrator, station)
    clock.wait(minutes=10)
    assert pair(site, code).json["detail"] == WRONG

    code = code_for(administrator, station)
    clock.wait(minutes=9, seconds=59)
    assert pair(site, code).status_code == 201


def test_a_new_code_voids_the_one_before(site: Site, administrator: Visitor, station: str) -> None:
    before, after = code_for(administrator, station), code_for(administrator, station)

    assert pair(site, before).status_code == 409
    assert pair(site, after).status_code == 201


def test_pairing_shuts_the_computer_before_out_and_nothing_else_does(
    site: Site, administrator: Visitor
) -> None:
    made = new_station(administrator)
    code = code_for(administrator, made["station"])
    assert sites_as(site, made["token"]) == 200

    token = pair(site, code).json["token"]

    assert sites_as(site, made["token"]) == 401
    assert sites_as(site, token) == 200


@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_a_code_ends_with_the_token_it_was_made_beside(
    site: Site, administrator: Visitor, station: str, method: str
) -> None:
    code = code_for(administrator, station)
    administrator.send(method, f"/api/v1/stations/{station}/token")

    assert pair(site, code).status_code == 409


def test_only_a_keyed_hash_is_kept(site: Site, administrator: Visitor, station: str) -> None:
    code = code_for(administrator, station)

    with site.work() as work:
        kept = work.session.scalars(
            select(Station.pairing_hash).where(Station.code == station)
        ).one()
    assert kept is not None
    assert code.encode() not in kept
    assert len(kept) == 32


def test_a_computer_that_holds_reads_of_another_station_does_not_use_a_code_up(
    site: Site, administrator: Visitor, station: str
) -> None:
    other = new_station(administrator, "Chair 2")["station"]
    code = code_for(administrator, station)

    refused = pair(site, code, station=other)

    assert refused.status_code == 409
    assert station in refused.json["detail"]
    assert pair(site, code, station=station).status_code == 201


def test_no_computer_is_paired_at_a_site_that_is_closed(
    site: Site, administrator: Visitor, station: str
) -> None:
    code = code_for(administrator, station)
    with site.work() as work:
        found = work.session.get(SiteRow, NORTH)
        assert found is not None
        found.inactive = True

    assert pair(site, code).json["detail"] == WRONG


@pytest.mark.parametrize(
    "code", ["", "7K2M", "0" * 40, "\U0001f600" * 8, "UUUU-UUUU", "7K2M-94Q\x00"]
)
def test_nonsense_is_no_code(site: Site, code: str) -> None:
    assert pair(site, code).status_code in (400, 409, 422)


def test_who_does_not_look_after_the_station_gets_no_code(site: Site, station: str) -> None:
    with site.work() as work:
        make_person(work, login="administrator-s", role="administrator", site=SOUTH)
    path = f"/api/v1/stations/{station}/pairing"

    assert site.visitor().send("POST", path).status_code == 401
    assert site.visitor_as("phlebotomist-a").send("POST", path).status_code == 403
    assert site.visitor_as("administrator-s").send("POST", path).status_code == 403


def test_there_is_no_code_for_no_station(administrator: Visitor) -> None:
    assert administrator.send("POST", "/api/v1/stations/ST1/pairing").status_code == 404


def test_an_address_that_guesses_must_wait_even_with_the_right_code(
    site: Site, clock: SetClock, administrator: Visitor, station: str
) -> None:
    bound = TOGETHER[0]
    for _ in range(bound.failures):
        assert pair(site, "7K2M-94QX").status_code == 409
    code = code_for(administrator, station)

    refused = pair(site, code)

    assert refused.status_code == 429
    assert refused.headers["Retry-After"] == str(int(bound.within.total_seconds()))
    assert pair(site, code, address="10.0.0.8").status_code == 201
    clock.wait(minutes=15, seconds=1)
    assert pair(site, code_for(administrator, station)).status_code == 201


def test_guesses_from_everywhere_are_counted_together(
    site: Site, clock: SetClock, administrator: Visitor, station: str
) -> None:
    bound = pairing.BOUNDS.login[0]
    with site.work() as work:
        for number in range(bound.failures):
            guess = {
                "code": "7K2M-94QX",
                "only": None,
                "secret": keep_secret(site.settings.secret_file),
            }
            assert pairing.pair(work, address=f"10.0.{number // 4}.1", **guess) is None
    code = code_for(administrator, station)

    assert pair(site, code, address="192.168.0.1").status_code == 429
    clock.wait(minutes=10, seconds=1)
    assert pair(site, code_for(administrator, station), address="192.168.0.1").status_code == 201


def test_guesses_do_not_keep_anybody_from_signing_in(site: Site) -> None:
    for _ in range(TOGETHER[0].failures):
        pair(site, "7K2M-94QX", address="127.0.0.1")

    assert site.visitor().sign_in("phlebotomist-a").status_code == 200
