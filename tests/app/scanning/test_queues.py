"""Scans that waited on a device: they stay with whoever made them, whoever sends them."""

from app.custody.ledger import Mode, Sort
from tests.app.scanning.bench import Bench
from tests.builders.people import NORTH, make_person


def token_of(bench: Bench, login: str) -> str:
    return str(bench.visitor(login).get("/api/v1/session").json["capture_token"])


def test_a_queued_scan_keeps_the_person_who_made_it(bench: Bench) -> None:
    with bench.work() as work:
        other = make_person(work, login="nurse-b", role="phlebotomist", site=NORTH)
    kit = bench.kit()
    mine = token_of(bench, "nurse-a")
    scan = bench.scan(kit.tubes[0].code, "collect", order=kit.order, capture=mine, queued=True)
    # The same browser, where somebody else has signed in since.
    bench.nurse.client.delete("/api/v1/session", headers={"X-Unbroken": "1"})
    bench.nurse.enter("nurse-b")

    answer = bench.one(bench.nurse, scan)

    assert answer["verdict"] == "accepted", answer
    entry = bench.story(kit.tubes[0])[0]
    assert (entry.actor, entry.mode) == (bench.people["nurse"], Mode.OFFLINE)
    assert bench.rows("SELECT actor, uploaded_by FROM scan") == [(bench.people["nurse"], other)]


def test_a_token_of_another_browser_names_nobody(bench: Bench) -> None:
    tube = bench.make(Sort.TUBE)
    theirs = token_of(bench, "tech-a")

    for token in (theirs, "rubbish", "x" * 1000):
        answer = bench.one(bench.nurse, bench.scan(tube.code, capture=token, queued=True))
        assert answer["verdict"] == "look", token
        assert answer["title"] == "Recorded, and nobody knows by whom"

    assert {entry.actor for entry in bench.story(tube)} == {None}


def test_what_the_maker_may_not_do_the_sender_cannot_do_for_them(bench: Bench) -> None:
    with bench.work() as work:
        make_person(work, login="auditor-a", role="auditor", site=NORTH)
    kit = bench.kit()
    browser = bench.visitor("auditor-a")
    token = token_of(bench, "auditor-a")
    browser.client.delete("/api/v1/session", headers={"X-Unbroken": "1"})
    browser.enter("nurse-a")

    scan = bench.scan(kit.tubes[0].code, "collect", order=kit.order, capture=token, queued=True)
    answer = bench.one(browser, scan)

    assert answer["verdict"] == "refused"
    assert bench.story(kit.tubes[0]) == []


def test_nobody_known_sends_nothing(bench: Bench) -> None:
    client = bench.site.app.test_client()
    scan = bench.scan("TB")

    assert client.post("/api/v1/scans", json=scan, headers={"X-Unbroken": "1"}).status_code == 401
    assert client.post("/api/v1/scans", json=scan).status_code == 403
    assert bench.rows("SELECT count(*) FROM scan") == [(0,)]
