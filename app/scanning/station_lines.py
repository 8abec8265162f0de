"""How a station is, in words for its pages: in one line, and device by device."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext
from sqlalchemy import select

from app.accounts.models import Station
from app.accounts.rights import ANY
from app.kernel.sql import ask
from app.kernel.work import Work
from app.scanning import devices
from app.web.device_words import device_words

LIVE_SECONDS = 1  # with what its agent needs, a lid is told within 2 s of being opened
# What 95 of 100 reads at a scanner should stay below.
KEPT_MS, ANSWERED_MS = 60, 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """The last that a station said of itself."""

    heard_at: datetime
    queue: int
    oldest_at: datetime | None
    conflicts: int
    devices: Mapping[str, str]
    latencies: Mapping[str, Mapping[str, int | None]]


def stations_of(unit: Work, sites: Collection[str]) -> list[Station]:
    """The stations of these sites, or of all where ANY is among them, by site and title."""
    wanted = select(Station).order_by(Station.site, Station.title, Station.code)
    if ANY not in sites:
        wanted = wanted.where(Station.site.in_(sites))
    return list(unit.session.scalars(wanted))


def told_by(unit: Work, codes: Sequence[str]) -> dict[str, Told]:
    """What each of these stations last said; one that has said nothing is left out."""
    rows = ask(
        unit.session,
        "SELECT station, heard_at, queue, oldest_at, conflicts, device_states, latencies"
        " FROM station_health WHERE station = ANY(%(codes)s)",
        codes=list(codes),
    )
    return {
        row[0]: Told(
            heard_at=row[1],
            queue=row[2],
            oldest_at=row[3],
            conflicts=row[4],
            devices=row[5],
            latencies=row[6],
        )
        for row in rows
    }


def line_of(unit: Work, station: Station, told: Told | None) -> dict[str, Any]:
    """What every page tells of a station: which it is, and in a word how it is."""
    words, tone, sign = _well(unit, station, told)
    return {
        "code": station.code,
        "title": station.title,
        "site": station.site,
        "href": f"/stations/{station.code}",
        "words": words,
        "tone": tone,
        "sign": sign,
        "heard_at": told.heard_at if told else None,
        "paired": station.key_hash is not None,
        "shut_out_at": station.revoked_at,
    }


def _well(unit: Work, station: Station, told: Told | None) -> tuple[str, str, str]:
    if station.revoked_at is not None:
        return gettext("Shut out"), "stop", "cross"
    if told is None:
        return gettext("No program has called yet"), "quiet", "wait"
    if unit.clock() - told.heard_at > devices.silence(unit):
        return gettext("Not heard of"), "stop", "cross"
    tones = {device_words(said).tone for said in told.devices.values()}
    if told.conflicts or tones & {"stop", "warn"}:
        return gettext("Needs a hand"), "warn", "high"
    return gettext("Working"), "ok", "check"


def devices_of(told: Told | None) -> list[dict[str, Any]]:
    """The station's devices by name, each in words."""
    if told is None:
        return []
    return [
        {
            "name": devices.short(name),
            "words": device_words(said),
            "waits": _waits(told.latencies.get(name)),
        }
        for name, said in sorted(told.devices.items())
    ]


def _waits(took: Mapping[str, int | None] | None) -> tuple[str, str, str] | None:
    """How long people wait at a scanner, and whether that is as it should be."""
    if took is None:
        return None
    kept, answered = took["stored_ms"] or 0, took["verdict_ms"]
    if answered is None:
        words = gettext("Kept in %(kept)s ms, no answer in time", kept=kept)
    else:
        words = gettext(
            "Kept in %(kept)s ms, answered in %(answered)s ms (95 of 100, of the last %(reads)s)",
            kept=kept,
            answered=answered,
            reads=took["reads"],
        )
    well = kept <= KEPT_MS and answered is not None and answered <= ANSWERED_MS
    return (words, "ok", "check") if well else (words, "warn", "high")
