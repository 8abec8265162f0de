"""Scans where things are packed: a rack in one go, out again, and never after a withdrawal."""

from app.custody.ledger import Sort
from app.participants import service as participants
from app.scanning.schemas import FindingSchema, ResultSchema
from labels.code import make, next_mintable
from tests.app.scanning.bench import Bench, Kit


def drawn(bench: Bench) -> Kit:
    kit = bench.kit()
    scans = [bench.scan(tube.code, "collect", order=kit.order) for tube in kit.tubes]
    assert {r["verdict"] for r in bench.send(bench.nurse, *scans)} == {"accepted"}
    bench.clock.wait(minutes=1)
    return kit


def test_tubes_go_into_a_box_and_the_box_into_a_package(bench: Bench) -> None:
    kit, box, package = drawn(bench), bench.make(Sort.BOX), bench.make(Sort.PACKAGE)
    tubes = [
        bench.scan(tube.code, "pack", box=box.code, position=f"A{place}")
        for place, tube in enumerate(kit.tubes, start=1)
    ]
    boxed = bench.scan(box.code, "pack_box", package=package.code)
    sealed = bench.scan(package.code, "seal", facts={"seal": "S-17"})

    results = bench.send(bench.nurse, *tubes, boxed, sealed)

    assert [result["verdict"] for result in results] == ["accepted"] * 10, results
    entry = bench.story(kit.tubes[0])[-1]
    assert (entry.kind, entry.inside, entry.position) == ("PACKED", box.id, "A1")
    assert bench.story(package)[-1].facts == {"seal": "S-17"}
    standing = bench.nurse.get(f"/api/v1/subjects/{kit.tubes[0].code}").json
    assert standing["path"] == [box.code, package.code]


def test_an_answer_says_what_is_described(bench: Bench) -> None:
    kit, box = drawn(bench), bench.make(Sort.BOX)
    fine = bench.scan(kit.tubes[0].code, "pack", box=box.code, position="A1")
    there = bench.scan(kit.tubes[1].code, "pack", box=box.code, position="A1")

    results = bench.send(bench.nurse, fine, there)

    assert [bool(result["findings"]) for result in results] == [False, True]
    for result in results:
        assert result.keys() == ResultSchema().fields.keys()
        assert all(one.keys() == FindingSchema().fields.keys() for one in result["findings"])
    assert results[0]["title"] != results[1]["title"]


def test_a_tube_is_taken_out_and_put_into_another_box(bench: Bench) -> None:
    kit, one, other = drawn(bench), bench.make(Sort.BOX), bench.make(Sort.BOX)
    tube = kit.tubes[0].code
    bench.one(bench.nurse, bench.scan(tube, "pack", box=one.code, position="A1"))
    bench.clock.wait(seconds=30)
    bench.one(bench.nurse, bench.scan(tube, "unpack"))
    bench.clock.wait(seconds=30)
    answer = bench.one(bench.nurse, bench.scan(tube, "pack", box=other.code, position="B1"))

    assert answer["verdict"] == "accepted", answer
    assert bench.nurse.get(f"/api/v1/subjects/{tube}").json["within"] == other.code


def test_without_a_box_it_is_read_and_not_packed(bench: Bench) -> None:
    kit = drawn(bench)

    answer = bench.one(bench.nurse, bench.scan(kit.tubes[0].code, "pack"))
    odd = bench.one(bench.nurse, bench.scan(kit.tubes[0].code, "pack", box="nothing"))

    assert answer["verdict"] == odd["verdict"] == "look"
    assert answer["title"] == odd["title"] == "What it goes with is not known"
    kinds = [entry.kind for entry in bench.story(kit.tubes[0])]
    assert kinds == ["COLLECTED", "TUBE_COMMISSIONED", "READ", "READ"]


def test_after_a_withdrawal_nothing_is_packed_but_what_was_is_told(bench: Bench) -> None:
    kit, box = drawn(bench), bench.make(Sort.BOX)
    with bench.work() as work:
        participants.withdraw(work, kit.participant.code, participants.Withdrawal())
    bench.clock.wait(minutes=1)
    code = kit.tubes[0].code

    now = bench.one(bench.nurse, bench.scan(code, "pack", box=box.code, position="A1"))
    told = bench.one(
        bench.nurse, bench.scan(code, "pack", box=box.code, position="A1", queued=True)
    )

    assert (now["verdict"], now["message"]) == ("stop", "It must not go on")
    assert (told["verdict"], told["rule"]) == ("look", "G11")


def test_a_box_nobody_issued_is_found_with_the_tube_in_it(bench: Bench) -> None:
    kit = drawn(bench)
    box = make("BX", next_mintable("BX", 777_777))
    answer = bench.one(bench.nurse, bench.scan(kit.tubes[0].code, "pack", box=box, position="A1"))

    assert answer["verdict"] in ("accepted", "look")
    assert bench.rows("SELECT code FROM subject WHERE origin = 'found'") == [(box,)]
