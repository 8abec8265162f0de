"""The walk-through of the documentation, run as it stands against a server of its own."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.kernel.clock import system_clock
from app.simulation.home import DemoHome, Memory
from tests.builders.programs import running, surroundings

DOCUMENT = Path(__file__).parents[2] / "docs" / "walkthrough.md"
PATIENCE = 120
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not (shutil.which("bash") and shutil.which("curl")),
        reason="the walk-through needs bash and curl: sudo apt-get install curl",
    ),
]


@pytest.fixture
def folder() -> Iterator[Path]:
    """A demo's folder, before the first participant; at the end nothing of it is left."""
    made = Path(tempfile.mkdtemp(prefix="unbroken-walk-"))
    home = DemoHome(folder=made)
    try:
        home.open()
        with home.world(now=system_clock) as world:
            home.remember(Memory(cast=world.begin()))
        yield made
    finally:
        home.database.remove()
        shutil.rmtree(made)


def commands() -> str:
    """Every line of the document that is meant for a shell."""
    return "\n".join(re.findall(r"```sh\n(.*?)```", DOCUMENT.read_text(), re.DOTALL))


def walk(folder: Path, url: str) -> "subprocess.CompletedProcess[str]":
    tools = folder / "bin"
    tools.mkdir()
    command = tools / "unbroken"
    command.write_text(f"#!{sys.executable}\nfrom app.cli import main\n\nmain()\n")
    command.chmod(0o755)
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", commands()],
        env={
            **surroundings(folder),
            "API": f"{url}/api/v1",
            "PATH": os.pathsep.join(
                (str(tools), str(Path(sys.executable).parent), os.environ["PATH"])
            ),
            "PYTHONPATH": str(DOCUMENT.parents[1]),
            "TMPDIR": str(folder),
        },
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )


def test_every_command_of_it_does_what_it_says(folder: Path) -> None:
    with running(folder, "serve") as (ready, _):
        done = walk(folder, str(ready["url"]))

    assert done.returncode == 0, done.stdout + done.stderr
    said = done.stdout.splitlines()
    assert said.count("accepted") >= 20
    assert "stop" not in said
    assert "refused" not in said
    assert "G43" in done.stdout
    assert said[-1].endswith("unbroken")
