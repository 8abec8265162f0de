"""Labels of things by their codes: each its own kind, and a print voids the one before it."""

from typing import Any

import pytest

from app.custody.ledger import Entry, Kind, Sort
from app.custody.queries import entries_of, subject_of
from app.printing.stalled import note_stalled
from labels.code import COMMAND_CARDS, make
from tests.app.printing.test_jobs import PRINTER, agent, command, lease, states, tell
from tests.app.scanning.bench import Bench
from tests.builders.people import DOCK, NORTH, make_person

DONE, UNDO = COMMAND_CARDS["DONE"], COMMAND_CARDS["UNDO"]


def ask(bench: Bench, *codes: str, number: int = 1, **changes: Any) -> Any:
    body = {"command": command(number), "station": bench.station, "codes": list(codes)} | changes
    return bench.nurse.send("POST", "/api/v1/print-jobs", **body)


def asked(bench: Bench, *codes: str, number: int = 1, **changes: Any) -> Any:
    answer = ask(bench, *codes, number=number, **changes)
    assert answer.status_code == 201, answer.json
    return answer.json


def made(bench: Bench, path: str, **body: Any) -> Any:
    answer = bench.nurse.send("POST", f"/api/v1/{path}", **body)
    assert answer.status_code == 201, answer.json
    return answer.json


def box(bench: Bench, site: str = NORTH) -> str:
    return str(made(bench, "boxes", site=site)["boxes"][0]["code"])


def freezer(bench: Bench, title: str) -> str:
    with bench.work() as work:
        make_person(work, login="manager-a", role="manager")
    new = {"kind": "freezer", "site": NORTH, "rows": 2, "columns": 2, "title": title}
    return str(bench.visitor("manager-a").send("POST", "/api/v1/places", **new).json["code"])


def told(bench: Bench, code: str) -> list[Entry]:
    with bench.work() as work:
        subject = subject_of(work.session, code)
        assert subject is not None
        entries = entries_of(work.session, subject.id)
    return [e for e in entries if e.kind in (Kind.LABEL_PRINTED, Kind.LABEL_VOIDED)]


def test_a_box_is_labelled_and_a_reprint_voids_the_label_before(bench: Bench) -> None:
    code = box(bench)
    asked(bench, code)
    leased = lease(bench)
    (label,) = leased["labels"]
    assert f"^FD{code}^FS" in label["content"]
    assert "North clinic" in label["content"]
    assert "^PW609^LL406" in label["content"]  # 76.2 x 50.8 mm at 8 dots per mm
    tell(bench, leased, {"number": 1, "state": "printed", "counted": [3, 4]})
    again = asked(bench, code, number=2)
    assert again["labels"][0]["generation"] == 2
    printed, voided = told(bench, code)
    assert (printed.kind, printed.facts["template"]) == (Kind.LABEL_PRINTED, "box")
    assert (voided.kind, voided.facts["generation"]) == (Kind.LABEL_VOIDED, 1)


def test_each_kind_of_thing_has_its_own_label(bench: Bench) -> None:
    bench.kit()
    kit_code = bench.rows("SELECT code FROM subject WHERE sort = 'kit'")[0][0]
    package = made(bench, "packages", site=NORTH, destination=DOCK)["code"]
    named = freezer(bench, "Freezer by the door, with a name longer than any label is wide")
    for number, (code, words) in enumerate(
        {
            package: "Biobank",
            named: "Freezer by the door",
            kit_code: "North clinic",
            bench.station: "Chair 1",
            DONE: "LISTO",
        }.items()
    ):
        asked(bench, code, number=number)
        (label,) = lease(bench)["labels"]
        assert f"^FD{code}^FS" in label["content"], code
        assert words in label["content"], code


def test_a_tube_may_have_the_label_of_a_vial(bench: Bench) -> None:
    kit = bench.kit()
    bench.nurse.get(f"/api/v1/orders/{kit.order}/labels.pdf")
    job = asked(bench, kit.tubes[0].code, template="aliquot")
    assert (job["stock"], job["labels"][0]["generation"]) == ("cryo_roll", 2)
    (voided,) = [e for e in told(bench, kit.tubes[0].code) if e.kind is Kind.LABEL_VOIDED]
    assert voided.facts["generation"] == 1  # the document in somebody's drawer


def test_cards_come_together_have_no_story_and_void_nothing(bench: Bench) -> None:
    job = asked(bench, DONE, UNDO, bench.station, DONE)
    assert [label["code"] for label in job["labels"]] == [DONE, UNDO, bench.station]
    leased = lease(bench)
    for number in (1, 2):
        tell(bench, leased, {"number": number, "state": "unknown", "reasons": ["paper_out"]})
    tell(bench, leased, {"number": 3, "state": "printed", "counted": [1, 2]})
    path = f"/api/v1/print-jobs/{job['id']}/labels"
    assert bench.nurse.send("POST", f"{path}/1/look", there="yes", command=command(7)).json
    again = bench.nurse.send("POST", f"{path}/2/look", there="no", command=command(8)).json
    assert [(one["code"], one["generation"]) for one in again["labels"]] == [(UNDO, 1)]
    assert states(bench, job["id"]) == {1: "printed", 2: "void", 3: "printed"}
    assert [label["generation"] for label in asked(bench, DONE, number=2)["labels"]] == [1]


def test_one_command_is_one_job(bench: Bench) -> None:
    first, second = box(bench), box(bench)
    assert asked(bench, first) == asked(bench, first)
    for codes in ((second,), (first, second)):
        assert ask(bench, *codes).status_code == 409
    assert len(bench.rows("SELECT id FROM print_job")) == 1


@pytest.mark.parametrize(
    ("codes", "status"),
    [
        ([], 422),
        (["BX0000000"], 422),
        ("all", 422),
        ([DONE] * 101, 422),
        (["<script>"], 422),
        (["x" * 10_000], 422),
    ],
)
def test_what_is_no_list_of_codes_is_refused(bench: Bench, codes: Any, status: int) -> None:
    answer = ask(bench, codes=codes)
    assert answer.status_code == status
    assert bench.rows("SELECT id FROM print_job") == []


def test_what_cannot_be_printed_is_refused_with_a_reason(bench: Bench) -> None:
    code, far = box(bench), bench.make(Sort.BOX).code
    assert "different labels" in ask(bench, code, DONE).json["detail"]
    assert ask(bench, make("BX", 9_001)).status_code == 404
    assert "do not fit" in ask(bench, code, stock="tube_roll").json["detail"]
    assert "do not fit" in ask(bench, code, template="aliquot").json["detail"]
    assert ask(bench, code, station=make("ST", 9_000)).status_code == 404
    elsewhere = bench.technician.send(
        "POST", "/api/v1/print-jobs", command=command(5), station=bench.station, codes=[code]
    )
    assert elsewhere.status_code == 403
    assert bench.rows("SELECT id FROM print_job") == []
    assert asked(bench, far, number=6)["labels"]  # of no site that anybody knows


def test_a_thing_of_another_site_is_not_printed_here(bench: Bench) -> None:
    with bench.work() as work:
        make_person(work, login="coordinator-a", role="site_coordinator", site=DOCK)
    code = bench.visitor("coordinator-a").send("POST", "/api/v1/boxes", site=DOCK)
    answer = ask(bench, code.json["boxes"][0]["code"])
    assert answer.status_code == 409
    assert "not at the site" in answer.json["detail"]


def give_up(bench: Bench, job: str) -> Any:
    return bench.nurse.send("POST", f"/api/v1/print-jobs/{job}/give-up").json


def test_a_job_given_up_is_printed_no_more_and_stalls_no_more(bench: Bench) -> None:
    job = asked(bench, *(box(bench) for _ in range(3)))["id"]
    leased = lease(bench)
    tell(bench, leased, {"number": 1, "state": "printed", "counted": [1, 2]})
    tell(bench, leased, {"number": 2, "state": "sent"})
    bench.clock.wait(minutes=6)
    with bench.work() as work:
        assert note_stalled(work) == 1
    seen = give_up(bench, job)
    assert [label["state"] for label in seen["labels"]] == ["printed", "unknown", "void"]
    assert seen["labels"][2]["reasons"] == ["given_up"]
    assert give_up(bench, job) == seen
    with bench.work() as work:
        assert note_stalled(work) == 1
    assert agent(bench, "lease", **PRINTER).status_code == 204
    # Its agent goes no further, and what it did all the same is written.
    assert tell(bench, leased, {"number": 3, "state": "sent"})["held"] is False
    tell(bench, leased, {"number": 2, "state": "printed", "counted": [2, 3]})
    assert states(bench, job) == {1: "printed", 2: "printed", 3: "void"}


def test_the_page_takes_codes_and_shows_what_became_of_them(bench: Bench) -> None:
    code = box(bench)
    page = bench.nurse.get(f"/labels?code={code}&code={UNDO}")
    assert page.status_code == 200
    assert f">{code}</textarea>" in page.text
    assert f'value="{UNDO}" checked' in page.text
    assert "No labels of things were printed yet" in page.text
    asked(bench, code)
    page = bench.nurse.get("/labels?cards=all")
    assert page.text.count(" checked") == len(COMMAND_CARDS)
    assert "Print no more of these" in page.text
    assert 'href="/labels"' in bench.nurse.get("/stations").text
    assert f'href="/labels?code={code}"' in bench.nurse.get(f"/b/{code}").text
    assert f"/labels?code={bench.station}" in bench.nurse.get(f"/stations/{bench.station}").text
    with bench.work() as work:
        make_person(work, login="auditor-a", role="auditor")
    assert bench.visitor("auditor-a").get("/labels").status_code == 403
    assert 'href="/labels"' not in bench.visitor("auditor-a").get("/stations").text
