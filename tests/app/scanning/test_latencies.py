"""How long people wait at a station's scanners: told by its program, shown on its page."""

from typing import Any

import pytest

from tests.app.scanning.bench import Bench
from tests.app.scanning.test_stations import health

QUICK = {"reads": 200, "stored_ms": 60, "verdict_ms": 300}


@pytest.mark.parametrize(
    ("took", "words", "tone"),
    [
        (QUICK, "Kept in 60 ms, answered in 300 ms (95 of 100, of the last 200)", "ok"),
        (QUICK | {"stored_ms": 61}, "Kept in 61 ms", "warn"),
        (QUICK | {"verdict_ms": 301}, "answered in 301 ms", "warn"),
        ({"reads": 1, "stored_ms": 9}, "Kept in 9 ms, no answer in time", "warn"),
    ],
)
def test_the_page_of_a_station_says_how_long_people_wait(
    bench: Bench, took: dict[str, Any], words: str, tone: str
) -> None:
    said = health(bench, device_states={"chair": "ready"}, latencies={"chair": took})
    assert said.status_code == 200, said.json

    page = bench.nurse.get(f"/stations/{bench.station}").text
    line = page[page.index('<span class="code">chair</span>') : page.index(words)]
    assert f'data-tone="{tone}"' in line


@pytest.mark.parametrize(
    "latencies",
    [
        [],
        {"chair": 5},
        {"chair": {}},
        {"chair": QUICK | {"reads": -1}},
        {"chair": QUICK | {"more": 1}},
        {"c" * 65: QUICK},
        {str(number): QUICK for number in range(51)},
    ],
)
def test_what_is_no_latency_is_named(bench: Bench, latencies: object) -> None:
    answer = health(bench, latencies=latencies)

    assert answer.status_code == 422
    assert {fault["path"].split(".")[0] for fault in answer.json["errors"]} == {"latencies"}
