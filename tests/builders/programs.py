"""The real programs, run on a data folder of their own and ended at the latest with the test."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PATIENCE = 60
COMMAND = (sys.executable, "-c", "from app.cli import main; main()")


def surroundings(folder: Path) -> dict[str, str]:
    return {**os.environ, "UNBROKEN_DATA": str(folder), "UNBROKEN_PORT": "0"}


def run(folder: Path, *arguments: str) -> tuple[int, dict[str, Any]]:
    """The exit code and the JSON of one command."""
    done = subprocess.run(
        [*COMMAND, *arguments, "--json"],
        env=surroundings(folder),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    return done.returncode, json.loads(done.stdout)


@contextmanager
def running(
    folder: Path, *arguments: str, **variables: str
) -> Iterator[tuple[dict[str, Any], subprocess.Popen[str]]]:
    """A program that goes on, and what it said when it was ready; ended at the latest here."""
    log = (folder / f"{'-'.join(arguments)}-{time.monotonic_ns()}.log").open("w")
    with (
        log,
        subprocess.Popen(
            [*COMMAND, *arguments, "--json"],
            env=surroundings(folder) | variables,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        ) as program,
    ):
        try:
            assert program.stdout is not None
            yield json.loads(program.stdout.readline()), program
        finally:
            program.kill()


def until(true: Callable[[], bool]) -> None:
    """Wait for it, with an end."""
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.1)
