"""Who may call a route: each route says it, and the whole view is one unit of work.

    @blueprint.post("/orders")
    @guard.signed_in
    def place_order() -> ResponseReturnValue: ...

What a caller may do *there* is decided below, by the services.
"""

from collections.abc import Callable
from enum import Enum
from functools import update_wrapper

from flask import Flask, make_response, request
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from app.kernel.db import db
from app.kernel.work import Actor, run_tx
from app.web.address import refuse_unstorable
from app.web.door import door, work_for
from app.web.errors import FromElsewhere, NotSignedIn, OtherKindOfCaller
from app.web.language import asked_for
from app.web.work import begin

View = Callable[..., ResponseReturnValue]
AtOnce = Callable[..., Response | None]
"""An answer from the request alone, or None. It lets in nobody whom the guard would not."""

OWN_HEADER = "X-Unbroken"
STATION_SCHEME = "station"  # Authorization: Station <token>
SAFE = frozenset(("GET", "HEAD", "OPTIONS"))


class Who(Enum):
    """The kinds of callers."""

    ANYONE = "anyone"
    PERSON = "person"
    STATION = "station"
    KNOWN = "a person or a station"
    FILE = "anyone, without a look at who it is"


class RouteUnguarded(Exception):
    """A route that does not say who may call it; the application does not start with one."""


class Guarded:
    """A view that knows who may call it, and runs as one unit of work."""

    def __init__(self, view: View, who: Who) -> None:
        self.view = view
        self.who = who
        self.at_once: AtOnce | None = None
        update_wrapper(self, view)

    def __call__(self, **places: object) -> Response:
        _refuse_from_elsewhere()
        known = self.at_once(**places) if self.at_once is not None else None
        if known is not None:
            return known
        actor = _admitted(self.who)
        refuse_unstorable(places)
        session = db.session()
        begin(work_for(session, actor))
        # Again from here when another transaction was in the way: the answer is made inside, so
        # that it never tells of a try that did not last.
        return run_tx(session, lambda: make_response(self.view(**places)))


def signed_in(view: View) -> Guarded:
    """Only a person who is signed in."""
    return Guarded(view, Who.PERSON)


def station(view: View) -> Guarded:
    """Only a station with its token."""
    return Guarded(view, Who.STATION)


def known(view: View) -> Guarded:
    """A signed-in person, or a station."""
    return Guarded(view, Who.KNOWN)


def anyone(view: View) -> Guarded:
    """Everybody; who it is, is still looked up where it is known."""
    return Guarded(view, Who.ANYONE)


def file(view: View) -> Guarded:
    """Everybody, for a file that is the same for all."""
    return Guarded(view, Who.FILE)


def unless(known: AtOnce) -> Callable[[Guarded], Guarded]:
    """Answer so where `known` can: no session begins, and nobody is looked up."""

    def first(guarded: Guarded) -> Guarded:
        guarded.at_once = known
        return guarded

    return first


def complete(app: Flask) -> None:
    """Refuse an application with a route that does not say who may call it."""
    open_routes = [rule for rule in app.url_map.iter_rules() if not _says_who(app, rule.endpoint)]
    if open_routes:
        named = ", ".join(sorted(rule.rule for rule in open_routes))
        raise RouteUnguarded(f"Nobody says who may call {named}: see app/web/guard.py")


def _says_who(app: Flask, endpoint: str) -> bool:
    return isinstance(app.view_functions[endpoint], Guarded)


def _refuse_from_elsewhere() -> None:
    """A foreign page can make a browser send a cookie, but not a header of our own."""
    given = request.authorization
    if request.method in SAFE or (given is not None and given.type == STATION_SCHEME):
        return
    if request.headers.get(OWN_HEADER) != "1":
        raise FromElsewhere


def _admitted(who: Who) -> Actor:
    actor = None if who is Who.FILE else door().identify(request)
    nobody = Actor(language=asked_for(request))
    if who in (Who.ANYONE, Who.FILE):
        return actor or nobody
    if actor is None:
        raise NotSignedIn
    is_station = actor.person is None
    if (who is Who.PERSON and is_station) or (who is Who.STATION and not is_station):
        raise OtherKindOfCaller
    return actor
