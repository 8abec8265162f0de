"""`unbroken demo --check`: the demo's parts on free ports, and the whole journey through them."""

import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from app.kernel.clock import system_clock
from app.kernel.errors import HouseError
from app.kernel.ids import uuid7_source
from app.simulation import parts, short_limits
from app.simulation.cast import BB1, Cast
from app.simulation.chapters import tell
from app.simulation.home import DemoHome
from app.simulation.journey import BRK, Journey, People
from app.simulation.programs import Company, Program
from app.simulation.visitor import Visitor
from config import limits


@dataclass(slots=True, kw_only=True)
class Report:
    """What a check did and found; all is well where there are no complaints."""

    limits: list[str] = field(default_factory=list)
    found: dict[str, object] = field(default_factory=dict)
    verify: dict[str, object] = field(default_factory=dict)
    complaints: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def ok(self) -> bool:
        """Whether all is as it must be."""
        return not self.complaints


def check(*, say: Callable[[str], None]) -> Report:
    """Begin everything in a folder that is thrown away, tell the journey, end everything."""
    began, report = time.monotonic(), Report()

    def tell_when(words: str) -> None:
        say(f"{time.monotonic() - began:5.1f} s  {words}")

    folder = Path(tempfile.mkdtemp(prefix="unbroken-check-"))
    home = DemoHome(folder=folder / "data")
    try:
        with home.alone():
            try:
                _check(home, report, tell_when)
            finally:
                home.database.remove()
    except HouseError as error:
        report.complaints.append(f"{type(error).__name__}: {error}")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    report.seconds = round(time.monotonic() - began, 1)
    return report


def _check(home: DemoHome, report: Report, say: Callable[[str], None]) -> None:
    first = limits.load()
    short = short_limits.shortened(first)
    file = home.folder / "limits.toml"
    short_limits.write(short, file)
    report.limits += [f"version {short.version}, {short.sop_version}", *short.changed_from(first)]
    home.open()
    with home.world(now=system_clock) as world:
        cast = world.begin()
    around = parts.surroundings_of(home.folder, limits=file)
    with Company(home.folder / "logs", tell=say) as company:
        url = parts.serve(company, port=0, surroundings=around)
        parts.watch(company, surroundings=around)
        chair, dock = (
            parts.station(company, cast.station(*which), url=url, folder=home.folder / "stations")
            for which in ((BRK, "collection"), (BB1, "dock"))
        )
        say(f"server, watcher and two stations run at {url}")
        story = Journey(
            people=_people(url, cast),
            chair=chair,
            dock=dock,
            clock=system_clock,
            pause=time.sleep,
            tell=say,
            found=report.found,
            complaints=report.complaints,
        )
        tell(story)
        report.verify |= company.start(
            Program(
                name="verify", module=parts.CLI, arguments=("verify", "--json"), surroundings=around
            )
        )
    story.expect("verify", report.verify.get("findings"), [])


def _people(url: str, cast: Cast) -> People:
    ids = uuid7_source(system_clock)

    def arrive(role: str) -> Visitor:
        who = cast.who(role)
        visitor = Visitor(url, name=who.login, clock=system_clock, ids=ids)
        visitor.sign_in(who.login, who.password)
        return visitor

    return People(
        phlebotomist=arrive("phlebotomist"),
        technician=arrive("technician"),
        manager=arrive("manager"),
    )
