"""The parts of a demo as programs: web server, watcher, stations with simulated devices."""

import json
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.simulation.cast import StationKey
from app.simulation.programs import Company, Program
from hardware.scanner.control import RemoteScanner

CLI, AGENT = "app.cli", "hardware.__main__"
SCANNER, PRINTER = "hardware.scanner.simulator", "hardware.printer.simulator"


@dataclass(frozen=True, slots=True, kw_only=True)
class Station:
    """A station that runs: its key, and the addresses by which its devices are played with."""

    key: StationKey
    scanner: RemoteScanner
    control: str
    printer: str


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
    """Start a simulated scanner and printer, and the agent that looks after them."""
    name = f"{key.site}-{key.unit}".lower()
    home = folder / name
    home.mkdir(parents=True, exist_ok=True)
    token = home / "token"
    token.touch(mode=0o600)
    token.write_text(key.token)
    hand, paper = home / "scanner", home / "printer"
    scanner = _device(company, SCANNER, f"{name}-scanner", hand)
    printer = _device(company, PRINTER, f"{name}-printer", paper)
    arguments = ("run", "--server", url, "--station", key.code, "--token-file", str(token))
    devices = ("--scanner", f"hand={hand}", "--printer", f"labels={paper}")
    where = ("--data", str(home / "agent"), "--json")
    company.start(
        Program(name=f"{name}-agent", module=AGENT, arguments=(*arguments, *devices, *where))
    )
    return Station(key=key, scanner=RemoteScanner(scanner), control=scanner, printer=printer)


def _device(company: Company, module: str, name: str, link: Path) -> str:
    """Start a simulated device; the address that takes its commands."""
    # The same address when it has to be started again.
    arguments = ("--link", str(link), "--port", str(free_port(0)))
    ready = company.start(Program(name=name, module=module, arguments=arguments))
    return str(ready["control"])


def tell_of_printers(folder: Path, stations: Sequence[Station]) -> None:
    """Write down for the demo's own page where its printers take commands."""
    where = {each.key.code: each.printer for each in stations}
    (folder / "devices.json").write_text(json.dumps(where), encoding="utf-8")


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
