"""A box into a package, sealed, released to a courier, delivered: through the doors."""

import base64
import hashlib
import json
from typing import Any

import pytest
import rfc8785

from app.custody import parties
from app.custody import queries as custody
from app.custody.amending import undo
from app.custody.drafts import Draft
from app.custody.ledger import Kind
from app.custody.queries import subject_of
from app.custody.service import append
from app.kernel.work import Work
from app.shipping import service as shipping
from tests.app.shipping.conftest import FEDEX, drawn, packed, read_at, release
from tests.builders.people import DOCK, NORTH
from tests.builders.site import Site, Visitor
from tests.fakes.clock import SetClock


def gaps(site: Site, *codes: str) -> list[str]:
    with site.work() as work:
        ids = [s.id for s in custody.subjects_of(work.session, codes).values()]
        return [gap.rule for gap in custody.gaps_of(work.session, ids) if gap.cured_at is None]


def test_a_package_shows_its_boxes_and_its_seal(
    site: Site, nurse: Visitor, clock: SetClock
) -> None:
    made = packed(site, nurse, clock)

    seen = nurse.get(f"/api/v1/packages/{made['package']}").json

    assert (seen["state"], seen["seal"], seen["count"]) == ("sealed", "S-1", 3)
    assert seen["boxes"] == [{"code": made["box"], "position": None, "tubes": 3}]
    assert seen["holder"] == "unit:NOR/collection"


def test_a_release_freezes_what_is_inside(site: Site, nurse: Visitor, clock: SetClock) -> None:
    made = packed(site, nurse, clock)

    released = release(nurse, made["package"])

    assert released.status_code == 200, released.json
    assert (released.json["state"], released.json["holder"]) == ("in_transit", "courier:FedEx")
    listed = nurse.get(f"/api/v1/packages/{made['package']}/manifest").json
    assert [line["code"] for line in listed["lines"]] == made["tubes"]
    assert {line["box"] for line in listed["lines"]} == {made["box"]}
    assert [line["position"] for line in listed["lines"]] == ["A1", "A2", "A3"]
    assert gaps(site, made["package"], made["box"], *made["tubes"]) == []


def test_the_hash_is_that_of_the_frozen_lines(site: Site, nurse: Visitor, clock: SetClock) -> None:
    made = packed(site, nurse, clock)
    told = release(nurse, made["package"]).json["manifest_hash"]

    with site.work() as work:
        package = subject_of(work.session, made["package"])
        assert package is not None
        released = custody.manifest(work.session, package.id)
        assert released is not None
        lines = released.facts["lines"]

    assert hashlib.sha256(rfc8785.dumps(lines)).hexdigest() == told


def test_what_goes_in_after_the_release_is_a_gap_and_not_on_the_list(
    site: Site, nurse: Visitor, clock: SetClock
) -> None:
    made = packed(site, nurse, clock)
    before = release(nurse, made["package"]).json["manifest_hash"]
    with site.work() as work:
        (late,) = drawn(work, 1)
        clock.wait(minutes=1)
        box = subject_of(work.session, made["box"])
        assert box is not None
        shipping.pack_tubes(work, [(late, "B1", read_at(work))], box)

    listed = nurse.get(f"/api/v1/packages/{made['package']}/manifest").json

    assert (listed["hash"], len(listed["lines"])) == (before, 3)
    assert gaps(site, late.code)


def test_saying_a_release_twice_is_saying_it_once(
    site: Site, nurse: Visitor, clock: SetClock
) -> None:
    made = packed(site, nurse, clock)
    command = "0192f0c0-0000-7000-8000-000000000001"
    first = release(nurse, made["package"], command=command)
    clock.wait(minutes=1)

    again = release(nurse, made["package"], command=command)

    assert (again.status_code, again.json) == (200, first.json)


def test_a_carrier_number_of_another_package_is_refused(
    site: Site, nurse: Visitor, clock: SetClock
) -> None:
    first, second = packed(site, nurse, clock), packed(site, nurse, clock)
    assert release(nurse, first["package"]).status_code == 200

    day = clock().date().isoformat()
    refused = release(nurse, second["package"])

    assert refused.status_code == 409
    assert refused.json["detail"] == f"The tracking number {FEDEX} was used on {day}"


def test_a_carrier_number_is_free_again_when_the_release_was_taken_back(
    site: Site, nurse: Visitor, clock: SetClock
) -> None:
    first, second = packed(site, nurse, clock), packed(site, nurse, clock)
    release(nurse, first["package"])
    clock.wait(minutes=1)
    with site.work() as work:
        package = subject_of(work.session, first["package"])
        assert package is not None
        released = custody.manifest(work.session, package.id)
        assert released is not None
        undo(work, reading=read_at(work), command=released.entry_id.command)

    assert release(nurse, second["package"]).status_code == 200


@pytest.mark.parametrize(("opened", "status"), [(True, 200), (False, 409)])
def test_a_carrier_number_may_come_again_after_its_time_unless_it_is_still_under_way(
    site: Site, nurse: Visitor, clock: SetClock, opened: bool, status: int
) -> None:
    first, second = packed(site, nurse, clock), packed(site, nurse, clock)
    release(nurse, first["package"])
    clock.wait(hours=20)
    deliver(site.visitor_as("tech-d"), first["package"])
    clock.wait(minutes=1)
    if opened:
        with site.work() as work:
            receive(work, first["package"])

    clock.wait(days=91)

    assert release(site.visitor_as("phlebotomist-a"), second["package"]).status_code == status


def receive(work: Work, package: str) -> None:
    subject = subject_of(work.session, package)
    assert subject is not None
    dock = parties.unit(DOCK, "dock")
    opened = Draft(
        subject=subject.id,
        kind=Kind.RECEIVED,
        reading=read_at(work, DOCK),
        source=dock,
        target=dock,
        package=subject.id,
    )
    append(work, [opened])


def deliver(visitor: Visitor, package: str, **more: Any) -> Any:
    said = {"source": "courier:FedEx", "evidence": "signature", **more}
    return visitor.send("POST", f"/api/v1/packages/{package}/deliver", **said)


def test_our_own_code_is_no_carrier_number(site: Site, nurse: Visitor, clock: SetClock) -> None:
    made = packed(site, nurse, clock)

    refused = release(nurse, made["package"], carrier_number=made["package"])

    assert (refused.status_code, refused.json["detail"]) == (422, "This is not a carrier's number")


def test_a_wrong_check_digit_warns_and_does_not_block(
    site: Site, nurse: Visitor, clock: SetClock
) -> None:
    made = packed(site, nurse, clock)

    released = release(nurse, made["package"], carrier_number="7777 7777 7771")

    assert released.status_code == 200
    assert released.json["carrier_check"] == "fails"


def test_the_source_of_a_release_must_be_said(site: Site, nurse: Visitor, clock: SetClock) -> None:
    made = packed(site, nurse, clock)
    path = f"/api/v1/packages/{made['package']}/release"

    silent = nurse.send("POST", path, courier="FedEx", evidence="badge")
    nonsense = nurse.send("POST", path, courier="FedEx", evidence="badge", source="me")

    assert (silent.status_code, nonsense.status_code) == (422, 422)


def test_a_delivery_is_from_the_courier_to_the_dock(
    site: Site, nurse: Visitor, clock: SetClock
) -> None:
    made = packed(site, nurse, clock)
    release(nurse, made["package"])
    clock.wait(hours=20)
    technician = site.visitor_as("tech-d")

    arrived = deliver(technician, made["package"])

    assert arrived.status_code == 200, arrived.json
    assert (arrived.json["state"], arrived.json["holder"]) == ("delivered", "unit:BB1/dock")
    assert deliver(technician, made["package"], source="unit:NOR/collection").status_code == 422
    assert gaps(site, made["package"]) == []


def test_packages_are_listed_by_site_and_state(
    site: Site, nurse: Visitor, technician: Visitor, clock: SetClock
) -> None:
    codes = [packed(site, nurse, clock)["package"] for _ in range(3)]
    release(nurse, codes[1])

    def listed(who: Visitor, query: str = "") -> list[str]:
        return [one["code"] for one in who.get(f"/api/v1/packages{query}").json["items"]]

    assert listed(nurse) == codes[::-1]
    assert listed(technician, "?site=BB1&state=in_transit") == [codes[1]]
    assert listed(technician, "?site=NOR") == []
    first = nurse.get("/api/v1/packages?limit=2").json
    assert listed(nurse, f"?limit=2&cursor={first['next']}") == [codes[0]]


def test_the_list_goes_along_as_a_file_and_as_a_sheet(
    site: Site, nurse: Visitor, clock: SetClock
) -> None:
    made = packed(site, nurse, clock, tubes=60)
    path = f"/api/v1/packages/{made['package']}/manifest"
    assert nurse.get(f"{path}.csv").status_code == 404
    release(nurse, made["package"])

    table, sheet = nurse.get(f"{path}.csv"), nurse.get(f"{path}.pdf")

    assert table.text.splitlines()[1].split(",")[1:4] == [made["tubes"][0], made["box"], "A1"]
    assert sheet.data.startswith(b"%PDF")
    assert nurse.get(f"{path}.pdf").data == sheet.data


def test_another_site_is_told_nothing(site: Site, nurse: Visitor, clock: SetClock) -> None:
    made = packed(site, nurse, clock)
    stranger = site.visitor_as("nurse-s")

    for path in ("", "/manifest"):
        refused = stranger.get(f"/api/v1/packages/{made['package']}{path}")
        assert refused.status_code == 403
        assert "NOR" not in refused.text


def test_who_may_not_send_sends_nothing(site: Site, nurse: Visitor, clock: SetClock) -> None:
    made = packed(site, nurse, clock)
    auditor = site.visitor_as("auditor-a")

    assert release(auditor, made["package"]).status_code == 403
    assert auditor.send("POST", "/api/v1/boxes", site=NORTH).status_code == 403
    refused = auditor.send("POST", "/api/v1/packages", site=NORTH, destination=DOCK)
    assert refused.status_code == 403


def test_there_is_no_such_package_or_destination(nurse: Visitor) -> None:
    assert nurse.get("/api/v1/packages/PK00000000001").status_code == 404
    made = nurse.send("POST", "/api/v1/packages", site=NORTH, destination="XXX")
    assert made.status_code == 404


@pytest.mark.parametrize("key", [["x", "y"], ["2026-11-25T15:00:00", "PK"], [1, 2], "x"])
def test_a_cursor_that_no_list_gave(nurse: Visitor, key: object) -> None:
    cursor = base64.urlsafe_b64encode(json.dumps(key).encode()).decode()

    for path in ("packages", "receipts"):
        assert nurse.get(f"/api/v1/{path}?cursor={cursor}").status_code == 422


def test_what_is_packed_is_expected_to_leave(site: Site, nurse: Visitor, clock: SetClock) -> None:
    made = packed(site, nurse, clock)

    told = {
        name: nurse.get(f"/api/v1/subjects/{made[name]}/timeline").json["expected"]
        for name in ("box", "package")
    }

    assert [due["rule"] for due in told["package"]] == ["G29"]
    assert told["box"] == []
    assert "<b>Dispatch</b>" in nurse.get(f"/b/{made['package']}").text
