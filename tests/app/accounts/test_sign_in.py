"""Signing in and out, and what ends a session."""

import pytest

from app.accounts import service
from tests.builders.people import NORTH, PASSWORD
from tests.builders.site import HEADER, Site
from tests.fakes.clock import SetClock

WHO = "/api/v1/session"


def test_signing_in_says_who_and_what_they_may(site: Site) -> None:
    visitor = site.visitor()

    answer = visitor.sign_in("phlebotomist-a")

    assert answer.status_code == 200
    assert answer.json["login"] == "phlebotomist-a"
    assert answer.json["roles"] == [["phlebotomist", NORTH, "*"]]
    assert answer.json["site"] == NORTH
    assert answer.json["language"] == "en"
    assert answer.json["capture_token"]
    assert visitor.get(WHO).json["person"] == answer.json["person"]


def test_the_cookie_is_not_for_scripts_nor_for_other_sites(site: Site) -> None:
    answer = site.visitor().sign_in("phlebotomist-a")

    session = next(c for c in answer.headers.getlist("Set-Cookie") if "session" in c)
    assert "HttpOnly" in session
    assert "SameSite=Strict" in session
    assert "Secure" not in session  # plain http in the tests


def test_over_https_the_cookie_stays_with_https_and_this_host(site: Site) -> None:
    safe = Site(
        folder=site.settings.data_dir,
        database=site.app.config["SQLALCHEMY_DATABASE_URI"],
        clock=site.clock,
        https=True,
    )
    answer = safe.visitor().sign_in("phlebotomist-a")
    safe.close()

    cookies = answer.headers.getlist("Set-Cookie")
    names = {cookie.split("=")[0] for cookie in cookies}
    assert names == {"__Host-unbroken-session", "__Host-unbroken-device", "language"}
    assert all("Secure" in cookie and "Path=/" in cookie for cookie in cookies)
    assert "max-age=" in answer.headers["Strict-Transport-Security"]


@pytest.mark.parametrize(
    ("login", "password"),
    [("phlebotomist-a", "not the password"), ("nobody-a", PASSWORD), ("\ufffd'; --", "x")],
)
def test_a_wrong_sign_in_is_not_told_which_half_was_wrong(
    site: Site, login: str, password: str
) -> None:
    answer = site.visitor().sign_in(login, password)

    assert answer.status_code == 401
    assert answer.json["detail"] == "The user name or the password is not right"
    assert answer.json["type"] == "urn:unbroken:problem:WrongSignIn"
    assert not answer.headers.getlist("Set-Cookie")


def test_the_login_may_be_typed_in_capitals(site: Site) -> None:
    assert site.visitor().sign_in(" Phlebotomist-A").status_code == 200


def test_after_signing_out_nobody_is_there(site: Site) -> None:
    visitor = site.visitor()
    visitor.sign_in("phlebotomist-a")

    assert visitor.client.delete(WHO, headers=HEADER).status_code == 204
    assert visitor.get(WHO).status_code == 401


def test_a_session_ends_half_an_hour_after_the_last_deed(site: Site, clock: SetClock) -> None:
    visitor = site.visitor()
    visitor.sign_in("phlebotomist-a")

    clock.wait(minutes=29)
    assert visitor.get(WHO).status_code == 200
    clock.wait(minutes=29)
    assert visitor.get(WHO).status_code == 200
    clock.wait(minutes=30)
    assert visitor.get(WHO).status_code == 401


def test_a_page_that_asks_whether_it_changed_keeps_nobody_signed_in(
    site: Site, clock: SetClock
) -> None:
    visitor = site.visitor()
    visitor.sign_in("phlebotomist-a")

    clock.wait(minutes=20)
    assert visitor.get(WHO, **{"If-None-Match": '"x"'}).status_code == 200
    clock.wait(minutes=11)
    assert visitor.get(WHO).status_code == 401


def test_a_session_ends_after_twelve_hours_whatever_is_done(site: Site, clock: SetClock) -> None:
    visitor = site.visitor()
    visitor.sign_in("phlebotomist-a")

    for _ in range(47):
        clock.wait(minutes=15)
        assert visitor.get(WHO).status_code == 200
    clock.wait(minutes=15)
    assert visitor.get(WHO).status_code == 401


def test_a_changed_cookie_is_nobody_s(site: Site) -> None:
    visitor = site.visitor()
    visitor.sign_in("phlebotomist-a")
    cookie = visitor.client.get_cookie("unbroken-session")
    assert cookie is not None

    visitor.client.set_cookie("unbroken-session", "x" + cookie.value)

    assert visitor.get(WHO).status_code == 401


def test_a_capture_token_is_no_session(site: Site) -> None:
    visitor = site.visitor()
    token = visitor.sign_in("phlebotomist-a").json["capture_token"]

    visitor.client.set_cookie("unbroken-session", token)

    assert visitor.get(WHO).status_code == 401


def test_changing_the_password_signs_out_everywhere_else(site: Site) -> None:
    here, there = site.visitor(), site.visitor()
    here.sign_in("phlebotomist-a")
    there.sign_in("phlebotomist-a")

    new = "orchard lantern forty-two"
    answer = here.send("PUT", "/api/v1/session/password", present=PASSWORD, password=new)

    assert answer.status_code == 204
    assert here.get(WHO).status_code == 200
    assert there.get(WHO).status_code == 401
    assert site.visitor().sign_in("phlebotomist-a").status_code == 401
    assert site.visitor().sign_in("phlebotomist-a", new).status_code == 200


def test_changing_the_password_asks_for_the_present_one(site: Site) -> None:
    visitor = site.visitor()
    visitor.sign_in("phlebotomist-a")

    answer = visitor.send(
        "PUT", "/api/v1/session/password", present="something else", password="x" * 20
    )

    assert answer.status_code == 409
    assert answer.json["detail"] == "The present password is not right"


def test_somebody_shut_out_is_out_at_the_next_request(site: Site) -> None:
    visitor = site.visitor()
    person = visitor.sign_in("phlebotomist-a").json["person"]

    with site.work() as work:
        service.set_inactive(work, person=person, inactive=True)

    assert visitor.get(WHO).status_code == 401
    assert visitor.sign_in("phlebotomist-a").status_code == 401


def test_the_sign_in_page_leads_to_where_one_wanted_to_go(site: Site) -> None:
    visitor = site.visitor()

    page = visitor.get("/sign-in?then=/alarms")

    assert page.status_code == 200
    assert 'data-then="/alarms"' in page.text
    visitor.sign_in("phlebotomist-a")
    assert visitor.get("/sign-in?then=/alarms").location == "/alarms"


@pytest.mark.parametrize("then", ["//elsewhere.example", "https://elsewhere.example", "/\\x", ""])
def test_no_link_leads_away_from_here(site: Site, then: str) -> None:
    visitor = site.visitor()
    visitor.sign_in("phlebotomist-a")

    assert visitor.client.get("/sign-in", query_string={"then": then}).location == "/"
    assert visitor.client.get("/language/es", query_string={"then": then}).location == "/"
