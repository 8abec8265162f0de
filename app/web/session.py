"""The cookie that says who signed in here, and when; two limits end it, whatever is done meanwhile.

What it means (whether that person may still sign in) is asked by `accounts` at every request.
"""

import secrets
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta

from flask import Request, Response, g, request

from app.web.door import door
from app.web.secrets import opened, signed

IDLE = timedelta(minutes=30)
WHOLE = timedelta(hours=12)
RENEWED_AFTER = timedelta(minutes=1)  # not at every request: each renewal is a cookie
DEVICE_SECONDS = 365 * 24 * 3600

_PURPOSE = "session"


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Who signed in, under which password, when, and when last heard of, in seconds."""

    person: int
    version: int
    since: int
    seen: int


def begin_session(response: Response, *, person: int, version: int) -> None:
    """Let this browser be this person from now on."""
    now = _seconds(door().clock())
    _put(response, Session(person=person, version=version, since=now, seen=now))
    g.session_decided = True


def end_session(response: Response) -> None:
    """Let this browser be nobody."""
    _set_cookie(response, _name(), "", 0)
    g.session_decided = True


def session_of(asking: Request) -> Session | None:
    """The session of a request, or None where there is none, or one that is over."""
    facts = opened(asking.cookies.get(_name(), ""), secret=door().secret, purpose=_PURPOSE)
    session = _session(facts) if facts else None
    return session if session and _lasts(session, door().clock()) else None


def renew(response: Response) -> Response:
    """Note that the person is still there. A page asking whether it has changed is not a person."""
    if "session_decided" in g or "If-None-Match" in request.headers or response.status_code == 401:
        return response
    session = session_of(request)
    now = _seconds(door().clock())
    if session and now - session.seen >= RENEWED_AFTER.total_seconds():
        _put(response, replace(session, seen=now))
    return response


def device_of(asking: Request) -> str | None:
    """The random name of this browser, which outlives who is signed in."""
    return asking.cookies.get(_name("device"))


def new_device() -> str:
    """A name for a browser that has none."""
    return secrets.token_urlsafe(16)


def keep_device(response: Response, device: str) -> None:
    """Let this browser have this name for another year."""
    _set_cookie(response, _name("device"), device, DEVICE_SECONDS)


def _lasts(session: Session, now: datetime) -> bool:
    at = _seconds(now)
    idle, whole = at - session.seen, at - session.since
    return idle < IDLE.total_seconds() and whole < WHOLE.total_seconds()


def _session(facts: object) -> Session | None:
    if isinstance(facts, dict) and all(type(value) is int for value in facts.values()):
        return Session(**facts)
    return None


def _put(response: Response, session: Session) -> None:
    text = signed(asdict(session), secret=door().secret, purpose=_PURPOSE)
    _set_cookie(response, _name(), text, int(WHOLE.total_seconds()))


def _set_cookie(response: Response, name: str, value: str, seconds: int) -> None:
    response.set_cookie(
        name,
        value,
        max_age=seconds,
        httponly=True,
        samesite="Strict",
        secure=door().https,
        path="/",
    )


def _name(what: str = "session") -> str:
    """The prefix makes browsers insist on https and on this very host."""
    return f"__Host-unbroken-{what}" if door().https else f"unbroken-{what}"


def _seconds(moment: datetime) -> int:
    return int(moment.astimezone(UTC).timestamp())
