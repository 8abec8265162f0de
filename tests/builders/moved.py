"""The server or an agent as a program of its own that goes by a clock which a test can move.

`python -m tests.builders.moved CLOCK-FILE serve`, or `… CLOCK-FILE agent CONFIG-FILE`. Prints one
line of JSON when it is ready. All but the clock is the real thing.
"""

import json
import os
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import make_url
from waitress.server import create_server

from app.factory import create_app
from app.kernel.ids import uuid7_source
from config.settings import Settings
from hardware.agent.settings import make_settings, read_config
from hardware.agent.station import StationAgent, run_station
from hardware.ids import uuid7_source as reads_source
from tests.fakes.moved_clock import MovedClock


def main(arguments: Sequence[str]) -> None:
    """Run until killed."""
    clock = MovedClock(Path(arguments[0]))
    if arguments[1] == "serve":
        _serve(clock)
    else:
        _run_agent(clock, Path(arguments[2]))


def _serve(clock: MovedClock) -> None:
    settings = Settings.from_env(os.environ)
    database = make_url(settings.database_url or "")
    app = create_app(settings, clock=clock, ids=uuid7_source(clock), database=database)
    server = create_server(app, host=settings.host, port=0, threads=settings.threads, ident=None)
    _say(url=f"http://{settings.host}:{server.effective_port}")
    server.run()


def _run_agent(clock: MovedClock, config: Path) -> None:
    def started(agent: StationAgent) -> None:
        _say(devices=list(agent.board.device_states()))

    run_station(
        make_settings(read_config(config)),
        clock=clock,
        ids=reads_source(clock),
        stopping=threading.Event(),
        started=started,
    )


def _say(**what: object) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()
