"""The list of the dock: what is on its way or being checked in, the most overdue first."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext

from app.accounts.queries import sites
from app.accounts.rights import ANY, demand_somewhere, sites_where
from app.kernel.work import Work
from app.shipping.road import UnderWay, under_way
from app.web.catalogue import N_

SHOWN_MOST = 100
# What it is called, its tone, its sign; where it is late, the tone and sign of that.
STATES: Mapping[str, tuple[str, str, str]] = {
    "in_transit": (N_("On its way"), "quiet", "courier"),
    "delivered": (N_("At the dock, not opened"), "act", "shipper"),
    "received": (N_("Being checked in"), "act", "box"),
}
LATE = ("warn", "high")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A package as a line of the list. `late`: for how many seconds it is overdue, if it is."""

    code: str
    href: str
    sender: str
    target: str
    words: str
    tone: str
    sign: str
    since: datetime | None
    due: datetime | None
    late: float | None


def coming(work: Work) -> list[Row]:
    """Packages from and to the sites that the caller may read. Raises NotYourTask."""
    demand_somewhere(work, "subject.read")
    here = sites_where(work.actor, "subject.read")
    found = under_way(work.session, sites=None if ANY in here else sorted(here))
    titles = {site.code: site.title for site in sites(work)}
    return [_row(one, titles, work.clock()) for one in found[:SHOWN_MOST]]


def _row(package: UnderWay, titles: Mapping[str, str], now: datetime) -> Row:
    words, tone, sign = STATES[package.phase]
    late = package.due is not None and package.due <= now
    return Row(
        code=package.code,
        href=f"/receive/{package.code}",
        sender=titles.get(package.site, package.site),
        target=titles.get(package.destination, package.destination),
        words=gettext(words),
        tone=LATE[0] if late else tone,
        sign=LATE[1] if late else sign,
        since=package.since,
        due=package.due,
        late=(now - package.due).total_seconds() if late and package.due else None,
    )
