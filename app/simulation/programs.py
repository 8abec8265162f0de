"""Starts the programs a demo consists of, waits until each is ready, and ends them by their pid.

Each says one line of JSON on its standard output when it is ready; what else it says goes to a
log. One that dies is told of and started again; one that dies again and again ends the demo.
"""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from app.kernel.errors import Unavailable
from config.settings import PREFIX

CHILD = (sys.executable, "-m", "app.simulation.child")
READY_SECONDS, END_SECONDS, LOOK_SECONDS = 60.0, 10.0, 0.2
DEATHS_MAX = 3
Ready = Mapping[str, object]


class NotReady(Unavailable):
    """A program of the demo did not start."""

    message = "%(name)s did not start: %(said)s"
    advice = "Read its log: %(log)s"


class DiesAgain(Unavailable):
    """A program of the demo ends again and again."""

    message = "%(name)s has ended %(times)s times"
    advice = "Read its log: %(log)s"


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """What to run; `module` is the one whose `main` is called."""

    name: str
    module: str
    arguments: Sequence[str]
    surroundings: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Running:
    """A program that was started: its process, its log, what it said when it was ready."""

    program: Program
    log: Path
    process: subprocess.Popen[str]
    ready: Ready = field(default_factory=dict)
    reader: threading.Thread | None = None
    deaths: int = 0


class Company:
    """The programs of one demo. Use it in a `with` block: at its end all of them have ended."""

    def __init__(self, logs: Path, *, tell: Callable[[str], None]) -> None:
        self._logs, self._tell = logs, tell
        self._running: list[Running] = []
        logs.mkdir(parents=True, exist_ok=True)

    def __enter__(self) -> "Company":
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def start(self, program: Program) -> Ready:
        """Start it and wait until it is ready; what it said then. Raises NotReady."""
        running = self._begin(program)
        self._running.append(running)
        running.ready = self._wait(running)
        return running.ready

    def look_after(self, stopping: threading.Event) -> None:
        """Until told to stop: start again what died. Raises DiesAgain, NotReady."""
        while not stopping.wait(LOOK_SECONDS):
            for running in self._running:
                if running.process.poll() is not None:
                    self._revive(running)

    def pids(self) -> dict[str, int]:
        """The process of each program, by its name."""
        return {running.program.name: running.process.pid for running in self._running}

    def end(self) -> None:
        """End them, the last first; one that does not go is killed."""
        for running in reversed(self._running):
            running.process.terminate()
        for running in reversed(self._running):
            try:
                running.process.wait(END_SECONDS)
            except subprocess.TimeoutExpired:
                self._tell(f"{running.program.name} did not end and is killed")
                running.process.kill()
                running.process.wait()
        for running in self._running:
            _let_go(running)
        self._running.clear()

    def _begin(self, program: Program) -> Running:
        log = self._logs / f"{program.name}.log"
        with log.open("a") as errors:
            process = subprocess.Popen(  # noqa: S603 - our own modules
                [*CHILD, program.module, *program.arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                env=_surroundings(program),
                # Ctrl+C is for the demo, which then ends its programs in order.
                start_new_session=True,
            )
        return Running(program=program, log=log, process=process)

    def _wait(self, running: Running) -> Ready:
        said: list[str] = []
        stream = running.process.stdout
        if stream is None:
            raise ValueError("a program was started without a pipe")
        reader = threading.Thread(target=_listen, args=(stream, said, running.log), daemon=True)
        running.reader = reader
        reader.start()
        deadline = time.monotonic() + READY_SECONDS
        while not said and running.process.poll() is None and time.monotonic() < deadline:
            reader.join(LOOK_SECONDS / 4)
        if not said:
            reader.join(LOOK_SECONDS)
        try:
            ready = json.loads(said[0])
        except (IndexError, ValueError):
            ready = None
        if not isinstance(ready, dict) or ready.get("ok") is False or "error" in ready:
            name = running.program.name
            raise NotReady(name=name, said=(said or ["nothing"])[0].strip(), log=str(running.log))
        return ready

    def _revive(self, running: Running) -> None:
        name, code = running.program.name, running.process.returncode
        running.deaths += 1
        if running.deaths > DEATHS_MAX:
            raise DiesAgain(name=name, times=running.deaths, log=str(running.log))
        self._tell(f"{name} has ended ({code}) and is started again; its log is {running.log}")
        _let_go(running)
        fresh = self._begin(running.program)
        running.process, running.reader = fresh.process, None
        try:
            running.ready = self._wait(running)
        except NotReady:
            if running.process.poll() is None:
                raise
            # It died once more: the next look counts that.


def _let_go(running: Running) -> None:
    """Close the pipes of a program that has ended."""
    if running.process.stdin is not None:
        running.process.stdin.close()
    if running.reader is not None:
        running.reader.join()
    if running.process.stdout is not None:
        running.process.stdout.close()


def _surroundings(program: Program) -> dict[str, str]:
    """What this house is told by the environment is the demo's to say, and nobody else's."""
    others = {name: text for name, text in os.environ.items() if not name.startswith(PREFIX)}
    return {**others, **program.surroundings}


def _listen(stream: IO[str], said: list[str], log: Path) -> None:
    """The first line is kept; the rest goes where the errors go."""
    said += [line for line in [stream.readline()] if line]
    with log.open("a") as rest:
        for line in stream:
            rest.write(line)
            rest.flush()
