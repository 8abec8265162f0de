"""The dock's page: box by box against the list; missing, extra and damaged are written down."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from labels.code import COMMAND_CARDS
from tests.browser.conftest import Visitor, Wedge, until
from tests.browser.samples import BOX_TUBES, BOXES, NOW, OTHER_TUBE, PACKAGE
from tests.browser.site import Site

pytestmark = pytest.mark.browser
Visit = Callable[..., Visitor]


def cell(page: Page, code: str) -> str | None:
    """The state drawn for a tube."""
    return page.locator(f'.cell[data-code="{code}"]').get_attribute("data-state")


def exceptions(page: Page) -> list[str]:
    """The words of the list of exceptions."""
    return page.locator("#exceptions [data-kind-words]").all_inner_texts()


def test_a_box_is_received_tube_by_tube_and_closed(site: Site, visit: Visit) -> None:
    page = visit().open("/receive")
    wedge = Wedge(page)
    expect(page.locator(".tally")).to_contain_text("boxes")

    wedge.scan(BOXES[1])
    for code in BOX_TUBES[20:]:
        wedge.scan(code)
    wedge.scan(COMMAND_CARDS["DONE"])

    expect(page.locator(".msg")).to_have_text("Box closed: 10 received, 0 missing")
    expect(page.locator(".tally b")).to_have_text("1 / 2")
    until(lambda: len(site.door.rows) == 12, what="twelve scans at the server")
    assert site.door.of("check_in") == [BOXES[1], *BOX_TUBES[20:]]
    assert site.door.rows[0]["intent"] == {"package": PACKAGE, "step": "check_in"}
    assert site.door.rows[1]["intent"]["box"] == BOXES[1]
    assert site.door.rows[-1]["intent"] == {
        "package": PACKAGE,
        "step": "done",
        "box": BOXES[1],
        "facts": {"missing": []},
    }


def test_what_is_missing_is_named_and_closed_with_yes(site: Site, visit: Visit) -> None:
    page = visit().open("/receive")
    wedge = Wedge(page)
    wedge.scan(BOXES[1])
    for code in BOX_TUBES[20:28]:
        wedge.scan(code)

    wedge.scan(COMMAND_CARDS["DONE"])
    expect(page.locator(".msg")).to_have_text("2 tubes were not found")
    expect(page.locator(".sub")).to_contain_text("Look at A9, B1")
    wedge.scan(COMMAND_CARDS["YES"])

    expect(page.locator(".msg")).to_have_text("Box closed: 8 received, 2 missing")
    assert exceptions(page) == ["Missing", "Missing"]
    until(lambda: site.door.of("done") != [], what="the box closed at the server")
    done = next(row for row in site.door.rows if row["intent"]["step"] == "done")
    assert done["intent"]["facts"] == {"missing": BOX_TUBES[28:]}


def test_keep_looking_leaves_the_box_open(site: Site, visit: Visit) -> None:
    page = visit().open("/receive")
    wedge = Wedge(page)
    wedge.scan(BOXES[1])
    wedge.scan(COMMAND_CARDS["DONE"])

    page.get_by_role("button", name="Keep looking").click()
    wedge.scan(BOX_TUBES[20])

    expect(page.locator(".tally b")).to_have_text("1 / 10")
    assert site.door.of("done") == []


def test_extra_damaged_and_unlabelled_become_exceptions(site: Site, visit: Visit) -> None:
    site.door.answers[COMMAND_CARDS["MISSING LABEL"]] = {"subject": OTHER_TUBE}
    page = visit().open("/receive")
    wedge = Wedge(page)
    wedge.scan(BOXES[0])

    wedge.scan(OTHER_TUBE)
    expect(page.locator(".scan")).to_have_attribute("data-outcome", "choice")
    wedge.scan(COMMAND_CARDS["LEAKING"])
    wedge.scan(BOX_TUBES[0])
    wedge.scan(BOX_TUBES[1])
    wedge.scan(COMMAND_CARDS["DAMAGED"])
    wedge.scan(BOX_TUBES[1])
    wedge.scan(COMMAND_CARDS["MISSING LABEL"])

    until(lambda: len(site.door.rows) == 8, what="eight scans at the server")
    assert exceptions(page) == ["Extra", "Leaking", "Damaged", "No readable label"]
    facts = [(row["intent"]["step"], row["intent"].get("facts")) for row in site.door.rows]
    assert facts[3] == ("check_in", {"condition": "leaked"})
    assert facts[6] == ("note_condition", {"condition": "broken"})
    assert facts[7] == ("check_in", {"label": "missing"})
    assert cell(page, BOX_TUBES[0]) == "hold"
    last = page.locator("#exceptions [data-code-words]").last
    expect(last).to_have_text("TB 0000 7770 00 " + OTHER_TUBE[-1])


def test_a_tube_of_another_box_is_recorded_and_looked_at(site: Site, visit: Visit) -> None:
    page = visit().open("/receive")
    wedge = Wedge(page)
    wedge.scan(BOXES[0])

    wedge.scan(BOX_TUBES[25])

    expect(page.locator(".msg")).to_have_text("This tube was said to be in another box")
    until(lambda: BOX_TUBES[25] in site.door.of("check_in"), what="the tube recorded")
    assert exceptions(page) == ["Other box"]


def test_undo_opens_a_closed_box_again(visit: Visit) -> None:
    page = visit().open("/receive")
    wedge = Wedge(page)
    wedge.scan(BOXES[1])
    for code in BOX_TUBES[20:]:
        wedge.scan(code)
    wedge.scan(COMMAND_CARDS["DONE"])

    wedge.scan(COMMAND_CARDS["UNDO"])

    expect(page.locator(f'[data-box="{BOXES[1]}"]')).to_be_visible()
    expect(page.locator(".tally b")).to_have_text("10 / 10")


def test_the_map_is_one_tab_stop_walked_with_arrows(visit: Visit) -> None:
    page = visit().open("/receive")
    Wedge(page).scan(BOXES[0])
    grid = page.locator(f'[data-box="{BOXES[0]}"] [role=grid]')
    expect(grid.locator('.cell[tabindex="0"]')).to_have_count(1)
    grid.locator(".cell").first.focus()

    for key, place in (("ArrowRight", "A2"), ("ArrowDown", "B2"), ("End", "B9"), ("Home", "B1")):
        page.keyboard.press(key)
        focused = page.locator(".cell:focus")
        expect(focused).to_have_attribute("aria-label", f"{place}, expected")
    expect(grid.locator('.cell[tabindex="0"]')).to_have_count(1)


def test_what_the_stations_scanner_reads_is_received_box_by_box(site: Site, visit: Visit) -> None:
    page = visit().open("/receive")
    page.get_by_label("Scanner", exact=True).select_option(label="Dock")
    expect(page.locator("[data-hears]")).to_have_text("Hears this station's scanners")

    def hear(raw: str, *, step: str = "check_in", facts: object = None, **said: object) -> None:
        box = None if raw == BOXES[1] else BOXES[1]
        meant = {"step": step, "package": PACKAGE, "box": box, "facts": facts or {}}
        read = {"id": f"read {len(site.read_at_station)}", "raw": raw, "subject": raw}
        read |= {"verdict": "accepted", "title": f"Heard {raw}", "message": "", "action": ""}
        read |= {"seen_at": NOW.isoformat(), "facts": {}, "meant": meant}
        site.read_at_station.append(read | said)

    hear(BOXES[1])
    hear(BOX_TUBES[20])
    hear(BOX_TUBES[21], facts={"condition": "leaked"})
    hear(OTHER_TUBE, verdict="look")
    expect(page.locator(".tally b")).to_have_text("2 / 10")
    expect(page.locator("#exceptions [data-kind-words]")).to_have_text(["Leaking", "Extra"])
    expect(page.locator(".scan")).to_have_attribute("data-outcome", "choice")
    hear("CM", step="done", subject=None)
    expect(page.locator("#exceptions li")).to_have_count(10)
    expect(page.locator(f'[data-box-line="{BOXES[1]}"]')).to_have_text("Closed")
    assert site.door.rows == []
    opened = {"step": "check_in", "package": PACKAGE}
    assert [said for method, _, said in site.posted if method == "PUT"] == [opened]
