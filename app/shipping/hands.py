"""In whose hands things are at a site while they are packed, and what a party must look like."""

from app.accounts.models import Site
from app.accounts.people import SiteMissing
from app.custody import parties
from app.custody.drafts import Reading
from app.kernel.errors import Invalid
from app.kernel.sql import ask, remembered
from app.kernel.work import Work

COLLECTION, DOCK, PROCESSING = "collection", "dock", "processing"
UNITS = {"dock": DOCK, "lab": PROCESSING}


_UNIT = (
    "SELECT site.kind, station.unit FROM site"
    " LEFT JOIN station ON station.code = %(station)s AND station.site = site.code"
    " WHERE site.code = %(site)s"
)


class PartyUnfit(Invalid):
    """Text that names nobody who could hold something."""

    message = "Nobody is called %(party)s"
    advice = "Say from whom it was taken: a unit, a courier, or that it is not known"


def unit_here(work: Work, reading: Reading) -> str | None:
    """The unit that has in its hands what is packed where this was read; None for no site."""
    if reading.site is None:
        return None
    kept, where = remembered(work.session), (_UNIT, reading.site, reading.station)
    if where not in kept:
        rows = ask(work.session, _UNIT, site=reading.site, station=reading.station)
        kind, at_station = rows[0] if rows else ("", None)
        kept[where] = parties.unit(reading.site, at_station or UNITS.get(kind, COLLECTION))
    unit: str = kept[where]
    return unit


def known_site(work: Work, code: str) -> str:
    """The code of a site there is; raises SiteMissing."""
    if work.session.get(Site, code) is None:
        raise SiteMissing(site=code)
    return code


def party(text: str) -> str:
    """A party as it was read; raises PartyUnfit."""
    if not parties.well_formed(text):
        raise PartyUnfit(party=text[:80])
    return text
