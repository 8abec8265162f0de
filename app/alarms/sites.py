"""Whose an alarm is: one cause is one alarm, and concerns every site at which it is objected to."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, or_, select, true

from app.accounts.rights import ANY, demand, may, sites_where
from app.alarms.models import NOWHERE, Alarm, AlarmLine
from app.kernel.work import Actor, Work


def place(site: str) -> str:
    """The site whose rights count for a line; one of nowhere is for those who see all sites."""
    return site or ANY


def sites_of(work: Work, number: int) -> frozenset[str]:
    """The sites that an alarm concerns: its own, and those of its lines."""
    own = select(Alarm.site).where(Alarm.id == number)
    lines = select(AlarmLine.site).where(AlarmLine.alarm == number)
    return frozenset(work.session.scalars(own.union(lines)))


def may_at_one(actor: Actor, action: str, sites: Collection[str]) -> bool:
    """Whether the actor may do this at one of these sites: what it is about is theirs too."""
    return any(may(actor, action, site=place(site)) for site in sites)


def demand_at_one(work: Work, action: str, sites: Collection[str]) -> None:
    """Go on only if the actor may do this at one of these sites. Raises as `demand`."""
    if not may_at_one(work.actor, action, sites):
        demand(work, action, site=place(min(sites)))


def concerning(sites: Collection[str]) -> ColumnElement[bool]:
    """Of alarms: those that concern one of these sites."""
    known = set(sites) - {NOWHERE}
    lines = select(AlarmLine.alarm).where(AlarmLine.site.in_(known))
    return or_(Alarm.site.in_(known), Alarm.id.in_(lines))


def seen_by(actor: Actor, action: str) -> ColumnElement[bool]:
    """Of alarms: those that the actor may see."""
    sites = sites_where(actor, action)
    return true() if ANY in sites else concerning(sites)


def shown_to(actor: Actor, action: str) -> ColumnElement[bool]:
    """Of lines: those of the actor's own sites."""
    sites = sites_where(actor, action)
    return true() if ANY in sites else AlarmLine.site.in_(sites)
