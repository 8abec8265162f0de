"""The state of an alarm follows from its lines, and from nothing else but a look at it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from app.alarms.states import (
    State,
    gravest,
    precedence,
    priority_of,
    silent_until,
    since,
    speaking,
    state_of,
)

NOW = datetime(2026, 11, 25, 15, tzinfo=UTC)
HOUR = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line of an alarm, as far as its state depends on it."""

    rule: str = "G28"
    priority: str = "P3"
    at: datetime = NOW
    cured_at: datetime | None = None
    explained: str | None = None
    silent_until: datetime | None = None


OPEN = Line()
CURED = Line(cured_at=NOW)
FOR_GOOD = Line(explained="x")
FOR_A_WHILE = Line(explained="x", silent_until=NOW + HOUR)
OVER = Line(explained="x", silent_until=NOW)


@pytest.mark.parametrize(
    ("lines", "unseen", "seen"),
    [
        ([OPEN], State.NEW, State.ACKNOWLEDGED),
        ([OPEN, CURED], State.NEW, State.ACKNOWLEDGED),
        ([OPEN, FOR_GOOD], State.NEW, State.ACKNOWLEDGED),
        ([OVER], State.NEW, State.ACKNOWLEDGED),
        ([FOR_A_WHILE, OVER], State.NEW, State.ACKNOWLEDGED),
        ([FOR_GOOD], State.EXPLAINED, State.EXPLAINED),
        ([FOR_A_WHILE, FOR_GOOD, CURED], State.EXPLAINED, State.EXPLAINED),
        ([CURED], State.CLEARED, State.CLOSED),
        ([CURED, CURED], State.CLEARED, State.CLOSED),
    ],
)
def test_the_state_follows(lines: list[Line], unseen: State, seen: State) -> None:
    assert state_of(lines, acknowledged=False, now=NOW) is unseen
    assert state_of(lines, acknowledged=True, now=NOW) is seen


def test_the_first_rule_by_precedence_speaks_of_those_that_still_stand() -> None:
    lines = [Line(rule="G28"), Line(rule="G34", cured_at=NOW), Line(rule="G23")]

    assert speaking(lines) == "G28"
    assert speaking([Line(rule="G18"), Line(rule="G34")]) == "G34"
    assert precedence("G99") > precedence("G02")


def test_the_gravest_and_the_earliest_of_those_that_stand_count() -> None:
    lines = [
        Line(priority="P3", at=NOW),
        Line(priority="P1", at=NOW - HOUR, cured_at=NOW),
        Line(priority="P2", at=NOW + HOUR),
    ]

    assert (gravest(lines), since(lines)) == ("P2", NOW)


def test_the_silence_ends_with_the_first_explanation_that_does() -> None:
    later = Line(explained="x", silent_until=NOW + 2 * HOUR)

    assert silent_until([later, FOR_A_WHILE, FOR_GOOD]) == NOW + HOUR
    assert silent_until([FOR_GOOD]) is None


@pytest.mark.parametrize(("given", "priority"), [("block", "P1"), ("P2", "P2"), ("J", None)])
def test_a_blocked_deed_that_was_done_is_critical_and_the_journal_is_nobodys_alarm(
    given: str, priority: str | None
) -> None:
    assert priority_of(given) == priority
