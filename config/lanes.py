"""Sites, and the lanes between them: how long the way takes, and when it leaves."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time, timedelta
from pathlib import Path
from types import MappingProxyType
from zoneinfo import ZoneInfo

from config.reading import ConfigWrong, Table, once_each, read
from config.words import Words, words

FILE = Path(__file__).with_name("lanes.toml")
_TIME_OF_DAY = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
KINDS = ("collection", "mobile", "biobank", "partner")
TEMPERATURES = ("rt", "fridge", "minus20", "minus80", "ln2_vapour", "ln2_liquid", "dry_ice")


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A place of work, with its own time zone and hours."""

    code: str
    name: Words
    timezone: ZoneInfo
    kind: str
    opens: time
    closes: time
    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """The way from one site to another by one service."""

    source: str
    target: str
    service: str
    cut_off: time | None
    min_hours: float
    expected_hours: float
    max_hours: float
    temperature_class: str
    weekend_delivery: bool

    @property
    def shortest(self) -> timedelta:
        """Nothing arrives sooner."""
        return timedelta(hours=self.min_hours)

    @property
    def expected(self) -> timedelta:
        """When it is due, counted from the release."""
        return timedelta(hours=self.expected_hours)

    @property
    def longest(self) -> timedelta:
        """After this, one half of the hand-over is missing."""
        return timedelta(hours=self.max_hours)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lanes:
    """All sites by code, all lanes in order."""

    sites: Mapping[str, Site] = field(hash=False)
    lanes: tuple[Lane, ...]

    def between(self, source: str, target: str) -> tuple[Lane, ...]:
        """The lanes from one site to another, possibly none."""
        return tuple(way for way in self.lanes if (way.source, way.target) == (source, target))


def load(path: Path = FILE) -> Lanes:
    """Read and check sites and lanes; raises ConfigWrong."""
    table = read(path)
    table.whole("version", least=1)
    found = tuple(_site(inner) for inner in table.tables("site"))
    once_each((site.code for site in found), table.where)
    sites = {site.code: site for site in found}
    lanes = tuple(_lane(inner, sites) for inner in table.tables("lane"))
    names = (f"lane {lane.source} to {lane.target} by {lane.service}" for lane in lanes)
    once_each(names, table.where)
    table.done()
    return Lanes(sites=MappingProxyType(sites), lanes=lanes)


def _site(table: Table) -> Site:
    opens, closes = _hours(table, "working_hours")
    site = Site(
        code=table.text("code"),
        name=words(table, "name"),
        timezone=_zone(table, "timezone"),
        kind=table.one_of("kind", KINDS),
        opens=opens,
        closes=closes,
        latitude=table.number("latitude", least=-90),
        longitude=table.number("longitude", least=-180),
    )
    table.done()
    return site


def _lane(table: Table, sites: Mapping[str, Site]) -> Lane:
    cut_off = table.text_or_empty("cut_off")
    lane = Lane(
        source=table.one_of("from", sites),
        target=table.one_of("to", sites),
        service=table.text("service"),
        cut_off=_clock(table, "cut_off", cut_off) if cut_off else None,
        min_hours=table.number("min_hours"),
        expected_hours=table.number("expected_hours"),
        max_hours=table.number("max_hours"),
        temperature_class=table.one_of("temperature_class", TEMPERATURES),
        weekend_delivery=table.flag("weekend_delivery"),
    )
    table.done()
    if not lane.min_hours <= lane.expected_hours <= lane.max_hours:
        raise ConfigWrong(f"{table.where}: min_hours, expected_hours, max_hours must rise")
    return lane


def _zone(table: Table, key: str) -> ZoneInfo:
    name = table.text(key)
    try:
        return ZoneInfo(name)
    except (LookupError, ValueError, OSError) as error:
        raise table.wrong(key, f"this machine knows no time zone {name!r}") from error


def _hours(table: Table, key: str) -> tuple[time, time]:
    opens, _, closes = table.text(key).partition("-")
    return _clock(table, key, opens), _clock(table, key, closes)


def _clock(table: Table, key: str, text: str) -> time:
    if not _TIME_OF_DAY.fullmatch(text):
        raise table.wrong(key, f"{text!r} is no time of day like 08:00")
    return time.fromisoformat(text)
