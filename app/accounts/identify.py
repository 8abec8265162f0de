"""Who is asking: the person of the session cookie, or the station of the token."""

from flask import Request

from app.accounts.places import hash_of
from app.accounts.queries import standing_of, station_with_key
from app.accounts.rights import ANY, STATION
from app.kernel.db import db
from app.kernel.work import Actor, Work
from app.web.door import work_for
from app.web.guard import STATION_SCHEME
from app.web.language import asked_for
from app.web.session import session_of


def identify(asking: Request) -> Actor | None:
    """The actor of a request, or None. A request that brings a token is a station's or nobody's."""
    if asking.authorization is not None:
        return _station(asking)
    return _person(asking)


def _station(asking: Request) -> Actor | None:
    given = asking.authorization
    if given is None or given.type != STATION_SCHEME or not given.token:
        return None
    found = station_with_key(_questions(), hash_of(given.token))
    if found is None:
        return None
    code, site = found
    grants = frozenset(((STATION, site, ANY),))
    return Actor(station=code, site=site, language=asked_for(asking), grants=grants)


def _person(asking: Request) -> Actor | None:
    session = session_of(asking)
    if session is None:
        return None
    standing = standing_of(_questions(), session.person)
    if standing is None or standing.session_version != session.version:
        return None
    return Actor(
        person=session.person,
        site=standing.site,
        language=standing.language or asked_for(asking),
        grants=standing.grants,
    )


def _questions() -> Work:
    """Before anybody is known: good for looking things up."""
    return work_for(db.session(), Actor())
