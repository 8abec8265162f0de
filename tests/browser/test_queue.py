"""Nothing lost, nothing doubled: server away, tab closed, another person, two tabs, bad items."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from labels.code import COMMAND_CARDS
from tests.browser.conftest import Visitor, Wedge, until
from tests.browser.samples import KIT, KIT_TUBES, several
from tests.browser.site import Site

pytestmark = pytest.mark.browser
Visit = Callable[..., Visitor]

STORED = """() => new Promise((resolve) => {
  const opening = indexedDB.open("unbroken");
  opening.onsuccess = () => {
    const count = opening.result.transaction("scans").objectStore("scans").count();
    count.onsuccess = () => { opening.result.close(); resolve(count.result); };
  };
})"""


def saved(page: Page) -> str:
    """What the page says about what is kept."""
    return page.locator("[data-saved]").inner_text()


def test_scanning_goes_on_without_a_server_and_all_arrives_under_who_scanned(
    site: Site, visit: Visit
) -> None:
    visitor = visit(person="phlebotomist-A")
    page = visitor.open("/collect")
    wedge = Wedge(page)
    wedge.scan(KIT)
    until(lambda: len(site.door.rows) == 1, what="the kit at the server")
    site.stop()

    for code in (*KIT_TUBES, COMMAND_CARDS["DONE"]):
        wedge.scan(code)

    expect(page.locator(".tally b")).to_have_text("8 / 8")
    expect(page.locator(".scan .net")).to_contain_text("waiting to send. Keep scanning")
    until(lambda: "waiting" in saved(page), what="the page says that something waits")
    until(lambda: page.evaluate(STORED) == 9, what="nine scans on this device")
    page.close()
    site.start()
    visitor.sign_in("technician-B")
    again = visitor.open("/")

    until(lambda: len(site.door.rows) == 10, what="all ten scans at the server")
    assert [row["raw"] for row in site.door.rows] == [KIT, *KIT_TUBES, COMMAND_CARDS["DONE"]]
    assert [row["device_seq"] for row in site.door.rows] == list(range(1, 11))
    assert {row["capture"] for row in site.door.rows} == {"token of phlebotomist-A"}
    assert {row["uploaded_by"] for row in site.door.rows[1:]} == {"technician-B"}
    assert len({row["device_id"] for row in site.door.rows}) == 1
    assert site.door.rows[-1]["queued"] is True
    until(lambda: again.evaluate(STORED) == 0, what="the drawer empty")


def test_a_page_opened_again_knows_what_is_still_waiting(site: Site, visit: Visit) -> None:
    visitor = visit()
    page = visitor.open("/collect")
    wedge = Wedge(page)
    visitor.sign_in("")
    for code in KIT_TUBES[:3]:
        wedge.scan(code)
    until(lambda: page.evaluate(STORED) == 3, what="three scans on this device")
    page.close()

    again = visitor.open("/collect")

    expect(again.locator(".tally b")).to_have_text("3 / 8")
    Wedge(again).scan(KIT_TUBES[0])
    expect(again.locator(".scan")).to_have_attribute("data-outcome", "already")


def test_nobody_signed_in_drops_nothing(site: Site, visit: Visit) -> None:
    visitor = visit()
    page = visitor.open("/collect")
    visitor.sign_in("")

    Wedge(page).scan(KIT_TUBES[0])

    expect(page.locator("[data-saved]")).to_have_text("1 waiting, sign in to send it")
    expect(page.locator(".scan")).to_have_attribute("data-outcome", "ok")
    visitor.sign_in("technician-B")
    until(lambda: len(site.door.rows) == 1, what="the scan at the server")
    expect(page.locator("[data-saved]")).to_have_text("All saved")


def test_the_tone_comes_after_the_scan_is_on_the_disk(site: Site, visit: Visit) -> None:
    visitor = visit()
    page = visitor.open("/collect")
    visitor.sign_in("")
    page.evaluate(
        "(stored) => { window.kept = [];"
        " document.addEventListener('unbroken:tone', async () =>"
        " window.kept.push(await eval_free())); window.eval_free = " + STORED + "; }",
        None,
    )

    Wedge(page).scan(KIT_TUBES[0])

    until(lambda: page.evaluate("window.kept.length") == 1, what="one tone")
    assert page.evaluate("window.kept") == [1]


def test_ninety_scans_without_a_pause_are_all_taken(site: Site, visit: Visit) -> None:
    page = visit().open("/collect")
    codes = [*KIT_TUBES, *several("TB", 500_000, 82)]
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": 4})

    # Key events made in the page come as fast as it can take them: no driver waits between.
    page.evaluate(
        """(codes) => {
          const press = (code, key) => {
            const event = { code, key, bubbles: true, cancelable: true };
            document.body.dispatchEvent(new KeyboardEvent("keydown", event));
          };
          for (const text of codes) {
            for (const one of text) press(/\\d/.test(one) ? `Digit${one}` : `Key${one}`, one);
            press("Enter", "Enter");
          }
        }""",
        codes,
    )

    until(lambda: len(site.door.rows) == 90, what="ninety scans at the server", deadline=60)
    assert [row["raw"] for row in site.door.rows] == codes
    assert max(site.door.posts) <= 50


def test_two_tabs_send_nothing_twice(site: Site, visit: Visit) -> None:
    visitor = visit()
    first, second = visitor.open("/collect"), visitor.open("/collect")

    for at, code in enumerate(KIT_TUBES):
        Wedge((first, second)[at % 2]).scan(code)

    until(lambda: len(site.door.rows) == 8, what="eight scans at the server")
    assert sum(site.door.posts) == 8
    assert [row["device_seq"] for row in site.door.rows] == list(range(1, 9))


def test_a_spoilt_scan_never_holds_up_the_others(site: Site, visit: Visit) -> None:
    site.door.malformed.add(KIT_TUBES[1])
    visitor = visit()
    page = visitor.open("/collect")
    visitor.sign_in("")
    for code in KIT_TUBES[:3]:
        Wedge(page).scan(code)
    until(lambda: page.evaluate(STORED) == 3, what="three scans on this device")

    visitor.sign_in("phlebotomist-A")

    until(lambda: len(site.door.rows) == 2, what="the other two at the server")
    assert [row["raw"] for row in site.door.rows] == [KIT_TUBES[0], KIT_TUBES[2]]
    expect(page.locator("[data-saved]")).to_have_text("1 scan needs a look")


def test_a_device_that_cannot_keep_scans_says_stop(site: Site, visit: Visit) -> None:
    visitor = visit()
    visitor.context.add_init_script(
        "IDBObjectStore.prototype.put = () => { throw new Error('full'); };"
    )
    page = visitor.open("/collect")

    Wedge(page).scan(KIT_TUBES[0])

    expect(page.locator(".scan")).to_have_attribute("data-outcome", "stop")
    expect(page.locator(".msg")).to_have_text("Not saved on this device")
    Wedge(page).scan(KIT_TUBES[1])
    expect(page.locator(".msg")).to_have_text("Not saved on this device")
    assert site.door.rows == []


def test_plain_http_from_another_host_scans_and_sends(site: Site, visit: Visit) -> None:
    """No Web Locks, no randomUUID there: the lease and our own ids must do."""
    visitor = visit()
    visitor.context.add_init_script(
        "Object.defineProperty(navigator, 'locks', { value: undefined });"
        "Object.defineProperty(crypto, 'randomUUID', { value: undefined });"
        "Object.defineProperty(crypto, 'subtle', { value: undefined });"
    )
    page = visitor.open("/collect")

    for code in KIT_TUBES:
        Wedge(page).scan(code)

    until(lambda: len(site.door.rows) == 8, what="eight scans at the server")
    assert all(row["id"][14] == "7" for row in site.door.rows)
