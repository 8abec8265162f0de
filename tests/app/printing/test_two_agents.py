"""Two agents poll for one station's jobs: each job is one agent's, whoever is quicker."""

import threading
from collections import Counter

import pytest

from tests.app.printing.test_jobs import PRINTER, agent, ask, states, tell
from tests.app.scanning.bench import Bench
from tests.counts import SOAK

JOBS = 500 if SOAK else 15


@pytest.mark.slow
def test_each_of_many_jobs_is_printed_by_exactly_one(bench: Bench) -> None:
    jobs = [ask(bench, bench.kit(), number).json["id"] for number in range(JOBS)]
    taken = Counter[str]()
    lock = threading.Lock()

    def poll() -> None:
        while True:
            answer = agent(bench, "lease", **PRINTER)
            if answer.status_code == 204:
                return
            with lock:
                taken[answer.json["job"]] += 1
            done = [
                {"number": each["number"], "state": "printed", "counted": [1, 2]}
                for each in answer.json["labels"]
            ]
            tell(bench, answer.json, *done)

    agents = [threading.Thread(target=poll, daemon=True) for _ in range(2)]
    for each in agents:
        each.start()
    for each in agents:
        each.join(300)
    assert taken == Counter(jobs)
    assert all(set(states(bench, job).values()) == {"printed"} for job in jobs)
    assert agent(bench, "lease", **PRINTER).status_code == 204
