"""How stations are, in their own words, and the moments when one has nothing left to send."""

from dataclasses import dataclass, field
from datetime import datetime

from psycopg.types.json import Jsonb

from app.custody import queries, service
from app.custody.drafts import Draft, Reading
from app.custody.ledger import Json, Kind, Mode, Sort
from app.custody.service import New
from app.kernel.errors import Forbidden
from app.kernel.sql import ask, do
from app.kernel.work import Work


class NotThatStation(Forbidden):
    """A station that speaks of another."""

    message = "A station speaks of itself alone"
    advice = "Check which station this computer was paired as"


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """What a station says of itself."""

    queue: int
    oldest_at: datetime | None = None
    conflicts: int = 0
    offset_ms: int | None = None
    device_states: dict[str, str] = field(default_factory=dict)


def hear(work: Work, *, station: str, said: Health) -> None:
    """Keep what a station says; note in its story when its queue fills and when it is empty.

    Rules wait for what may still be under way from a station whose queue is not empty.
    Raises NotThatStation.
    """
    if work.actor.station != station:
        raise NotThatStation
    now = work.clock()
    rows = ask(
        work.session,
        "SELECT queue FROM station_health WHERE station = %(station)s FOR UPDATE",
        station=station,
    )
    before = rows[0][0] if rows else None
    do(
        work.session,
        "INSERT INTO station_health"
        " (station, heard_at, queue, oldest_at, conflicts, device_states)"
        " VALUES (%(station)s, %(now)s, %(queue)s, %(oldest)s, %(conflicts)s, %(states)s)"
        " ON CONFLICT (station) DO UPDATE SET heard_at = EXCLUDED.heard_at,"
        " queue = EXCLUDED.queue, oldest_at = EXCLUDED.oldest_at,"
        " conflicts = EXCLUDED.conflicts, device_states = EXCLUDED.device_states",
        station=station,
        now=now,
        queue=said.queue,
        oldest=said.oldest_at,
        conflicts=said.conflicts,
        states=Jsonb(dict(said.device_states)),
    )
    if before is None or (before == 0) != (said.queue == 0):
        _note(work, station, said, now=now)


def _note(work: Work, station: str, said: Health, *, now: datetime) -> None:
    facts: dict[str, Json] = {"state": "waiting" if said.queue else "empty"}
    if said.offset_ms is not None:
        facts["offset_ms"] = said.offset_ms
    reading = Reading(
        command=work.ids(),
        occurred_at=now,
        site=work.actor.site,
        station=station,
        mode=Mode.SYSTEM,
    )
    service.append(
        work,
        [
            Draft(
                subject=subject_of_station(work, station, reading),
                kind=Kind.QUEUE_STATE,
                reading=reading,
                facts=facts,
            )
        ],
    )


def subject_of_station(work: Work, station: str, reading: Reading) -> int:
    """The subject a station is; it gets its story the first time there is something to tell."""
    known = queries.subject_of(work.session, station)
    if known is not None:
        return known.id
    new = New(sort=Sort.STATION, reading=reading, namespace="ST", code=station, ordinal=REGISTERED)
    return service.register(work, [new])[0].id


REGISTERED = 900
