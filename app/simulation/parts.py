"""The parts of a demo as programs: web server, watcher, and stations with simulated scanners."""

import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from app.simulation.cast import StationKey
from app.simulation.programs import Company, Program
from hardware.scanner.control import RemoteScanner

CLI, AGENT, SCANNER = "app.cli", "hardware.__main__", "hardware.scanner.simulator"


@dataclass(frozen=True, slots=True, kw_only=True)
class Station:
    """A station that runs: its key, and the scanner in its hand, to pull its trigger."""

    key: StationKey
    scanner: RemoteScanner
    control: str


def serve(company: Company, *, port: int, surroundings: Mapping[str, str]) -> str:
    """Start the web server; its address."""
    ready = company.start(
        Program(
            name="server",
            module=CLI,
            arguments=("serve", "--port", str(port), "--json"),
            surroundings=surroundings,
        )
    )
    return str(ready["url"])


def watch(company: Company, *, surroundings: Mapping[str, str]) -> None:
    """Start the watcher."""
    company.start(
        Program(
            name="watcher", module=CLI, arguments=("watch", "--json"), surroundings=surroundings
        )
    )


def station(company: Company, key: StationKey, *, url: str, folder: Path) -> Station:
    """Start a simulated scanner and the agent that listens to it."""
    name = f"{key.site}-{key.unit}".lower()
    home = folder / name
    home.mkdir(parents=True, exist_ok=True)
    token = home / "token"
    token.touch(mode=0o600)
    token.write_text(key.token)
    link = home / "scanner"
    ready = company.start(
        Program(
            name=f"{name}-scanner",
            module=SCANNER,
            # The same address when it has to be started again.
            arguments=("--link", str(link), "--port", str(free_port(0))),
        )
    )
    arguments = ("run", "--server", url, "--station", key.code, "--token-file", str(token))
    where = ("--scanner", f"hand={link}", "--data", str(home / "agent"), "--json")
    company.start(Program(name=f"{name}-agent", module=AGENT, arguments=(*arguments, *where)))
    control = str(ready["control"])
    return Station(key=key, scanner=RemoteScanner(control), control=control)


def surroundings_of(data: Path, *, limits: Path | None = None) -> dict[str, str]:
    """What the server and the watcher of a demo are told by the environment."""
    told = {"UNBROKEN_DATA": str(data), "UNBROKEN_DEMO": "yes"}
    return told | ({"UNBROKEN_LIMITS": str(limits)} if limits is not None else {})


def free_port(wanted: int) -> int:
    """The port wanted, or another one where somebody listens there already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted))
        except OSError:
            probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
