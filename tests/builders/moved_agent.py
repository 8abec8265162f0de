"""An agent as a program of its own that goes by a clock which a test can move.

Run with the clock's file and the agent's. Prints one line of JSON when it is ready. All but the
clock is the real thing, as `unbroken-agent run` puts it together.
"""

import json
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from hardware.agent.settings import make_settings, read_config
from hardware.agent.station import StationAgent, run_station
from hardware.ids import uuid7_source
from tests.fakes.moved_clock import MovedClock


def main(arguments: Sequence[str]) -> None:
    """Run until told to end, or killed."""
    clock = MovedClock(Path(arguments[0]))
    stopping = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    run_station(
        make_settings(read_config(Path(arguments[1]))),
        clock=clock,
        ids=uuid7_source(clock),
        stopping=stopping,
        started=_say_started,
    )


def _say_started(agent: StationAgent) -> None:
    sys.stdout.write(json.dumps({"devices": list(agent.board.device_states())}) + "\n")
    sys.stdout.flush()
