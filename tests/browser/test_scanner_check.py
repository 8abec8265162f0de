"""The scanner check: each fault has its one advice, and nothing scanned leaves the page."""

import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Page, expect

from app.scanning.check_codes import CODES
from app.web.catalogue import SENTENCES
from tests.browser.conftest import Visitor, Wedge
from tests.browser.samples import KIT_TUBES, NOW
from tests.browser.site import Site

pytestmark = pytest.mark.browser
Visit = Callable[..., Visitor]
LAYOUT = "TESTCODE-Yz]Zy/8"


def advised(page: Page) -> Any:
    """The sentences of advice on the page."""
    return expect(page.locator("[data-check=advice] li"))


@pytest.mark.parametrize(
    ("text", "sending", "advice"),
    [
        (f"]C0{LAYOUT}", {}, "good"),
        ("]d1TEST0022", {"end": ("Tab",)}, "good"),
        (f"]C0{LAYOUT}", {"end": ()}, "suffix"),
        (LAYOUT, {}, "prefix"),
        (f"]C0{LAYOUT}" * 2, {}, "doubled"),
        (f"]C0{LAYOUT}", {"key": str.swapcase}, "caps"),
        ("]C0TESTCODE-YZ]ZY/8", {}, "case"),
        ("]C0TESTCODE/Zy]Yz-8", {}, "layout"),
        ("-C0TESTCODE/ZyYz-8", {}, "layout"),
        (KIT_TUBES[0], {}, "other"),
        ("4006381333931", {}, "other"),
        ("TEST0128" * 40, {}, "long"),
    ],
)
def test_each_fault_has_its_one_advice(
    text: str, sending: dict[str, Any], advice: str, site: Site, visit: Visit
) -> None:
    page = visit().open("/scanner")

    Wedge(page).scan(text, **sending)

    advised(page).to_have_text([SENTENCES[f"check.{advice}"]])
    assert site.door.posts == []
    assert page.url.endswith("/scanner")


def test_a_computer_of_another_layout_is_no_fault_of_the_scanner(visit: Visit) -> None:
    page = visit().open("/scanner")
    german = {"Y": "Z", "Z": "Y", "y": "z", "z": "y", "-": "ß", "/": "-", "]": "+"}

    Wedge(page).scan(f"]C0{LAYOUT}", key=lambda each: german.get(each, each))

    advised(page).to_have_text([SENTENCES["check.good"]])
    expect(page.locator("[data-check=shown]")).to_have_text("+C0TESTCODEßZy+Yz-8")
    expect(page.locator("[data-check=sent]")).to_have_text(f"]C0{LAYOUT}")


def test_a_person_who_types_is_told_from_a_scanner(visit: Visit) -> None:
    page = visit().open("/scanner")

    page.keyboard.type("TEST0128", delay=90)
    page.keyboard.press("Enter")

    advised(page).to_have_text([SENTENCES["check.slow"]])


def test_what_arrives_is_shown_as_text_and_never_as_markup(visit: Visit) -> None:
    page = visit().open("/scanner")
    page.keyboard.type("<script>document.title='x'</script><img src=x>")
    page.keyboard.press("Enter")

    expect(page.locator("[data-check=shown]")).to_contain_text("<script>")
    advised(page).to_have_text([SENTENCES["check.other"]])
    assert page.title() != "x"


def test_control_keys_and_ten_thousand_characters_leave_the_page_well(visit: Visit) -> None:
    page = visit().open("/scanner")
    page.evaluate(
        """() => {
          const press = (key, code, more = {}) => dispatchEvent(
            new KeyboardEvent("keydown", { key, code, bubbles: true, cancelable: true, ...more }));
          for (let at = 0; at < 10_000; at += 1) press("7", "Digit7");
          press("m", "KeyM", { ctrlKey: true });
          press("Enter", "Enter");
        }"""
    )
    advised(page).to_have_text([SENTENCES["check.long"]])

    Wedge(page).scan("]C0TEST0128")

    advised(page).to_have_text([SENTENCES["check.good"]])


def test_the_codes_are_read_off_the_page_and_are_nobodys_tube(visit: Visit) -> None:
    page = visit(color_scheme="dark", device_scale_factor=3).open("/scanner")

    seen = [
        zxingcpp.read_barcodes(Image.open(io.BytesIO(picture.screenshot())))[0].text
        for picture in page.locator(".symbol:not(#orders *) svg").all()
    ]

    assert seen == list(CODES)


# What a station's scanner sent, how it differs from a good read, and what is advised.
AT_STATION: tuple[tuple[str, dict[str, Any], list[str]], ...] = (
    ("TEST0128", {}, ["serial.good"]),
    ("TEST0128", {"seen_at": NOW.isoformat()}, ["serial.twice"]),
    ("TEST0022", {"symbology": "datamatrix"}, ["serial.good"]),
    ("TEST0022", {"symbology": "unknown", "took_ms": 4_000}, ["check.prefix", "serial.waited"]),
    ("TEST0022", {"symbology": "code128"}, ["serial.kind"]),
    (LAYOUT, {"took_ms": None}, ["serial.good"]),
    (LAYOUT.swapcase(), {}, ["check.case"]),
    (f"{LAYOUT}]C0{LAYOUT}", {}, ["check.doubled"]),
    (f"<{LAYOUT}\t", {}, ["serial.added"]),
    (LAYOUT[:11], {}, ["serial.cut"]),
    ("TEST", {}, ["serial.cut"]),
    ("TESTCODE-Yz=Zq/x", {}, ["serial.garbled"]),
    ("\x05\ufffd\x7fq\ufffd", {}, ["serial.garbled"]),
    (f"{KIT_TUBES[0][:-1]}{'A' if KIT_TUBES[0][-1] != 'A' else 'B'}", {}, ["serial.character"]),
    (KIT_TUBES[0], {}, ["serial.ours"]),
    ("<img src=x>", {}, ["check.other"]),
    *((text, {"symbology": kind}, ["serial.good"]) for text, kind in CODES.items()),
)


def test_each_read_of_a_stations_scanner_is_shown_and_advised(site: Site, visit: Visit) -> None:
    for number, (raw, changes, _) in enumerate(AT_STATION):
        seen = (NOW + timedelta(seconds=2 * number)).isoformat()
        read = {"id": str(number), "raw": raw, "device_id": "ST/hand/1", "device": "hand"}
        read |= {"symbology": "code128", "took_ms": 34, "seen_at": seen, **changes}
        site.read_at_station.append(read)

    page = visit().open("/scanner")

    wanted = [". ".join(SENTENCES[each] for each in said) for _, _, said in reversed(AT_STATION)]
    expect(page.locator("[data-serial=reads] [data-of=advice]")).to_have_text(wanted)
    shown = page.locator("[data-serial=reads] li")
    expect(shown.nth(3).locator("[data-of=raw]")).to_have_text("<img src=x>")
    expect(shown.nth(3).locator(".pill")).to_have_text("not right")
    expect(page.locator("[data-code] .pill")).to_have_text(["right"] * 3)
    expect(page.locator("[data-serial=all]")).to_be_visible()
    expect(page.locator("[data-hears]")).to_have_text(SENTENCES["station.hears"])
    assert site.door.posts == []
    assert site.posted == []
