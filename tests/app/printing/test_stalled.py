"""Print jobs that do not go on are noted in their station's story, once, and when that is over."""

from app.custody.gaps.system import PRINT_JOBS
from app.custody.queries import entries_of, subject_of
from app.printing.stalled import note_stalled
from tests.app.printing.test_jobs import ask, lease, tell
from tests.app.scanning.bench import Bench


def look(bench: Bench) -> int:
    with bench.work() as work:
        return note_stalled(work)


def told(bench: Bench) -> list[object]:
    with bench.work() as work:
        station = subject_of(work.session, bench.station)
        entries = entries_of(work.session, station.id) if station else ()
        return [e.facts["state"] for e in entries if e.facts.get("device") == PRINT_JOBS]


def test_labels_that_nobody_prints_are_noted_once_and_when_they_are_printed(bench: Bench) -> None:
    ask(bench, bench.kit())
    ask(bench, bench.kit(), 2)
    bench.clock.wait(minutes=5)
    assert look(bench) == 0
    bench.clock.wait(seconds=1)
    assert (look(bench), look(bench)) == (1, 0)
    assert told(bench) == ["waiting"]

    first = lease(bench)
    numbers = [label["number"] for label in first["labels"]]
    tell(bench, first, *({"number": n, "state": "printed", "counted": [n, n + 1]} for n in numbers))
    assert look(bench) == 0  # the other still waits
    second = lease(bench)
    tell(bench, second, {"number": 1, "state": "sent"})

    assert look(bench) == 1
    assert told(bench) == ["waiting", "well"]


def test_a_long_job_that_goes_on_is_none(bench: Bench) -> None:
    ask(bench, bench.kit())
    leased = lease(bench)
    for number in (1, 2, 3):
        bench.clock.wait(minutes=4)
        tell(bench, leased, {"number": number, "state": "printed", "counted": [number, number + 1]})
        assert look(bench) == 0

    assert told(bench) == []
