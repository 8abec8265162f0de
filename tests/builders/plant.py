"""A server and the agents of its station as programs of their own, to be killed and started again.

Agents reach the server by a way that can be cut. The bench works on the same database from within
the test: it furnishes, and looks. `moved` names the programs that go by the clock of the test.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from app.simulation.programs import CHILD
from tests.app.scanning.bench import Bench
from tests.builders.programs import PATIENCE
from tests.builders.relay import Relay
from tests.builders.site import Site
from tests.conftest import TestDatabase
from tests.fakes.moved_clock import MovedClock

ROOT = Path(__file__).parents[2]
SERVER = "server"


class Plant:
    """Use it in a `with` block: at its end all programs have ended."""

    def __init__(self, folder: Path, database: TestDatabase, *, moved: frozenset[str]) -> None:
        self.folder, self._database, self._moved = folder, database, moved
        self._clock_file = str(folder / "clock.json")
        self.clock = MovedClock(Path(self._clock_file))
        site = Site(folder=folder, database=database.runtime_url, clock=self.clock)
        self.bench = Bench(site, self.clock)
        self.relay = Relay()
        self._programs: dict[str, subprocess.Popen[str]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for name in list(self._programs):
            self.kill(name)
        self.relay.close()
        self.bench.site.close()
        for log in sorted(self.folder.glob("*.log")):  # shown where the test fails
            sys.stdout.write(f"--- {log.name}\n{log.read_text(errors='replace')[-3000:]}\n")

    def start(self, name: str) -> Mapping[str, Any]:
        """Start the server, or an agent that was set up; what it said when it was ready."""
        command = self._serve() if name == SERVER else self._run_agent(name)
        with (self.folder / f"{name}.log").open("a") as log:
            program = subprocess.Popen(
                [*CHILD, *command],
                cwd=ROOT,
                env=os.environ | self._surroundings(),
                stdin=subprocess.PIPE,  # it ends when this test does, however that ends
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        self._programs[name] = program
        assert program.stdout is not None
        ready: Mapping[str, Any] = json.loads(program.stdout.readline())
        if name == SERVER:
            address = urlsplit(ready["url"])
            self.relay.lead_to(str(address.hostname), address.port or 0)
        return ready

    def kill(self, name: str) -> None:
        """End a program as a power cut would."""
        self._end(name, signal.SIGKILL)

    def stop(self, name: str) -> None:
        """Ask a program to end."""
        self._end(name, signal.SIGTERM)

    def pid(self, name: str) -> int:
        return self._programs[name].pid

    def data(self, agent: str) -> Path:
        """The folder where an agent keeps what it must not lose."""
        return self.folder / f"{agent}-data"

    def set_up(self, agent: str, *, paired: bool = False, **devices: str) -> None:
        """Write an agent's file: `scanner` and `printer` by the path of each, called after both.

        One that is `paired` finds the rest in its data folder.
        """
        told = {"data": str(self.data(agent))}
        if not paired:
            token = self.folder / "token"
            token.write_text(self.bench.token)
            token.chmod(0o600)
            told |= {
                "server": self.relay.url,
                "station": self.bench.station,
                "token_file": str(token),
            }
        lines = [f"{key} = {json.dumps(value)}" for key, value in told.items()]
        lines += [
            f"{kind} = {json.dumps([f'{agent}-{kind}={path}'])}" for kind, path in devices.items()
        ]
        self._config(agent).write_text("\n".join(lines) + "\n")

    def _end(self, name: str, number: signal.Signals) -> None:
        program = self._programs.pop(name)
        program.send_signal(number)
        program.wait(PATIENCE)
        for pipe in (program.stdin, program.stdout):
            if pipe is not None:
                pipe.close()

    def _config(self, agent: str) -> Path:
        return self.folder / f"{agent}.toml"

    def _serve(self) -> list[str]:
        if SERVER in self._moved:
            return ["tests.builders.moved_server", self._clock_file]
        return ["app.cli", "serve", "--json"]

    def _run_agent(self, name: str) -> list[str]:
        if name in self._moved:
            return ["tests.builders.moved_agent", self._clock_file, str(self._config(name))]
        return ["hardware.__main__", "run", "--json", "--config", str(self._config(name))]

    def _surroundings(self) -> dict[str, str]:
        runtime, owner = self._database.runtime_url, self._database.owner_url
        return {
            "UNBROKEN_DATA": str(self.folder),
            "UNBROKEN_PORT": "0",
            "UNBROKEN_DATABASE_URL": runtime.render_as_string(hide_password=False),
            "UNBROKEN_OWNER_DATABASE_URL": owner.render_as_string(hide_password=False),
        }
