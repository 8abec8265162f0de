"""A station's scanner: its reads mean what the station is at, one after the other."""

from typing import Any

import pytest

from app.accounts.places import revoke_token
from app.custody.gaps.system import AGENT, READS
from app.custody.ledger import Sort
from app.custody.queries import entries_of, subject_of
from app.limits.service import NewVersion, add
from app.scanning.check_codes import CODES
from app.scanning.devices import note_silent
from app.scanning.service import unpark
from labels.code import COMMAND_CARDS
from tests.app.scanning.bench import Bench
from tests.builders.site import HEADER


def task(bench: Bench, step: str, method: str = "PUT", **context: Any) -> Any:
    path = f"/api/v1/stations/{bench.station}/task"
    return bench.nurse.send(method, path, step=step, **context)


def read(bench: Bench, raw: str, sequence: int, **changes: Any) -> dict[str, Any]:
    """A read as the agent of the chair sends it."""
    scan = bench.scan(raw, None, method="agent", **{"device_id": "chair", **changes})
    return scan | {"device_seq": sequence}


def unpark_now(bench: Bench) -> int:
    with bench.work() as work:
        return unpark(work)


def test_reads_mean_what_the_station_is_at(bench: Bench) -> None:
    kit = bench.kit()
    assert task(bench, "collect", order=kit.order).status_code == 200

    results = bench.agent(*(read(bench, t.code, n) for n, t in enumerate(kit.tubes[:3], start=1)))

    assert [result["verdict"] for result in results] == ["accepted"] * 3, results
    entry = bench.story(kit.tubes[0])[0]
    assert (entry.kind, entry.actor) == ("COLLECTED", bench.people["nurse"])
    assert entry.station == bench.station


def test_without_a_task_it_is_read_and_nobody_knows_by_whom(bench: Bench) -> None:
    tube = bench.make(Sort.TUBE)

    answer = bench.agent(read(bench, tube.code, 1))[0]

    assert answer["verdict"] == "look"
    assert answer["title"] == "Recorded, and nobody knows by whom"
    assert [(entry.kind, entry.actor) for entry in bench.story(tube)] == [("READ", None)]


def test_a_read_behind_a_hole_waits_until_it_is_filled(bench: Bench) -> None:
    kit = bench.kit()
    task(bench, "collect", order=kit.order)
    first, second, third = (
        read(bench, tube.code, n) for n, tube in enumerate(kit.tubes[:3], start=1)
    )

    waiting = bench.agent(third, second)
    assert [result["verdict"] for result in waiting] == ["parked", "parked"]
    assert bench.story(kit.tubes[1]) == []

    assert bench.agent(first)[0]["verdict"] == "accepted"
    assert [len(bench.story(tube)) for tube in kit.tubes[:3]] == [2, 2, 2]
    assert [result["verdict"] for result in bench.agent(second, third)] == ["accepted"] * 2
    assert bench.rows("SELECT done_seq FROM scan_device") == [(3,)]


def test_a_hole_that_nobody_fills_is_waited_for_a_minute(bench: Bench) -> None:
    kit = bench.kit()
    task(bench, "collect", order=kit.order)
    late = read(bench, kit.tubes[0].code, 1)
    bench.agent(read(bench, kit.tubes[1].code, 2), read(bench, kit.tubes[2].code, 4))

    bench.clock.wait(seconds=59)
    assert unpark_now(bench) == 0
    bench.clock.wait(seconds=1)
    assert unpark_now(bench) == 2
    assert unpark_now(bench) == 0
    assert [len(bench.story(tube)) for tube in kit.tubes[:3]] == [0, 2, 2]

    assert bench.agent(late)[0]["verdict"] == "accepted"
    assert bench.story(kit.tubes[0])[0].kind == "COLLECTED"


def test_what_cannot_be_read_leaves_no_hole(bench: Bench) -> None:
    tube = bench.make(Sort.TUBE)

    results = bench.agent(
        read(bench, "rubbish", 1), read(bench, "x" * 600, 2), read(bench, tube.code, 3)
    )

    assert [result["verdict"] for result in results] == ["refused", "refused", "look"]


def test_a_read_means_what_the_station_was_at_when_it_was_made(bench: Bench) -> None:
    before, now = bench.kit(), bench.kit()
    task(bench, "collect", order=before.order)
    scan = read(bench, before.tubes[0].code, 1, queued=True)
    bench.clock.wait(minutes=30)
    task(bench, "collect", order=now.order)

    answer = bench.agent(scan)[0]

    assert answer["verdict"] == "accepted", answer
    assert str(bench.story(before.tubes[0])[0].order) == before.order


def test_done_ends_what_the_station_is_at(bench: Bench) -> None:
    kit = bench.kit()
    task(bench, "spin_start")
    bench.agent(read(bench, COMMAND_CARDS["DONE"], 1))

    assert bench.nurse.get(f"/api/v1/stations/{bench.station}/task").status_code == 404
    assert kit.tubes


def test_a_card_speaks_of_the_next_tube(bench: Bench) -> None:
    kit = bench.kit()
    task(bench, "collect", order=kit.order)

    results = bench.agent(
        read(bench, COMMAND_CARDS["NOT COLLECTED"], 1),
        read(bench, kit.tubes[0].code, 2),
        read(bench, kit.tubes[1].code, 3),
        read(bench, COMMAND_CARDS["HELP"], 4),
    )

    assert [result["verdict"] for result in results] == ["accepted"] * 3 + ["look"], results
    assert bench.story(kit.tubes[0])[0].kind == "COLLECTION_FAILED"
    assert bench.story(kit.tubes[1])[0].kind == "COLLECTED"


def test_another_participants_tube_is_stopped_at_a_station_too(bench: Bench) -> None:
    mine, other = bench.kit(), bench.kit()
    task(bench, "collect", order=mine.order)

    assert bench.agent(read(bench, other.tubes[0].code, 1))[0]["verdict"] == "stop"


def test_who_does_not_work_there_opens_no_task(bench: Bench) -> None:
    path = f"/api/v1/stations/{bench.station}/task"

    assert bench.technician.send("PUT", path, step="check_in").status_code == 403
    assert bench.technician.get(path).status_code == 403
    assert bench.nurse.send("PUT", "/api/v1/stations/ST0/task", step="read").status_code == 404


def test_a_task_is_told_and_closed(bench: Bench) -> None:
    box = bench.make(Sort.BOX)
    told = task(bench, "pack", box=box.code).json
    path = f"/api/v1/stations/{bench.station}/task"

    assert bench.nurse.get(path).json == told
    assert told["intent"]["box"] == box.code
    assert bench.nurse.client.delete(path, headers=HEADER).status_code == 204
    assert bench.nurse.get(path).status_code == 404


@pytest.mark.parametrize("states", [[0, 0, 3, 2, 0], [5, 0]])
def test_a_queue_that_fills_or_empties_is_noted_once(bench: Bench, states: list[int]) -> None:
    client = bench.site.app.test_client()
    path = f"/api/v1/stations/{bench.station}/health"
    for queue in states:
        body = {"queue": queue, "oldest_at": None, "conflicts": 0, "device_states": {"s": "ready"}}
        assert client.post(path, json=body, headers=bench.as_station).status_code == 200
        bench.clock.wait(seconds=1)

    with bench.work() as work:
        subject = subject_of(work.session, bench.station)
        assert subject is not None
        told = [entry.facts["state"] for entry in entries_of(work.session, subject.id)[1:]]
    assert told == {5: ["empty", "waiting", "empty"], 2: ["waiting", "empty"]}[len(states)]


def say_clock(bench: Bench, offset_ms: int | None) -> None:
    path = f"/api/v1/stations/{bench.station}/health"
    body = {"queue": 0, "offset_ms": offset_ms}
    client = bench.site.app.test_client()
    assert client.post(path, json=body, headers=bench.as_station).status_code == 200
    bench.clock.wait(seconds=30)


def clocks_told(bench: Bench) -> list[object]:
    with bench.work() as work:
        subject = subject_of(work.session, bench.station)
        assert subject is not None
        return [e.facts.get("offset_ms") for e in entries_of(work.session, subject.id)[1:]]


def test_a_clock_beyond_a_limit_or_back_is_noted_and_nothing_between(bench: Bench) -> None:
    for offset in (0, 60_000, -60_001, 61_500, 300_001, None, 400_000, -60_000):
        say_clock(bench, offset)

    assert clocks_told(bench) == [0, -60_001, 300_001, -60_000]


def test_a_clock_is_noted_once_it_is_known(bench: Bench) -> None:
    for offset in (None, None, 5, 6):
        say_clock(bench, offset)

    assert clocks_told(bench) == [None, 5]


def test_a_clock_that_a_new_limit_finds_wrong_is_noted_when_that_begins(bench: Bench) -> None:
    say_clock(bench, 45_000)
    with bench.work() as work:
        values = {"G21": {"skew_p3_seconds": 30}}
        add(work, NewVersion(after=1, reason="clocks are synchronised now", values=values))
    for _ in range(4):
        say_clock(bench, 45_000)

    assert clocks_told(bench) == [45_000, 45_000]


def test_a_station_speaks_of_itself_alone(bench: Bench) -> None:
    client = bench.site.app.test_client()
    body = {"queue": 0}
    other = client.post("/api/v1/stations/ST1/health", json=body, headers=bench.as_station)
    nobody = client.post(f"/api/v1/stations/{bench.station}/health", json=body)

    assert other.status_code == 403
    assert nobody.status_code in (401, 403)


def health(bench: Bench, **said: Any) -> Any:
    path = f"/api/v1/stations/{bench.station}/health"
    return bench.site.app.test_client().post(
        path, json={"queue": 0, **said}, headers=bench.as_station
    )


def test_the_page_of_a_station_says_how_it_is(bench: Bench) -> None:
    path = f"/stations/{bench.station}"
    assert "No program of this station has called yet" in bench.nurse.get(path).text
    said = {f"{bench.station}/labels": "cannot print: paper_out", "chair": "ready"}
    assert health(bench, device_states=said, queue=2).status_code == 200
    tube = bench.make(Sort.TUBE)
    bench.agent(read(bench, tube.code, 1))

    page = bench.nurse.get(path).text
    assert "Cannot print: the printer is out of labels" in page
    assert "2 reads wait at the station." in page
    assert tube.code in page
    assert "Needs a hand" in bench.nurse.get("/stations").text

    bench.clock.wait(seconds=71)
    assert "Not heard of" in bench.nurse.get(path).text
    assert bench.nurse.get("/stations/ST0000000009G").status_code == 404


def test_stations_of_other_sites_are_not_shown(bench: Bench) -> None:
    assert bench.station not in bench.technician.get("/stations").text
    assert bench.technician.get(f"/stations/{bench.station}").status_code == 403


def told_of(bench: Bench, device: str) -> list[object]:
    """What the station's story says of a device, in order."""
    with bench.work() as work:
        station = subject_of(work.session, bench.station)
        entries = entries_of(work.session, station.id) if station else ()
        return [e.facts["state"] for e in entries if e.facts.get("device") == device]


def test_a_device_that_goes_away_is_noted_once_and_when_it_is_back(bench: Bench) -> None:
    name = f"{bench.station}/chair/0a0a"
    for state in ("connecting", "ready", "unplugged", "unplugged", "connecting", "ready"):
        assert health(bench, device_states={name: state}).status_code == 200

    assert told_of(bench, "chair") == ["unplugged", "well"]


def test_a_device_that_is_no_longer_named_is_not_waited_for(bench: Bench) -> None:
    health(bench, device_states={"old": "unplugged", "labels": "cannot print: paper_out"})
    health(bench, device_states={"labels": "printing"})

    assert told_of(bench, "old") == ["unplugged", "well"]
    assert told_of(bench, "labels") == []


def silent_now(bench: Bench) -> int:
    with bench.work() as work:
        return note_silent(work)


def test_a_station_that_is_not_heard_of_is_noted_once_and_when_it_is_back(bench: Bench) -> None:
    health(bench)
    bench.clock.wait(seconds=70)
    assert silent_now(bench) == 0
    bench.clock.wait(seconds=1)
    assert (silent_now(bench), silent_now(bench)) == (1, 0)
    health(bench)

    assert told_of(bench, AGENT) == ["silent", "well"]


def test_a_station_that_was_switched_off_for_the_night_is_not_waited_for(bench: Bench) -> None:
    health(bench, leaving=True)
    bench.clock.wait(hours=12)

    assert silent_now(bench) == 0


def test_a_station_that_was_shut_out_is_not_waited_for(bench: Bench) -> None:
    health(bench)
    with bench.work() as work:
        revoke_token(work, station=bench.station)
    bench.clock.wait(hours=1)

    assert silent_now(bench) == 0


def test_scanners_that_fail_to_read_are_noted_and_when_they_read_again(bench: Bench) -> None:
    one, other = f"{bench.station}/a/0a0a", f"{bench.station}/b/0a0a"
    devices = {one: "ready", other: "ready"}
    health(bench, device_states=devices)
    bench.agent(read(bench, "rubbish", 1, device_id=one))
    bench.agent(read(bench, "rubbish", 1, device_id=other))
    assert told_of(bench, READS) == []
    bench.clock.wait(minutes=9)
    bench.agent(read(bench, "4006381333931", 2, device_id=one))
    assert told_of(bench, READS) == ["failing"]

    bench.agent(read(bench, "rubbish", 3, device_id=one))
    health(bench, device_states=devices)
    assert told_of(bench, READS) == ["failing"]
    bench.clock.wait(minutes=9)
    health(bench, device_states=devices)
    assert told_of(bench, READS) == ["failing", "well"]


def test_failures_that_come_late_are_none_of_now(bench: Bench) -> None:
    name = f"{bench.station}/a/0a0a"
    health(bench, device_states={name: "ready"})
    late = {"device_id": name, "device_time": bench.old(minutes=11)}
    bench.agent(*(read(bench, "rubbish", number, **late) for number in (1, 2, 3)))

    assert told_of(bench, READS) == []


def test_codes_that_a_scanner_is_checked_with_are_no_failures(bench: Bench) -> None:
    name = f"{bench.station}/a/0a0a"
    health(bench, device_states={name: "ready"})
    codes = [read(bench, c, n, device_id=name) for n, c in enumerate(CODES, start=1)]

    assert {result["verdict"] for result in bench.agent(*codes)} == {"accepted"}
    assert told_of(bench, READS) == []


def test_a_conflict_is_noted_once_and_when_it_is_over(bench: Bench) -> None:
    for conflicts in (0, 2, 2, 0):
        assert health(bench, conflicts=conflicts).status_code == 200
    with bench.work() as work:
        station = subject_of(work.session, bench.station)
        assert station is not None
        said = [
            entry.facts.get("conflicts")
            for entry in entries_of(work.session, station.id)
            if entry.kind == "QUEUE_STATE"
        ]
    assert said == [None, 2, None]
