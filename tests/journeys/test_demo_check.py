"""The demo checks itself: every part on free ports, the whole journey, in a folder of its own."""

import json
import subprocess

import pytest

from tests.builders.programs import COMMAND

LONGEST = 150  # seconds, on a machine that does other things too
pytestmark = pytest.mark.slow


def test_everything_is_as_it_must_be() -> None:
    done = subprocess.run(
        [*COMMAND, "demo", "--check", "--json"], capture_output=True, text=True, timeout=LONGEST
    )

    report = json.loads(done.stdout)
    assert report["complaints"] == []
    assert (done.returncode, report["ok"]) == (0, True)
    found = report["found"]
    counts = ("drawn", "not_drawn", "released", "received", "missing", "extra", "found", "damaged")
    assert [found[name] for name in counts] == [7, 1, 7, 8, 1, 1, 1, 1]
    assert found["stored"] == 6
    assert {"G23", "G28", "G29", "G31", "G32", "G33"} < found["alarms"].keys()
    assert report["verify"]["findings"] == []
    assert any(line.startswith("version 2") for line in report["limits"])
