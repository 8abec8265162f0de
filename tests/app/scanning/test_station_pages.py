"""What the page of a station says of its computer: paired, shut out, and who may change that."""

from app.accounts import places
from tests.app.scanning.bench import Bench
from tests.builders.people import NORTH, SOUTH, make_person
from tests.builders.site import Visitor


def administrator(bench: Bench, *, site: str = NORTH) -> Visitor:
    with bench.work() as work:
        make_person(work, login="administrator-a", role="administrator", site=site)
    return bench.visitor("administrator-a")


def say(bench: Bench, *, queue: int) -> None:
    path = f"/api/v1/stations/{bench.station}/health"
    body = {"queue": queue, "device_states": {f"{bench.station}/hand/1": "ready"}}
    answer = bench.site.app.test_client().post(path, json=body, headers=bench.as_station)
    assert answer.status_code == 200


def test_who_looks_after_a_station_pairs_it_and_reads_nothing_of_tubes(bench: Bench) -> None:
    visitor = administrator(bench)

    page = visitor.get(f"/stations/{bench.station}").text

    assert "Pair a computer" in page
    assert "A computer is paired with this station" in page
    assert "unbroken-agent pair --server http://localhost --code" in page
    assert "Last reads" not in page
    assert bench.station in visitor.get("/stations").text


def test_others_see_how_it_is_and_change_nothing(bench: Bench) -> None:
    say(bench, queue=0)
    page = bench.nurse.get(f"/stations/{bench.station}").text

    assert "Last reads" in page
    assert "Pair a computer" not in page
    assert "Shut this station out" not in page


def test_an_administrator_of_another_site_sees_nothing_of_it(bench: Bench) -> None:
    elsewhere = administrator(bench, site=SOUTH)

    assert elsewhere.get(f"/stations/{bench.station}").status_code == 403
    assert bench.station not in elsewhere.get("/stations").text


def test_the_page_shows_that_a_station_is_shut_out_and_what_waits_there(bench: Bench) -> None:
    say(bench, queue=3)
    with bench.work() as work:
        places.revoke_token(work, station=bench.station)

    page = bench.nurse.get(f"/stations/{bench.station}").text

    assert "This station is shut out" in page
    assert "What was read there and not sent waits on it" in page
    assert "3 reads wait at the station." in page
    assert "Everything has been sent." not in page
    assert "Shut out" in bench.nurse.get("/stations").text
    assert "No computer is paired" in administrator(bench).get(f"/stations/{bench.station}").text


def test_a_station_that_never_called_is_shut_out_all_the_same(bench: Bench) -> None:
    with bench.work() as work:
        places.revoke_token(work, station=bench.station)

    page = bench.nurse.get(f"/stations/{bench.station}").text

    assert "This station is shut out" in page
    assert "No program of this station has called yet" not in page
