"""The demo: a programme to try on one machine, with everything running and devices simulated."""

import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
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
        try:
            memory = _remembered(home, tell)
            with Company(folder / "logs", tell=tell) as company:
                demo = _Demo(
                    home=home, company=company, tell=tell, progress=progress, stopping=stopping
                )
                demo.run(memory, port=parts.free_port(port))
        except _Stopped:
            pass
        finally:
            home.database.stop()
        tell("Stopped. The data stays; the next start goes on with it")


class _Stopped(Exception):
    """Ctrl+C or SIGTERM, before everything was running."""


@contextmanager
def _told_to_stop() -> Iterator[threading.Event]:
    """Set by Ctrl+C and SIGTERM; looked at between two steps, so that none is broken in two."""
    stopping = threading.Event()
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, lambda *_: stopping.set()) for number in numbers}
    try:
        yield stopping
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _remembered(home: DemoHome, tell: Tell) -> Memory | None:
    """What an earlier start left, with the database running; None where the story is to be told."""
    memory = home.remembered()
    if memory is not None and memory.told:
        home.open()
        return memory
    if not home.empty:
        tell("The story of this demo was interrupted; it is told again from the start")
        home.clear()
    home.open()
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Demo:
    home: DemoHome
    company: Company
    tell: Tell
    progress: Progress
    stopping: threading.Event

    def run(self, memory: Memory | None, *, port: int) -> None:
        """Start everything, pages first; look after it until told to stop."""
        around = parts.surroundings_of(self.home.folder)
        self._go_on()
        if memory is None:
            with self.home.world(now=system_clock) as world:
                memory = Memory(cast=world.begin())
                self.home.remember(memory)
                url = self._serve(memory.cast, port, around)
                self.tell("\nA week of the programme is being played; pages fill as it goes on.")
                world.play(self._played)
                memory = replace(memory, told=True, codes=codes_of(world))
                self.home.remember(memory)
        else:
            url = self._serve(memory.cast, port, around)
        self._go_on()
        parts.watch(self.company, surroundings=around)
        folder, stations = self.home.folder / "stations", []
        for where in STATIONS:
            self._go_on()
            key = memory.cast.station(*where)
            stations.append(parts.station(self.company, key, url=url, folder=folder))
        parts.tell_of_printers(folder, stations)
        self.tell("\n".join(_to_try(url, memory, stations)))
        self.company.look_after(self.stopping)

    def _serve(self, cast: Cast, port: int, around: Mapping[str, str]) -> str:
        self._go_on()
        url = parts.serve(self.company, port=port, surroundings=around)
        self.tell("\n".join(_who(url, cast)))
        return url

    def _played(self, done: int, of: int) -> None:
        self._go_on()
        self.progress(done, of)

    def _go_on(self) -> None:
        if self.stopping.is_set():
            raise _Stopped


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
    yield "\nAnd labels: open a kit as phlebotomist, choose Labels, print; end the roll meanwhile:"
    yield f"       {_tell(stations[0].printer, 'end_roll')}"
    yield "     and put in another one with refill; the page asks about the one that was cut off."
    yield "\nCtrl+C stops everything."


def _pull(station: parts.Station, code: str) -> str:
    """A line for a shell that pulls the trigger of a simulated scanner and shows its answer."""
    return _tell(station.control, f"scan {code}")


def _tell(control: str, command: str) -> str:
    """A line for a shell that tells a simulated device what to do and shows its answer."""
    where = control.replace(":", "/")
    return f"bash -c 'exec 3<>/dev/tcp/{where}; echo {command} >&3; head -1 <&3'"
