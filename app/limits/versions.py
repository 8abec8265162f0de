"""Which version of the limits is in force when: what each unit of work is given to ask.

A version begins `LEAD` after it is added at the earliest. Whoever has looked for versions knows
them all up to half of that after the look; the other half is for the addition to be committed.
So a program looks about twice a minute, or when asked about a moment that lies further ahead.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel.clock import Clock
from app.kernel.limits import Limits, LimitsInForce, Versions
from app.limits.models import LimitsRow
from config.limits import from_dict

LEAD = timedelta(minutes=1)
SURE = LEAD / 2

BEGINNING = datetime.min.replace(tzinfo=UTC)
END = datetime.max.replace(tzinfo=UTC)


class LimitsKnown:
    """The first version, and the later ones as one program knows them."""

    def __init__(self, first: Limits, *, clock: Clock) -> None:
        self._clock = clock
        self._known = Versions(first=first), BEGINNING  # replaced as one: threads share it

    def __call__(self, session: Session) -> LimitsInForce:
        """For one unit of work. Nothing is read before it asks."""
        return _Asked(self, session)

    def look(self, session: Session, moment: datetime) -> tuple[Versions, datetime]:
        """The versions, and up to when they are all; anew unless that is beyond this moment."""
        versions, sure_until = self._known
        if moment < sure_until:
            return versions, sure_until
        looked_at = self._clock()
        told = (*versions.later, *later(session, after=_last(versions.later)))
        versions = Versions(first=versions.first, later=told)
        self._known = versions, looked_at + SURE
        return versions, END


@dataclass(slots=True)
class _Asked:
    """The versions for one unit of work, which looks once at the most."""

    known: LimitsKnown
    session: Session
    versions: Versions | None = None
    sure_until: datetime = BEGINNING

    def at(self, moment: datetime) -> Limits:
        if self.versions is None or moment >= self.sure_until:
            self.versions, self.sure_until = self.known.look(self.session, moment)
        return self.versions.at(moment)


def later(session: Session, *, after: int = 0) -> list[tuple[datetime, Limits]]:
    """The versions that were added, beyond one, in their order, each with its beginning.

    Raises ConfigWrong where one is not what it was when it was added.
    """
    rows = session.execute(
        select(LimitsRow.valid_from, LimitsRow.content)
        .where(LimitsRow.version > after)
        .order_by(LimitsRow.version)
    )
    return [(since, from_dict(content, where="limits_version")) for since, content in rows]


def _last(told: Sequence[tuple[datetime, Limits]]) -> int:
    return told[-1][1].version if told else 0
