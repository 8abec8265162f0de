"""What is a scan and what is a person: focus, layouts, terminators, bursts, several labels."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from labels.code import COMMAND_CARDS
from tests.browser.conftest import Visitor, Wedge, until
from tests.browser.samples import KIT_TUBES
from tests.browser.site import Site
from tests.counts import SOAK

pytestmark = pytest.mark.browser
Visit = Callable[..., Visitor]

SPANISH_KEYS = {"-": "'", "/": "-", "]": "+"}


def add_things_to_focus(page: Page) -> None:
    """One of each element that could take a scan for itself."""
    page.evaluate(
        """() => {
          const bench = document.createElement("div");
          bench.innerHTML = `<button id="b" type="button">x</button><input id="i" value="kept">
            <textarea id="a">kept</textarea><a id="l" href="/elsewhere">x</a>
            <select id="s"><option>kept</option><option>TB</option></select>
            <details id="d"><summary>x</summary>y</details>`;
          document.querySelector("main").append(bench);
          window.pressed = 0;
          document.getElementById("b").addEventListener("click", () => { window.pressed += 1; });
        }"""
    )


@pytest.mark.parametrize("place", ["#b", "#i", "#a", "#l", "#s", "#d summary"])
def test_a_scan_works_wherever_the_focus_is_and_leaves_it_as_it_was(
    place: str, site: Site, visit: Visit
) -> None:
    page = visit().open("/collect")
    add_things_to_focus(page)
    page.locator(place).focus()

    Wedge(page).scan(KIT_TUBES[0])

    until(lambda: site.door.of("collect") == KIT_TUBES[:1], what="the tube counted")
    assert page.evaluate("window.pressed") == 0
    assert page.url.endswith("/collect")
    for kept in ("#i", "#a", "#s"):
        assert page.locator(kept).input_value() == "kept"
    assert page.locator("#d").get_attribute("open") is None


@pytest.mark.parametrize("end", [("Enter",), ("Tab",)])
def test_an_unknown_barcode_never_presses_the_focused_button(
    end: tuple[str, ...], visit: Visit
) -> None:
    page = visit().open("/collect")
    add_things_to_focus(page)
    page.locator("#b").focus()

    Wedge(page).scan("4006381333931", end=end)

    expect(page.locator(".msg")).to_have_text("Not a code from this programme")
    assert page.evaluate("window.pressed") == 0
    expect(page.locator("#b")).to_be_focused()


def test_a_space_inside_a_scan_presses_nothing(visit: Visit) -> None:
    page = visit().open("/collect")
    add_things_to_focus(page)
    page.locator("#b").focus()

    Wedge(page).scan("HELLO WORLD 12")

    expect(page.locator(".msg")).to_have_text("Not a code from this programme")
    assert page.evaluate("window.pressed") == 0


def test_space_and_enter_still_press_a_button(visit: Visit) -> None:
    page = visit().open("/collect")
    add_things_to_focus(page)
    page.locator("#b").focus()

    page.keyboard.press("Space")
    page.keyboard.press("Enter")

    assert page.evaluate("window.pressed") == 2


def test_a_person_types_into_a_field_undisturbed(visit: Visit) -> None:
    page = visit().open("/collect")
    add_things_to_focus(page)
    page.locator("#i").focus()

    page.keyboard.press("End")
    page.keyboard.type("AB 12", delay=90)
    page.keyboard.press("Tab")

    assert page.locator("#i").input_value() == "keptAB 12"
    expect(page.locator("#a")).to_be_focused()
    expect(page.locator(".scan")).to_have_attribute("data-outcome", "ready")


@pytest.mark.parametrize(
    "sending",
    [
        {"end": ("Enter",)},
        {"end": ("Tab",)},
        {"end": ("Enter", "Enter")},
        {"key": str.lower},
        {"key": lambda character: SPANISH_KEYS.get(character, character)},
        {"shift": False},
    ],
    ids=["enter", "tab", "cr-lf", "caps-lock", "spanish", "lower-case"],
)
def test_however_it_is_sent_the_same_code_is_stored(
    sending: dict[str, object], site: Site, visit: Visit
) -> None:
    page = visit().open("/collect")
    page.locator("[data-command=DONE]").focus()

    Wedge(page).scan(KIT_TUBES[0], **sending)  # type: ignore[arg-type] # a table of keywords

    until(lambda: len(site.door.rows) > 0, what="a scan at the server")
    assert [row["raw"] for row in site.door.rows] == [KIT_TUBES[0]]
    expect(page.locator("[data-command=DONE]")).to_be_focused()


@pytest.mark.parametrize("key", [str, lambda each: SPANISH_KEYS.get(each, each)])
def test_a_symbology_prefix_is_taken_off_and_kept(
    key: Callable[[str], str], site: Site, visit: Visit
) -> None:
    page = visit().open("/collect")

    Wedge(page).scan("]C0" + KIT_TUBES[0], key=key)
    Wedge(page).scan("]d1" + KIT_TUBES[1])

    until(lambda: len(site.door.rows) == 2, what="both scans at the server")
    read = [(row["raw"], row["symbology"]) for row in site.door.rows]
    assert read == [(KIT_TUBES[0], "code128"), (KIT_TUBES[1], "datamatrix")]


def test_a_doubled_code_is_the_scanners_fault(visit: Visit) -> None:
    page = visit().open("/collect")

    Wedge(page).scan(KIT_TUBES[0] * 2)

    expect(page.locator(".msg")).to_have_text("The scanner sent the code twice in one")


def test_three_labels_in_one_pull_are_one_good_outcome(site: Site, visit: Visit) -> None:
    page = visit().open("/collect")
    page.evaluate(
        "() => { window.heard = [];"
        " document.addEventListener('unbroken:tone', (e) => window.heard.push(e.detail.outcome));"
        # The pull may take a busy machine longer than the page would wait for its last label.
        " const real = window.setTimeout; window.setTimeout = (f, ms) => real(f, 10 * ms); }"
    )
    wedge = Wedge(page)

    for text in ("4006381333931", KIT_TUBES[0], "0012345678905"):
        wedge.scan(text)

    until(lambda: len(site.door.rows) == 3, what="all three journalled")
    expect(page.locator(".scan")).to_have_attribute("data-outcome", "ok")
    assert page.evaluate("window.heard") == ["ok"]


def test_mute_is_remembered(visit: Visit) -> None:
    visitor = visit()
    page = visitor.open("/collect")

    page.get_by_role("button", name="Mute").click()
    again = visitor.open("/collect")

    expect(again.get_by_role("button", name="Mute")).to_have_attribute("aria-pressed", "true")


def test_a_scan_on_any_other_page_opens_the_object(visit: Visit) -> None:
    page = visit().open("/")

    Wedge(page).scan(KIT_TUBES[0])

    page.wait_for_url(f"**/find?q={KIT_TUBES[0]}")


def test_the_virtual_scanner_scans_into_the_other_tab(site: Site, visit: Visit) -> None:
    visitor = visit()
    bench = visitor.open("/collect")
    scanner = visitor.open("/virtual-scanner")
    expect(scanner.locator("#nobody")).to_be_hidden()

    scanner.locator(f'[data-scan="{KIT_TUBES[0]}"]').first.click()

    expect(bench.locator(".tally b")).to_have_text("1 / 8")
    until(lambda: site.door.of("collect") == KIT_TUBES[:1], what="the scan at the server")


def test_the_grammar_is_the_one_of_the_labels(visit: Visit) -> None:
    page = visit().open("/collect")

    cards = page.evaluate("import('/static/scan/code.js').then((code) => code.COMMANDS)")

    assert cards == dict(COMMAND_CARDS)


SCANS = 100 if SOAK else 24
BUSY = """() => setInterval(() => {
  const end = performance.now() + 100;
  while (performance.now() < end);
}, 120)"""


@pytest.mark.slow
def test_many_scans_come_through_a_page_that_is_hardly_ever_free(site: Site, visit: Visit) -> None:
    page = visit().open("/collect")
    add_things_to_focus(page)
    page.locator("#b").focus()
    page.evaluate(BUSY)
    wedge, codes = Wedge(page), [KIT_TUBES[number % len(KIT_TUBES)] for number in range(SCANS)]

    for code in codes:
        wedge.scan(f"]C0{code}")

    until(lambda: len(site.door.rows) >= len(codes), what="every scan", deadline=120)
    assert [row["raw"] for row in site.door.rows] == codes
    assert {row["symbology"] for row in site.door.rows} == {"code128"}
    assert page.evaluate("window.pressed") == 0
    for kept in ("#i", "#a", "#s"):
        assert page.locator(kept).input_value() == "kept"
    assert page.url.endswith("/collect")
