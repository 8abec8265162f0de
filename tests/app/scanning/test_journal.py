"""Each read is written down once, whatever it is, and answered as the first time ever after."""

import random
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from app.custody.ledger import Sort
from tests.app.scanning.bench import SCANS, Bench
from tests.builders.site import HEADER


def plain(results: list[dict[str, Any]]) -> dict[str, Any]:
    """The answers by id, without what says that they were given before."""
    return {r["id"]: {k: v for k, v in r.items() if k != "replayed"} for r in results}


def test_a_read_of_a_known_tube_is_written_on_it(bench: Bench) -> None:
    tube = bench.make(Sort.TUBE)

    answer = bench.one(bench.nurse, bench.scan(tube.code))

    assert answer["verdict"] == "accepted", answer
    assert [entry.kind for entry in bench.story(tube)] == ["READ"]
    assert [str(entry.entry_id) for entry in bench.story(tube)] == answer["entries"]
    assert answer["subject"] == tube.code


def test_said_three_times_and_shuffled_is_said_once(bench: Bench) -> None:
    tubes = bench.make_many(Sort.TUBE, 12)
    scans = [bench.scan(tube.code) for tube in tubes]
    first = bench.send(bench.nurse, *scans)

    for seed in (1, 2):
        random.Random(seed).shuffle(scans)
        again = bench.send(bench.nurse, *scans)
        assert [result["id"] for result in again] == [scan["id"] for scan in scans]
        assert plain(again) == plain(first)
        assert all(result["replayed"] for result in again)

    assert all(len(bench.story(tube)) == 1 for tube in tubes)


def test_two_senders_of_one_batch_at_once(bench: Bench) -> None:
    tubes = bench.make_many(Sort.TUBE, 30)
    scans = [bench.scan(tube.code) for tube in tubes]
    cookies = bench.nurse

    def send(batch: list[dict[str, Any]]) -> list[dict[str, Any]]:
        client = bench.site.app.test_client()
        cookie = cookies.client.get_cookie("unbroken-session")
        assert cookie is not None
        client.set_cookie("unbroken-session", cookie.value)
        answer = client.post(SCANS, json={"scans": batch}, headers=HEADER)
        assert answer.status_code == 200, answer.json
        return list(answer.json["results"])

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(send, [scans, scans[::-1], scans[::2], scans[::-2]]))

    assert plain(answers[0]) == plain(answers[1])
    assert all(len(bench.story(tube)) == 1 for tube in tubes)


def test_the_same_id_with_another_body_is_a_conflict(bench: Bench) -> None:
    tube = bench.make(Sort.TUBE)
    scan = bench.scan(tube.code)
    bench.one(bench.nurse, scan)
    other = scan | {"method": "typed"}

    single = bench.nurse.client.post(SCANS, json=other, headers=HEADER)
    batch = bench.send(bench.nurse, other, bench.scan(tube.code))

    assert single.status_code == 409
    assert single.json["results"][0]["conflict"]
    assert [result["verdict"] for result in batch] == ["refused", "accepted"]


def test_a_read_that_had_to_wait_for_its_second_try_is_the_same_read(bench: Bench) -> None:
    tube = bench.make(Sort.TUBE)
    scan = bench.scan(tube.code)
    first = bench.one(bench.nurse, scan)

    again = bench.one(bench.nurse, scan | {"queued": True})

    assert again == first | {"replayed": True}
    assert [str(entry.mode) for entry in bench.story(tube)] == ["scan"]


def test_another_read_at_the_same_place_of_a_device_is_a_conflict(bench: Bench) -> None:
    tube = bench.make(Sort.TUBE)
    scan = bench.scan(tube.code)
    bench.one(bench.nurse, scan)

    answer = bench.one(bench.nurse, bench.scan(tube.code, device_seq=scan["device_seq"]))

    assert answer["conflict"]


def test_one_batch_that_contradicts_itself(bench: Bench) -> None:
    tube = bench.make(Sort.TUBE)
    scan = bench.scan(tube.code)

    results = bench.send(bench.nurse, scan, scan, scan | {"method": "typed"})

    assert [result["verdict"] for result in results] == ["accepted", "accepted", "refused"]
    assert [result["replayed"] for result in results] == [False, True, False]
    assert len(bench.story(tube)) == 1


def test_what_cannot_be_read_is_written_in_the_journal_alone(bench: Bench) -> None:
    tube = bench.make(Sort.TUBE)
    wrong = tube.code[:-1] + ("A" if tube.code[-1] != "A" else "B")
    raws = [wrong, "", "hello", tube.code * 2, "x" * 513, "\0\x1b[2J", "TB\ud800", "💉" * 20]
    scans = [bench.scan(raw) for raw in raws]

    results = bench.send(bench.nurse, *scans)

    assert {result["verdict"] for result in results} == {"refused"}
    assert all(result["title"] and not result["entries"] for result in results)
    assert bench.rows("SELECT count(*) FROM scan WHERE verdict = 'refused'") == [(len(raws),)]
    assert bench.story(tube) == []


def test_one_that_does_not_fit_holds_up_no_other(bench: Bench) -> None:
    tube = bench.make(Sort.TUBE)
    bad = bench.scan(tube.code, method="telepathy", offset_ms="soon")

    results = bench.send(bench.nurse, bad, bench.scan(tube.code))

    assert [result["verdict"] for result in results] == ["refused", "accepted"]
    assert "method" in results[0]["message"]
    assert "offset_ms" in results[0]["message"]


def test_a_read_that_does_not_say_which_it_is(bench: Bench) -> None:
    scan = bench.scan("TB") | {"device_seq": 0}

    answer = bench.nurse.client.post(SCANS, json={"scans": [scan]}, headers=HEADER)

    assert answer.status_code == 422
    assert answer.json["errors"][0]["path"] == "scans.0.device_seq"


def test_a_code_that_nobody_issued_is_found(bench: Bench) -> None:
    answer = bench.one(bench.nurse, bench.scan("TB00009999995"))

    assert (answer["verdict"], answer["rule"]) == ("look", "G02"), answer
    assert bench.rows("SELECT origin FROM subject WHERE code = 'TB00009999995'") == [("found",)]
