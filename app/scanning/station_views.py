"""The pages of stations: which there are; of each its devices, queue, last reads and pairing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select

from app.accounts.models import Station
from app.accounts.rights import ANY, demand, demand_somewhere, may, sites_where
from app.kernel.sql import ask
from app.kernel.work import Work
from app.scanning import devices
from app.scanning.tasks import StationUnknown
from app.web import guard
from app.web.device_words import device_words
from app.web.door import door
from app.web.work import work

blueprint = Blueprint("stations", __name__)

LIVE_SECONDS = 1  # with what its agent needs, a lid is told within 2 s of being opened
READS_SHOWN = 8
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


@blueprint.get("/stations")
@guard.signed_in
def stations() -> ResponseReturnValue:
    """The stations of the sites you read or look after, and whether each is well."""
    unit = work()
    sites = sites_where(unit.actor, "station.manage")
    if not sites:
        demand_somewhere(unit, "subject.read")
    sites |= sites_where(unit.actor, "subject.read")
    wanted = select(Station).order_by(Station.site, Station.title, Station.code)
    if ANY not in sites:
        wanted = wanted.where(Station.site.in_(sites))
    found = list(unit.session.scalars(wanted))
    told = _told(unit, [one.code for one in found])
    return render_template(
        "scanning/stations.html",
        stations=[_line(unit, one, told.get(one.code)) for one in found],
        prints=bool(sites_where(unit.actor, "labels.print")),
        live=LIVE_SECONDS,
    )


@blueprint.get("/stations/<code>")
@guard.signed_in
def station(code: str) -> ResponseReturnValue:
    """One station: its devices, what waits there, what it read last, and its computer's pairing."""
    unit = work()
    found = unit.session.get(Station, code)
    if found is None:
        raise StationUnknown
    manages = may(unit.actor, "station.manage", site=found.site)
    reads = may(unit.actor, "subject.read", site=found.site)
    if not manages:
        demand(unit, "subject.read", site=found.site)
    told = _told(unit, [code]).get(code)
    return render_template(
        "scanning/station.html",
        station=_line(unit, found, told),
        told=told,
        devices=_devices(told),
        reads=_reads(unit, told) if reads else None,
        prints=may(unit.actor, "labels.print", site=found.site),
        manages=manages,
        server=f"{'https' if door().https else 'http'}://{request.host}",
        live=LIVE_SECONDS,
    )


def _told(unit: Work, codes: Sequence[str]) -> dict[str, Told]:
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


def _line(unit: Work, station: Station, told: Told | None) -> dict[str, Any]:
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


def _devices(told: Told | None) -> list[dict[str, Any]]:
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


def _reads(unit: Work, told: Told | None) -> list[dict[str, Any]]:
    """The last reads of the station's scanners, the latest first."""
    rows = ask(
        unit.session,
        "SELECT s.device_id, s.raw, s.received_at, s.verdict FROM unnest(%(devices)s::text[])"
        " AS device(id) CROSS JOIN LATERAL (SELECT * FROM scan WHERE device_id = device.id"
        " ORDER BY device_seq DESC LIMIT %(most)s) s ORDER BY s.received_at DESC LIMIT %(most)s",
        devices=list(told.devices) if told else [],
        most=READS_SHOWN,
    )
    return [
        {
            "device": devices.short(device),
            "raw": bytes(raw).decode("utf-8", "replace")[:64],
            "at": at,
            "verdict": _verdict(verdict),
        }
        for device, raw, at, verdict in rows
    ]


def _verdict(verdict: str | None) -> tuple[str, str, str]:
    told = {
        "accepted": (gettext("Recorded"), "ok", "check"),
        "look": (gettext("Recorded: look"), "warn", "high"),
        "stop": (gettext("Stop"), "stop", "cross"),
        "refused": (gettext("Not recorded"), "stop", "cross"),
    }
    return told.get(verdict or "", (gettext("Waiting"), "quiet", "wait"))
