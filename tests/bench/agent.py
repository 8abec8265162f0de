"""How soon a station's program serves its scanner, and how much memory it takes then."""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from hardware.agent.board import READY
from hardware.agent.health import STATUS_FILE
from hardware.scanner.simulated import SimulatedScanner
from tests.bench.figures import Figure

STARTS = 5
STATION = "ST0000000001X"
NOBODY = "http://127.0.0.1:9"  # a server is not needed to keep scans
LONGEST = 30.0
LOOK_SECONDS = 0.005
_KIB = 1024


def agent_starts() -> list[Figure]:
    """Seconds from its start to a scanner that is served, and resident MB; the middle of five."""
    with tempfile.TemporaryDirectory(prefix="unbroken-bench-") as around:
        found = [_start(Path(around) / str(number)) for number in range(STARTS)]
    return [
        Figure(
            name="an agent's start, until its scanner is served",
            value=median(seconds for seconds, _ in found),
            unit="s",
            most=2.0,
        ),
        Figure(
            name="an agent's memory",
            value=median(resident for _, resident in found) / 1e6,
            unit="MB",
            most=60.0,
        ),
    ]


def _start(folder: Path) -> tuple[float, int]:
    folder.mkdir()
    (folder / "token").write_text("a-token-for-nobody")
    with SimulatedScanner(seed=1, link=folder / "hand") as hand:
        begun = time.monotonic()
        agent = subprocess.Popen(
            [
                *(sys.executable, "-m", "hardware", "run", "--station", STATION),
                *("--server", NOBODY, "--token-file", str(folder / "token")),
                *("--scanner", f"hand={hand.device}", "--data", str(folder / "data")),
                *("--log-level", "warning"),
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            while not _serves(folder / "data" / STATUS_FILE):
                if time.monotonic() - begun > LONGEST:
                    raise AssertionError(f"no scanner is served after {LONGEST} s")
                time.sleep(LOOK_SECONDS)
            return time.monotonic() - begun, _resident(agent.pid)
        finally:
            agent.terminate()
            agent.wait(LONGEST)


def _serves(status: Path) -> bool:
    try:
        devices = json.loads(status.read_text())["devices"]
    except (OSError, ValueError, KeyError):
        return False
    return any(device["state"] == READY for device in devices.values())


def _resident(pid: int) -> int:
    """Bytes of memory that a process takes now."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) * _KIB
