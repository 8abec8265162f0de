"""The demo as a whole: pages within seconds, and nothing left behind, even when interrupted."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import urllib3

from app.kernel.postgres_embedded import Embedded
from tests.builders.programs import COMMAND, surroundings, until

LONGEST = 180
pytestmark = pytest.mark.slow


@pytest.fixture
def folder() -> Iterator[Path]:
    """Where a demo shall live; at the end nothing of it is left."""
    around = Path(tempfile.mkdtemp(prefix="unbroken-demo-"))
    try:
        yield around / "data"
    finally:
        Embedded(around / "data").remove()
        shutil.rmtree(around)


class Demo:
    """A demo that runs, and what it has said so far."""

    def __init__(self, process: "subprocess.Popen[str]", log: Path) -> None:
        self.process, self._log = process, log

    @property
    def said(self) -> str:
        return self._log.read_text()

    @property
    def url(self) -> str:
        return self.said.partition("answers at ")[2].split()[0]

    def stop(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(timeout=60)


@contextmanager
def demo(folder: Path) -> Iterator[Demo]:
    log = folder.parent / f"{time.monotonic_ns()}.log"
    with (
        log.open("w") as out,
        subprocess.Popen(
            [*COMMAND, "demo"],
            env=surroundings(folder),
            stdout=out,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process,
    ):
        try:
            yield Demo(process, log)
        finally:
            process.kill()


def page(url: str) -> int:
    with urllib3.PoolManager(retries=False) as pool:
        return pool.request("GET", f"{url}/health").status


def programs_of(folder: Path) -> list[str]:
    """Command lines of processes that know of this folder."""
    listed = subprocess.run(["ps", "-Ao", "pid,args"], capture_output=True, text=True).stdout
    own = str(os.getpid())
    return [line for line in listed.splitlines() if str(folder) in line and own not in line]


def test_pages_come_before_the_story_is_told_and_nothing_is_left_of_a_broken_off_start(
    folder: Path,
) -> None:
    with demo(folder) as running:
        until(lambda: "week of the programme" in running.said)
        assert page(running.url) == 200
        assert running.stop() == 0
        assert programs_of(folder) == []

    with demo(folder) as running:
        until(lambda: "week of the programme" in running.said)
        assert "interrupted" in running.said


@pytest.mark.soak
def test_a_second_start_goes_on_with_the_same_data(folder: Path) -> None:
    for start in (1, 2):
        with demo(folder) as running:
            deadline = time.monotonic() + LONGEST
            while "Ctrl+C stops everything" not in running.said:
                assert time.monotonic() < deadline, running.said
                time.sleep(0.2)
            assert page(running.url) == 200
            assert ("week of the programme" in running.said) == (start == 1)
            assert running.stop() == 0
