"""Deeds about places: programmes, organisations, sites, stations and the stations' tokens."""

import hashlib
import secrets
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from app.accounts.models import Organisation, Programme, Site, Station, station_number
from app.accounts.people import ORGANISATIONS, SITES, SiteMissing
from app.accounts.rights import ANY, demand
from app.kernel.errors import Invalid, Missing
from app.kernel.work import Work
from labels.code import make, mintable

TOKEN_BYTES = 32


class KindUnknown(Invalid):
    """No such kind of organisation or site."""

    message = "There is no such kind: %(kind)s"


class ZoneUnknown(Invalid):
    """No such time zone."""

    message = "There is no time zone %(zone)s"
    advice = "Write it as in America/Chicago"


class StationMissing(Missing):
    """No such station."""

    message = "There is no station %(station)s"


def add_programme(work: Work, *, code: str, title: str) -> None:
    """A study."""
    demand(work, "account.manage", site=ANY)
    work.session.add(Programme(code=code, title=title))
    work.session.flush()


def add_organisation(work: Work, *, code: str, kind: str, title: str) -> None:
    """Somebody whom sites belong to. Raises KindUnknown."""
    demand(work, "account.manage", site=ANY)
    if kind not in ORGANISATIONS:
        raise KindUnknown(kind=kind)
    work.session.add(Organisation(code=code, kind=kind, title=title))
    work.session.flush()


def add_site(
    work: Work, *, code: str, organisation: str, kind: str, title: str, time_zone: str
) -> None:
    """A place of work. Raises KindUnknown, ZoneUnknown."""
    demand(work, "account.manage", site=ANY)
    if kind not in SITES:
        raise KindUnknown(kind=kind)
    try:
        ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ZoneUnknown(zone=time_zone) from error
    work.session.add(
        Site(
            code=code,
            organisation=organisation,
            kind=kind,
            title=title,
            time_zone=time_zone,
            inactive=False,
        )
    )
    work.session.flush()


def add_station(work: Work, *, site: str, unit: str, title: str) -> str:
    """A work place at a site, and its code; it has no token yet. Raises SiteMissing."""
    demand(work, "station.manage", site=site)
    if work.session.get(Site, site) is None:
        raise SiteMissing(site=site)
    code = _next_code(work)
    work.session.add(Station(code=code, site=site, unit=unit, title=title))
    work.session.flush()
    return code


def give_token(work: Work, *, station: str) -> str:
    """A new token for a station, told this once; the one before is worth nothing from now on."""
    return renew_token(work, looked_after(work, station))


def renew_token(work: Work, station: Station) -> str:
    """A new token for a station that somebody has a right to; no pairing code counts any more."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    station.key_hash = hash_of(token)
    station.key_made_at = work.clock()
    station.revoked_at = None
    station.pairing_hash = station.pairing_until = None
    return token


def revoke_token(work: Work, *, station: str) -> None:
    """Shut a station out at once: its token is lost, or its computer. Its code ends, too."""
    found = looked_after(work, station)
    found.key_hash = None
    found.revoked_at = work.clock()
    found.pairing_hash = found.pairing_until = None


def hash_of(token: str) -> bytes:
    """What is kept of a token. It is random and long, so a plain hash cannot be guessed back."""
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()


def looked_after(work: Work, station: str) -> Station:
    """A station that the actor looks after, held until the end. Raises StationMissing."""
    found = work.session.get(Station, station, with_for_update=True)
    if found is None:
        raise StationMissing(station=station)
    demand(work, "station.manage", site=found.site)
    return found


def _next_code(work: Work) -> str:
    """The next number of the sequence that may be given out; others are passed over."""
    while True:
        number = work.session.scalar(station_number.next_value())
        if number is not None and mintable("ST", number):
            return make("ST", number)
