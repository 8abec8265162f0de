"""Which reads of a station's scanners a page has not heard of yet, each device in its own order."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.kernel.sql import ask
from app.kernel.work import Work
from app.scanning.journal import answer_kept
from app.scanning.scan import Answer

MOST = 100  # of one device at a time: after a long outage a page asks again
SURE_MS = 500  # a clock known less well than this says nothing of a way of milliseconds
LONGEST = timedelta(hours=12)  # no page is older: nobody is signed in for longer


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Since when a page wants to hear: since the server made it."""

    since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One read as it was answered: of which device, at which place of its order, what it sent.

    `took_ms` is from the read to the server, or None where the station's clock is too uncertain.
    """

    device_id: str
    device_seq: int
    raw: str
    symbology: str | None
    took_ms: int | None
    answer: Answer


def earliest(since: datetime | None, *, now: datetime) -> datetime:
    """From when on a page hears, that asks for the first time."""
    return now if since is None else max(since, now - LONGEST)


def starts(work: Work, station: str, *, since: datetime) -> dict[str, int]:
    """For each device that the station last named, its last read before this moment, or 0."""
    rows = ask(
        work.session,
        "SELECT device.id, coalesce((SELECT device_seq FROM scan WHERE device_id = device.id"
        " AND received_at < %(since)s ORDER BY device_seq DESC LIMIT 1), 0)"
        " FROM station_health h CROSS JOIN jsonb_object_keys(h.device_states) AS device(id)"
        " WHERE h.station = %(station)s",
        station=station,
        since=since,
    )
    return {row[0]: row[1] for row in rows}


def reads_after(work: Work, station: str, upto: Mapping[str, int]) -> list[Heard]:
    """The reads after these places that were answered for good, the earliest first."""
    rows = ask(
        work.session,
        "SELECT s.device_id, s.device_seq, s.raw, s.symbology, s.id, s.answer,"
        " CASE WHEN s.uncertainty_ms <= %(sure)s"
        "  THEN extract(epoch FROM s.received_at - s.occurred_at) * 1000 END"
        " FROM unnest(%(devices)s::text[], %(places)s::bigint[]) AS device(id, place)"
        " CROSS JOIN LATERAL (SELECT * FROM scan WHERE device_id = device.id"
        "  AND device_seq > device.place AND station = %(station)s AND verdict <> 'parked'"
        "  ORDER BY device_seq LIMIT %(most)s) AS s ORDER BY s.received_at, s.device_seq",
        devices=list(upto),
        places=list(upto.values()),
        station=station,
        most=MOST,
        sure=SURE_MS,
    )
    return [
        Heard(
            device_id=device,
            device_seq=place,
            raw=bytes(raw).decode("utf-8", "replace"),
            symbology=symbology,
            took_ms=None if took_ms is None else max(0, round(took_ms)),
            answer=answer_kept(id_, kept),
        )
        for device, place, raw, symbology, id_, kept, took_ms in rows
    ]


def goes_on(found: Sequence[Heard]) -> bool:
    """Whether there may be more of a device than these."""
    return MOST in Counter(one.device_id for one in found).values()
