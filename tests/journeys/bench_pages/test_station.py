"""A page bound to a station shows what its serial scanner reads, in time and sent once."""

import time
from itertools import count
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from app.accounts import places
from app.kernel.clock import system_clock
from labels.code import COMMAND_CARDS
from tests.browser.conftest import until
from tests.builders.people import NORTH
from tests.journeys.bench_pages.conftest import Running, order_with_kit, sign_in
from tests.journeys.bench_pages.test_collect import draws, person, tubes_of

pytestmark = pytest.mark.browser
IN_TIME = 1.5
HEARS = {"en": "Hears this station's scanners", "es": "Oye los lectores de esta estación"}


class Chair:
    """A station whose program sends what its serial scanner reads."""

    def __init__(self, running: Running) -> None:
        self._client = running.site.app.test_client()
        self._numbers = count(1)
        with running.site.work() as work:
            self.code = places.add_station(work, site=NORTH, unit="collection", title="Chair 1")
            token = places.give_token(work, station=self.code)
        self._headers = {"Authorization": f"Station {token}"}
        said = {"queue": 0, "device_states": {self.device: "ready"}}
        path = f"/api/v1/stations/{self.code}/health"
        assert self._client.post(path, json=said, headers=self._headers).status_code == 200

    @property
    def device(self) -> str:
        return f"{self.code}/hand/0a0a"

    def reads(self, raw: str) -> Any:
        """What the server says of one read."""
        number = next(self._numbers)
        scan = {
            "id": f"01980000-0000-7000-8000-{number:012}",
            "raw": raw,
            "method": "agent",
            "device_id": self.device,
            "device_seq": number,
            "device_time": system_clock().isoformat(),
            "offset_ms": 0,
            "uncertainty_ms": 5,
        }
        answer = self._client.post("/api/v1/scans", json={"scans": [scan]}, headers=self._headers)
        assert answer.status_code == 200, answer.json
        return answer.json["results"][0]


@pytest.fixture
def chair(running: Running) -> Chair:
    return Chair(running)


@pytest.fixture
def sent(profile: BrowserContext) -> list[str]:
    """Every request by which a page of this profile sent scans."""
    posts: list[str] = []
    profile.on(
        "request",
        lambda one: posts.append(one.url) if one.url.endswith("/scans") else None,
    )
    return posts


def bind(page: Page, running: Running, kit: dict[str, object], language: str = "en") -> None:
    """Open the kit's page and choose the chair."""
    page.goto(f"{running.url}/collect/{kit['id']}")
    page.locator('html[data-ready="yes"]').wait_for()
    page.locator("#station").select_option(label="Chair 1")
    expect(page.locator("[data-hears]")).to_have_text(HEARS[language])


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_serial_scan_is_shown_in_time_and_nothing_is_sent_twice(
    running: Running, profile: BrowserContext, chair: Chair, sent: list[str], language: str
) -> None:
    kit = order_with_kit(running.site)
    first, second, *_ = tubes_of(kit)
    page = sign_in(profile, running.url, "phlebotomist-a")
    page.goto(f"{running.url}/language/{language}")
    page.add_init_script(
        "window.tones = []; document.addEventListener('unbroken:tone', (event) => "
        "window.tones.push(event.detail.outcome))"
    )
    bind(page, running, kit, language)
    waits = []
    for code in (first, second):
        assert chair.reads(code)["verdict"] == "accepted"
        told = time.monotonic()
        page.locator(f'.tube[data-code="{code}"][data-state="done"]').wait_for()
        waits.append(time.monotonic() - told)

    assert max(waits) <= IN_TIME
    expect(page.locator(".tally b")).to_have_text("2 / 8")
    expect(page.locator(".scan")).to_have_attribute("data-outcome", "ok")
    expect(page.locator(".msg")).to_contain_text({"en": ": drawn", "es": "extraído"}[language])
    assert page.evaluate("window.tones") == ["ok", "ok"]
    assert sent == []
    nurse = person(running, "phlebotomist-a")
    assert draws(running, [first, second]) == [(first, nurse, "scan"), (second, nurse, "scan")]


def test_two_pages_of_one_station_both_show_it_and_what_is_undone(
    running: Running, profile: BrowserContext, chair: Chair
) -> None:
    kit = order_with_kit(running.site)
    code = tubes_of(kit)[0]
    pages = [sign_in(profile, running.url, "phlebotomist-a"), profile.new_page()]
    for page in pages:
        bind(page, running, kit)
    chair.reads(code)
    for page in pages:
        page.locator(f'.tube[data-code="{code}"][data-state="done"]').wait_for()

    pages[0].reload()
    pages[0].locator(f'.tube[data-code="{code}"][data-state="done"]').wait_for()
    expect(pages[0].locator("[data-hears]")).to_have_text(HEARS["en"])

    assert chair.reads(COMMAND_CARDS["UNDO"])["verdict"] == "accepted"
    for page in pages:
        page.locator(f'.tube[data-code="{code}"][data-state="next"]').wait_for()
    expect(pages[1].locator("[data-hears]")).to_have_text("The station is at something else now")


def test_another_orders_tube_shows_what_the_server_said(
    running: Running, profile: BrowserContext, chair: Chair
) -> None:
    kit, other = order_with_kit(running.site), order_with_kit(running.site)
    page = sign_in(profile, running.url, "phlebotomist-a")
    bind(page, running, kit)

    said = chair.reads(tubes_of(other)[0])

    assert said["verdict"] == "stop"
    page.locator('.scan[data-outcome="stop"]').wait_for()
    expect(page.locator(".msg")).to_have_text(said["title"])
    expect(page.locator(".tally b")).to_have_text("0 / 8")


def test_a_page_says_that_it_does_not_hear_its_station_and_catches_up(
    running: Running, profile: BrowserContext, chair: Chair
) -> None:
    kit = order_with_kit(running.site)
    code = tubes_of(kit)[0]
    page = sign_in(profile, running.url, "phlebotomist-a")
    bind(page, running, kit)
    running.stop()
    expect(page.locator("[data-hears]")).to_contain_text(
        "Has not heard the station since", timeout=15_000
    )
    chair.reads(code)
    running.start()

    page.locator(f'.tube[data-code="{code}"][data-state="done"]').wait_for()
    expect(page.locator("[data-hears]")).to_have_text(HEARS["en"])


def test_leaving_the_page_or_the_station_ends_its_task(
    running: Running, profile: BrowserContext, chair: Chair
) -> None:
    kit = order_with_kit(running.site)
    page = sign_in(profile, running.url, "phlebotomist-a")
    path = f"{running.url}/api/v1/stations/{chair.code}/task"
    bind(page, running, kit)
    assert page.request.get(path).json()["intent"]["order"] == kit["id"]
    page.locator("#station").select_option("")
    until(lambda: page.request.get(path).status == 404, what="the task ended with the choice")
    bind(page, running, kit)
    page.goto(f"{running.url}/collect")
    until(lambda: page.request.get(path).status == 404, what="the task ended with the page")


def test_who_is_signed_out_is_told(running: Running, profile: BrowserContext, chair: Chair) -> None:
    kit = order_with_kit(running.site)
    page = sign_in(profile, running.url, "phlebotomist-a")
    bind(page, running, kit)
    profile.clear_cookies(name="unbroken-session")

    expect(page.locator("[data-hears]")).to_have_text("Sign in to hear the station")
