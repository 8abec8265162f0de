"""Every page for everybody: axe in both themes and languages, a phone, gloves, the keyboard."""

from collections.abc import Callable
from itertools import product
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from labels.code import COMMAND_CARDS
from tests.browser.conftest import Visitor, Wedge, until
from tests.browser.samples import BOX_TUBES, BOXES, KIT_TUBES, OTHER_TUBE
from tests.browser.site import Site
from tests.counts import SOAK

pytestmark = pytest.mark.browser
Visit = Callable[..., Visitor]

PATHS = (
    "/",
    "/calm",
    "/collect",
    "/receive",
    "/orders",
    "/stations",
    "/station",
    "/station/new",
    "/station/out",
    "/labels",
    "/labels/none",
    "/labels/things",
    "/labels/nowhere",
    "/dock",
    "/dock/open",
    "/tube",
    "/alarms",
    "/alarms/a1",
    "/scanner",
    "/virtual-scanner",
    "/sign-in",
    "/error",
)
# In `make test` each theme and each language once.
LOOKS = (
    tuple(product(("light", "dark"), ("en", "es"))) if SOAK else (("light", "en"), ("dark", "es"))
)
EVERY_OUTCOME = LOOKS if SOAK else LOOKS[:1]
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RULES = {"runOnly": {"type": "tag", "values": TAGS}}
# axe cannot see through these: the hatch of a damaged cell, what lies under the sticky bars.
UNDECIDED = [".cell", ".mark", ".bar", ".scan"]
OUTSIDE = """([targets, places]) => targets.map((target) => {
  const found = document.querySelector(target);
  return !places.some((place) => found.closest(place));
})"""

# A tick is pressed on its words too: the label is its target.
SMALL = """(least, TICK = "[type=checkbox], [type=radio]") => [
  ...document.querySelectorAll("a[href], button, select, input, summary")]
  .filter((each) => each.checkVisibility() && !each.matches(".cell, .skip, .sr *"))
  .filter((each) => !each.closest("p, li, td, th, dd, .head, .crumbs, .say, .what, .sums"))
  .map((each) => ({ words: each.innerText || each.id, box: (each.matches(TICK)
    ? each.closest("label") ?? each : each).getBoundingClientRect() }))
  .filter(({ box }) => box.height < least - 0.5 || box.width < least - 0.5)
  .map(({ words, box }) => `${words} ${Math.round(box.width)}x${Math.round(box.height)}`)"""


def faults(page: Page) -> list[str]:
    """What axe objects to, or cannot decide about contrast outside the listed places."""
    response = Axe().run(page, options=RULES).response
    found = [_told(rule, node) for rule in response["violations"] for node in rule["nodes"]]
    unsure = [
        (rule, node)
        for rule in response["incomplete"]
        if rule["id"] == "color-contrast"
        for node in rule["nodes"]
    ]
    open_ones = page.evaluate(OUTSIDE, [[node["target"][0] for _, node in unsure], UNDECIDED])
    return found + [
        _told(*each) for each, is_open in zip(unsure, open_ones, strict=True) if is_open
    ]


def _told(rule: dict[str, Any], node: dict[str, Any]) -> str:
    return f"{rule['id']}: {node['target']} {node['html'][:160]}"


def into_every_outcome(page: Page, path: str) -> list[Callable[[], None]]:
    """Ways to bring a bench page into the states that a fresh page does not show."""
    wedge = Wedge(page)

    def scans(*codes: str) -> Callable[[], None]:
        return lambda: [wedge.scan(code) for code in codes].clear()

    if path == "/collect":
        return [scans(KIT_TUBES[0]), scans(OTHER_TUBE), scans(COMMAND_CARDS["DONE"])]
    if path == "/receive":
        box = scans(BOXES[0], BOX_TUBES[0], OTHER_TUBE)
        return [box, scans(COMMAND_CARDS["DONE"], COMMAND_CARDS["YES"])]
    return []


@pytest.mark.parametrize("path", PATHS)
def test_axe_finds_nothing_in_any_theme_or_language(path: str, visit: Visit) -> None:
    found = {}
    for theme, language in LOOKS:
        person = "" if path == "/sign-in" else "manager-A"
        visitor = visit(person=person, language=language, color_scheme=theme, bypass_csp=True)
        page = visitor.open(path)
        found[theme, language, "fresh"] = faults(page)
        outcomes = into_every_outcome(page, path) if (theme, language) in EVERY_OUTCOME else []
        for number, change in enumerate(outcomes):
            change()
            page.wait_for_timeout(250)
            found[theme, language, str(number)] = faults(page)

    assert {look: told for look, told in found.items() if told} == {}


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("language", ["en", "es"])
def test_nothing_is_wider_than_a_phone(path: str, language: str, visit: Visit) -> None:
    visitor = visit(language=language, viewport={"width": 320, "height": 640})
    page = visitor.open(path)
    widths = [page.evaluate("document.documentElement.scrollWidth")]
    for change in into_every_outcome(page, path):
        change()
        widths.append(page.evaluate("document.documentElement.scrollWidth"))

    assert max(widths) <= 320


@pytest.mark.parametrize("path", PATHS)
def test_everything_to_press_is_large_enough(path: str, visit: Visit) -> None:
    page = visit().open(path)
    for change in into_every_outcome(page, path):
        change()

    assert page.evaluate(SMALL, 44) == []


@pytest.mark.parametrize("path", ["/collect", "/receive"])
def test_bench_actions_fit_gloves(path: str, visit: Visit) -> None:
    page = visit().open(path)
    for button in page.locator("main .btn, .bar .btn").all():
        if button.is_visible():
            box = button.bounding_box()
            assert box is not None
            assert box["height"] >= 56
            assert box["width"] >= 56


@pytest.mark.parametrize("path", PATHS)
def test_live_regions_are_there_and_empty_from_the_start(path: str, visit: Visit) -> None:
    page = visit().open(path)

    expect(page.locator("#status[role=status]")).to_have_text("")
    expect(page.locator("#alert[role=alert]")).to_have_text("")


@pytest.mark.parametrize("path", PATHS)
def test_a_keyboard_reaches_everything_and_shows_where_it_is(path: str, visit: Visit) -> None:
    page = visit().open(path)
    page.keyboard.press("Tab")

    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Tab")
    for _step in range(40):
        hidden = page.evaluate(
            """() => {
              const one = document.activeElement;
              if (one === document.body) return null;
              const style = getComputedStyle(one);
              return style.outlineStyle === "none" ? one.outerHTML.slice(0, 120) : null;
            }"""
        )
        assert hidden is None
        page.keyboard.press("Tab")


def test_the_theme_is_remembered(visit: Visit) -> None:
    visitor = visit(color_scheme="light")
    page = visitor.open("/")

    page.get_by_role("button", name="Dark theme").first.click()
    again = visitor.open("/alarms")

    expect(again.locator("html")).to_have_attribute("data-theme", "dark")


def test_acknowledging_is_a_post_that_shows_the_page_again(site: Site, visit: Visit) -> None:
    page = visit().open("/alarms/a1")

    with page.expect_navigation():
        page.get_by_role("button", name="Acknowledge: I have it").click()

    assert ("POST", "alarms/a1/acknowledge", {}) in site.posted


def test_a_refused_explanation_is_told_in_the_servers_words(site: Site, visit: Visit) -> None:
    page = visit().open("/alarms/a1")

    page.get_by_label("Reason").select_option("verified_correct")
    page.get_by_label("What happened").fill("counted again")
    page.get_by_role("button", name="Record the explanation").click()

    problem = page.locator("#explain [data-problem]")
    expect(problem).to_contain_text("Refused")
    expect(problem).to_contain_text("Because. Do this")
    expect(problem).to_be_focused()
    sent = next(body for _method, path, body in site.posted if path.endswith("explain"))
    assert sent["reason"] == "verified_correct"
    assert sent["until"].endswith("Z")


def test_signing_in_opens_the_page_that_was_wanted(site: Site, visit: Visit) -> None:
    page = visit(person="").open("/sign-in")

    page.get_by_label("User name").fill("manager-A")
    page.get_by_label("Password").fill("correct horse")
    page.get_by_role("button", name="Sign in").click()

    page.wait_for_url("**/collect")
    assert site.posted[0][2] == {"login": "manager-A", "password": "correct horse"}


def test_a_page_that_lost_its_server_says_how_old_it_is(site: Site, visit: Visit) -> None:
    visitor = visit()
    page = visitor.context.new_page()
    page.clock.install()
    page.goto(visitor.url + "/alarms")
    expect(page.locator("[data-age]")).to_have_attribute("data-tone", "quiet")
    site.stop()

    page.clock.run_for(70_000)
    expect(page.locator("[data-age]")).to_have_attribute("data-tone", "warn")
    page.clock.run_for(180_000)

    expect(page.locator("[data-age]")).to_have_attribute("data-tone", "stop")
    expect(page.locator("[data-age]")).to_contain_text("Not connected for")


def test_polling_asks_with_the_tag_and_gets_nothing_new(visit: Visit) -> None:
    visitor = visit()
    page = visitor.context.new_page()
    answers: list[int] = []
    page.on("response", lambda response: answers.append(response.status))
    page.clock.install()
    page.goto(visitor.url + "/alarms")
    expect(page.locator("html[data-ready=yes]")).to_be_attached()

    def later() -> bool:
        page.clock.run_for(6_000)
        return 304 in answers

    until(later, what="an answer that nothing is new")


HIDDEN = """() => {
  const one = document.activeElement.getBoundingClientRect();
  return [...document.querySelectorAll(".scan, .bar")].some((bar) => {
    const box = bar.getBoundingClientRect();
    if (bar.contains(document.activeElement)) return false;
    return one.top < box.bottom - 1 && one.bottom > box.top + 1;
  });
}"""


@pytest.mark.parametrize("width", [320, 820, 1280])
def test_what_has_the_focus_is_never_under_a_bar(width: int, visit: Visit) -> None:
    page = visit(viewport={"width": width, "height": 700}).open("/collect")

    Wedge(page).scan(COMMAND_CARDS["DONE"])
    expect(page.locator("#reasons")).to_be_visible()

    for _step in range(12):
        # The browser scrolls with its next frame.
        until(
            lambda: not page.evaluate(HIDDEN), what="what has the focus is to be seen", deadline=2
        )
        page.keyboard.press("Tab")


def test_a_pairing_code_is_shown_where_it_was_asked_for(site: Site, visit: Visit) -> None:
    page = visit(person="manager-A").open("/station")
    expect(page.locator("[data-told]")).to_be_hidden()

    page.get_by_role("button", name="Pair a computer").click()

    expect(page.locator("[data-told]")).to_be_focused()
    expect(page.locator("[data-told] kbd")).to_contain_text("--code 7K2M-94QX --data")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert [method for method, *_ in site.posted] == ["POST"]
