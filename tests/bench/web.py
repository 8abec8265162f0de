"""The web server as it is run: a process of its own, `unbroken serve`, on a free port."""

import json
import os
import select
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from tests.bench.cluster import Copy

PATIENCE = 60


@contextmanager
def web_server(copy: Copy, folder: Path) -> Iterator[tuple[str, int]]:
    """A server on this copy of the ledger: its host and port."""
    own = folder / copy.owner_url.database
    own.mkdir()
    urls = {
        "UNBROKEN_DATABASE_URL": copy.runtime_url.render_as_string(hide_password=False),
        "UNBROKEN_OWNER_DATABASE_URL": copy.owner_url.render_as_string(hide_password=False),
    }
    with (own / "server.log").open("wb") as log:
        process = subprocess.Popen(
            [
                sys.executable,
                "-c",
                "from app.cli import main; main()",
                "serve",
                "--port",
                "0",
                "--json",
            ],
            env=os.environ | urls | {"UNBROKEN_DATA": str(own)},
            stdout=subprocess.PIPE,
            stderr=log,
        )
        try:
            yield _address(process, own / "server.log")
        finally:
            process.terminate()
            process.wait(PATIENCE)
            if process.stdout is not None:
                process.stdout.close()


def _address(process: "subprocess.Popen[bytes]", log: Path) -> tuple[str, int]:
    out = process.stdout
    if out is None:
        raise AssertionError("the server has no output")
    told = b""
    while True:
        ready, _, _ = select.select([out], [], [], PATIENCE)
        line = out.readline() if ready else b""
        if not line:
            raise AssertionError(f"the server does not answer: {log.read_text()[-2000:]}")
        told += line
        try:
            found = urlsplit(json.loads(told)["url"])
        except ValueError:
            continue
        return str(found.hostname), int(found.port or 0)
