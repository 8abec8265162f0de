"""The page that checks a station's scanner: which, how it is, what it reads."""

from app.scanning.check_codes import CODES
from app.scanning.programming import CODES_MOST, sheet
from tests.app.scanning.bench import Bench
from tests.app.scanning.test_live import Listener
from tests.app.scanning.test_stations import health, read, task
from tests.builders.people import SOUTH, make_person


def shown(bench: Bench, station: str = "", *, login: str = "nurse") -> str:
    visitor = bench.nurse if login == "nurse" else bench.visitor(login)
    answer = visitor.client.get("/scanner", query_string={"station": station})
    assert answer.status_code == 200
    return str(answer.text)


def test_a_station_is_offered_to_whoever_may_hear_it(bench: Bench) -> None:
    with bench.work() as work:
        make_person(work, login="nurse-b", role="phlebotomist", site=SOUTH)

    assert f'<option value="{bench.station}">' in shown(bench)
    assert bench.station not in shown(bench, login="nurse-b")
    assert "No station of yours has a program" in shown(bench, login="nurse-b")
    path = f"/scanner?station={bench.station}"
    assert bench.visitor("nurse-b").get(path).status_code == 403
    assert bench.nurse.get("/scanner?station=ST0000000009G").status_code == 404


def test_the_page_says_what_is_the_matter_at_the_station(bench: Bench) -> None:
    assert "No program of this station has called yet" in shown(bench, bench.station)
    for state, words in (
        ("unplugged", "Plug it in and switch it on"),
        ("not permitted", "An administrator of this computer must allow"),
        ("reads without an end", "Its reads are cut short"),
    ):
        health(bench, device_states={f"{bench.station}/hand/0a0a": state})
        assert words in shown(bench, bench.station)

    path = f"/scanner?station={bench.station}"
    tag = bench.nurse.get(path).headers["ETag"]
    bench.clock.wait(seconds=2)
    assert bench.nurse.client.get(path, headers={"If-None-Match": tag}).status_code == 304
    bench.clock.wait(minutes=10)
    assert "Its program is silent" in shown(bench, bench.station)


def test_test_codes_are_heard_with_all_that_the_server_has_of_them(bench: Bench) -> None:
    kit = bench.kit()
    task(bench, "collect", order=kit.order)
    health(bench, device_states={f"{bench.station}/hand/0a0a": "ready"})
    page = Listener(bench, bench.nurse)
    page.hears()
    sent = {"device_id": f"{bench.station}/hand/0a0a", "offset_ms": 0, "uncertainty_ms": 4}
    reads = [
        read(bench, text, n, symbology=kind, **sent)
        for n, (text, kind) in enumerate(CODES.items(), start=1)
    ]
    bench.clock.wait(seconds=1)

    bench.agent(*reads, read(bench, "TEST01", 4, **{**sent, "uncertainty_ms": 60_000}))

    told = page.asks().json["reads"]
    assert [(one["raw"], one["symbology"]) for one in told[:3]] == list(CODES.items())
    assert [one["verdict"] for one in told] == ["accepted"] * 3 + ["refused"]
    assert [one["took_ms"] for one in told] == [1000, 1000, 1000, None]
    assert {one["device"] for one in told} == {"hand"}
    assert [one["entries"] for one in told] == [[]] * 4
    assert page.asks().status_code == 304


def test_orders_from_a_manual_are_drawn_and_others_are_named(bench: Bench) -> None:
    asked = {"tell": "000B0\r\n  VSUFCR.\n\n<b>ñ</b>\n" + "x" * 41}
    page = bench.nurse.client.get("/scanner", query_string=asked).text
    assert page.count("Order to the scanner") == 2
    assert "&lt;b&gt;ñ&lt;/b&gt;" in page
    assert "<b>ñ" not in page
    assert "x" * 41 in page  # named, not drawn, and still in the list to be mended
    assert "Order to the scanner" not in bench.nurse.get("/scanner").text


def test_more_orders_than_a_page_holds_are_named_too() -> None:
    made = sheet("\n".join(str(number) for number in range(CODES_MOST + 2)))
    assert len(made.pictures) == CODES_MOST
    assert made.unfit == (str(CODES_MOST), str(CODES_MOST + 1))
