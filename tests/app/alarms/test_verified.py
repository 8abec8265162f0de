"""The page of a thing says when its chain was last verified, and whether it held."""

from collections.abc import Iterator
from datetime import UTC
from pathlib import Path

import pytest

from app.alarms.marks import VERIFY, facts_of, mark
from app.alarms.verified import verified
from app.custody.drafts import Reading
from app.custody.ledger import Sort, Subject
from app.custody.registry import New, register
from app.custody.verify import Report
from tests.builders.people import NORTH, make_cast, make_places
from tests.builders.site import Site
from tests.conftest import FreshDatabase
from tests.fakes.clock import SetClock


@pytest.fixture
def site(fresh_database: FreshDatabase, tmp_path: Path) -> Iterator[Site]:
    made = Site(folder=tmp_path, database=fresh_database().runtime_url, clock=SetClock())
    with made.work() as work:
        make_places(work)
        make_cast(work, ("phlebotomist",))
    yield made
    made.close()


def a_box(site: Site) -> Subject:
    with site.work() as work:
        reading = Reading(command=work.ids(), occurred_at=work.clock(), site=NORTH)
        return register(work, [New(sort=Sort.BOX, reading=reading, namespace="BX")])[0]


def verify(site: Site, clock: SetClock, *findings: str) -> None:
    clock.wait(minutes=5)
    with site.work() as work:
        report = Report(subjects=1, entries=1, as_of=clock(), findings=findings)
        mark(work, VERIFY, ok=report.ok, facts=facts_of(report))
    clock.wait(minutes=5)


def proof(site: Site, box: Subject) -> str:
    visitor = site.visitor()
    visitor.enter("phlebotomist-a")
    page: str = visitor.get(f"/b/{box.code}").text
    return page[page.index("<dt>Verified</dt>") :].partition("</dd>")[0]


def test_before_a_verification_nothing_is_claimed(site: Site) -> None:
    assert "not yet" in proof(site, a_box(site))


def test_the_last_verification_and_its_result_are_shown(site: Site) -> None:
    box = a_box(site)
    assert isinstance(site.clock, SetClock)
    verify(site, site.clock)

    shown = proof(site, box)

    assert "Unbroken" in shown
    assert site.clock.now.astimezone(UTC).strftime("%Y-%m-%d") in shown


def test_only_the_chains_with_fault_are_called_broken(site: Site) -> None:
    good, bad = a_box(site), a_box(site)
    assert isinstance(site.clock, SetClock)
    verify(site, site.clock, f"{bad.code}: entry 3 is missing")

    assert "Unbroken" in proof(site, good)
    assert "Broken" in proof(site, bad)


def test_what_came_after_the_verification_is_not_verified(site: Site) -> None:
    assert isinstance(site.clock, SetClock)
    verify(site, site.clock)

    assert "not yet" in proof(site, a_box(site))


def test_of_too_many_faults_every_chain_is_called_broken(site: Site) -> None:
    box = a_box(site)
    assert isinstance(site.clock, SetClock)
    verify(site, site.clock, *(f"TB{number}: broken" for number in range(1_001)))

    with site.work() as work:
        seen = verified(work, box)

    assert seen is not None
    assert seen[1] is False
