"""Latencies: the middle and the slow end of a scanner's last reads, and no more of them."""

import pytest

from hardware.agent.latencies import LOOKED_BACK, Latencies


@pytest.mark.parametrize(
    ("seconds", "middle", "most"),
    [
        ([0.01], 10, 10),
        ([0.01, 0.02], 10, 20),
        ([number / 1000 for number in range(1, 101)], 50, 95),
        ([0.5] * 5 + [0.001] * 95, 1, 1),
        ([0.5] * 6 + [0.001] * 94, 1, 500),
    ],
)
def test_the_middle_and_the_slow_end(seconds: list[float], middle: int, most: int) -> None:
    latencies = Latencies()
    for each in seconds:
        latencies.stored("hand", each)

    told = latencies.told()["hand"]
    assert (told.reads, told.stored_p50_ms, told.stored_p95_ms) == (len(seconds), middle, most)
    assert (told.verdict_p50_ms, told.verdict_p95_ms) == (None, None)


def test_only_the_last_reads_count_and_each_scanner_alone() -> None:
    latencies = Latencies()
    for seconds in (9.0, *([0.002] * LOOKED_BACK)):
        latencies.stored("hand", seconds)
        latencies.judged("hand", seconds)
    latencies.stored("desk", 0.003)

    told = latencies.told()
    assert (told["hand"].reads, told["hand"].stored_p95_ms) == (LOOKED_BACK, 2)
    assert told["hand"].verdict_p95_ms == 2
    assert told["desk"].stored_p95_ms == 3
