"""Print jobs: asked for once, leased to one, told label by label, and never printed twice."""

from base64 import b64decode
from typing import Any
from uuid import UUID, uuid5

from pypdfium2 import PdfDocument
from zxingcpp import read_barcodes

from app.custody.ledger import Entry, Kind
from tests.app.scanning.bench import SPACE, Bench, Kit
from tests.builders.people import NORTH

PRINTER = {"printer": "zpl-1", "dpmm": 8}


def command(number: int = 1) -> str:
    return str(uuid5(SPACE, f"job {number}"))


def ask(bench: Bench, kit: Kit, number: int = 1, **changes: Any) -> Any:
    body = {"command": command(number), "station": bench.station} | changes
    return bench.nurse.send("POST", f"/api/v1/orders/{kit.order}/print-jobs", **body)


def agent(bench: Bench, path: str, **body: Any) -> Any:
    return bench.site.app.test_client().post(
        f"/api/v1/stations/{bench.station}/print-jobs/{path}", json=body, headers=bench.as_station
    )


def lease(bench: Bench) -> Any:
    answer = agent(bench, "lease", **PRINTER)
    assert answer.status_code == 200, answer.json
    return answer.json


def tell(bench: Bench, leased: Any, *outcomes: dict[str, Any]) -> Any:
    path = f"{leased['job']}/outcomes"
    answer = agent(bench, path, lease=leased["lease"], outcomes=list(outcomes))
    assert answer.status_code == 200, answer.json
    return answer.json


def states(bench: Bench, job: str) -> dict[int, str]:
    seen = bench.nurse.send("GET", f"/api/v1/print-jobs/{job}").json
    return {label["number"]: label["state"] for label in seen["labels"]}


def printed(bench: Bench, kit: Kit, place: int = 0) -> list[Entry]:
    story = bench.story(kit.tubes[place])
    return [e for e in story if e.kind is Kind.LABEL_PRINTED and "printer" in e.facts]


def test_a_kit_is_printed_label_by_label(bench: Bench) -> None:
    kit = bench.kit()
    asked = ask(bench, kit)
    assert asked.status_code == 201, asked.json
    assert {label["state"] for label in asked.json["labels"]} == {"waiting"}

    leased = lease(bench)
    formats = {each["number"]: each["content"] for each in leased["labels"]}
    assert len(formats) == len(asked.json["labels"])
    assert f"^FD{kit.tubes[0].code}^FS" in formats[1]
    assert "^PW406^LL203" in formats[1]

    tell(bench, leased, {"number": 1, "state": "sent"})
    assert printed(bench, kit) == []
    told = tell(bench, leased, {"number": 1, "state": "printed", "counted": [7, 8]})
    assert told["held"] is True

    (entry,) = printed(bench, kit)
    assert entry.facts["status"] == "printed"
    assert entry.facts["counted"] == [7, 8]
    assert entry.facts["template"] == "tube"
    assert len(str(entry.facts["template_digest"])) == 64
    assert (entry.site, entry.station) == (NORTH, bench.station)
    assert entry.actor == bench.people["nurse"]
    assert states(bench, leased["job"])[1] == "printed"


def test_the_same_word_twice_is_said_once(bench: Bench) -> None:
    kit = bench.kit()
    assert ask(bench, kit).json == ask(bench, kit).json
    leased = lease(bench)
    for _ in range(3):
        tell(bench, leased, {"number": 1, "state": "sent"})
        tell(bench, leased, {"number": 1, "state": "unknown", "reasons": ["paper_out"]})
    assert [entry.facts["status"] for entry in printed(bench, kit)] == ["unknown"]
    tell(bench, leased, {"number": 1, "state": "sent"}, {"number": 1, "state": "waiting"})
    assert states(bench, leased["job"])[1] == "unknown"
    tell(bench, leased, {"number": 1, "state": "printed", "counted": [1, 2]})
    assert [entry.facts["status"] for entry in printed(bench, kit)] == ["unknown", "printed"]


def test_one_command_is_one_job(bench: Bench) -> None:
    assert ask(bench, bench.kit()).status_code == 201
    other = ask(bench, bench.kit())
    assert other.status_code == 409
    assert "other labels" in other.json["title"] + other.json["detail"]


def test_one_job_is_leased_to_one(bench: Bench) -> None:
    kits = [bench.kit(), bench.kit()]
    for number, kit in enumerate(kits):
        ask(bench, kit, number)
    first, second = lease(bench), lease(bench)
    assert first["job"] != second["job"]
    assert agent(bench, "lease", **PRINTER).status_code == 204


def test_a_lease_that_ends_leaves_what_was_in_flight_unknown(bench: Bench) -> None:
    kit = bench.kit()
    ask(bench, kit)
    lost = lease(bench)
    tell(bench, lost, {"number": 1, "state": "printed", "counted": [1, 2]})
    tell(bench, lost, {"number": 2, "state": "sent"})
    bench.clock.wait(seconds=61)

    found = lease(bench)

    assert found["job"] == lost["job"]
    assert found["labels"][0]["number"] == 3
    assert states(bench, found["job"])[2] == "unknown"
    # What the first agent did all the same is written, and it is told to do no more of it.
    told = tell(bench, lost, {"number": 2, "state": "printed", "counted": [2, 3]})
    assert told["held"] is False
    assert states(bench, found["job"])[2] == "printed"


def test_an_agent_that_names_its_lease_has_the_rest_at_once(bench: Bench) -> None:
    ask(bench, bench.kit(), 1)
    lost = lease(bench)
    tell(bench, lost, {"number": 1, "state": "printed", "counted": [1, 2]})
    tell(bench, lost, {"number": 2, "state": "sent"})
    ask(bench, bench.kit(), 2)

    found = agent(bench, "lease", **PRINTER, held=lost["lease"]).json

    assert found["job"] == lost["job"]
    assert found["labels"][0]["number"] == 3
    assert found["lease"] != lost["lease"]
    assert states(bench, found["job"])[2] == "unknown"
    # Where two go on from one lease, the second has another job, and no more of this one.
    told = tell(bench, lost, {"number": 2, "state": "printed", "counted": [2, 3]})
    assert told["held"] is False
    other = agent(bench, "lease", **PRINTER, held=lost["lease"]).json
    assert other["job"] != lost["job"]
    assert agent(bench, "lease", **PRINTER, held=lost["lease"]).status_code == 204


def test_a_lease_that_nobody_has_opens_no_job(bench: Bench) -> None:
    ask(bench, bench.kit())
    leased = lease(bench)
    assert agent(bench, "lease", **PRINTER, held=command(9)).status_code == 204
    for named in ("nothing", "", 7, [leased["lease"]]):
        assert agent(bench, "lease", **PRINTER, held=named).status_code == 422
    assert tell(bench, leased)["held"] is True


def test_a_job_that_is_heard_of_is_kept(bench: Bench) -> None:
    ask(bench, bench.kit())
    leased = lease(bench)
    for _ in range(5):
        bench.clock.wait(seconds=50)
        assert tell(bench, leased)["held"] is True
    assert agent(bench, "lease", **PRINTER).status_code == 204


def test_one_word_may_tell_several_things_of_one_label(bench: Bench) -> None:
    kit = bench.kit()
    ask(bench, kit)
    leased = lease(bench)
    sent, done = {"number": 1, "state": "sent"}, {"number": 1, "state": "printed"}
    tell(bench, leased, sent, done | {"counted": [7, 8]}, sent, done)
    (entry,) = printed(bench, kit)
    assert entry.facts["counted"] == [7, 8]


def test_a_reprint_is_another_generation(bench: Bench) -> None:
    kit = bench.kit()
    first = ask(bench, kit, 1).json["labels"][0]
    second = ask(bench, kit, 2).json["labels"][0]
    assert (first["generation"], second["generation"]) == (1, 2)
    other = bench.kit()
    assert bench.nurse.get(f"/api/v1/orders/{other.order}/labels.pdf").status_code == 200
    # A document of them is the first: it may have been printed anywhere.
    assert ask(bench, other, 3).json["labels"][0]["generation"] == 2
    (voided,) = [e for e in bench.story(other.tubes[0]) if e.kind is Kind.LABEL_VOIDED]
    assert (voided.facts["generation"], voided.facts["reason"]) == (1, "reprinted")


def test_what_waited_before_a_reprint_is_not_printed(bench: Bench) -> None:
    kit = bench.kit()
    first, second = (ask(bench, kit, number).json["id"] for number in (1, 2))
    assert set(states(bench, first).values()) == {"void"}
    assert lease(bench)["job"] == second
    assert agent(bench, "lease", **PRINTER).status_code == 204


def unknown(bench: Bench, kit: Kit) -> str:
    """A job whose first label may or may not exist."""
    ask(bench, kit)
    leased = lease(bench)
    tell(bench, leased, {"number": 1, "state": "sent"})
    tell(bench, leased, {"number": 1, "state": "unknown", "reasons": ["paper_out"]})
    return str(leased["job"])


def look(bench: Bench, job: str, there: str, number: int = 9) -> Any:
    path = f"/api/v1/print-jobs/{job}/labels/1/look"
    return bench.nurse.send("POST", path, there=there, command=command(number))


def test_a_label_in_somebodys_hand_is_printed(bench: Bench) -> None:
    kit = bench.kit()
    job = unknown(bench, kit)
    for _ in range(2):
        assert look(bench, job, "yes").status_code == 200
    assert states(bench, job)[1] == "printed"
    last = bench.story(kit.tubes[0])[-1]
    assert (last.kind, last.facts["status"], last.facts["proof"]) == (
        Kind.LABEL_PRINTED,
        "printed",
        "seen",
    )
    refused = look(bench, job, "no", 10)
    assert refused.status_code == 409
    assert "printed" in refused.json["detail"] + refused.json["title"]


def test_a_label_that_is_not_there_is_void_and_another_is_asked_for(bench: Bench) -> None:
    kit = bench.kit()
    job = unknown(bench, kit)
    again = look(bench, job, "no").json
    assert look(bench, job, "no").json == again
    assert states(bench, job)[1] == "void"
    (label,) = again["labels"]
    assert (label["code"], label["generation"], label["state"]) == (
        kit.tubes[0].code,
        2,
        "waiting",
    )
    voided = [e for e in bench.story(kit.tubes[0]) if e.kind is Kind.LABEL_VOIDED]
    assert [entry.facts["generation"] for entry in voided] == [1]


def test_the_scan_at_the_chair_proves_the_label(bench: Bench) -> None:
    kit = bench.kit()
    job = unknown(bench, kit)
    assert states(bench, job)[1] == "unknown"
    bench.clock.wait(seconds=30)
    drawn = bench.scan(kit.tubes[0].code, "collect", order=kit.order)
    assert bench.one(bench.nurse, drawn)["verdict"] == "accepted"
    assert states(bench, job)[1] == "printed"
    page = bench.nurse.get(f"/collect/{kit.order}/labels").text
    assert "Printed: it was scanned" in page
    assert "/labels/1/look" not in page


def test_the_page_asks_where_nobody_knows(bench: Bench) -> None:
    kit = bench.kit()
    path = f"/collect/{kit.order}/labels"
    empty = bench.nurse.get(path)
    assert empty.status_code == 200
    assert "No labels were printed at a station yet" in empty.text
    unknown(bench, kit)
    page = bench.nurse.get(path).text
    assert "Unknown: is it in your hand?" in page
    assert "the printer is out of labels" in page
    assert page.count("/labels/1/look") == 2
    assert "Chair 1" in page
    assert bench.technician.get(path).status_code in (403, 404)


def test_a_printer_that_takes_documents_gets_a_page_of_its_roll(bench: Bench) -> None:
    kit = bench.kit()
    ask(bench, kit)
    leased = agent(bench, "lease", printer="queue", dpmm=12, format="pdf").json
    assert leased["format"] == "pdf"
    document = PdfDocument(b64decode(leased["labels"][0]["content"], validate=True))
    (page,) = document
    size = [round(points / 72 * 25.4, 1) for points in page.get_size()]
    assert size == [50.8, 25.4]
    assert read_barcodes(page.render(scale=600 / 72).to_pil())[0].text == kit.tubes[0].code
    document.close()


def test_what_was_handed_over_is_asked_about_until_it_is_scanned(bench: Bench) -> None:
    kit = bench.kit()
    ask(bench, kit)
    leased = agent(bench, "lease", printer="queue", dpmm=12, format="pdf").json
    tell(bench, leased, {"number": 1, "state": "sent"}, {"number": 1, "state": "handed over"})
    (entry,) = printed(bench, kit)
    assert entry.facts["status"] == "handed over"
    path = f"/collect/{kit.order}/labels"
    page = bench.nurse.get(path).text
    assert "Handed to the printer" in page
    assert "/labels/1/look" in page
    bench.clock.wait(seconds=30)
    drawn = bench.scan(kit.tubes[0].code, "collect", order=kit.order)
    assert bench.one(bench.nurse, drawn)["verdict"] == "accepted"
    assert "Printed: it was scanned" in bench.nurse.get(path).text


def test_a_printer_that_takes_something_else_is_refused(bench: Bench) -> None:
    ask(bench, bench.kit())
    refused = agent(bench, "lease", printer="queue", dpmm=12, format="docx")
    assert refused.status_code == 422
    assert agent(bench, "lease", **PRINTER).json["format"] == "zpl"


def test_another_stations_work_is_not_given_out(bench: Bench) -> None:
    ask(bench, bench.kit())
    leased = lease(bench)
    other = bench.site.app.test_client().post(
        "/api/v1/stations/ST0000000001Y/print-jobs/lease", json=PRINTER, headers=bench.as_station
    )
    assert other.status_code == 403
    missing = agent(bench, f"{UUID(int=1)}/outcomes", lease=leased["lease"], outcomes=[])
    assert missing.status_code == 404


def test_what_cannot_be_printed_is_said_before(bench: Bench) -> None:
    kit = bench.kit()
    small = ask(bench, kit, stock="cap_roll")
    assert small.status_code == 422, small.json
    assert "larger than" in small.json["detail"] + small.json["title"]
    assert agent(bench, "lease", printer="zpl-1", dpmm=9).status_code == 422
    nowhere = ask(bench, kit, station="ST0000000009G")
    assert nowhere.status_code in (404, 422)
    assert bench.technician.send("GET", f"/api/v1/print-jobs/{command()}").status_code == 404
