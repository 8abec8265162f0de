"""Questions about people and places."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy import select

from app.accounts.models import Person, RoleGrant, Site, Station
from app.accounts.people import Grant, PersonMissing, PersonSeen, SiteMissing, SiteSeen
from app.accounts.rights import ANY, demand_somewhere, sites_where
from app.kernel.sql import ask
from app.kernel.work import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What a session needs of its person, in one question."""

    session_version: int
    language: str | None
    site: str | None
    grants: frozenset[tuple[str, str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class StationSeen:
    """A station as the administrator sees it; its token is never shown again."""

    code: str
    site: str
    unit: str
    title: str
    has_key: bool
    revoked: bool


def person_of(work: Work, person: int) -> PersonSeen:
    """This person. Raises PersonMissing."""
    found = work.session.get(Person, person)
    if found is None:
        raise PersonMissing
    return _seen(found, grants_of(work, (person,))[person])


def people(work: Work, *, after: str = "", limit: int) -> list[PersonSeen]:
    """The people whom the actor looks after, by login: those who work at the actor's sites.

    Raises NotYourTask.
    """
    demand_somewhere(work, "account.manage")
    sites = sites_where(work.actor, "account.manage")
    wanted = select(Person).where(Person.login > after).order_by(Person.login).limit(limit)
    if ANY not in sites:
        wanted = wanted.where(Person.site.in_(sites))
    found = work.session.scalars(wanted).all()
    grants = grants_of(work, (person.id for person in found))
    return [_seen(person, grants[person.id]) for person in found]


def logins(work: Work) -> list[tuple[str, str]]:
    """Login and label of everybody who may sign in: for the demo's sign-in page."""
    active = select(Person.login, Person.label).where(Person.inactive.is_(False))
    return [(login, label) for login, label in work.session.execute(active.order_by(Person.id))]


def grants_of(work: Work, persons: Iterable[int]) -> dict[int, tuple[Grant, ...]]:
    """The grants of each of these people."""
    held: dict[int, list[Grant]] = defaultdict(list)
    for row in work.session.scalars(select(RoleGrant).where(RoleGrant.person.in_(tuple(persons)))):
        held[row.person].append(Grant(role=row.role, site=row.site, programme=row.programme))
    return defaultdict(tuple, {person: tuple(sorted(grants)) for person, grants in held.items()})


# Asked at every request.
_STANDING = (
    "SELECT p.session_version, p.language, p.site, g.role, g.site, g.programme FROM person p"
    " LEFT JOIN role_grant g ON g.person = p.id WHERE p.id = %(person)s AND NOT p.inactive"
)


def standing_of(work: Work, person: int) -> Standing | None:
    """The standing of somebody who may still sign in, or None."""
    rows = ask(work.session, _STANDING, person=person)
    if not rows:
        return None
    version, language, site, *_ = rows[0]
    grants = frozenset((role, at, programme) for _, _, _, role, at, programme in rows if role)
    return Standing(
        session_version=version,
        language=language,
        site=site or _only_site(grants),
        grants=grants,
    )


def station_with_key(work: Work, key_hash: bytes) -> tuple[str, str] | None:
    """Code and site of the station that holds this key, or None; a revoked key is nobody's."""
    wanted = (
        select(Station.code, Station.site)
        .join(Site, Site.code == Station.site)
        .where(Station.key_hash == key_hash, Station.revoked_at.is_(None), Site.inactive.is_(False))
    )
    found = work.session.execute(wanted).one_or_none()
    return (found[0], found[1]) if found else None


def stations(work: Work, *, after: str = "", limit: int) -> list[StationSeen]:
    """The stations the actor looks after, by code. Raises NotYourTask."""
    demand_somewhere(work, "station.manage")
    sites = sites_where(work.actor, "station.manage")
    wanted = select(Station).where(Station.code > after).order_by(Station.code).limit(limit)
    if ANY not in sites:
        wanted = wanted.where(Station.site.in_(sites))
    return [
        StationSeen(
            code=found.code,
            site=found.site,
            unit=found.unit,
            title=found.title,
            has_key=found.key_hash is not None,
            revoked=found.revoked_at is not None,
        )
        for found in work.session.scalars(wanted)
    ]


def stations_at(work: Work, site: str) -> list[tuple[str, str]]:
    """The stations of a site that may speak to the server: code and title, by title."""
    return [(code, title) for code, title, _ in stations_for(work, (site,))]


def stations_for(work: Work, sites: Collection[str]) -> list[tuple[str, str, str]]:
    """The stations at these sites (ANY: at all) that may speak to the server, each with its own."""
    wanted = (
        select(Station.code, Station.title, Station.site)
        .where(Station.key_hash.is_not(None), Station.revoked_at.is_(None))
        .order_by(Station.site, Station.title, Station.code)
    )
    if ANY not in sites:
        wanted = wanted.where(Station.site.in_(sites))
    return [(found.code, found.title, found.site) for found in work.session.execute(wanted)]


def stations_with_keys(work: Work, sites: Collection[str]) -> dict[str, str]:
    """The stations at these sites that may speak to the server, each with its site."""
    wanted = select(Station.code, Station.site).where(
        Station.site.in_(sites), Station.key_hash.is_not(None), Station.revoked_at.is_(None)
    )
    return {found.code: found.site for found in work.session.execute(wanted)}


def sites(work: Work) -> list[SiteSeen]:
    """Every site, by code."""
    return [_site_seen(found) for found in work.session.scalars(select(Site).order_by(Site.code))]


def site_of(work: Work, code: str) -> SiteSeen:
    """This site. Raises SiteMissing."""
    found = work.session.get(Site, code)
    if found is None:
        raise SiteMissing(site=code)
    return _site_seen(found)


def zone_of(work: Work) -> str:
    """The time zone of the site where the actor works; UTC for those who work at none."""
    if work.actor.site is None:
        return "UTC"
    return work.session.scalar(select(Site.time_zone).where(Site.code == work.actor.site)) or "UTC"


def _only_site(grants: Iterable[tuple[str, str, str]]) -> str | None:
    found = {site for _, site, _ in grants}
    return found.pop() if len(found) == 1 and ANY not in found else None


def _seen(person: Person, grants: tuple[Grant, ...]) -> PersonSeen:
    return PersonSeen(
        id=person.id,
        login=person.login,
        label=person.label,
        language=person.language,
        site=person.site,
        inactive=person.inactive,
        grants=grants,
    )


def _site_seen(site: Site) -> SiteSeen:
    return SiteSeen(
        code=site.code,
        organisation=site.organisation,
        kind=site.kind,
        title=site.title,
        time_zone=site.time_zone,
        inactive=site.inactive,
    )
