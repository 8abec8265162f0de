"""Many at once: one tube under eight scanners, and racks that meet the other way round."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from app.custody.ledger import Sort
from tests.app.scanning.bench import SCANS, Bench
from tests.builders.site import HEADER


def sender(bench: Bench) -> Any:
    """Posts as the nurse does, from a browser of its own."""
    cookie = bench.nurse.client.get_cookie("unbroken-session")
    assert cookie is not None

    def send(batch: list[dict[str, Any]]) -> list[dict[str, Any]]:
        client = bench.site.app.test_client()
        client.set_cookie("unbroken-session", cookie.value)
        answer = client.post(SCANS, json={"scans": batch}, headers=HEADER)
        assert answer.status_code == 200, answer.json
        return list(answer.json["results"])

    return send


@pytest.mark.slow
def test_eight_scanners_on_one_tube(bench: Bench) -> None:
    tube = bench.make(Sort.TUBE)
    send = sender(bench)
    batches = [[bench.scan(tube.code, device_id=f"tablet-{n}") for _ in range(5)] for n in range(8)]

    with ThreadPoolExecutor(8) as pool:
        results = [result for batch in pool.map(send, batches) for result in batch]

    assert {result["verdict"] for result in results} == {"accepted"}
    story = bench.story(tube)
    assert [entry.seq for entry in story] == list(range(2, 42))
    assert len({entry.entry_id for entry in story}) == 40


@pytest.mark.slow
def test_two_racks_of_the_same_tubes_the_other_way_round(bench: Bench) -> None:
    tubes = bench.make_many(Sort.TUBE, 24)
    send = sender(bench)
    there = [bench.scan(tube.code, device_id="there") for tube in tubes]
    back = [bench.scan(tube.code, device_id="back") for tube in reversed(tubes)]

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(send, [there, back, there[::-1], back[::-1]]))

    assert all(len(bench.story(tube)) == 2 for tube in tubes)


def test_a_rack_is_one_command_to_the_ledger(bench: Bench) -> None:
    tubes = bench.make_many(Sort.TUBE, 96)

    results = bench.send(bench.nurse, *(bench.scan(tube.code) for tube in tubes))

    assert {result["verdict"] for result in results} == {"accepted"}
    assert bench.rows(
        "SELECT count(DISTINCT recorded_at) FROM custody_event WHERE kind = 'READ'"
    ) == [(1,)]


@pytest.mark.slow
def test_one_scanners_reads_by_four_connections_in_any_order(bench: Bench) -> None:
    tubes = bench.make_many(Sort.TUBE, 20)
    reads = [
        bench.scan(tube.code, None, method="agent", device_id="chair") | {"device_seq": number}
        for number, tube in enumerate(tubes, start=1)
    ]
    parts = [reads[n::4][::-1] for n in range(4)]

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda part: bench.agent(*part), [*parts, *parts[::-1]]))

    assert bench.rows("SELECT done_seq FROM scan_device") == [(20,)]
    assert bench.rows("SELECT count(*) FROM scan WHERE verdict = 'parked'") == [(0,)]
    assert [len(bench.story(tube)) for tube in tubes] == [1] * 20
