"""One label of a kit again: its generation before is void, and the rest of the kit is untouched."""

from app.custody.ledger import Kind
from tests.app.printing.test_jobs import ask, lease
from tests.app.scanning.bench import Bench


def test_one_tube_is_printed_again_and_its_label_before_is_void(bench: Bench) -> None:
    kit = bench.kit()
    ask(bench, kit)
    lease(bench)
    again = ask(bench, kit, 2, tube=kit.tubes[1].code)
    assert again.status_code == 201, again.json
    assert [each["code"] for each in again.json["labels"]] == [kit.tubes[1].code]
    newest = again.json["labels"][0]["generation"]
    voided = [
        [e.facts["generation"] for e in bench.story(tube) if e.kind is Kind.LABEL_VOIDED]
        for tube in kit.tubes[:2]
    ]
    assert newest - 1 in voided[1]
    assert newest - 1 not in voided[0]


def test_a_tube_of_another_kit_is_not_printed(bench: Bench) -> None:
    answer = ask(bench, bench.kit(), tube=bench.kit().tubes[0].code)
    assert answer.status_code == 404
    assert bench.rows("SELECT id FROM print_job") == []


def test_what_is_no_tube_is_refused(bench: Bench) -> None:
    for wrong in ("", "TB000", "x" * 500, 7, ["TB"]):
        assert ask(bench, bench.kit(), tube=wrong).status_code in (400, 422), wrong
