"""One thing and its story, for those who may know; and putting the ledger right afterwards."""

from datetime import timedelta
from typing import Any

from app.alarms.follow import follow
from app.custody import sweep
from app.custody.ledger import Sort
from tests.app.scanning.bench import Bench
from tests.builders.people import DOCK, make_person


def ask(bench: Bench, path: str, *, who: str = "nurse-a", **headers: str) -> Any:
    return bench.visitor(who).get(f"/api/v1{path}", **headers)


def late(
    bench: Bench, code: str, kind: str = "COLLECTED", who: str = "nurse-a", **more: Any
) -> Any:
    body = {
        "subject": code,
        "kind": kind,
        "occurred_at": bench.old(hours=2),
        "reason": "the paper was filled in at the chair",
        "target": "unit:NOR/collection",
    } | more
    return bench.visitor(who).send("POST", "/api/v1/late-entries", **body)


def test_where_a_tube_is(bench: Bench) -> None:
    tube, box = bench.make(Sort.TUBE), bench.make(Sort.BOX)
    assert late(bench, tube.code).status_code == 201
    packed = late(
        bench, tube.code, "PACKED", inside=box.code, position="A1", occurred_at=bench.old(hours=1)
    )
    assert packed.status_code == 201

    standing = ask(bench, f"/subjects/{tube.code}").json

    assert standing["holder"] == "unit:NOR/collection"
    assert (standing["within"], standing["position"]) == (box.code, "A1")
    assert standing["phase"] == "packed"


def test_the_story_of_a_tube(bench: Bench) -> None:
    tube = bench.make(Sort.TUBE)
    late(bench, tube.code)
    bench.one(bench.nurse, bench.scan(tube.code))

    story = ask(bench, f"/subjects/{tube.code}/timeline").json

    assert [line["kind"] for line in story["lines"]] == ["COLLECTED", "READ"]
    assert story["lines"][0]["facts"]["late_reason"] == "the paper was filled in at the chair"
    assert story["entries"] == 3
    assert len(story["head"]) == 64


def test_nothing_of_another_site_is_told(bench: Bench) -> None:
    tube = bench.make(Sort.TUBE)
    late(bench, tube.code)

    for path in ("", "/timeline", "/gaps"):
        answer = ask(bench, f"/subjects/{tube.code}{path}", who="tech-a")
        assert answer.status_code == 403
        assert answer.json["detail"] == "It belongs to another site"
        assert "NOR" not in answer.text


def test_a_scan_at_another_site_is_recorded_and_tells_nothing(bench: Bench) -> None:
    tube = bench.make(Sort.TUBE, tube_type="edta_10")
    late(bench, tube.code)

    answer = bench.one(bench.technician, bench.scan(tube.code, device_id="dock"))

    assert (answer["verdict"], answer["title"]) == ("look", "It belongs to another site")
    assert answer["findings"] == []
    assert [entry.kind for entry in bench.story(tube)] == ["COLLECTED", "READ"]


def test_a_code_of_nothing(bench: Bench) -> None:
    for code in ("TB00009999995", "x", "%00", "a" * 300):
        assert ask(bench, f"/subjects/{code}").status_code == 404, code


def test_the_page_of_a_tube_in_both_languages(bench: Bench) -> None:
    tube, box = bench.make(Sort.TUBE), bench.make(Sort.BOX)
    late(bench, tube.code)
    late(bench, tube.code, "PACKED", inside=box.code, position="A1")

    page = bench.nurse.get(f"/t/{tube.code}")
    around = bench.nurse.get(f"/b/{box.code}")
    found = bench.nurse.get(f"/find?q={tube.code.lower()}")
    bench.nurse.get("/language/es")
    spanish = bench.nurse.get(f"/t/{tube.code}")

    assert page.status_code == around.status_code == spanish.status_code == 200
    assert "North clinic, collection" in page.text
    assert tube.code[8:12] in around.text
    assert "Recolectado" in spanish.text
    assert (found.status_code, found.location) == (303, f"/t/{tube.code}")


def test_gaps_of_ones_own_sites_by_rule_and_state(bench: Bench) -> None:
    tube = bench.make(Sort.TUBE)
    late(bench, tube.code, "STORED", target="unit:NOR/store")

    mine = ask(bench, "/gaps?rule=G18").json["items"]
    theirs = ask(bench, "/gaps", who="tech-a").json["items"]
    table = ask(bench, "/gaps.csv?state=all")

    assert [(gap["subject"], gap["state"]) for gap in mine] == [(tube.code, "open")]
    assert theirs == []
    assert table.text.startswith("rule,title,subject")
    assert tube.code in table.text
    assert ask(bench, "/gaps?state=odd").status_code == 422
    assert ask(bench, f"/gaps?site={DOCK}").status_code == 403


def test_a_list_of_gaps_goes_on(bench: Bench) -> None:
    for tube in bench.make_many(Sort.TUBE, 3):
        late(bench, tube.code, "STORED", target="unit:NOR/store")

    seen: list[str] = []
    address = "/gaps?rule=G18&limit=2"
    cursor = ""
    for _ in range(3):
        part = ask(bench, address + cursor).json
        seen += [gap["subject"] for gap in part["items"]]
        if part["next"] is None:
            break
        cursor = f"&cursor={part['next']}"

    assert len(seen) == len(set(seen)) == 3


def test_what_one_did_oneself_can_be_undone(bench: Bench) -> None:
    tube = bench.make(Sort.TUBE)
    scan = bench.scan(tube.code)
    bench.one(bench.nurse, scan)

    undone = bench.nurse.send("POST", f"/api/v1/scans/{scan['id']}/undo")
    again = bench.nurse.send("POST", f"/api/v1/scans/{scan['id']}/undo")
    other = bench.technician.send("POST", f"/api/v1/scans/{scan['id']}/undo")

    assert undone.status_code == 201
    assert [entry.kind for entry in bench.story(tube)] == ["READ", "UNDO"]
    assert again.status_code == 409
    assert other.status_code == 403


def test_a_manager_corrects_what_another_wrote(bench: Bench) -> None:
    with bench.work() as work:
        make_person(work, login="manager-a", role="manager")
    tube, right, wrong = bench.make(Sort.TUBE), bench.make(Sort.BOX), bench.make(Sort.BOX)
    late(bench, tube.code)
    entry = late(bench, tube.code, "PACKED", inside=wrong.code, position="A1").json["entries"][0]

    answer = bench.visitor("manager-a").send(
        "POST",
        "/api/v1/corrections",
        entry=entry,
        reason="it lies in the other box",
        replacement={"inside": right.code},
    )

    assert answer.status_code == 201, answer.json
    assert ask(bench, f"/subjects/{tube.code}").json["within"] == right.code


def test_saying_a_late_entry_twice_is_saying_it_once(bench: Bench) -> None:
    tube = bench.make(Sort.TUBE)
    command = "0198a000-0000-7000-8000-000000000001"

    first = late(bench, tube.code, command=command)
    again = late(bench, tube.code, command=command)

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json["entries"] == again.json["entries"]
    assert len(bench.story(tube)) == 1


def test_a_typed_time_ahead_of_the_clock_is_refused(bench: Bench) -> None:
    tube = bench.make(Sort.TUBE)
    ahead = (bench.clock() + timedelta(minutes=6)).isoformat()

    assert late(bench, tube.code, occurred_at=ahead).status_code == 422
    assert bench.story(tube) == []


def test_an_explanation_answers_a_gap(bench: Bench) -> None:
    with bench.work() as work:
        make_person(work, login="manager-a", role="manager")
    tube = bench.make(Sort.TUBE)
    late(bench, tube.code, "STORED", target="unit:NOR/store")
    gap = next(g for g in ask(bench, "/gaps?rule=G18").json["items"])
    body = {
        "rule": "G18",
        "subject": tube.code,
        "entry": gap["entry"],
        "reason": "corrected_data",
        "comment": "looked at it",
    }

    refused = bench.nurse.send("POST", "/api/v1/gaps/explain", **body)
    odd = bench.visitor("manager-a").send(
        "POST", "/api/v1/gaps/explain", **(body | {"reason": "because"})
    )
    answer = bench.visitor("manager-a").send("POST", "/api/v1/gaps/explain", **body)

    assert refused.status_code == 403
    assert odd.status_code == 422
    assert answer.status_code == 201, answer.json
    states = {
        g["rule"]: g["state"] for g in ask(bench, f"/subjects/{tube.code}/gaps").json["items"]
    }
    assert states["G18"] == "explained"


def test_the_page_says_who_has_a_gap_and_leads_to_its_alarm(bench: Bench) -> None:
    with bench.work() as work:
        make_person(work, login="manager-a", role="manager")
    tube = bench.make(Sort.TUBE)
    late(bench, tube.code, "STORED", target="unit:NOR/store")
    bench.clock.wait(minutes=20)
    with bench.work() as work:
        follow(work, sweep.raise_settled(work))
    manager = bench.visitor("manager-a")
    before = manager.get(f"/t/{tube.code}").text
    (alarm,) = manager.get("/api/v1/alarms").json["items"]
    manager.send("POST", f"/api/v1/alarms/{alarm['id']}/acknowledge")

    after = manager.get(f"/t/{tube.code}").text

    assert f'href="/alarms/{alarm["id"]}"' in before
    assert "nobody has it yet" in before
    assert "manager A has it" in after
