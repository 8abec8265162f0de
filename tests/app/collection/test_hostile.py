"""Orders and kits as nobody should ask for them; and several asking at the same moment."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote

import pytest

from app.custody.ledger import Kind
from app.custody.queries import entries_of, subjects_of
from tests.app.collection.conftest import KINDS, new_order, new_participant
from tests.builders.people import NORTH, SOUTH, make_person
from tests.builders.site import Site, Visitor

ORDERS = "/api/v1/orders"
AtOnce = Callable[[Callable[[Visitor], Any]], list[Any]]
NOBODYS = f"{ORDERS}/0197a000-0000-7000-8000-000000000009"

WRONG_ORDERS: tuple[tuple[dict[str, Any], int], ...] = (
    ({"participant": "PN0000000018"}, 422),
    ({"participant": "TB"}, 422),
    ({"participant": None}, 422),
    ({"participant": "x" * 100_000}, 422),
    ({"protocol": "adult_v1"}, 404),
    ({"protocol": "a\nb"}, 422),
    ({"identity": "card_scanned"}, 422),
    ({"identity": ["card_scanned", "card_scanned"]}, 422),
    ({"identity": ["card_scanned", "date of birth: 1 January"]}, 422),
    ({"identity": ["name"] * 9}, 422),
    ({"identity": [["name"], {}]}, 422),
    ({"site": SOUTH}, 403),
    ({"site": "ZZZ"}, 403),
    ({"command": "1"}, 422),
    ({"programme": "another"}, 422),
)


def test_an_order_that_cannot_be_is_refused_and_nothing_is_placed(nurse: Visitor) -> None:
    asked = {
        "participant": new_participant(nurse),
        "protocol": "adult_v3_1",
        "identity": KINDS,
    }
    for wrong, status in WRONG_ORDERS:
        assert nurse.send("POST", ORDERS, **(asked | wrong)).status_code == status, wrong

    assert nurse.get(ORDERS).json["items"] == []


def test_an_order_nobody_placed_is_nowhere(nurse: Visitor) -> None:
    assert nurse.get(NOBODYS).status_code == 404
    assert nurse.get(f"{NOBODYS}/labels.pdf").status_code == 404
    assert nurse.send("POST", f"{NOBODYS}/kit").status_code == 404
    assert nurse.send("POST", f"{NOBODYS}/done").status_code == 404
    assert nurse.get("/collect/0197a000-0000-7000-8000-000000000009").status_code == 404
    assert nurse.get(f"{ORDERS}/1").status_code == 404


def test_cursors_and_sites_that_no_list_gave_are_refused(nurse: Visitor) -> None:
    cursors = (
        "W10",
        "WyJhIiwiYiJd",  # ["a","b"]
        "WyIyMDI2LTExLTI1VDAwOjAwOjAwIiwiMDE5N2EwMDAtMDAwMC03MDAwLTgwMDAtMDAwMDAwMDAwMDA5Il0",
        "\u0000",
        "x" * 5000,
    )
    for cursor in cursors:
        assert nurse.get(f"{ORDERS}?cursor={quote(cursor)}").status_code == 422, cursor
    assert nurse.get(f"{ORDERS}?site=%00").json["errors"][0]["path"] == "site"
    for site in (SOUTH, "ZZZ", "*"):
        assert nurse.get(f"{ORDERS}?site={quote(site)}").status_code == 403, site
    assert nurse.get(f"{ORDERS}?site={NORTH}").status_code == 200


def test_another_site_sees_and_touches_nothing_of_a_kit(site: Site, nurse: Visitor) -> None:
    order = new_order(nurse, new_participant(nurse)).json["id"]
    with site.work() as work:
        make_person(work, login="nurse-s", role="phlebotomist", site=SOUTH)
    south = site.visitor()
    south.enter("nurse-s")
    path = f"{ORDERS}/{order}"
    answers = [
        south.get(path),
        south.get(f"/collect/{order}"),
        south.send("POST", f"{path}/kit"),
        nurse.send("POST", f"{path}/kit"),
        south.get(f"{path}/labels.pdf"),
        south.send("POST", f"{path}/done"),
    ]

    assert [answer.status_code for answer in answers] == [403, 403, 403, 201, 403, 403]
    assert south.get(ORDERS).json["items"] == []
    assert order not in south.get("/collect").text


def test_reasons_that_cannot_be_end_no_kit(nurse: Visitor) -> None:
    order = new_order(nurse, new_participant(nurse)).json["id"]
    path = f"{ORDERS}/{order}"
    tube = nurse.send("POST", f"{path}/kit").json["tubes"][0]["code"]
    why = {"tube": tube, "reason": "other", "comment": "stopped"}
    wrong: tuple[Any, ...] = (
        "other",
        [tube],
        [why | {"tube": "TB0000000018"}],
        [why | {"comment": "x" * 201}],
        [why | {"reason": ""}],
        [why | {"more": 1}],
        [why] * 51,
    )
    for reasons in wrong:
        assert nurse.send("POST", f"{path}/done", reasons=reasons).status_code == 422, reasons

    assert nurse.get(path).json["done_at"] is None


@pytest.fixture
def at_once(site: Site) -> Iterator[AtOnce]:
    """Has four windows of one person ask the same at the same moment."""

    def window() -> Visitor:
        visitor = site.visitor()
        visitor.enter("phlebotomist-a")
        return visitor

    windows = [window() for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        yield lambda ask: list(pool.map(ask, windows))


def test_several_who_open_a_kit_or_print_it_at_once_get_the_same_one(
    site: Site, nurse: Visitor, at_once: AtOnce
) -> None:
    path = f"{ORDERS}/{new_order(nurse, new_participant(nurse)).json['id']}"
    opened = at_once(lambda one: one.send("POST", f"{path}/kit"))
    printed = at_once(lambda one: one.get(f"{path}/labels.pdf"))

    assert {answer.status_code for answer in opened} == {201}
    assert len({answer.json["kit"] for answer in opened}) == 1
    assert {answer.status_code for answer in printed} == {200}
    codes = [tube["code"] for tube in opened[0].json["tubes"]]
    with site.work() as work:
        for tube in subjects_of(work.session, codes).values():
            kinds = [entry.kind for entry in entries_of(work.session, tube.id)]
            assert kinds == [Kind.REGISTERED, Kind.LABEL_PRINTED]


def test_an_order_sent_several_times_at_once_is_placed_once(
    nurse: Visitor, at_once: AtOnce
) -> None:
    code, command = new_participant(nurse), "0197a000-0000-7000-8000-000000000003"
    placed = at_once(lambda one: new_order(one, code, command=command))

    assert [answer.status_code for answer in placed] == [201] * 4
    assert {answer.json["id"] for answer in placed} == {command}
    assert len(nurse.get(ORDERS).json["items"]) == 1


def test_one_pseudonym_given_to_several_participants_at_once_is_given_to_one(
    at_once: AtOnce,
) -> None:
    made = at_once(
        lambda one: one.send(
            "POST",
            "/api/v1/participants",
            site=NORTH,
            programme="cohort",
            participant_id="P9",
            biobank_id="A9",
        )
    )

    assert sorted(answer.status_code for answer in made) == [201, 409, 409, 409]
