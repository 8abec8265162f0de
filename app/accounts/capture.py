"""Who made a scan that could not be sent at once: a token signed while they were still signed in.

It says who scanned, on which browser, and no more: it signs nobody in. Whoever is signed in on
that browser later may send the scans; they stay with the one who made them.
"""

from datetime import timedelta

from flask import request

from app.web.door import door
from app.web.secrets import opened, signed
from app.web.session import device_of
from app.web.work import work

LASTS = timedelta(days=30)
_PURPOSE = "capture"
_DAY = 24 * 3600


def capture_token(*, person: int, device: str) -> str:
    """The token of this person on this browser; the same all day, so that pages stay the same."""
    today = int(door().clock().timestamp()) // _DAY
    facts = {"person": person, "device": device, "until": today + 1 + LASTS.days}
    return signed(facts, secret=door().secret, purpose=_PURPOSE)


def capture_token_here() -> str | None:
    """The token for the page that is being made, or None where no person is signed in."""
    person, device = work().actor.person, device_of(request)
    if person is None or device is None:
        return None
    return capture_token(person=person, device=device)


def captured_by(token: str | None) -> int | None:
    """The person a scan of this request belongs to by its token, or None if the token says nothing.

    A token made on another browser, or more than thirty days ago, says nothing.
    """
    facts = opened(token or "", secret=door().secret, purpose=_PURPOSE)
    if facts is None:
        return None
    person, device, until = facts.get("person"), facts.get("device"), facts.get("until")
    if device is None or device != device_of(request):
        return None
    if not isinstance(person, int) or not isinstance(until, int):
        return None
    return person if int(door().clock().timestamp()) // _DAY < until else None
