"""Scans where packages come in and are put away: what came, what is odd, what is promised."""

from typing import Any

import pytest

from app.accounts import places
from app.storage.units import NewUnit, add_unit
from labels.code import COMMAND_CARDS
from tests.app.scanning.bench import Bench, Kit
from tests.builders.people import DOCK, make_person

DONE, UNLABELLED = COMMAND_CARDS["DONE"], COMMAND_CARDS["MISSING LABEL"]


class Parcel:
    """A kit in a box in a package, sent by the clinic and opened at the dock."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.kit: Kit = bench.kit()
        self.box = self._made("/api/v1/boxes", site="NOR")["boxes"][0]["code"]
        made = self._made("/api/v1/packages", site="NOR", destination=DOCK)
        self.package = made["code"]
        order = self.kit.order
        steps = [bench.scan(t.code, "collect", order=order) for t in self.kit.tubes]
        self._all_right(steps)
        packed = [
            bench.scan(t.code, "pack", box=self.box, position=f"A{n}")
            for n, t in enumerate(self.kit.tubes, start=1)
        ]
        boxed = bench.scan(self.box, "pack_box", package=self.package)
        self._all_right([*packed, boxed, bench.scan(self.package, "seal")])
        self._hand(
            "release", bench.nurse, source="unit:NOR/collection", courier="FX", evidence="badge"
        )
        self._hand(
            "receipt",
            bench.technician,
            source="courier:FX",
            evidence="carrier_label",
            seal_verdict="intact",
        )
        bench.clock.wait(minutes=1)

    def _made(self, path: str, **body: Any) -> Any:
        answer = self.bench.nurse.send("POST", path, **body)
        assert answer.status_code == 201, answer.json
        return answer.json

    def _hand(self, deed: str, who: Any, **body: Any) -> None:
        self.bench.clock.wait(minutes=10)
        answer = who.send("POST", f"/api/v1/packages/{self.package}/{deed}", **body)
        assert answer.status_code < 300, answer.json

    def _all_right(self, scans: list[dict[str, Any]]) -> None:
        self.bench.clock.wait(minutes=1)
        for scan in scans:
            scan["device_time"] = self.bench.clock().isoformat()
        results = self.bench.send(self.bench.nurse, *scans)
        assert {result["verdict"] for result in results} == {"accepted"}, results

    def scan(self, raw: str, step: str, **context: Any) -> dict[str, Any]:
        self.bench.clock.wait(seconds=2)
        return self.bench.scan(raw, step, package=self.package, device_id="dock", **context)

    def at_dock(self, raw: str, step: str, **context: Any) -> dict[str, Any]:
        return self.bench.one(self.bench.technician, self.scan(raw, step, **context))

    def gaps(self) -> set[str]:
        listed = self.bench.technician.get("/api/v1/gaps?state=open").json["items"]
        return {gap["rule"] for gap in listed}


@pytest.fixture
def parcel(bench: Bench) -> Parcel:
    return Parcel(bench)


def test_a_box_and_its_tubes_are_checked_in(parcel: Parcel) -> None:
    box = parcel.at_dock(parcel.box, "check_in")
    tubes = [parcel.scan(t.code, "check_in", box=parcel.box) for t in parcel.kit.tubes]
    results = parcel.bench.send(parcel.bench.technician, *tubes)
    closed = parcel.at_dock(DONE, "done", box=parcel.box, facts={"missing": []})
    ended = parcel.at_dock(DONE, "done")

    assert box["verdict"] == "accepted", box
    assert {result["verdict"] for result in results} == {"accepted"}, results
    assert (closed["title"], ended["title"]) == ("Closed", "Receipt closed")
    assert parcel.gaps() == set()


def test_one_missing_one_extra_one_leaking_one_unlabelled(parcel: Parcel) -> None:
    bench, (first, second, *rest) = parcel.bench, parcel.kit.tubes
    extra = Parcel(bench).kit.tubes[0]
    parcel.at_dock(parcel.box, "check_in")
    for tube in rest:
        parcel.at_dock(tube.code, "check_in", box=parcel.box)
    facts = {"condition": "leaked"}
    leaking = parcel.at_dock(second.code, "check_in", box=parcel.box, facts=facts)
    odd = parcel.at_dock(extra.code, "check_in", box=parcel.box)
    unlabelled = parcel.at_dock(UNLABELLED, "check_in", box=parcel.box, facts={"label": "missing"})
    parcel.at_dock(DONE, "done")

    assert (leaking["verdict"], leaking["rule"]) == ("look", "G53"), leaking
    assert odd["verdict"] == "look"
    assert unlabelled["title"] == "A tube without a readable label is recorded"
    assert unlabelled["subject"].startswith("TB")
    assert unlabelled["subject"][:2] + " " + unlabelled["subject"][2:6] in unlabelled["message"]
    assert first.code
    assert {"G02", "G43", "G44", "G53"} <= parcel.gaps()


def test_a_condition_that_is_on_no_list_is_no_reason_to_lose_the_read(parcel: Parcel) -> None:
    tube = parcel.kit.tubes[0].code

    answer = parcel.at_dock(tube, "note_condition", facts={"condition": "sad"})
    right = parcel.at_dock(tube, "note_condition", facts={"condition": "haemolysed"})

    assert answer["verdict"] == "look"
    assert right["rule"] == "G53"


def stored(parcel: Parcel) -> str:
    """A box's code of the dock's own, to put tubes into, in no freezer yet."""
    with parcel.bench.work() as work:
        return add_unit(work, NewUnit(kind="box", site=DOCK, rows=9, columns=9)).code


def test_tubes_are_put_away_and_moved(parcel: Parcel) -> None:
    tube, bench = parcel.kit.tubes[0].code, parcel.bench
    parcel.at_dock(tube, "check_in", box=parcel.box)
    one, other = stored(parcel), stored(parcel)

    put = parcel.at_dock(tube, "store", box=one, position="B2")
    moved = parcel.at_dock(tube, "move", box=other, position="C3")
    nowhere = parcel.at_dock(tube, "move")

    assert (put["verdict"], moved["verdict"]) == ("accepted", "accepted"), (put, moved)
    assert nowhere["title"] == "What it goes with is not known"
    standing = bench.technician.get(f"/api/v1/subjects/{tube}").json
    assert (standing["within"], standing["position"]) == (other, "C3")


def test_a_place_promised_to_another_is_stopped_and_a_report_is_written(parcel: Parcel) -> None:
    bench, tube = parcel.bench, parcel.kit.tubes[0].code
    with bench.work() as work:
        make_person(work, login="tech-b", role="technician", site=DOCK)
    parcel.at_dock(tube, "check_in", box=parcel.box)
    box = stored(parcel)
    promise = bench.visitor("tech-b").send(
        "POST", "/api/v1/reservations", location=box, position="B2"
    )
    assert promise.status_code == 201, promise.json

    now = parcel.at_dock(tube, "store", box=box, position="B2")
    told = bench.one(
        bench.technician, parcel.scan(tube, "store", box=box, position="B2") | {"queued": True}
    )

    assert (now["verdict"], now["title"]) == ("stop", "This place is kept for another")
    assert told["verdict"] == "accepted", told


def test_a_scanner_at_the_dock_receives_a_whole_package_by_cards_alone(parcel: Parcel) -> None:
    bench = parcel.bench
    with bench.work() as work:
        bench.station = places.add_station(work, site=DOCK, unit="dock", title="Dock 1")
        bench.token = places.give_token(work, station=bench.station)
    path = f"/api/v1/stations/{bench.station}/task"
    task = bench.technician.send("PUT", path, step="check_in", package=parcel.package)
    assert task.status_code == 200, task.json
    codes = [parcel.box, *(tube.code for tube in parcel.kit.tubes), DONE, DONE]
    bench.clock.wait(seconds=5)

    results = bench.agent(
        *(
            bench.scan(code, None, method="agent", device_id="gun") | {"device_seq": n}
            for n, code in enumerate(codes, start=1)
        )
    )

    assert {result["verdict"] for result in results} == {"accepted"}, results
    assert [result["title"] for result in results[-2:]] == ["Closed", "Receipt closed"]
    assert bench.story(parcel.kit.tubes[0])[-1].actor == bench.people["technician"]
    assert bench.technician.get(path).status_code == 404
    assert parcel.gaps() == set()
