"""A participant, an order, a kit, its labels, through the doors."""

from datetime import datetime, timedelta
from urllib.parse import urlencode
from uuid import UUID

import pytest

from app.collection.drawing import collect
from app.collection.queries import order_of
from app.custody.queries import subjects_of
from tests.app.collection.conftest import new_order, new_participant
from tests.app.collection.visit import draw
from tests.builders.people import NORTH, PROGRAMME, make_person
from tests.builders.site import Site, Visitor
from tests.fakes.clock import SetClock


def test_an_order_becomes_a_kit_of_eight_tubes_in_order_of_draw(nurse: Visitor) -> None:
    placed = new_order(nurse, new_participant(nurse))
    assert placed.status_code == 201, placed.json

    opened = nurse.send("POST", f"/api/v1/orders/{placed.json['id']}/kit")

    assert opened.status_code == 201
    tubes = opened.json["tubes"]
    assert [tube["position"] for tube in tubes] == list(range(1, 9))
    assert all(tube["code"].startswith("TB") and tube["state"] == "wait" for tube in tubes)


def test_opening_a_kit_twice_gives_the_same_kit(nurse: Visitor) -> None:
    order = new_order(nurse, new_participant(nurse)).json["id"]
    first = nurse.send("POST", f"/api/v1/orders/{order}/kit").json

    assert nurse.send("POST", f"/api/v1/orders/{order}/kit").json == first


def test_the_labels_are_a_document_and_are_noted_once(nurse: Visitor) -> None:
    order = new_order(nurse, new_participant(nurse)).json["id"]
    nurse.send("POST", f"/api/v1/orders/{order}/kit")

    document = nurse.get(f"/api/v1/orders/{order}/labels.pdf?stock=a4_24&start=3")

    assert document.status_code == 200, document.json
    assert document.data.startswith(b"%PDF")
    assert nurse.get(f"/api/v1/orders/{order}/labels.pdf?stock=a4_24&start=3").data == document.data


@pytest.mark.parametrize("query", ["start=0", "start=99", "start=x", "stock=none", "start=²"])
def test_labels_that_cannot_be_are_refused(nurse: Visitor, query: str) -> None:
    order = new_order(nurse, new_participant(nurse)).json["id"]
    nurse.send("POST", f"/api/v1/orders/{order}/kit")

    assert nurse.get(f"/api/v1/orders/{order}/labels.pdf?{query}").status_code in (400, 422)


def test_without_consent_no_order_is_placed(nurse: Visitor) -> None:
    refused = new_order(nurse, new_participant(nurse, consents=("primary",)))

    assert refused.status_code == 409
    assert "biospecimen" in refused.json["detail"]


def test_after_a_withdrawal_no_order_is_placed(nurse: Visitor, clock: SetClock) -> None:
    code = new_participant(nurse)
    clock.wait(minutes=1)
    assert nurse.send("POST", f"/api/v1/participants/{code}/withdrawals").status_code == 201

    assert new_order(nurse, code).status_code == 409


def test_one_kind_of_identifier_is_not_enough(nurse: Visitor) -> None:
    assert new_order(nurse, new_participant(nurse), identity=["card_scanned"]).status_code == 422


def test_done_names_the_tubes_that_have_neither_scan_nor_reason(nurse: Visitor) -> None:
    order = new_order(nurse, new_participant(nurse)).json["id"]
    tubes = nurse.send("POST", f"/api/v1/orders/{order}/kit").json["tubes"]
    reasons = [{"tube": t["code"], "reason": "other", "comment": "stopped"} for t in tubes]

    refused = nurse.send("POST", f"/api/v1/orders/{order}/done", reasons=reasons[1:])
    done = nurse.send("POST", f"/api/v1/orders/{order}/done", reasons=reasons)

    assert refused.status_code == 409
    assert tubes[0]["code"] in refused.json["detail"]
    assert tubes[1]["code"] not in refused.json["detail"]
    assert [tube["state"] for tube in done.json["tubes"]] == ["none"] * 8


def test_an_auditor_places_no_order(site: Site, nurse: Visitor) -> None:
    code = new_participant(nurse)
    auditor = site.visitor()
    auditor.enter("auditor-a")

    assert new_order(auditor, code).status_code == 403


def test_a_second_participant_with_the_same_pseudonym_is_refused(nurse: Visitor) -> None:
    asked = {"site": NORTH, "programme": PROGRAMME, "participant_id": "P123456789"}
    assert nurse.send("POST", "/api/v1/participants", **asked).status_code == 201
    assert nurse.send("POST", "/api/v1/participants", **asked).status_code == 409


def test_orders_are_listed_a_page_at_a_time(nurse: Visitor, clock: SetClock) -> None:
    code = new_participant(nurse)
    placed = []
    for _ in range(3):
        clock.wait(minutes=1)
        placed.append(new_order(nurse, code).json["id"])

    first = nurse.get("/api/v1/orders?limit=2").json
    rest = nurse.get(f"/api/v1/orders?limit=2&cursor={first['next']}").json

    listed = [row["id"] for row in (*first["items"], *rest["items"])]
    assert listed == placed[::-1]


def test_the_pages_of_the_bench_show_the_order_and_its_kit(nurse: Visitor) -> None:
    code = new_participant(nurse)
    order = new_order(nurse, code).json["id"]

    assert code in (home := nurse.get("/collect").text)
    assert 'data-find="/collect/find"' in home
    assert nurse.get(f"/collect/{order}").status_code == 200
    kit = nurse.send("POST", f"/api/v1/orders/{order}/kit").json
    page = nurse.get(f"/collect/{order}").text
    assert all(tube["code"] in page for tube in kit["tubes"])


def test_an_order_shows_each_tubes_times_against_the_limits(
    site: Site, nurse: Visitor, clock: SetClock
) -> None:
    order = new_order(nurse, new_participant(nurse)).json["id"]
    tubes = nurse.send("POST", f"/api/v1/orders/{order}/kit").json["tubes"]
    drawn = clock()
    with site.work() as work:
        draws = [
            draw(work, tube)
            for tube in subjects_of(work.session, [t["code"] for t in tubes]).values()
        ]
        collect(work, order_of(work.session, UUID(order)), draws, None)
    clock.wait(minutes=10)

    seen = nurse.get(f"/api/v1/orders/{order}").json["tubes"]
    spun = [tube for tube in seen if tube["spin_due"]]
    assert {tube["state"] for tube in seen} == {"done"}
    assert {datetime.fromisoformat(tube["drawn_at"]) for tube in seen} == {drawn}
    assert {datetime.fromisoformat(tube["spin_due"]) - drawn for tube in spun} == {
        timedelta(hours=2)
    }
    assert not any(tube["late"] or tube["early"] for tube in seen)


def test_the_pages_of_the_bench_are_also_in_spanish(site: Site, nurse: Visitor) -> None:
    order = new_order(nurse, new_participant(nurse)).json["id"]
    nurse.send("POST", f"/api/v1/orders/{order}/kit")
    with site.work() as work:
        make_person(work, login="enfermera", role="phlebotomist", language="es")
    reader = site.visitor()
    reader.enter("enfermera")

    home, kit = reader.get("/collect").text, reader.get(f"/collect/{order}").text
    assert 'lang="es"' in home
    assert "Crear una orden" in home
    assert "Vigente" in kit
    assert "Scan" not in kit


def test_a_scan_on_the_list_opens_the_kit_or_fills_the_form(nurse: Visitor) -> None:
    code = new_participant(nurse)
    order = new_order(nurse, code).json["id"]
    kit = nurse.send("POST", f"/api/v1/orders/{order}/kit").json

    def leads(text: str) -> str:
        return str(nurse.get(f"/collect/find?{urlencode({'q': text})}").location)

    assert leads(kit["kit"]) == leads(kit["tubes"][3]["code"]) == f"/collect/{order}"
    assert f'value="{code}"' in nurse.get(leads(code)).text
    assert leads("no code") == "/find?q=no+code"
    assert leads("\u0000") == "/find?q=%00"
    assert 'value=""' in nurse.get(f"/collect?participant={kit['kit']}").text
