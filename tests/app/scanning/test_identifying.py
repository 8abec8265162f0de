"""A tube without a readable label turns out to be the one that is missed."""

from typing import Any

import pytest

from app.custody.ledger import Sort
from app.custody.queries import entries_of
from tests.app.scanning.bench import Bench
from tests.app.scanning.test_dock import DONE, UNLABELLED, Parcel
from tests.builders.people import DOCK, make_person

OPEN = {"G02", "G18", "G43", "G44"}


class Find:
    """A box of which one tube is missed, and one without a label was found in it."""

    def __init__(self, bench: Bench) -> None:
        self.bench, self.parcel = bench, Parcel(bench)
        self.missed, *others = (tube.code for tube in self.parcel.kit.tubes)
        self.parcel.at_dock(self.parcel.box, "check_in")
        for code in others:
            self.parcel.at_dock(code, "check_in", box=self.parcel.box)
        facts = {"label": "missing"}
        told = self.parcel.at_dock(UNLABELLED, "check_in", box=self.parcel.box, facts=facts)
        self.code = told["subject"]
        self.parcel.at_dock(DONE, "done")
        bench.clock.wait(minutes=5)

    def identify(self, who: str = "tech-a", **said: Any) -> Any:
        path = f"/api/v1/subjects/{self.code}/identification"
        return self.bench.visitor(who).send("POST", path, **{"real": self.missed} | said)

    def gaps(self) -> set[str]:
        """The rules that object to the tube that is missed, or to the one that was found."""
        told = [
            self.bench.technician.get(f"/api/v1/subjects/{code}/gaps").json["items"]
            for code in (self.missed, self.code)
        ]
        return {gap["rule"] for gaps in told for gap in gaps if gap["state"] == "open"}

    def page(self) -> str:
        return str(self.bench.technician.get(f"/t/{self.code}").text)


@pytest.fixture
def find(bench: Bench) -> Find:
    return Find(bench)


def test_the_one_that_was_missed_is_not_missed_any_more(find: Find) -> None:
    assert find.gaps() == OPEN
    assert "Which one is it?" in find.page()

    answer = find.identify(real=find.missed.lower())

    assert answer.status_code == 201, answer.json
    assert find.gaps() == set()
    standing = find.bench.technician.get(f"/api/v1/subjects/{find.missed}").json
    assert standing["holder"] == f"unit:{DOCK}/dock"
    assert f'href="/t/{find.missed}"' in find.page()


def test_it_can_be_taken_back(find: Find) -> None:
    (entry,) = find.identify().json["entries"]
    find.bench.clock.wait(minutes=1)

    taken = find.bench.technician.send(
        "POST", "/api/v1/corrections", entry=entry, reason="not that one"
    )

    assert taken.status_code == 201, taken.json
    assert find.gaps() == OPEN
    assert "It is this one" in find.page()


def test_said_twice_it_is_said_once(find: Find) -> None:
    command = find.parcel.scan(find.code, "read")["id"]

    assert find.identify(command=command).status_code == 201
    assert find.identify(command=command).json["replayed"]


@pytest.mark.parametrize(
    ("said", "status", "title"),
    [
        ({"real": "TB0000000000X"}, 404, "Nothing here has this code"),
        ({"real": ""}, 422, "Does not fit"),
        ({"real": 5}, 422, "Does not fit"),
    ],
)
def test_what_it_cannot_be(find: Find, said: dict[str, Any], status: int, title: str) -> None:
    answer = find.identify(**said)

    assert answer.status_code == status
    assert title in (answer.json["title"], answer.json["detail"])
    assert find.gaps() == OPEN


def test_it_is_no_box_and_no_other_find_and_only_a_find_is_anything(find: Find) -> None:
    for code in (find.parcel.box, find.code):
        assert find.identify(real=code).json["detail"].startswith("It cannot be")
    with find.bench.work() as work:
        make_person(work, login="manager-a", role="manager", site="*")
    path = f"/api/v1/subjects/{find.missed}/identification"
    answer = find.bench.visitor("manager-a").send("POST", path, real=find.parcel.kit.tubes[1].code)
    assert answer.json["detail"] == "Only something that was found can turn out to be another"


def test_who_may_not_register_finds_there_cannot_say(find: Find) -> None:
    with find.bench.work() as work:
        make_person(work, login="auditor-a", role="auditor", site=DOCK)
        make_person(work, login="quality-a", role="quality", site=DOCK)

    assert find.identify("nurse-a").status_code == 403
    assert find.identify("auditor-a").status_code == 403
    assert "It is this one" not in find.bench.visitor("auditor-a").get(f"/t/{find.code}").text
    assert find.identify("quality-a").status_code == 201


def test_what_a_colleague_said_is_taken_back_by_who_may_correct(find: Find) -> None:
    with find.bench.work() as work:
        make_person(work, login="tech-b", role="technician", site=DOCK)
        make_person(work, login="manager-a", role="manager", site=DOCK)

    assert find.identify("tech-b").status_code == 201
    assert "take it back" not in find.page()
    assert "take it back" in find.bench.visitor("manager-a").get(f"/t/{find.code}").text


def test_what_others_follow_from_is_not_replaced(find: Find) -> None:
    bench = find.bench
    with bench.work() as work:
        make_person(work, login="quality-a", role="quality", site="*")
    (identified,) = find.identify().json["entries"]
    (released,) = [
        line["entry"]
        for line in bench.visitor("quality-a")
        .get(f"/api/v1/subjects/{find.parcel.package}/timeline")
        .json["lines"]
        if line["kind"] == "RELEASED"
    ]
    box = bench.make(Sort.BOX)
    with bench.work() as work:
        first = str(entries_of(work.session, box.id)[0].entry_id)
    bench.clock.wait(minutes=1)

    def correct(entry: str, **facts: Any) -> Any:
        body = {"entry": entry, "reason": "wrong", "replacement": {"facts": facts}}
        return bench.visitor("quality-a").send("POST", "/api/v1/corrections", **body)

    for answer in (correct(identified, real=1), correct(released, lines=[]), correct(first, a="b")):
        assert answer.status_code == 409
        assert answer.json["detail"] == "What this entry says is fixed, and cannot be replaced"
    assert correct(released, carrier_number="794612345678").status_code == 201
