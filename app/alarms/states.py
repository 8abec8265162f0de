"""What state an alarm is in, as a function of its lines and of whether anybody has looked."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from app.custody.gaps.table import PRECEDENCE

PRIORITIES = ("P1", "P2", "P3")


class State(StrEnum):
    """Where an alarm stands. Cleared: it ended before anybody looked, and somebody still should."""

    NEW = "new"
    ACKNOWLEDGED = "acknowledged"
    EXPLAINED = "explained"
    CLEARED = "cleared"
    CLOSED = "closed"


OVER = frozenset((State.CLEARED, State.CLOSED))


class Happened(StrEnum):
    """What the history of an alarm tells of."""

    OPENED = "opened"
    JOINED = "joined"
    GRAVER = "graver"
    ACKNOWLEDGED = "acknowledged"
    ASSIGNED = "assigned"
    EXPLAINED = "explained"
    SPOKE_AGAIN = "spoke_again"
    REOPENED = "reopened"
    CURED = "cured"
    CLOSED = "closed"


class Told(Protocol):
    """One line of an alarm, as far as the state depends on it."""

    @property
    def rule(self) -> str: ...
    @property
    def priority(self) -> str: ...
    @property
    def at(self) -> datetime: ...
    @property
    def cured_at(self) -> datetime | None: ...
    @property
    def explained(self) -> str | None: ...
    @property
    def silent_until(self) -> datetime | None: ...


def silent(line: Told, now: datetime) -> bool:
    """Explained, and still covered by the explanation: by an overdue rule only until a time."""
    return line.explained is not None and (line.silent_until is None or line.silent_until > now)


def live(lines: Iterable[Told]) -> list[Told]:
    """The lines whose gap is still there."""
    return [line for line in lines if line.cured_at is None]


def state_of(lines: Sequence[Told], *, acknowledged: bool, now: datetime) -> State:
    """The state that follows; age plays no part in it."""
    standing = live(lines)
    if not standing:
        return State.CLOSED if acknowledged else State.CLEARED
    if all(silent(line, now) for line in standing):
        return State.EXPLAINED
    return State.ACKNOWLEDGED if acknowledged else State.NEW


def speaking(lines: Sequence[Told]) -> str:
    """The rule that speaks for all: the first by precedence of those that still stand."""
    return min((line.rule for line in live(lines) or lines), key=precedence)


def gravest(lines: Sequence[Told]) -> str:
    """The gravest priority of the lines that still stand."""
    return min(line.priority for line in live(lines) or lines)


def since(lines: Sequence[Told]) -> datetime:
    """When it became one: the earliest deadline of the lines that still stand."""
    return min(line.at for line in live(lines) or lines)


def silent_until(lines: Sequence[Told]) -> datetime | None:
    """When the first of the explanations ends, if any does."""
    ends = [line.silent_until for line in live(lines) if line.silent_until is not None]
    return min(ends) if ends else None


def precedence(rule: str) -> int:
    """The place of a rule in the order in which they speak; one not in the table speaks last."""
    return PRECEDENCE.get(rule, len(PRECEDENCE))


def priority_of(given: str) -> str | None:
    """The priority an alarm has for a gap's: a blocked deed that was done is critical.

    None where the gap is kept in the journal only, and is nobody's alarm.
    """
    if given == "block":
        return "P1"
    return given if given in PRIORITIES else None
