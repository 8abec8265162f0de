"""Scans where tubes are drawn: accepted, looked at, or stopped while somebody still can be."""

from datetime import timedelta
from typing import Any

import pytest

from app.custody.ledger import Sort
from app.participants import service as participants
from labels.code import COMMAND_CARDS
from tests.app.scanning.bench import Bench
from tests.builders.people import make_person

DONE, UNDO = COMMAND_CARDS["DONE"], COMMAND_CARDS["UNDO"]
DRAWN = ["COLLECTED", "TUBE_COMMISSIONED"]


def test_a_kit_is_drawn_in_one_batch_and_finished(bench: Bench) -> None:
    kit = bench.kit()
    scans = [bench.scan(tube.code, "collect", order=kit.order) for tube in kit.tubes[:-1]]
    reason = {"reason": "refused"}
    last = bench.scan(kit.tubes[-1].code, "not_collected", order=kit.order, facts=reason)
    done = bench.scan(DONE, "done", order=kit.order)

    results = bench.send(bench.nurse, *scans, last, done)

    assert [result["verdict"] for result in results] == ["accepted"] * 9, results
    kinds = [[entry.kind for entry in bench.story(tube)] for tube in kit.tubes]
    assert kinds == [DRAWN] * 7 + [["COLLECTION_FAILED"]]
    assert "drawn" in results[0]["title"]


def drawn_twice(
    bench: Bench, other: str = "nurse-a", **how: object
) -> tuple[dict[str, Any], list[str]]:
    """The answer to the second draw scan of one tube, and the tube's story."""
    kit = bench.kit()
    tube = kit.tubes[0]
    bench.one(bench.nurse, bench.scan(tube.code, "collect", order=kit.order))
    bench.clock.wait(minutes=1)
    scan = bench.scan(tube.code, "collect", order=kit.order, device_id=other, **how)
    answer = bench.one(bench.visitor(other), scan)
    return answer, [entry.kind for entry in bench.story(tube)]


def test_the_same_person_s_second_draw_scan_is_noted_and_changes_nothing(bench: Bench) -> None:
    answer, story = drawn_twice(bench)

    assert (answer["verdict"], answer["title"]) == ("accepted", "Already scanned")
    assert (answer["findings"], story) == ([], [*DRAWN, "READ"])


def test_a_second_draw_by_somebody_else_is_looked_at(bench: Bench) -> None:
    with bench.work() as work:
        make_person(work, login="nurse-b", role="phlebotomist")

    answer, story = drawn_twice(bench, "nurse-b")

    assert (answer["verdict"], answer["rule"]) == ("look", "G01")
    assert story == DRAWN * 2


def test_a_second_draw_told_too_late_is_written_as_it_was_told(bench: Bench) -> None:
    answer, story = drawn_twice(bench, queued=True)

    assert (answer["verdict"], answer["rule"]) == ("look", "G18")
    assert story == DRAWN * 2


def test_one_tube_twice_in_one_batch_is_drawn_once(bench: Bench) -> None:
    kit = bench.kit()
    scans = [bench.scan(kit.tubes[0].code, "collect", order=kit.order) for _ in range(2)]

    answers = bench.send(bench.nurse, *scans)

    assert [answer["verdict"] for answer in answers] == ["accepted"] * 2
    assert [answer["title"] for answer in answers][1] == "Already scanned"
    assert [entry.kind for entry in bench.story(kit.tubes[0])] == [*DRAWN, "READ"]


def test_done_with_tubes_that_have_no_scan_is_stopped(bench: Bench) -> None:
    kit = bench.kit()

    answer = bench.one(bench.nurse, bench.scan(DONE, "done", order=kit.order))

    assert answer["verdict"] == "stop", answer
    assert kit.tubes[0].code in answer["title"]


def test_another_participants_tube_is_stopped_before_it_is_drawn(bench: Bench) -> None:
    mine, other = bench.kit(), bench.kit()
    tube = other.tubes[0]

    answer = bench.one(bench.nurse, bench.scan(tube.code, "collect", order=mine.order))

    assert (answer["verdict"], answer["title"]) == ("stop", "Wrong participant")
    story = bench.story(tube)
    assert [entry.kind for entry in story] == ["READ"]
    assert story[0].facts == {"meant": "collect", "stopped": "wrong_participant"}


@pytest.mark.parametrize(
    "late",
    [{"queued": True}, {"device_time": -61}],
    ids=["by its own word", "by its clock alone"],
)
def test_what_is_told_too_late_to_stop_is_written_as_it_happened(
    bench: Bench, late: dict[str, object]
) -> None:
    mine, other = bench.kit(), bench.kit()
    tube = other.tubes[0]
    if "device_time" in late:
        late = {"device_time": bench.old(seconds=61)}

    answer = bench.one(bench.nurse, bench.scan(tube.code, "collect", order=mine.order, **late))

    assert (answer["verdict"], answer["rule"]) == ("look", "G08"), answer
    assert [entry.kind for entry in bench.story(tube)] == DRAWN


def test_a_page_that_stopped_somebody_reports_a_read(bench: Bench) -> None:
    mine, other = bench.kit(), bench.kit()
    facts = {"meant": "collect", "stopped": "tube.wrong"}
    scan = bench.scan(other.tubes[0].code, "read", order=mine.order, facts=facts)

    answer = bench.one(bench.nurse, scan)

    assert (answer["verdict"], answer["title"]) == ("stop", "Wrong participant")
    assert [entry.kind for entry in bench.story(other.tubes[0])] == ["READ"]


def test_after_a_withdrawal_nobody_draws(bench: Bench) -> None:
    kit = bench.kit()
    with bench.work() as work:
        participants.withdraw(work, kit.participant.code, participants.Withdrawal())
    bench.clock.wait(minutes=1)

    now = bench.one(bench.nurse, bench.scan(kit.tubes[0].code, "collect", order=kit.order))
    afterwards = bench.one(
        bench.nurse, bench.scan(kit.tubes[0].code, "collect", order=kit.order, queued=True)
    )

    assert (now["verdict"], now["title"]) == ("stop", "Consent was withdrawn")
    assert afterwards["verdict"] == "look"
    assert [entry.kind for entry in bench.story(kit.tubes[0])] == ["READ", *DRAWN]


def test_a_deed_that_cannot_be_done_is_no_reason_to_lose_the_read(bench: Bench) -> None:
    kit = bench.kit()
    bad = bench.scan(kit.tubes[0].code, "not_collected", order=kit.order, facts={"reason": "rain"})

    results = bench.send(
        bench.nurse,
        bad,
        bench.scan(
            kit.tubes[1].code, "not_collected", order=kit.order, facts={"reason": "refused"}
        ),
    )

    assert [result["verdict"] for result in results] == ["look", "accepted"]
    assert results[0]["action"] == "Choose a reason from the list"
    assert [entry.kind for entry in bench.story(kit.tubes[0])] == ["READ"]


def test_a_tube_drawn_is_taken_back_and_drawn_again(bench: Bench) -> None:
    kit = bench.kit()
    tube = kit.tubes[0]
    drawn = bench.scan(tube.code, "collect", order=kit.order)
    bench.one(bench.nurse, drawn)
    bench.clock.wait(seconds=10)
    undone = bench.one(bench.nurse, bench.scan(UNDO, "undo", facts={"undoes": drawn["id"]}))
    nothing = bench.one(bench.nurse, bench.scan(UNDO, "undo", facts={"undoes": drawn["id"]}))
    bench.clock.wait(seconds=10)
    again = bench.one(bench.nurse, bench.scan(tube.code, "collect", order=kit.order))

    assert (undone["verdict"], undone["title"]) == ("accepted", "Last scan undone"), undone
    assert nothing["verdict"] == "look"
    assert again["verdict"] == "accepted", again


def test_the_last_own_scan_of_a_device_is_undone(bench: Bench) -> None:
    kit = bench.kit()
    for tube in kit.tubes[:2]:
        bench.one(bench.nurse, bench.scan(tube.code, "collect", order=kit.order))
    bench.clock.wait(seconds=5)

    first = bench.one(bench.nurse, bench.scan(UNDO, "undo"))
    second = bench.one(bench.nurse, bench.scan(UNDO, "undo"))

    assert first["verdict"] == second["verdict"] == "accepted"
    for tube in kit.tubes[:2]:
        assert [entry.kind for entry in bench.story(tube)] == [*DRAWN, "UNDO", "UNDO"]


def test_who_may_not_draw_is_refused_and_it_is_written_in_the_journal(bench: Bench) -> None:
    with bench.work() as work:
        make_person(work, login="auditor-a", role="auditor")
    kit = bench.kit()

    answer = bench.one(
        bench.visitor("auditor-a"), bench.scan(kit.tubes[0].code, "collect", order=kit.order)
    )

    assert (answer["verdict"], answer["title"]) == ("refused", "Your role does not include this")
    assert bench.story(kit.tubes[0]) == []
    assert bench.rows("SELECT verdict FROM scan") == [("refused",)]


def test_a_box_is_not_drawn(bench: Bench) -> None:
    kit, box = bench.kit(), bench.make(Sort.BOX)

    answer = bench.one(bench.nurse, bench.scan(box.code, "collect", order=kit.order))

    assert answer["verdict"] == "look"
    assert [entry.kind for entry in bench.story(box)] == ["READ"]


def test_the_time_is_that_of_the_device_corrected(bench: Bench) -> None:
    kit = bench.kit()
    device_time = (bench.clock() + timedelta(hours=6)).isoformat()
    scan = bench.scan(
        kit.tubes[0].code,
        "collect",
        order=kit.order,
        device_time=device_time,
        offset_ms=-6 * 3600 * 1000,
    )

    bench.one(bench.nurse, scan)

    entry = bench.story(kit.tubes[0])[0]
    assert entry.occurred_at == bench.clock()
    assert entry.device_time is not None
    assert entry.device_time.isoformat() == device_time


def test_a_devices_clock_far_ahead_is_never_refused(bench: Bench) -> None:
    kit = bench.kit()
    ahead = (bench.clock() + timedelta(hours=3)).isoformat()
    for tube, method in zip(kit.tubes, ("scan", "typed"), strict=False):
        scan = bench.scan(
            tube.code, "collect", order=kit.order, device_time=ahead, method=method, queued=False
        )
        answer = bench.one(bench.nurse, scan)
        assert (answer["verdict"], answer["rule"]) == ("look", "G19"), answer


def test_a_tube_with_a_code_of_somebody_elses_is_bound_by_its_draw(bench: Bench) -> None:
    mine, other = bench.kit(), bench.kit()
    code = "12345678901234"

    first = bench.one(bench.nurse, bench.scan(code, "collect", order=mine.order))
    bench.clock.wait(minutes=1)
    second = bench.one(bench.nurse, bench.scan(code, "collect", order=other.order))

    assert (first["verdict"], first["subject"]) == ("accepted", code), first
    assert "G08" in {finding["rule"] for finding in second["findings"]}
    namespace = bench.rows(f"SELECT namespace, origin FROM subject WHERE code = '{code}'")  # noqa: S608 - ours
    assert namespace == [("programme_tube_14", "foreign")]


def test_a_withdrawal_that_arrives_late_finds_a_tube_with_a_foreign_code(bench: Bench) -> None:
    mine = bench.kit()
    before = bench.clock()
    bench.clock.wait(minutes=5)
    bench.one(bench.nurse, bench.scan("12345678901234", "collect", order=mine.order))
    bench.clock.wait(minutes=5)

    with bench.site.work() as work:
        withdrawal = participants.Withdrawal(effective_at=before)
        participants.withdraw(work, mine.participant.code, withdrawal)

    spoken = bench.rows(
        "SELECT rule FROM gap JOIN subject ON subject.id = gap.subject_id"
        " WHERE code = '12345678901234'"
    )
    assert ("G11",) in spoken
