"""In whose hands things are at a site while they are packed, and what a party must look like."""

from app.accounts.models import Site, Station
from app.accounts.people import SiteMissing
from app.custody import parties
from app.custody.drafts import Reading
from app.kernel.errors import Invalid
from app.kernel.work import Work

COLLECTION, DOCK, PROCESSING = "collection", "dock", "processing"
UNITS = {"dock": DOCK, "lab": PROCESSING}


class PartyUnfit(Invalid):
    """Text that names nobody who could hold something."""

    message = "Nobody is called %(party)s"
    advice = "Say from whom it was taken: a unit, a courier, or that it is not known"


def unit_here(work: Work, reading: Reading) -> str | None:
    """The unit that has in its hands what is packed where this was read; None for no site."""
    if reading.site is None:
        return None
    if reading.station is not None:
        station = work.session.get(Station, reading.station)
        if station is not None and station.site == reading.site:
            return parties.unit(reading.site, station.unit)
    site = work.session.get(Site, reading.site)
    return parties.unit(reading.site, UNITS.get(site.kind if site else "", COLLECTION))


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
