"""How stations are, in their own words, and the moments when one has nothing left to send."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from psycopg.types.json import Jsonb

from app.custody.ledger import Json, Kind
from app.custody.settling import EMPTY, waited_for
from app.custody.station_story import tell
from app.kernel.errors import Forbidden
from app.kernel.limits import Limits
from app.kernel.sql import ask, do
from app.kernel.work import Work
from app.scanning import devices

SKEW_LIMITS = ("skew_p3_seconds", "skew_batch_minutes_max")


class NotThatStation(Forbidden):
    """A station that speaks of another."""

    message = "A station speaks of itself alone"
    advice = "Check which station this computer was paired as"


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """What 95 of the last `reads` at a scanner stayed below, in milliseconds: kept, and judged."""

    reads: int
    stored_ms: int
    verdict_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """What a station says of itself; `leaving` is the last word of a program that was stopped."""

    queue: int
    oldest_at: datetime | None = None
    conflicts: int = 0
    offset_ms: int | None = None
    device_states: dict[str, str] = field(default_factory=dict)
    leaving: bool = False
    latencies: dict[str, Latency] = field(default_factory=dict)


class Before(NamedTuple):
    """What it said the time before; the clock's offset of the last time it knew one."""

    queue: int
    offset_ms: int | None
    heard_at: datetime
    conflicts: int
    noted: Mapping[str, str]


def hear(work: Work, *, station: str, said: Health) -> None:
    """Keep what a station says; note in its story what bears on gaps:

    that its queue fills or is empty, that it is empty while a gap settles that it may help end,
    that reads conflict or no longer do, that its clock has gone beyond a limit or come back, and
    that a device of it has gone away or come back.
    Raises NotThatStation.
    """
    if work.actor.station != station:
        raise NotThatStation
    now = work.clock()
    rows = ask(
        work.session,
        "SELECT queue, offset_ms, heard_at, conflicts, noted FROM station_health"
        " WHERE station = %(station)s FOR UPDATE",
        station=station,
    )
    before = Before(*rows[0]) if rows else None
    _keep(work, station, said, now=now)
    if before is None or _news(work, station, before, said, now=now):
        _note(work, station, said)
    noted = before.noted if before else {}
    news = {
        **devices.news_of_report(noted, said.device_states),
        **devices.news_of_reads(work, noted, said.device_states),
    }
    devices.note(work, station=station, site=work.actor.site, noted=noted, news=news)


def _keep(work: Work, station: str, said: Health, *, now: datetime) -> None:
    do(
        work.session,
        "INSERT INTO station_health"
        " (station, heard_at, queue, oldest_at, conflicts, offset_ms, device_states, away, noted,"
        "  latencies)"
        " VALUES (%(station)s, %(now)s, %(queue)s, %(oldest)s, %(conflicts)s, %(offset)s,"
        " %(states)s, %(away)s, '{}', %(latencies)s)"
        " ON CONFLICT (station) DO UPDATE SET heard_at = EXCLUDED.heard_at,"
        " queue = EXCLUDED.queue, oldest_at = EXCLUDED.oldest_at,"
        " conflicts = EXCLUDED.conflicts, device_states = EXCLUDED.device_states,"
        " away = EXCLUDED.away, latencies = EXCLUDED.latencies,"
        " offset_ms = coalesce(EXCLUDED.offset_ms, station_health.offset_ms)",
        station=station,
        now=now,
        queue=said.queue,
        oldest=said.oldest_at,
        conflicts=said.conflicts,
        offset=said.offset_ms,
        states=Jsonb(dict(said.device_states)),
        away=said.leaving,
        latencies=Jsonb({name: asdict(each) for name, each in said.latencies.items()}),
    )


def _news(work: Work, station: str, before: Before, said: Health, *, now: datetime) -> bool:
    """Whether a report is worth an entry: rules and the settling of gaps read nothing else."""
    if (before.queue == 0) != (said.queue == 0):
        return True
    if (before.conflicts == 0) != (said.conflicts == 0):
        return True
    if said.offset_ms is not None:
        then, today = work.limits.at(before.heard_at), work.limits.at(now)
        if _skewed(before.offset_ms, then) != _skewed(said.offset_ms, today):
            return True
    site = work.actor.site
    return said.queue == 0 and site is not None and waited_for(work, station=station, site=site)


def _skewed(offset_ms: int | None, limits: Limits) -> int | None:
    """How many of the limits of G21 a clock is beyond, by which its gap comes, grows and goes."""
    if offset_ms is None:
        return None
    skew = timedelta(milliseconds=abs(offset_ms))
    return sum(skew > limits.span("G21", key) for key in SKEW_LIMITS)


def _note(work: Work, station: str, said: Health) -> None:
    facts: dict[str, Json] = {"state": "waiting" if said.queue else EMPTY}
    if said.conflicts:
        facts["conflicts"] = said.conflicts
    if said.offset_ms is not None:
        facts["offset_ms"] = said.offset_ms
    tell(work, station=station, site=work.actor.site, told=[(Kind.QUEUE_STATE, facts)])
