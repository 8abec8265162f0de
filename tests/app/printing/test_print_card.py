"""The PRINT card: the kit at hand is printed at the station, once, by somebody who may."""

from typing import Any

from app.accounts import places
from labels.code import COMMAND_CARDS
from tests.app.printing.test_jobs import agent, ask, lease, tell
from tests.app.scanning.bench import Bench, Kit
from tests.builders.people import NORTH

PRINT = COMMAND_CARDS["PRINT"]


def at_station(bench: Bench, number: int, **changes: Any) -> dict[str, Any]:
    scan = bench.scan(PRINT, None, device_id="chair-1", device_seq=number, **changes)
    return bench.agent(scan)[0]


def open_task(bench: Bench, kit: Kit) -> None:
    intent = {"step": "collect", "order": kit.order}
    path = f"/api/v1/stations/{bench.station}/task"
    assert bench.nurse.send("PUT", path, **intent).status_code == 200


def in_browser(bench: Bench, kit: Kit, **changes: Any) -> dict[str, Any]:
    return bench.one(bench.nurse, bench.scan(PRINT, "print", order=kit.order, **changes))


def jobs(bench: Bench) -> int:
    return len(bench.rows("SELECT id FROM print_job"))


def test_the_card_at_a_station_prints_the_kit_there(bench: Bench) -> None:
    kit = bench.kit()
    open_task(bench, kit)
    answer = at_station(bench, 1)
    leased = lease(bench)
    assert answer["verdict"] == "accepted", answer
    assert answer["message"] == f"{len(leased['labels'])} of them, at Chair 1"
    assert kit.tubes[0].code in leased["labels"][0]["content"]
    assert bench.rows("SELECT requested_by FROM print_job") == [(bench.people["nurse"],)]


def test_the_card_twice_voids_nothing_that_is_being_printed(bench: Bench) -> None:
    kit = bench.kit()
    open_task(bench, kit)
    at_station(bench, 1)
    leased = lease(bench)
    again = at_station(bench, 2)
    assert again["verdict"] == "look"
    assert again["title"] == "The labels are being printed already"
    assert jobs(bench) == 1
    told = [{"number": each["number"], "state": "refused"} for each in leased["labels"]]
    tell(bench, leased, *told)
    assert at_station(bench, 3)["verdict"] == "accepted"
    assert jobs(bench) == 2


def test_without_a_task_the_card_has_no_use(bench: Bench) -> None:
    assert at_station(bench, 1)["verdict"] == "look"
    assert jobs(bench) == 0


def test_a_card_read_long_ago_prints_nothing(bench: Bench) -> None:
    kit = bench.kit()
    answer = in_browser(bench, kit, device_time=bench.old(hours=2), queued=True)
    assert answer["verdict"] == "look"
    assert "too long ago" in answer["title"]
    assert jobs(bench) == 0


def test_in_a_browser_the_one_station_of_the_site_is_meant(bench: Bench) -> None:
    assert in_browser(bench, bench.kit())["verdict"] == "accepted"
    assert agent(bench, "lease", printer="zpl-1", dpmm=8).status_code == 200


def test_of_several_stations_the_one_used_last_is_meant(bench: Bench) -> None:
    with bench.work() as work:
        other = places.add_station(work, site=NORTH, unit="collection", title="Chair 2")
        places.give_token(work, station=other)
    nobody_knows = in_browser(bench, bench.kit())
    assert nobody_knows["verdict"] == "stop"
    assert jobs(bench) == 0
    ask(bench, bench.kit())
    assert in_browser(bench, bench.kit())["message"].endswith("at Chair 1")


def test_somebody_who_may_not_print_there_is_refused(bench: Bench) -> None:
    kit = bench.kit()
    scan = bench.scan(PRINT, "print", order=kit.order)
    assert bench.one(bench.technician, scan)["verdict"] == "refused"
    assert jobs(bench) == 0


def test_the_card_for_no_order_prints_nothing(bench: Bench) -> None:
    assert bench.one(bench.nurse, bench.scan(PRINT, "print"))["verdict"] in ("look", "stop")
    assert jobs(bench) == 0
