"""The page that checks a scanner: codes to scan, and what is wrong with how they arrive."""

from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from app.accounts.models import Station
from app.accounts.rights import demand, sites_where
from app.kernel.work import Work
from app.scanning.check_codes import CODES, pictures
from app.scanning.programming import sheet
from app.scanning.scanner_ways import WAYS
from app.scanning.station_lines import LIVE_SECONDS, devices_of, line_of, stations_of, told_by
from app.scanning.tasks import StationUnknown
from app.web import guard
from app.web.work import work

blueprint = Blueprint("scanner", __name__)


@blueprint.get("/scanner")
@guard.signed_in
def scanner() -> ResponseReturnValue:
    """Codes that are nobody's tube. A scanner that types is judged in the browser, nothing of it
    is sent; of a station's scanner the page hears what the server got. `tell` are the characters
    of bar codes that set a scanner, a line each.
    """
    unit, code = work(), request.args.get("station", "")
    paired = [one for one in _readable(unit) if one.key_hash is not None]
    return render_template(
        "scanning/scanner.html",
        pictures=pictures(),
        ways=WAYS,
        orders=sheet(request.args.get("tell", "")),
        stations=[(one.code, f"{one.site} · {one.title}") for one in paired],
        page={"codes": dict(CODES), "station": code},
        **(_checked_at(unit, code) if code else {"station": None}),
    )


def _readable(unit: Work) -> list[Station]:
    return stations_of(unit, sites_where(unit.actor, "subject.read"))


def _checked_at(unit: Work, code: str) -> dict[str, Any]:
    """What the page says of the station that was chosen. Raises StationUnknown."""
    found = unit.session.get(Station, code)
    if found is None:
        raise StationUnknown
    demand(unit, "subject.read", site=found.site)
    told = told_by(unit, [code]).get(code)
    return {
        "station": line_of(unit, found, told),
        "told": told,
        "devices": devices_of(told),
        "live": LIVE_SECONDS,
    }
