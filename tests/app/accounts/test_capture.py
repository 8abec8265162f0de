"""A capture token says whose a queued scan is, on this browser only, for thirty days."""

from app.accounts.capture import capture_token_here, captured_by
from app.web import guard
from tests.builders.site import Site, Visitor
from tests.fakes.clock import SetClock


def owner(site: Site, visitor: Visitor, token: str) -> int | None:
    """Whom the server takes this token for, in a request of this browser."""
    cookie = visitor.client.get_cookie("unbroken-device")
    headers = {"Cookie": f"unbroken-device={cookie.value}"} if cookie else {}
    with site.app.test_request_context("/", headers=headers):
        return captured_by(token)


def test_another_person_on_the_same_browser_sends_it_and_it_stays_the_first_one_s(
    site: Site,
) -> None:
    visitor = site.visitor()
    first = visitor.sign_in("phlebotomist-a").json

    visitor.send("DELETE", "/api/v1/session")

    assert owner(site, visitor, first["capture_token"]) == first["person"]


def test_on_another_browser_it_says_nothing(site: Site) -> None:
    here, there = site.visitor(), site.visitor()
    token = here.sign_in("phlebotomist-a").json["capture_token"]
    there.sign_in("phlebotomist-a")

    assert owner(site, there, token) is None
    assert owner(site, site.visitor(), token) is None


def test_it_lasts_a_month(site: Site, clock: SetClock) -> None:
    visitor = site.visitor()
    told = visitor.sign_in("phlebotomist-a").json

    clock.wait(days=30)
    assert owner(site, visitor, told["capture_token"]) == told["person"]
    clock.wait(days=1)
    assert owner(site, visitor, told["capture_token"]) is None


def test_what_nobody_signed_says_nothing(site: Site) -> None:
    visitor = site.visitor()
    token = visitor.sign_in("phlebotomist-a").json["capture_token"]

    for forged in ("", "x", token[:-1], "x" + token, token.replace(".", "..")):
        assert owner(site, visitor, forged) is None


def test_a_page_has_the_same_token_as_the_sign_in(site: Site) -> None:
    site.app.add_url_rule("/page", view_func=guard.anyone(lambda: capture_token_here() or "none"))
    visitor = site.visitor()

    assert visitor.get("/page").text == "none"
    token = visitor.sign_in("phlebotomist-a").json["capture_token"]
    assert visitor.get("/page").text == token
