"""No page leads nowhere: every link of every page that can be reached is followed."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.accounts.people import Grant
from app.accounts.rights import ROLES
from app.accounts.service import grant_role
from app.jobs import sweep_once
from tests.app.good_requests import NOW, Things
from tests.builders.people import make_person, make_places
from tests.builders.site import Site, Visitor
from tests.conftest import FreshDatabase
from tests.fakes.clock import SetClock

# These change what the visitor reads, or lead to the form that was just left.
LEFT_OUT = ("/language/", "/sign-in", "/static/")
LINK = re.compile(r'href="(/[^"#]*)')


@pytest.fixture
def site(fresh_database: FreshDatabase, tmp_path: Path) -> Iterator[Site]:
    made = Site(folder=tmp_path, database=fresh_database().runtime_url, clock=SetClock())
    with made.work() as work:
        make_places(work)
        person = make_person(work, login="all-a", role="manager")
        for role in ROLES:
            grant_role(work, person=person, grant=Grant(role=role, site="*"))
    yield made
    made.close()


@pytest.mark.slow
def test_every_link_leads_somewhere(site: Site) -> None:
    things = Things(site.visitor_as("all-a"))
    early = {"subject": things.tube, "kind": "STORED", "occurred_at": NOW, "reason": "forgotten"}
    things.made("late-entries", **early, source="unit:NOR/store", target="unit:NOR/store")
    release = {"source": "unit:NOR/collection", "courier": "FX", "evidence": "badge"}
    things.made(f"packages/{things.package}/release", **release)
    assert isinstance(site.clock, SetClock)
    site.clock.wait(days=3)
    with site.work() as work:
        sweep_once(lambda: work)
    visitor = site.visitor_as("all-a")

    pages = dict(crawled(visitor))

    assert {path: status for path, status in pages.items() if status != 200} == {}
    for kind in ("/alarms/", "/receive/", "/s/"):
        assert any(path.startswith(kind) for path in pages), kind


def crawled(visitor: Visitor) -> Iterator[tuple[str, int]]:
    """Every address that pages lead to, with what it answers."""
    waiting, known = ["/"], {"/"}
    while waiting:
        path = waiting.pop()
        answer = visitor.client.get(path, follow_redirects=True)
        yield path, answer.status_code
        if answer.mimetype != "text/html":
            continue
        found = {link.replace("&amp;", "&") for link in LINK.findall(answer.text)}
        fresh = {link for link in found - known if not link.startswith(LEFT_OUT)}
        known |= fresh
        waiting += sorted(fresh)
