"""The server as a program of its own that goes by a clock which a test can move.

Run with the clock's file. Prints one line of JSON when it is ready. All but the clock is the real
thing, as `unbroken serve` puts it together.
"""

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import make_url
from waitress.server import create_server

from app.factory import create_app
from app.kernel.ids import uuid7_source
from config.settings import Settings
from tests.fakes.moved_clock import MovedClock


def main(arguments: Sequence[str]) -> None:
    """Serve until killed."""
    clock = MovedClock(Path(arguments[0]))
    settings = Settings.from_env(os.environ)
    database = make_url(settings.database_url or "")
    app = create_app(settings, clock=clock, ids=uuid7_source(clock), database=database)
    server = create_server(app, host=settings.host, port=0, threads=settings.threads, ident=None)
    url = f"http://{settings.host}:{server.effective_port}"
    sys.stdout.write(json.dumps({"url": url}) + "\n")
    sys.stdout.flush()
    server.run()
