"""The pages of stations: which there are; of each its devices, queue, last reads and pairing."""

from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.accounts.models import Station
from app.accounts.rights import demand, demand_somewhere, may, sites_where
from app.kernel.sql import ask
from app.kernel.work import Work
from app.scanning import devices
from app.scanning.station_lines import (
    LIVE_SECONDS,
    Told,
    devices_of,
    line_of,
    stations_of,
    told_by,
)
from app.scanning.tasks import StationUnknown
from app.web import guard
from app.web.door import door
from app.web.work import work

blueprint = Blueprint("stations", __name__)

READS_SHOWN = 8


@blueprint.get("/stations")
@guard.signed_in
def stations() -> ResponseReturnValue:
    """The stations of the sites you read or look after, and whether each is well."""
    unit = work()
    sites = sites_where(unit.actor, "station.manage")
    if not sites:
        demand_somewhere(unit, "subject.read")
    sites |= sites_where(unit.actor, "subject.read")
    found = stations_of(unit, sites)
    told = told_by(unit, [one.code for one in found])
    return render_template(
        "scanning/stations.html",
        stations=[line_of(unit, one, told.get(one.code)) for one in found],
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
    told = told_by(unit, [code]).get(code)
    return render_template(
        "scanning/station.html",
        station=line_of(unit, found, told),
        told=told,
        devices=devices_of(told),
        reads=_reads(unit, told) if reads else None,
        prints=may(unit.actor, "labels.print", site=found.site),
        manages=manages,
        server=f"{'https' if door().https else 'http'}://{request.host}",
        live=LIVE_SECONDS,
    )


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
