"""What stands at the top of every page: who, where, in which language, and which way on."""

import pytest

from app.accounts.rights import PHLEBOTOMIST, ROLES
from app.accounts.views import ways
from app.kernel.work import Actor
from tests.builders.people import make_person
from tests.builders.site import Site

WAYS = {
    "phlebotomist": ("overview", "collect", "alarms"),
    "technician": ("overview", "receive", "alarms"),
    "manager": ("overview", "receive", "alarms"),
    "site_coordinator": ("overview", "collect", "alarms"),
    "quality": ("overview", "alarms"),
    "auditor": ("overview", "alarms"),
    "administrator": ("overview",),
}


@pytest.mark.parametrize("role", ROLES)
def test_people_see_the_ways_that_are_theirs(role: str) -> None:
    assert ways(Actor(person=1, grants=frozenset(((role, "NOR", "*"),)))) == WAYS[role]


def test_a_page_says_who_and_where_by_label_and_title(site: Site) -> None:
    visitor = site.visitor()
    visitor.enter("phlebotomist-a")

    page = visitor.get("/nothing-here").text

    assert "North clinic" not in page  # an address that is none looks nobody up
    shown = visitor.get("/language/xx").text
    assert "phlebotomist A" in shown
    assert "North clinic" in shown
    assert "CST" in shown


def test_the_language_can_be_changed_and_follows_the_person(site: Site) -> None:
    visitor, elsewhere = site.visitor(), site.visitor()
    visitor.enter("phlebotomist-a")

    answer = visitor.get("/language/es?then=/alarms%3Fopen%3D1")

    assert (answer.status_code, answer.location) == (303, "/alarms?open=1")
    assert '<html lang="es">' in visitor.get("/language/xx").text
    assert elsewhere.sign_in("phlebotomist-a").json["language"] == "es"


def test_nobody_signed_in_keeps_the_language_on_the_browser(site: Site) -> None:
    visitor = site.visitor()

    visitor.get("/language/es")

    assert '<html lang="es">' in visitor.get("/sign-in").text


def test_the_demo_names_its_people_and_nothing_else_does(site: Site) -> None:
    with site.work() as work:
        make_person(work, login="quality-z", role="quality", site="*")
    demo = Site(
        folder=site.settings.data_dir,
        database=site.app.config["SQLALCHEMY_DATABASE_URI"],
        clock=site.clock,
        demo=True,
    )

    assert "quality-z" in demo.visitor().get("/sign-in").text
    assert "quality-z" not in site.visitor().get("/sign-in").text
    assert PHLEBOTOMIST in demo.visitor().get("/sign-in").text
    demo.close()
