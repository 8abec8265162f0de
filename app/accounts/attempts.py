"""How often a sign-in, or a pairing, may fail before it must wait; counted over restarts.

The pause grows with the failures. Few failures from one place close only that place: nobody can
lock a colleague out from elsewhere without a hundred of them.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, select, text

from app.accounts.models import SignInAttempt
from app.kernel.work import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """So many failures within so long a time, and the next one waits."""

    failures: int
    within: timedelta


TOGETHER = (
    Bound(failures=5, within=timedelta(minutes=15)),
    Bound(failures=10, within=timedelta(hours=2)),
    Bound(failures=20, within=timedelta(hours=24)),
)
ADDRESS = (Bound(failures=50, within=timedelta(minutes=15)),)
LOGIN = (Bound(failures=100, within=timedelta(hours=24)),)
KEPT = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What is counted: failures of a login from an address, of an address, and of a login."""

    together: tuple[Bound, ...]
    address: tuple[Bound, ...] = ()
    login: tuple[Bound, ...] = ()


SIGN_IN = Bounds(together=TOGETHER, address=ADDRESS, login=LOGIN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Try:
    """Who tries and from where, as keyed hashes: passwords are typed as logins, too."""

    login_hash: bytes
    address_hash: bytes

    @classmethod
    def of(cls, *, login: str, address: str, secret: str) -> "Try":
        """The try of this login from this address."""
        return cls(
            login_hash=_hash(f"login {login}", secret),
            address_hash=_hash(f"address {address}", secret),
        )


def seconds_to_wait(work: Work, tried: Try, *, bounds: Bounds = SIGN_IN) -> int:
    """How long this try must wait, 0 if it may go on; others of the same kind wait for its end."""
    key = int.from_bytes(tried.login_hash[:4] + tried.address_hash[:4], signed=True)
    # One at a time, or a burst of guesses would all be counted as the first.
    work.session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})
    same_login = SignInAttempt.login_hash == tried.login_hash
    same_address = SignInAttempt.address_hash == tried.address_hash
    counted = (
        *((and_(same_login, same_address), bound) for bound in bounds.together),
        *((same_address, bound) for bound in bounds.address),
        *((same_login, bound) for bound in bounds.login),
    )
    now = work.clock()
    return max(_wait(work, which, bound, now) for which, bound in counted)


def note_failure(work: Work, tried: Try) -> None:
    """Count this failure, and forget those too old to count."""
    now = work.clock()
    work.session.execute(delete(SignInAttempt).where(SignInAttempt.at < now - KEPT))
    work.session.add(
        SignInAttempt(login_hash=tried.login_hash, address_hash=tried.address_hash, at=now)
    )


def note_success(work: Work, tried: Try) -> None:
    """Forget the failures of this login: its owner is here."""
    work.session.execute(delete(SignInAttempt).where(SignInAttempt.login_hash == tried.login_hash))


def _wait(work: Work, which: ColumnElement[bool], bound: Bound, now: datetime) -> int:
    """Until the failure that fills this bound has left its time."""
    filling = (
        select(SignInAttempt.at)
        .where(which, SignInAttempt.at > now - bound.within)
        .order_by(SignInAttempt.at.desc())
        .offset(bound.failures - 1)
        .limit(1)
    )
    at = work.session.scalar(filling)
    return 0 if at is None else max(1, int((at + bound.within - now).total_seconds()))


def _hash(what: str, secret: str) -> bytes:
    return hmac.new(secret.encode(), what.encode("utf-8", "replace"), hashlib.sha256).digest()
