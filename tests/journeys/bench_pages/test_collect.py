"""A kit collected in a real browser against the real server: ten scans, and nothing lost."""

from collections.abc import Callable
from typing import Any, cast

import pytest
from playwright.sync_api import BrowserContext, Page
from sqlalchemy import text

from app.custody.ledger import Kind
from app.custody.queries import entries_of, subjects_of
from labels.code import COMMAND_CARDS
from tests.browser.conftest import Wedge, until
from tests.journeys.bench_pages.conftest import Running, order_with_kit, sign_in

pytestmark = pytest.mark.browser


def tubes_of(kit: dict[str, object]) -> list[str]:
    return [tube["code"] for tube in cast("list[dict[str, str]]", kit["tubes"])]


def open_kit(page: Page, running: Running, kit: dict[str, object]) -> Wedge:
    page.goto(f"{running.url}/collect/{kit['id']}")
    page.locator('html[data-ready="yes"]').wait_for()
    return Wedge(page)


def draws(running: Running, codes: list[str]) -> list[tuple[str, int | None, str]]:
    """Every COLLECTED of these tubes: code, actor and mode, in the order in which they happened."""
    with running.site.work() as work:
        known = subjects_of(work.session, codes)
        drawn = [
            (entry.occurred_at, code, entry.actor, str(entry.mode))
            for code, subject in known.items()
            for entry in entries_of(work.session, subject.id)
            if entry.kind is Kind.COLLECTED
        ]
    return [(code, actor, mode) for _, code, actor, mode in sorted(drawn)]


def in_the_ledger(running: Running, codes: list[str]) -> Callable[[], bool]:
    return lambda: len(draws(running, codes)) >= len(codes)


def test_kit_eight_tubes_and_done_are_ten_scans_and_no_pointer(
    running: Running, profile: BrowserContext
) -> None:
    kit = order_with_kit(running.site)
    tubes = tubes_of(kit)
    page = sign_in(profile, running.url, "phlebotomist-a")
    pointed: list[str] = []
    page.expose_function("pointed", lambda name: pointed.append(name))
    scanner = open_kit(page, running, kit)
    page.evaluate(
        "addEventListener('pointerdown', (event) => window.pointed(event.target.tagName), true)"
    )

    for code in [str(kit["kit"]), *tubes, COMMAND_CARDS["DONE"]]:
        scanner.scan(code)

    until(in_the_ledger(running, tubes), what="eight draws in the ledger")
    until(lambda: done(running, kit), what="the kit is done")
    assert [code for code, _, _ in draws(running, tubes)] == tubes
    assert pointed == []


def done(running: Running, kit: dict[str, object]) -> bool:
    with running.site.work() as work:
        asked = text("SELECT done_at FROM collection_order WHERE id = :id")
        return work.session.scalar(asked, {"id": str(kit["id"])}) is not None


def test_somebody_elses_tube_is_stopped_and_never_drawn(
    running: Running, profile: BrowserContext
) -> None:
    kit, other = order_with_kit(running.site), order_with_kit(running.site)
    wrong = tubes_of(other)[0]
    page = sign_in(profile, running.url, "phlebotomist-a")
    scanner = open_kit(page, running, kit)
    scanner.scan(str(kit["kit"]))

    scanner.scan(wrong)

    page.locator('.scan[data-outcome="stop"]').wait_for()
    until(lambda: reads(running, wrong) == 1, what="the read is written")
    assert draws(running, [wrong]) == []


def reads(running: Running, code: str) -> int:
    with running.site.work() as work:
        subject = subjects_of(work.session, [code])[code]
        kinds = [entry.kind for entry in entries_of(work.session, subject.id)]
    return kinds.count(Kind.READ)


def test_without_the_server_scanning_goes_on_and_all_arrives_under_who_scanned(
    running: Running, profile: BrowserContext
) -> None:
    kit = order_with_kit(running.site)
    tubes = tubes_of(kit)
    page = sign_in(profile, running.url, "phlebotomist-a")
    scanner = open_kit(page, running, kit)
    scanner.scan(str(kit["kit"]))
    until(lambda: journalled(running) == 1, what="the kit is at the server")
    until(lambda: kept(page) == 0, what="the page knows that the server has the kit")
    running.stop()

    for code in tubes:
        scanner.scan(code)
    # What is painted is only light: the tab may be closed once the drawer has them.
    until(lambda: kept(page) == len(tubes), what="eight draws in the drawer")
    page.close()
    running.start()
    profile.clear_cookies(name="unbroken-session")
    second = sign_in(profile, running.url, "phlebotomist-b")
    second.goto(f"{running.url}/collect/{kit['id']}")

    until(in_the_ledger(running, tubes), what="eight draws in the ledger", deadline=30)
    told: list[Any] = draws(running, tubes)
    first = person(running, "phlebotomist-a")
    assert told == [(code, first, "offline") for code in tubes]


def journalled(running: Running) -> int:
    with running.site.work() as work:
        return cast(int, work.session.scalar(text("SELECT count(*) FROM scan")))


def kept(page: Page) -> int:
    """How many scans the page says lie on this device alone."""
    return int(page.locator("[data-saved]").first.get_attribute("data-waiting") or -1)


def person(running: Running, login: str) -> int:
    with running.site.work() as work:
        found = work.session.scalar(text("SELECT id FROM person WHERE login = :l"), {"l": login})
    return cast(int, found)
