"""Pairing a computer with a station: a short code, typed once, fetches a token nobody has seen.

A code is eight of 32 signs, so one of 2^40 (1.1e12). It counts for ten minutes. In ten minutes at
most 1,000 wrong ones are heard, from everybody together, and far fewer from one address. Were 100
codes open at once, and somebody guessed all the time from everywhere, one guess in ten minutes
would be right with a chance of 100 * 1,000 / 2^40: one in eleven million.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from app.accounts import attempts
from app.accounts.attempts import TOGETHER, Bound, Bounds, Try
from app.accounts.models import Site, Station
from app.accounts.places import looked_after, renew_token
from app.accounts.service import MustWait
from app.kernel.errors import Refused
from app.kernel.work import Work

SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # without I, L, O and U, which are misread
LENGTH, GROUP = 8, 4
VALID = timedelta(minutes=10)
# All tries share one name, so what sign-in bounds by login bounds them all together here: high
# enough that nobody stops the pairing of others from a handful of addresses.
BOUNDS = Bounds(together=TOGETHER, login=(Bound(failures=1000, within=VALID),))
_NAME = "(pairing)"  # no login has brackets
_MISREAD = str.maketrans("OIL", "011", " -\t")


class CodeOfAnotherStation(Refused):
    """The code is right, and the computer holds reads that are another station's."""

    message = "The code is of station %(station)s, and this computer holds reads of another"
    advice = "Take another data folder, or a code of the station whose reads these are"


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A code as it is shown, in two groups, and until when it counts."""

    code: str
    valid_until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Paired:
    """What a computer is told that sent a right code."""

    station: str
    token: str
    title: str
    site: str


def offer(work: Work, *, station: str, secret: str) -> Offer:
    """A code for this station, shown this once; the one before is void. Raises StationMissing."""
    found = looked_after(work, station)
    code = "".join(secrets.choice(SIGNS) for _ in range(LENGTH))
    found.pairing_hash = _hash(code, secret)
    found.pairing_until = work.clock() + VALID
    return Offer(code=f"{code[:GROUP]}-{code[GROUP:]}", valid_until=found.pairing_until)


def pair(
    work: Work, *, code: str, only: str | None, address: str, secret: str
) -> Paired | MustWait | None:
    """Use a code up for a new token; the station's token before is void. None for a wrong code.

    A failure is an answer and no error, so that it is counted and committed. `only`: the station
    whose reads the computer holds. Raises CodeOfAnotherStation, which leaves the code as it was.
    """
    tried = Try.of(login=_NAME, address=address, secret=secret)
    seconds = attempts.seconds_to_wait(work, tried, bounds=BOUNDS)
    if seconds:
        return MustWait(seconds=seconds)
    found = _offered(work, _hash(_as_shown(code), secret))
    if found is None:
        attempts.note_failure(work, tried)
        return None
    if only not in (None, found.code):
        raise CodeOfAnotherStation(station=found.code)
    token = renew_token(work, found)
    return Paired(station=found.code, token=token, title=found.title, site=found.site)


def _offered(work: Work, code_hash: bytes) -> Station | None:
    """The station that a code counts for now, held until the end: nobody else uses it."""
    wanted = (
        select(Station)
        .join(Site, Site.code == Station.site)
        .where(
            Station.pairing_hash == code_hash,
            Station.pairing_until > work.clock(),
            Site.inactive.is_(False),
        )
        .with_for_update(of=Station)
    )
    return work.session.scalar(wanted)


def _as_shown(code: str) -> str:
    """A typed code in our signs: capitals, ungrouped, and what looks like a digit is one."""
    return code.upper().translate(_MISREAD)


def _hash(code: str, secret: str) -> bytes:
    """What is kept of a code: keyed, for 2^40 of them could be tried on a stolen table."""
    return hmac.new(
        secret.encode(), f"pairing {code}".encode("utf-8", "replace"), hashlib.sha256
    ).digest()
