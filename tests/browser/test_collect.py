"""The phlebotomist's page: a kit is collected by scanning alone, and what is wrong is stopped."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from labels.code import COMMAND_CARDS, make, next_mintable
from tests.browser.conftest import Visitor, Wedge, until
from tests.browser.samples import KIT, KIT_TUBES, OTHER_KIT, OTHER_TUBE
from tests.browser.site import Site

pytestmark = pytest.mark.browser
Visit = Callable[..., Visitor]


def outcome(page: Page, wanted: str) -> None:
    """The bar shows this outcome."""
    expect(page.locator(".scan")).to_have_attribute("data-outcome", wanted)


def count(page: Page, wanted: str) -> None:
    """The tally says this."""
    expect(page.locator(".tally b")).to_have_text(wanted)


def test_a_kit_is_ten_scans_and_no_pointer(site: Site, visit: Visit) -> None:
    page = visit().open("/collect")
    page.evaluate(
        "() => { window.touched = 0; for (const kind of ['pointerdown', 'click'])"
        " addEventListener(kind, () => { window.touched += 1; }, true); }"
    )
    wedge = Wedge(page)

    for code in (KIT, *KIT_TUBES, COMMAND_CARDS["DONE"]):
        wedge.scan(code)

    until(lambda: len(site.door.rows) == 10, what="ten scans at the server")
    assert site.door.of("collect") == KIT_TUBES
    assert site.door.of("done") == [COMMAND_CARDS["DONE"]]
    count(page, "8 / 8")
    expect(page.locator(".msg")).to_have_text("Kit finished")
    expect(page.locator("[data-saved]")).to_have_text("All saved")
    assert page.evaluate("window.touched") == 0
    assert {row["method"] for row in site.door.rows} == {"scan"}
    assert [row["device_seq"] for row in site.door.rows] == list(range(1, 11))
    assert {row["capture"] for row in site.door.rows} == {"token of phlebotomist-A"}


def test_a_tube_of_somebody_else_is_a_stop_and_counts_nothing(site: Site, visit: Visit) -> None:
    site.door.answers[OTHER_TUBE] = {
        "verdict": "stop",
        "title": "Wrong participant",
        "message": f"This tube belongs to kit {OTHER_KIT}",
        "action": "Set it aside",
    }
    page = visit().open("/collect")
    page.evaluate(
        "() => { window.heard = [];"
        " document.addEventListener('unbroken:tone', (e) => window.heard.push(e.detail.outcome)); }"
    )
    wedge = Wedge(page)

    wedge.scan(KIT_TUBES[0])
    wedge.scan(OTHER_TUBE)

    outcome(page, "stop")
    expect(page.locator(".msg")).to_have_text("Wrong participant")
    expect(page.locator("#alert")).to_contain_text("Stop. Wrong participant")
    expect(page.locator("#status")).to_have_text("")
    count(page, "1 / 8")
    assert site.door.of("collect") == KIT_TUBES[:1]
    assert site.door.rows[-1]["intent"]["facts"] == {"meant": "collect", "stopped": "tube.wrong"}
    assert page.evaluate("window.heard") == ["ok", "stop"]
    wedge.scan(KIT_TUBES[1])
    outcome(page, "ok")
    count(page, "2 / 8")


def test_the_same_tube_twice_changes_nothing(site: Site, visit: Visit) -> None:
    page = visit().open("/collect")
    wedge = Wedge(page)

    wedge.scan(KIT_TUBES[0])
    wedge.scan(KIT_TUBES[0])

    outcome(page, "already")
    expect(page.locator(".msg")).to_contain_text("Already scanned at")
    count(page, "1 / 8")
    until(lambda: len(site.door.rows) == 2, what="both reads journalled")
    assert site.door.of("collect") == KIT_TUBES[:1]


def test_another_kit_is_a_stop(visit: Visit) -> None:
    page = visit().open("/collect")

    Wedge(page).scan(OTHER_KIT)

    outcome(page, "stop")
    expect(page.locator(".msg")).to_have_text("Wrong kit")


def test_undo_takes_back_the_last_scan_by_another_one(site: Site, visit: Visit) -> None:
    page = visit().open("/collect")
    wedge = Wedge(page)

    wedge.scan(KIT_TUBES[0])
    wedge.scan(KIT_TUBES[1])
    wedge.scan(COMMAND_CARDS["UNDO"])

    count(page, "1 / 8")
    until(lambda: len(site.door.rows) == 3, what="three scans at the server")
    undone = site.door.rows[2]["intent"]
    assert undone["step"] == "undo"
    assert undone["facts"] == {"undoes": site.door.rows[1]["id"]}


def test_undo_after_done_opens_the_kit_again(site: Site, visit: Visit) -> None:
    page = visit().open("/collect")
    wedge = Wedge(page)
    for code in (*KIT_TUBES, COMMAND_CARDS["DONE"], COMMAND_CARDS["UNDO"]):
        wedge.scan(code)

    count(page, "8 / 8")
    until(lambda: len(site.door.rows) == 10, what="ten scans at the server")
    assert site.door.rows[-1]["intent"]["facts"] == {"undoes": site.door.rows[-2]["id"]}


def test_a_late_stop_of_the_server_takes_the_tube_back(site: Site, visit: Visit) -> None:
    site.door.answers[KIT_TUBES[0]] = {"verdict": "stop", "title": "Consent was withdrawn"}
    page = visit().open("/collect")

    Wedge(page).scan(KIT_TUBES[0])

    outcome(page, "stop")
    expect(page.locator(".msg")).to_have_text("Consent was withdrawn")
    count(page, "0 / 8")


def test_what_needs_a_look_turns_the_bar_amber(site: Site, visit: Visit) -> None:
    site.door.answers[KIT_TUBES[0]] = {"verdict": "look", "title": "No consent on record"}
    page = visit().open("/collect")

    Wedge(page).scan(KIT_TUBES[0])

    outcome(page, "choice")
    expect(page.locator(".msg")).to_have_text("No consent on record")
    count(page, "1 / 8")


def test_the_print_card_asks_for_the_labels_and_says_where_they_come_out(
    site: Site, visit: Visit
) -> None:
    card = COMMAND_CARDS["PRINT"]
    title, where = "Labels are being printed", "8 of them, at Chair 1"
    site.door.answers[card] = {"verdict": "accepted", "title": title, "message": where}
    page = visit().open("/collect")
    wedge = Wedge(page)

    wedge.scan(KIT_TUBES[0])
    wedge.scan(card)

    expect(page.locator(".msg")).to_have_text(title)
    expect(page.locator(".scan")).to_contain_text(where)
    assert site.door.of("print") == [card]
    count(page, "1 / 8")


def test_done_with_tubes_missing_asks_a_reason_for_each(site: Site, visit: Visit) -> None:
    page = visit().open("/collect")
    wedge = Wedge(page)
    for code in KIT_TUBES[:6]:
        wedge.scan(code)

    wedge.scan(COMMAND_CARDS["DONE"])

    outcome(page, "choice")
    expect(page.locator(".msg")).to_have_text("2 tubes have no scan: RNA 2.5 mL, Urine 10 mL")
    assert site.door.of("done") == []
    record = page.get_by_role("button", name="Record the reasons")
    record.click()
    rows = page.locator("[data-reason-for]:not([hidden])")
    expect(rows).to_have_count(2)
    expect(rows.first.locator(".wrong")).to_have_text("Choose a reason, or scan the tube")
    rows.nth(0).get_by_label("Reason").select_option("refused")
    rows.nth(1).get_by_label("Reason").select_option("other")
    rows.nth(1).get_by_label("What happened").fill("cup leaked")
    record.click()

    until(lambda: site.door.of("done") != [], what="the kit finished")
    assert site.door.of("not_collected") == KIT_TUBES[6:]
    given = [row["intent"] for row in site.door.rows if row["intent"]["step"] == "not_collected"]
    assert [intent["facts"] for intent in given] == [
        {"reason": "refused"},
        {"reason": "other", "comment": "cup leaked"},
    ]


def test_a_typed_code_is_confirmed_once(site: Site, visit: Visit) -> None:
    page = visit().open("/collect")
    field = page.get_by_label("Barcode will not scan? Type it")

    field.fill(KIT_TUBES[0].lower())
    page.get_by_role("button", name="Enter").click()
    outcome(page, "choice")
    assert site.door.rows == []
    page.keyboard.press("Enter")

    count(page, "1 / 8")
    until(lambda: len(site.door.rows) > 0, what="the typed scan at the server")
    assert site.door.rows[0]["raw"] == KIT_TUBES[0]
    assert site.door.rows[0]["method"] == "typed"


def test_a_wrong_check_character_is_named(site: Site, visit: Visit) -> None:
    page = visit().open("/collect")
    good = make("TB", next_mintable("TB", 1))
    field = page.get_by_label("Barcode will not scan? Type it")

    field.fill(good[:-1] + ("A" if good[-1] != "A" else "B"))
    page.get_by_role("button", name="Enter").click()

    outcome(page, "stop")
    expect(page.locator(".msg")).to_have_text("Check the last character")
    until(lambda: len(site.door.rows) == 1, what="the misread journalled")
    assert site.door.rows[0]["intent"]["step"] == "read"


def test_the_bar_keeps_its_height_in_every_outcome(site: Site, visit: Visit) -> None:
    page = visit().open("/collect")
    wedge = Wedge(page)

    def height() -> float:
        return float(page.locator(".scan").evaluate("each => each.getBoundingClientRect().height"))

    heights = {height()}
    for code, wanted in ((KIT, "ok"), (KIT, "already"), (OTHER_TUBE, "stop")):
        wedge.scan(code)
        outcome(page, wanted)
        heights.add(height())
    site.stop()
    wedge.scan(KIT_TUBES[0])
    expect(page.locator(".scan .net")).to_be_visible()
    heights.add(height())
    assert max(heights) - min(heights) < 1
