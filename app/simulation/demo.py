"""The demo: a programme to try on one machine, with everything running and devices simulated."""

import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from app.kernel.clock import system_clock
from app.simulation import parts
from app.simulation.cast import BB1, Cast
from app.simulation.home import DemoHome, Memory
from app.simulation.programs import Company
from app.simulation.world import FORGOTTEN, LATE, MISSING, WITHDRAWN, World

Tell = Callable[[str], None]
Progress = Callable[[int, int], None]
STATIONS = (("BRK", "collection"), (BB1, "dock"))


def run(folder: Path, *, port: int, reset: bool, tell: Tell, progress: Progress) -> None:
    """Run the demo in this folder until Ctrl+C or SIGTERM.

    Raises NotADemo, AlreadyRuns, NotReady, DiesAgain.
    """
    home = DemoHome(folder=folder)
    with home.alone(), _told_to_stop() as stopping:
        if reset:
            tell("Starting over")
            home.clear()
        ran = home.database.is_running()
        try:
            with Company(folder / "logs", tell=tell) as company:
                _run(home, company, port=port, tell=tell, progress=progress, stopping=stopping)
        except _Stopped:
            pass
        finally:
            if not ran:
                home.database.stop()
        tell("Stopped. The data stays; the next start goes on with it")


class _Stopped(Exception):
    """Ctrl+C or SIGTERM, before everything was running."""


@contextmanager
def _told_to_stop() -> Iterator[threading.Event]:
    """Ctrl+C and SIGTERM say stop: at once while things begin, in order once they run."""
    stopping = threading.Event()

    def stop(*_: object) -> None:
        if not stopping.is_set():
            stopping.set()
            raise _Stopped

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stopping
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _run(
    home: DemoHome,
    company: Company,
    *,
    port: int,
    tell: Tell,
    progress: Progress,
    stopping: threading.Event,
) -> None:
    home.open()
    memory = home.remembered()
    if memory is not None and not memory.told:
        tell("The story of this demo was interrupted; it is told again from the start")
        home.clear()
        home.open()
        memory = None
    around = parts.surroundings_of(home.folder)
    port = free_port(port)
    if memory is None:
        with home.world(now=system_clock) as world:
            memory = Memory(cast=world.begin())
            home.remember(memory)
            url = parts.serve(company, port=port, surroundings=around)
            tell("\n".join(_who(url, memory.cast)))
            tell("\nA week of the programme is being played; pages fill as it goes on.")
            world.play(progress)
            memory = replace(memory, told=True, codes=codes_of(world))
            home.remember(memory)
    else:
        url = parts.serve(company, port=port, surroundings=around)
        tell("\n".join(_who(url, memory.cast)))
    parts.watch(company, surroundings=around)
    stations = [
        parts.station(
            company, memory.cast.station(*where), url=url, folder=home.folder / "stations"
        )
        for where in STATIONS
    ]
    tell("\n".join(_to_try(url, memory, stations)))
    company.look_after(stopping)


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


def codes_of(world: World) -> dict[str, str]:
    """The codes of what went wrong, and of something that is waiting to be done."""
    missing, withdrawn = world.loads[MISSING], world.loads[WITHDRAWN]
    forgotten, late = world.loads[FORGOTTEN], world.loads[LATE]
    codes = {
        "missing": missing.tubes[3].code,
        "withdrawn": withdrawn.kits[0].drawn[0].code,
        "stored": missing.tubes[0].code,
    }
    codes |= {"forgotten": forgotten.box.code} if forgotten.box else {}
    codes |= {"late": late.package.code} if late.package else {}
    return codes


def _who(url: str, cast: Cast) -> Iterator[str]:
    yield f"\nUnbroken answers at {url}\n"
    yield f"  {'sign in as':<14}{'password':<20}role"
    for login in cast.logins:
        yield f"  {login.login:<14}{login.password:<20}{login.role.replace('_', ' ')}"


def _to_try(url: str, memory: Memory, stations: list[parts.Station]) -> Iterator[str]:
    codes = memory.codes
    yield "\nFive things to try (sign in as manager, unless it says otherwise):"
    yield f"  1. A package is late: {url}/alarms names who has {codes['late']}."
    yield f"  2. A tube is missing: open {codes['missing']} and see the gap in its timeline."
    yield f"  3. A box was packed and forgotten: {codes['forgotten']}."
    yield f"  4. Somebody withdrew, and a tube was moved afterwards: {codes['withdrawn']}."
    yield f"  5. Scan {codes['stored']} at the dock, as the simulated scanner there would:"
    yield f"       {_pull(stations[-1], codes['stored'])}"
    yield f"     and at the clinic: {_pull(stations[0], codes['withdrawn'])}"
    yield "\nCtrl+C stops everything."


def _pull(station: parts.Station, code: str) -> str:
    """A line for a shell that pulls the trigger of a simulated scanner and shows its answer."""
    where = station.control.replace(":", "/")
    return f"bash -c 'exec 3<>/dev/tcp/{where}; echo scan {code} >&3; head -1 <&3'"
