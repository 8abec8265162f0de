"""Whatever is killed while scans flow: what a scanner was told is safe is in the ledger, once.

Server, database, watcher and agent are killed with -9 at random moments, five each; thirty with
UNBROKEN_SOAK. The scanner is simulated on a pty; everything else is the real program.
"""

import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from app.accounts import places
from app.custody.drafts import Reading
from app.custody.ledger import Sort
from app.custody.registry import New, register
from app.kernel.clock import system_clock
from app.kernel.postgres_embedded import Embedded
from app.kernel.postgres_roles import connect
from app.kernel.work import Actor
from hardware.scanner.simulated import SimulatedScanner
from tests.builders.people import NORTH, make_places
from tests.builders.programs import COMMAND, PATIENCE, run, surroundings, until
from tests.builders.work import make_work
from tests.counts import SOAK
from tests.watch_over import watched_over

pytestmark = pytest.mark.slow

MOMENTS = 30 if SOAK else 5
TUBES = MOMENTS * 4 * 300
PAUSE = (0.2, 0.8)
PACE = 0.04  # seconds between two pulls of the trigger


@dataclass
class Plant:
    """Every program of one site and its biobank, each by name, on one data folder."""

    folder: Path
    token: Path
    station: str
    scanner: str
    port: int
    programs: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str) -> None:
        """Start a program; it need not be ready when this returns."""
        log = (self.folder / f"{name}.log").open("ab")
        with log:
            self.programs[name] = subprocess.Popen(
                self._command(name),
                env={**surroundings(self.folder), "UNBROKEN_PORT": str(self.port)},
                stdout=log,
                stderr=log,
            )

    def _command(self, name: str) -> list[str]:
        if name in ("serve", "watch"):
            return [*COMMAND, name]
        return [
            *(sys.executable, "-m", "hardware", "run", "--station", self.station),
            *("--server", f"http://127.0.0.1:{self.port}", "--token-file", str(self.token)),
            *("--scanner", f"desk={self.scanner}", "--data", str(self.folder / "agent")),
        ]

    def kill(self, name: str) -> None:
        """End a program as a power cut would, and start it again."""
        if name == "database":
            pid = Embedded(self.folder).status().pid
            assert pid is not None
            os.kill(pid, signal.SIGKILL)
            run(self.folder, "db", "start")
            return
        program = self.programs[name]
        program.send_signal(signal.SIGKILL)
        program.wait(PATIENCE)
        self.start(name)

    def stop(self) -> None:
        for program in self.programs.values():
            program.kill()
            program.wait(PATIENCE)

    def waiting(self) -> int:
        """How many reads wait at the station."""
        told = subprocess.run(
            [
                sys.executable,
                "-m",
                "hardware",
                "queue",
                "--data",
                str(self.folder / "agent"),
                "--json",
            ],
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
        return len(json.loads(told.stdout)) if told.stdout.strip() else -1


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="unbroken-test-"))
    with watched_over(folder):
        try:
            yield folder
        finally:
            for log in sorted(folder.glob("*.log")):  # shown where the test fails
                sys.stdout.write(f"--- {log.name}\n{log.read_text(errors='replace')[-3000:]}\n")
            Embedded(folder).remove()
            shutil.rmtree(folder, ignore_errors=True)


def _furnish(folder: Path) -> tuple[str, str, list[str]]:
    """A station with its token, and tubes to scan."""
    assert run(folder, "migrate")[0] == 0
    engine = create_engine(Embedded(folder).runtime_url)
    with Session(engine) as session:
        work = make_work(session, clock=system_clock, actor=Actor(system=True))
        make_places(work)
        station = places.add_station(work, site=NORTH, unit="collection", title="Desk")
        token = places.give_token(work, station=station)
        reading = Reading(command=work.ids(), occurred_at=system_clock(), site=NORTH)
        news = [
            New(sort=Sort.TUBE, reading=reading, namespace="TB", ordinal=n) for n in range(TUBES)
        ]
        codes = [tube.code for tube in register(work, news)]
        session.commit()
    engine.dispose()
    return station, token, codes


def _scan_all(
    scanner: SimulatedScanner, codes: list[str], stop: threading.Event, safe: list[str]
) -> None:
    """Scan one tube after the other; remember each that the scanner was told is safe."""
    for code in codes:
        if stop.wait(PACE):
            return
        if scanner.answer_to(scanner.scan(code)) == "ack":
            safe.append(code)


def test_nothing_a_scanner_was_told_is_safe_is_lost_or_doubled(folder: Path) -> None:
    station, token, codes = _furnish(folder)
    token_file = folder / "token"
    token_file.write_text(token)
    token_file.chmod(0o600)
    safe: list[str] = []
    stop = threading.Event()
    with ExitStack() as stack:
        scanner = stack.enter_context(SimulatedScanner(seed=1))
        plant = Plant(folder, token_file, station, scanner.device, _free_port())
        stack.callback(plant.stop)
        for name in ("serve", "watch", "agent"):
            plant.start(name)
        until(lambda: plant.waiting() == 0)
        scanning = threading.Thread(target=_scan_all, args=(scanner, codes, stop, safe))
        scanning.start()
        stack.callback(scanning.join)
        stack.callback(stop.set)
        _kill_at_random_moments(plant, safe)
        stop.set()
        scanning.join()
        until(lambda: plant.waiting() == 0)

    assert len(safe) > MOMENTS
    assert _times_in_ledger(folder, safe) == dict.fromkeys(safe, 1)
    assert run(folder, "verify")[0] == 0


def _kill_at_random_moments(plant: Plant, safe: list[str]) -> None:
    dice = random.Random(7)
    targets = ["serve", "database", "watch", "agent"] * MOMENTS
    dice.shuffle(targets)
    for target in targets:
        seen = len(safe)
        until(lambda seen=seen: len(safe) > seen)  # type: ignore[misc] # bound to this turn
        _let_pass(dice.uniform(*PAUSE))
        plant.kill(target)


def _let_pass(seconds: float) -> None:
    end = time.monotonic() + seconds
    until(lambda: time.monotonic() >= end)


def _times_in_ledger(folder: Path, codes: list[str]) -> dict[str, int]:
    with connect(Embedded(folder).owner_url) as connection:
        rows = connection.execute(
            "SELECT s.code, count(*) FROM custody_event e JOIN subject s ON s.id = e.subject_id"
            " WHERE e.kind = 'READ' AND s.code = ANY(%s) GROUP BY s.code",
            (codes,),
        ).fetchall()
    return {str(code): int(count) for code, count in rows}
