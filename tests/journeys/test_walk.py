"""The ten-minute walk of somebody with no device at all: `unbroken demo`, and a browser.

Acceptance point 42. A kit is opened, its labels are printed by the simulated printer while its roll
ends, what lies in its tray is clicked to be scanned, the kit is finished; then the tubes go on to a
freezer and the page of one tells the whole of it. For the steps that have no page yet (packing, the
road, the shelf) the same browser says them through the API, as somebody signed in there.
"""

import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from app.kernel.clock import system_clock
from app.kernel.ids import uuid7_source
from app.simulation.demo import codes_of
from app.simulation.home import DemoHome, Memory
from app.simulation.world import SMALL
from labels.code import COMMAND_CARDS
from tests.browser.conftest import VIEWPORT
from tests.builders.programs import PATIENCE, until
from tests.journeys.test_demo import demo

pytestmark = [pytest.mark.slow, pytest.mark.browser]


@pytest.fixture
def folder() -> Iterator[Path]:
    """A demo of a small programme whose week has been told already."""
    around = Path(tempfile.mkdtemp(prefix="unbroken-visit-"))
    home = DemoHome(folder=around / "data")
    try:
        with home.alone():
            home.open()
            with home.world(now=system_clock, scale=SMALL) as world:
                cast = world.begin()
                world.play()
                home.remember(Memory(cast=cast, told=True, codes=codes_of(world)))
            home.database.stop()
        yield home.folder
    finally:
        home.database.remove()
        shutil.rmtree(around)


class Visitor:
    """Somebody at a browser: pages, and the API where there is no page."""

    def __init__(self, browser: Browser, url: str, folder: Path, login: str) -> None:
        self.context = browser.new_context(viewport=VIEWPORT, base_url=url)
        self.context.set_default_timeout(PATIENCE * 1000)
        cast = json.loads((folder / "demo.json").read_text())["cast"]
        password = next(one["password"] for one in cast["logins"] if one["login"] == login)
        page = self.open("/sign-in")
        page.fill("[name=login]", login)
        page.fill("[name=password]", password)
        page.click("main button[type=submit]")
        page.wait_for_url(lambda address: "sign-in" not in address)
        page.close()
        self._ids = uuid7_source(system_clock)
        self._scans = 0
        self._device = f"walk-{self._ids()}"

    def open(self, path: str) -> Page:
        page = self.context.new_page()
        page.goto(path)
        return page

    def say(self, path: str, **body: Any) -> Any:
        answer = self.context.request.post(
            f"/api/v1{path}", data=body, headers={"X-Unbroken": "1"}, timeout=PATIENCE * 1000
        )
        assert answer.ok, (path, answer.text())
        return answer.json()

    def scan(self, code: str, step: str, **with_: Any) -> None:
        self._scans += 1
        read = {
            "id": str(self._ids()),
            "raw": code,
            "method": "scan",
            "device_id": self._device,
            "device_seq": self._scans,
            "device_time": system_clock().isoformat(),
            "offset_ms": 0,
            "intent": {"step": step, **with_},
        }
        (result,) = self.say("/scans", **read)["results"]
        assert result["verdict"] == "accepted", result


def test_an_evaluator_prints_scans_and_stores_without_any_device(
    folder: Path, browser: Browser
) -> None:
    with demo(folder) as running:
        until(lambda: "Ctrl+C stops everything" in running.said)
        nurse = Visitor(browser, running.url, folder, "phlebotomist")
        technician = Visitor(browser, running.url, folder, "technician")
        try:
            tubes = walk(nurse, technician)
            page = technician.open(f"/t/{tubes[0]}")
            story = page.locator("main").inner_text()
            for words in ("Collected", "Packed", "Released", "Received", "Checked in", "Stored"):
                assert words in story, story
        finally:
            nurse.context.close()
            technician.context.close()
        assert running.stop() == 0


def walk(nurse: Visitor, technician: Visitor) -> list[str]:
    """From the order to the freezer; the codes of the tubes that are there."""
    order = ordered(nurse)
    labels = nurse.open(f"/collect/{order}/labels")
    labels.get_by_role("button", name="Print", exact=True).click()
    bench = nurse.open("/virtual-scanner")
    print_over_the_end_of_the_roll(labels, bench)
    codes = tray(bench)
    kit = nurse.open(f"/collect/{order}")
    kit.locator('html[data-ready="yes"]').wait_for()
    shown = [each.get_attribute("data-code") or "" for each in kit.locator(".tube").all()]
    assert set(shown) == set(codes)
    bench.reload()
    bench.locator("#target option").first.wait_for(state="attached")
    for code in shown:
        bench.locator(f'button.paper[data-scan="{code}"]').first.click()
        expect(kit.locator(f'.tube[data-code="{code}"]')).to_have_attribute("data-state", "done")
    bench.locator(f'[data-scan="{COMMAND_CARDS["DONE"]}"]').click()
    expect(kit.locator("[data-saved]").first).to_have_attribute("data-waiting", "0")
    plain = shown[2:]  # the two in front are spun first
    store(technician, *send(nurse, plain), plain)
    return plain


def ordered(nurse: Visitor) -> str:
    """An order for a participant who has come today, its kit opened on the page."""
    page = nurse.open("/collect")
    participant = nurse.say("/participants", site="BRK", programme="cohort")["code"]
    now = system_clock().isoformat()
    for scope in ("primary", "biospecimen"):
        nurse.say(
            f"/participants/{participant}/consents",
            scope=scope, status="yes", version="1", language="en", effective_at=now,
        )  # fmt: skip
    page.fill("#participant", participant)
    ticks = page.locator("input[type=checkbox]")
    ticks.nth(0).check()
    ticks.nth(2).check()
    page.get_by_role("button", name="Confirm and place the order").click()
    page.wait_for_url(lambda address: "/collect/" in address)
    order = page.url.rpartition("/")[2]
    page.goto("/collect")
    page.get_by_role("button", name="Open the kit").first.click()
    page.wait_for_url(lambda address: order in address)
    page.close()
    return order


def print_over_the_end_of_the_roll(labels: Page, bench: Page) -> None:
    """Nine labels, the roll ending among them; who is asked looks into the tray, and says."""
    jobs = labels.locator("#jobs")
    until(lambda: jobs.get_by_text("Printed", exact=True).count() >= 2)
    press(bench, "End the roll")
    until(lambda: "Unknown" in jobs.inner_text() or not left(jobs.inner_text()))
    press(bench, "Put in a new roll")
    until(lambda: settle(labels, bench))


def settle(labels: Page, bench: Page) -> bool:
    """Answer what is asked; whether nothing is left to print or to ask."""
    jobs = labels.locator("#jobs")
    asked = jobs.locator("li", has=labels.get_by_role("button", name="It is in my hand"))
    if asked.count() == 0:
        return not left(jobs.inner_text())
    line = asked.first
    code = line.locator(".code").first.inner_text().replace(" ", "")
    words = "It is in my hand" if tray(bench).count(code) else "It is not there: print another"
    line.get_by_role("button", name=words).click()
    labels.reload()
    return False


def left(jobs: str) -> bool:
    return "Waiting" in jobs or "Being printed" in jobs


def press(bench: Page, words: str) -> None:
    with bench.expect_navigation():  # the page comes back as it is afterwards
        bench.get_by_role("button", name=words).first.click()


def tray(bench: Page) -> list[str]:
    """The codes that lie in the trays, as their pictures read."""
    bench.reload()
    found = bench.locator("button.paper[data-scan]").all()
    return [each.get_attribute("data-scan") or "" for each in found]


def send(nurse: Visitor, tubes: list[str]) -> tuple[str, str]:
    box = nurse.say("/boxes", site="BRK")["boxes"][0]["code"]
    for tube in tubes:
        nurse.scan(tube, "pack", box=box)
    package = nurse.say("/packages", site="BRK", destination="BB1")["code"]
    nurse.scan(box, "pack_box", package=package)
    nurse.say(f"/packages/{package}/seal", seal="S-1")
    nurse.say(
        f"/packages/{package}/release",
        source="unit:BRK/collection", courier="FedEx", evidence="signature",
        carrier_number="123456789012", seal="S-1", logger="LOG-1", refrigerant="gel",
    )  # fmt: skip
    return box, package


def store(technician: Visitor, box: str, package: str, tubes: list[str]) -> None:
    technician.say(
        f"/packages/{package}/deliver",
        source="courier:FedEx", evidence="carrier_label", site="BB1",
    )  # fmt: skip
    technician.say(
        f"/packages/{package}/receipt",
        source="unit:BB1/dock", evidence="stated", seal="S-1", seal_verdict="intact",
        condition="good", temperature_c=4.5, site="BB1",
    )  # fmt: skip
    technician.scan(box, "check_in", package=package)
    for tube in tubes:
        technician.scan(tube, "check_in", package=package, box=box)
    technician.say(f"/packages/{package}/receipt/close", site="BB1")
    free = technician.say("/places/proposals", subject=box, site="BB1")
    technician.scan(box, "store", rack=free["location"], position=free["position"])
