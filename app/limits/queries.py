"""Questions about the limits: every version, since when, why, and what it changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import cast

from sqlalchemy import select

from app.accounts.rights import demand_somewhere
from app.kernel.errors import Missing
from app.kernel.limits import Versions
from app.kernel.work import Work
from app.limits.models import LimitsRow
from app.limits.versions import BEGINNING
from config.limits import Change, Limits, from_dict


class NoSuchVersion(Missing):
    """A number that no version of the limits has."""

    message = "There is no version %(version)s of the limits"


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionSeen:
    """One version. The first has no beginning; `added_by` is None for the command line.

    `changes` are its differences from the version before.
    """

    version: int
    sop_version: str
    valid_from: datetime | None
    added_at: datetime | None
    added_by: int | None
    reason: str
    in_force: bool
    changes: Sequence[Change]
    limits: Limits

    @property
    def content(self) -> dict[str, dict[str, object]]:
        """Its values by rule and name, as plain values."""
        return {
            rule: {
                key: list(value) if isinstance(value, tuple) else value
                for key, value in self.limits.values_of(rule).items()
            }
            for rule in ("alarm", *self.limits.rules)
        }


def versions(work: Work) -> list[VersionSeen]:
    """Every version, the last first. Raises NotYourTask."""
    demand_somewhere(work, "limits.read")
    return list(reversed(_all(work)))


def version(work: Work, number: int) -> VersionSeen:
    """One version by its number. Raises NotYourTask, NoSuchVersion."""
    for seen in versions(work):
        if seen.version == number:
            return seen
    raise NoSuchVersion(version=number)


def last(work: Work) -> Limits:
    """The last version there is, in force or not yet."""
    return _all(work)[-1].limits


def begun(work: Work, *, since: datetime | None) -> list[datetime]:
    """The beginnings of versions that took effect after a moment, up to now."""
    wanted = select(LimitsRow.valid_from).where(LimitsRow.valid_from <= work.clock())
    if since is not None:
        wanted = wanted.where(LimitsRow.valid_from > since)
    return sorted(set(work.session.scalars(wanted)))


def _all(work: Work) -> list[VersionSeen]:
    """Read anew: whoever adds one must know of the one added a moment ago."""
    first = cast(Limits, work.limits.at(BEGINNING))
    rows = list(work.session.scalars(select(LimitsRow).order_by(LimitsRow.version)))
    contents = [from_dict(row.content, where="limits_version") for row in rows]
    since = [(row.valid_from, content) for row, content in zip(rows, contents, strict=True)]
    now = Versions(first=first, later=since).at(work.clock()).version
    seen = [_seen(first, None, (), now)]
    for row, (before, content) in zip(rows, pairwise([first, *contents]), strict=True):
        seen.append(_seen(content, row, content.changes_from(before), now))
    return seen


def _seen(
    limits: Limits, row: LimitsRow | None, changes: Sequence[Change], now: int
) -> VersionSeen:
    return VersionSeen(
        version=limits.version,
        sop_version=limits.sop_version,
        valid_from=row.valid_from if row else None,
        added_at=row.added_at if row else None,
        added_by=row.added_by if row else None,
        reason=row.reason if row else "",
        in_force=limits.version == now,
        changes=changes,
        limits=limits,
    )
