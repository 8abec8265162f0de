"""One unit of work: who acts, when, on which session. Services take it and never commit."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import psycopg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.kernel.clock import Clock
from app.kernel.ids import IdSource
from app.kernel.limits import LimitsInForce
from config.catalogue import Catalogue

Answer = TypeVar("Answer")

TRIES = 5
SERIALIZATION_FAILURE, DEADLOCK, UNIQUE = "40001", "40P01", "23505"
LEDGER_KEY = "custody_event_pk"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who is asking: a signed-in person, a station, or the system itself.

    `person` and `station` are ids (never names); `sites` and `programmes` are what the
    grants below speak of; `grants` are (role, site, programme), `*` meaning any.
    """

    person: int | None = None
    station: str | None = None
    site: str | None = None
    language: str = "en"
    grants: frozenset[tuple[str, str, str]] = frozenset()
    system: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """Everything a service needs from outside, handed in at the edge.

    `catalogue` is the programme's data (protocols, tubes, reasons, carriers), `limits` its SOP.
    """

    session: Session
    clock: Clock
    ids: IdSource
    actor: Actor
    catalogue: Catalogue
    limits: LimitsInForce


def run_tx(session: Session, unit: Callable[[], Answer]) -> Answer:
    """Run `unit` and commit; run it again when another transaction was in the way.

    Again on serialization failure, deadlock, or two writers on one ledger place, up to five
    times with a growing random pause. Any other error rolls back and is raised as it is.
    """
    for attempt in range(1, TRIES + 1):
        try:
            answer = unit()
            session.commit()
        except (DBAPIError, psycopg.Error) as error:
            session.rollback()
            if attempt == TRIES or not _another_was_in_the_way(error):
                raise
            time.sleep(random.uniform(0, 0.005 * 2**attempt))  # noqa: S311 - jitter, not a secret
        except BaseException:
            session.rollback()
            raise
        else:
            return answer
    raise AssertionError("the loop returns or raises")


def _another_was_in_the_way(error: DBAPIError | psycopg.Error) -> bool:
    told = error.orig if isinstance(error, DBAPIError) else error
    state = getattr(told, "sqlstate", None)
    if state in (SERIALIZATION_FAILURE, DEADLOCK):
        return True
    diag = getattr(told, "diag", None)
    return state == UNIQUE and getattr(diag, "constraint_name", None) == LEDGER_KEY
