"""A package opened and checked in: missing, extra, leaking, without a label. Through the doors."""

import pytest

from app.custody import queries as custody
from app.custody.queries import subject_of
from labels.code import make, next_mintable
from tests.app.receiving.conftest import Dock
from tests.app.shipping.conftest import drawn
from tests.builders.people import DOCK, SOUTH, make_person


def rules(answer: dict[str, list[dict[str, str]]], code: str) -> list[str]:
    return [gap["rule"] for gap in answer["gaps"] if gap["subject"] == code]


def test_a_package_comes_from_the_courier_into_the_dock(dock: Dock) -> None:
    opened = dock.open()

    assert opened.status_code == 201, opened.json
    assert (opened.json["state"], opened.json["source"]) == ("received", "courier:FedEx")
    assert opened.json["facts"]["temperature_c"] == 4.5
    assert (opened.json["expected"], opened.json["scanned"], opened.json["gaps"]) == (4, 0, [])


@pytest.mark.parametrize(
    "lacking", [{"source": None}, {"seal_verdict": "fine"}, {"source": "me"}, {"condition": "x"}]
)
def test_what_must_be_said_of_a_receipt(dock: Dock, lacking: dict[str, str | None]) -> None:
    assert dock.open(**lacking).status_code == 422


def by_state(dock: Dock, state: str) -> list[dict[str, str]]:
    listed: list[dict[str, str]] = dock.technician.get(f"/api/v1/receipts?state={state}").json[
        "items"
    ]
    return listed


def test_everything_that_came_is_in(dock: Dock) -> None:
    dock.open()
    dock.check_in(dock.box, *dock.tubes)

    told = dock.close().json

    assert [line["state"] for line in told["lines"]] == ["in"] * 4
    assert [line["found_in"] for line in told["lines"]] == [dock.box] * 4
    assert (told["closed"], told["exceptions"], told["gaps"]) == (True, [], [])
    with dock.site.work() as work:
        tube = subject_of(work.session, dock.tubes[1])
        assert tube is not None
        stand = custody.standing(work.session, tube.id)
    assert (stand.holder, stand.position, stand.seen) == ("unit:BB1/dock", "A2", True)
    assert [around.code for around in stand.path] == [dock.box]
    assert (stand.outermost.code, stand.site) == (dock.box, DOCK)


def test_a_receipt_closes_with_its_gaps_open(dock: Dock) -> None:
    dock.open()
    with dock.site.work() as work:
        (extra,) = drawn(work, 1)
    dock.clock.wait(minutes=1)
    dock.check_in(dock.box, dock.tubes[0], dock.tubes[1], extra.code)
    dock.check_in(dock.tubes[2], codes=("leaked",))
    found = dock.technician.send("POST", "/api/v1/found", package=dock.package, box=dock.box)
    dock.clock.wait(minutes=1)

    told = dock.close().json

    assert found.status_code == 201, found.json
    kinds = {(odd["kind"], odd["code"]) for odd in told["exceptions"]}
    assert kinds == {
        ("missing", dock.tubes[3]),
        ("leaked", dock.tubes[2]),
        ("extra", extra.code),
        ("unlabelled", found.json["code"]),
    }
    counts = [told[name] for name in ("expected", "scanned", "missing", "extra", "damaged")]
    assert counts == [4, 5, 1, 2, 1]
    assert rules(told, dock.tubes[3]) == ["G43"]
    assert rules(told, dock.tubes[2]) == ["G53"]
    assert "G44" in rules(told, extra.code)
    assert "G02" in rules(told, found.json["code"])


def test_a_found_tube_is_said_once(dock: Dock) -> None:
    dock.open()
    command = "0192f0c0-0000-7000-8000-00000000000a"

    codes = {
        dock.technician.send("POST", "/api/v1/found", package=dock.package, command=command).json[
            "code"
        ]
        for _ in range(2)
    }

    assert len(codes) == 1
    assert dock.receipt()["extra"] == 1


def test_a_tube_is_not_found_in_a_box_that_nobody_made(dock: Dock) -> None:
    dock.open()

    refused = dock.technician.send(
        "POST", "/api/v1/found", box=make("BX", next_mintable("BX", 99_999_999))
    )

    assert refused.status_code == 404


def test_closing_twice_changes_nothing(dock: Dock) -> None:
    dock.open()
    dock.check_in(dock.box, *dock.tubes)
    first = dock.close().json
    dock.clock.wait(minutes=1)

    assert dock.close().json == first
    assert dock.receipt() == first


def test_there_is_no_receipt_before_it_was_opened(dock: Dock) -> None:
    path = f"/api/v1/packages/{dock.package}/receipt"

    assert dock.technician.get(path).status_code == 404
    assert dock.close().status_code == 404


def test_receipts_are_listed_where_they_were(dock: Dock) -> None:
    dock.open()

    listed = dock.technician.get("/api/v1/receipts").json["items"]

    assert [(one["package"], one["site"], one["state"]) for one in listed] == [
        (dock.package, DOCK, "received")
    ]
    assert [len(by_state(dock, state)) for state in ("open", "closed")] == [1, 0]
    dock.close()
    assert [len(by_state(dock, state)) for state in ("open", "closed")] == [0, 1]
    elsewhere = dock.site.visitor_as("nurse-s")
    assert elsewhere.get("/api/v1/receipts").json["items"] == []
    assert elsewhere.get(f"/api/v1/packages/{dock.package}/receipt").status_code == 403


def test_who_may_not_receive_receives_nothing(dock: Dock) -> None:
    nurse = dock.site.visitor_as("phlebotomist-a")

    assert dock.open(nurse).status_code == 403
    assert dock.technician.get("/api/v1/receipts").json["items"] == []


def test_where_a_package_came_by_mistake_its_list_is_not_shown(dock: Dock) -> None:
    with dock.site.work() as work:
        make_person(work, login="tech-s", role="technician", site=SOUTH)
    stranger = dock.site.visitor_as("tech-s")
    path = f"/api/v1/packages/{dock.package}"

    opened = dock.open(stranger)
    shown = [stranger.get(at) for at in (f"{path}/receipt", path, f"/receive/{dock.package}")]

    assert (opened.status_code, opened.json["withheld"]) == (201, True)
    assert [answer.status_code for answer in shown] == [200, 200, 200]
    for answer in (opened, *shown):
        assert not any(code in answer.text for code in (dock.box, *dock.tubes))
    assert shown[1].json["destination"] == DOCK
    assert stranger.get(f"{path}/manifest").status_code == 403
    assert len(dock.receipt()["lines"]) == 4


def test_the_pages_of_the_dock(dock: Dock) -> None:
    coming = dock.technician.get("/receive")
    form = dock.technician.get(f"/receive/{dock.package}")
    dock.open(temperature_c="-4.5")
    dock.check_in(dock.box, *dock.tubes[:3])
    page = dock.technician.get(f"/receive/{dock.package}")

    assert dock.package in coming.text
    assert 'name="source"' in form.text
    assert "checked" not in form.text
    assert page.status_code == 200
    assert "-4.5 °C" in page.text
    assert f'data-box="{dock.box}"' in page.text
