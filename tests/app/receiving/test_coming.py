"""The list of the dock: by when each package is to come further, the most overdue first."""

import re

from app.custody import sweep
from tests.app.receiving.conftest import Dock
from tests.app.shipping.conftest import packed, release


def listed(page: str) -> list[str]:
    return re.findall(r'href="/receive/(PK\w+)"', page)


def watched(dock: Dock) -> None:
    """Let the watcher look at what has become due."""
    with dock.site.work() as work:
        while sweep.due(work):
            pass


def page_of(dock: Dock, login: str = "tech-d") -> str:
    """The list, for somebody who has just signed in."""
    page: str = dock.site.visitor_as(login).get("/receive").text
    return page


def test_the_most_overdue_comes_first_and_says_by_how_much(dock: Dock) -> None:
    late, nurse = dock.package, dock.site.visitor_as("phlebotomist-a")
    fresh = packed(dock.site, nurse, dock.clock, tubes=1)["package"]
    assert release(nurse, fresh, carrier_number="123456789013").status_code == 200
    dock.clock.wait(hours=29)
    watched(dock)

    page = page_of(dock)

    assert listed(page) == [late, fresh]
    assert len(re.findall("Overdue by", page)) == 1
    assert re.search(r"Overdue by 1 h 0\d min</b>, was due", page)
    assert page.index("Overdue by") < page.index(fresh)
    assert page.count(">due by") == 1


def test_the_page_of_a_late_package_says_what_it_waits_for_since_when(dock: Dock) -> None:
    dock.clock.wait(hours=29)
    watched(dock)

    page = dock.site.visitor_as("tech-d").get(f"/s/{dock.package}").text

    assert re.search(r"<b>Delivery</b><span class=\"small wrong\">was due", page)
    assert "<b>Expected:</b>" not in page


def test_what_is_late_is_listed_before_the_watcher_has_looked(dock: Dock) -> None:
    dock.clock.wait(hours=29)

    assert "Overdue by" in page_of(dock)


def test_what_goes_elsewhere_is_not_on_the_list(dock: Dock) -> None:
    assert listed(page_of(dock)) == [dock.package]
    assert listed(page_of(dock, "nurse-s")) == []


def test_a_package_whose_receipt_is_closed_has_left_the_list(dock: Dock) -> None:
    dock.open()
    assert "Being checked in" in page_of(dock)

    dock.check_in(dock.box, *dock.tubes)
    dock.close()

    assert listed(page_of(dock)) == []
