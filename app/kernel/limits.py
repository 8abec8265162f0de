"""What rules and services ask of the limits, whichever version is in force."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol


class Limits(Protocol):
    """One version of the limits: `span` is a duration, `number` a figure, `words` a list."""

    @property
    def version(self) -> int: ...

    @property
    def sop_version(self) -> str: ...

    def span(self, rule: str, key: str) -> timedelta: ...

    def number(self, rule: str, key: str) -> float: ...

    def words(self, rule: str, key: str) -> tuple[str, ...]: ...


class LimitsInForce(Protocol):
    """Every version of the limits; a rule uses the one in force at the entry's time."""

    def at(self, moment: datetime) -> Limits: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Versions:
    """The first version, and later ones with the moment from which each is in force."""

    first: Limits
    later: Sequence[tuple[datetime, Limits]] = ()

    def at(self, moment: datetime) -> Limits:
        """The version in force at a moment."""
        for since, limits in reversed(self.later):
            if since <= moment:
                return limits
        return self.first
