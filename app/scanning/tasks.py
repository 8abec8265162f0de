"""What a station is at: a person opens a task on its page, and its scanners' reads mean that."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from app.accounts.models import Station
from app.accounts.rights import demand
from app.kernel.errors import Missing
from app.kernel.sql import ask, do
from app.kernel.work import Work
from app.scanning.journal import intent_as_json, intent_of
from app.scanning.scan import Intent
from app.scanning.steps import STEPS

# As long as a sign-in lasts at most: whoever opened a task may have gone home.
LASTS = timedelta(hours=12)


class StationUnknown(Missing):
    """No such station."""

    message = "There is no such station"
    advice = "Look at the code on the station's card"


class NoTaskOpen(Missing):
    """Nobody has said what this station is at."""

    message = "No task is open at this station"
    advice = "Open a page for this station, and say what is to be done"


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What a station is at, since when, and who is."""

    station: str
    opened_at: datetime
    closed_at: datetime | None
    person: int
    intent: Intent

    def covers(self, moment: datetime) -> bool:
        """Whether it was open at that moment."""
        ended = self.closed_at is not None and self.closed_at <= moment
        return self.opened_at <= moment < self.opened_at + LASTS and not ended


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """Which task is over: the one opened then, and no later one; else whatever is open."""

    opened_at: datetime | None = None


def open_task(work: Work, *, station: str, intent: Intent) -> Task:
    """Say what a station is at from now on; whatever it was at before is over.

    Raises StationUnknown, and what `demand` raises.
    """
    site = site_of_station(work, station)
    demand(work, STEPS[intent.step].right or "subject.read", site=site)
    now = work.clock()
    _close(work, station, now)
    do(
        work.session,
        "INSERT INTO station_task (station, opened_at, person, intent)"
        " VALUES (%(station)s, %(now)s, %(person)s, %(intent)s)"
        " ON CONFLICT (station, opened_at) DO UPDATE SET person = EXCLUDED.person,"
        " intent = EXCLUDED.intent, closed_at = NULL",
        station=station,
        now=now,
        person=work.actor.person,
        intent=json.dumps(intent_as_json(intent)),
    )
    return task_now(work, station=station)


def task_now(work: Work, *, station: str) -> Task:
    """What a station is at. Raises StationUnknown, NoTaskOpen, and what `demand` raises."""
    demand(work, "subject.read", site=site_of_station(work, station))
    found = open_at(work, station, work.clock())
    if found is None:
        raise NoTaskOpen
    return found


def open_at(work: Work, station: str, moment: datetime) -> Task | None:
    """What a station is at, at a moment."""
    return at(tasks_of(work, station, moment, moment), moment)


def close_task(work: Work, *, station: str, opened_at: datetime | None = None) -> None:
    """Say that the station is at nothing now; of a task opened then, that it is over.

    Raises StationUnknown, and what `demand` raises.
    """
    demand(work, "subject.read", site=site_of_station(work, station))
    now = work.clock()
    task = open_at(work, station, now)
    if opened_at is None or (task is not None and task.opened_at == opened_at):
        _close(work, station, now)


def end_task(work: Work, *, station: str, moment: datetime) -> None:
    """The task was done, by its own scanner."""
    _close(work, station, moment)


def tasks_of(work: Work, station: str, first: datetime, last: datetime) -> list[Task]:
    """The tasks of a station that may have been open between two moments, the oldest first."""
    rows = ask(
        work.session,
        "SELECT station, opened_at, closed_at, person, intent FROM station_task"
        " WHERE station = %(station)s AND opened_at <= %(last)s AND opened_at > %(since)s"
        " AND (closed_at IS NULL OR closed_at > %(first)s) ORDER BY opened_at",
        station=station,
        first=first,
        last=last,
        since=first - LASTS,
    )
    return [_task(row) for row in rows]


def at(tasks: Sequence[Task], moment: datetime) -> Task | None:
    """The task that was open at a moment."""
    return next((task for task in reversed(tasks) if task.covers(moment)), None)


def _task(row: tuple[Any, ...]) -> Task:
    station, opened_at, closed_at, person, intent = row
    return Task(
        station=station,
        opened_at=opened_at,
        closed_at=closed_at,
        person=person,
        intent=intent_of(intent),
    )


def _close(work: Work, station: str, now: datetime) -> None:
    do(
        work.session,
        "UPDATE station_task SET closed_at = %(now)s"
        " WHERE station = %(station)s AND closed_at IS NULL",
        now=now,
        station=station,
    )


def site_of_station(work: Work, station: str) -> str:
    """The site a station stands at. Raises StationUnknown."""
    site = work.session.scalar(select(Station.site).where(Station.code == station))
    if site is None:
        raise StationUnknown
    return site
