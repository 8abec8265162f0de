"""What is wrong with this installation, and what to do about it: one small look for each part."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

from sqlalchemy import select, text

from app.alarms.marks import BACKUP, SWEEP, VERIFY, looks
from app.alarms.queries import mark_of
from app.kernel.work import Work
from app.scanning.models import StationHealthRow

DISK_FREE_MIN, DISK_FREE_LOW = 1 << 30, 5 << 30
CLOCK_MAX = timedelta(seconds=2)
BACKUP_MAX = timedelta(hours=26)  # one a day, with two hours to make it
VERIFY_MAX = timedelta(hours=50)
STATION_SILENT_MAX = timedelta(minutes=2)
QUEUE_MAX = timedelta(minutes=30)
DEFAULTS = "default"


class Health(StrEnum):
    """How one part is. A note is worth knowing and no fault."""

    OK = "ok"
    NOTE = "note"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One part looked at: how it is, in words, and what to do where it is not well."""

    name: str
    health: Health
    says: str
    advice: str = ""


Look = Callable[[Work], Iterator[Finding]]


def of_installation(folder: Path, *, embedded: bool, demo: Path | None) -> Finding:
    """Which installation is looked at; another, of a demo, may be beside it."""
    database = "its embedded database" if embedded else "a database of your own"
    says = f"data folder {folder}, {database}"
    if demo is None:
        return Finding(name="installation", health=Health.OK, says=says)
    advice = f"For the demo in {demo}: UNBROKEN_DATA={demo} unbroken doctor"
    return Finding(name="installation", health=Health.NOTE, says=says, advice=advice)


def of_disk(folder: Path) -> Finding:
    """Whether there is room where the data is."""
    there = next(each for each in (folder, *folder.parents) if each.exists())
    free = shutil.disk_usage(there).free
    says = f"{free / (1 << 30):.1f} GiB free at {there}"
    if free < DISK_FREE_MIN:
        advice = "Make room now: a full disk stops the database"
        return Finding(name="disk", health=Health.PROBLEM, says=says, advice=advice)
    if free < DISK_FREE_LOW:
        return Finding(name="disk", health=Health.NOTE, says=says, advice="Make room soon")
    return Finding(name="disk", health=Health.OK, says=says)


def of_database(*, answers: bool, embedded: bool) -> Finding:
    """Whether the database answers."""
    kind = "the embedded database" if embedded else "the database"
    if answers:
        return Finding(name="database", health=Health.OK, says=f"{kind} answers")
    advice = "unbroken db start" if embedded else "See that it runs and that its address is right"
    return Finding(
        name="database", health=Health.PROBLEM, says=f"{kind} does not answer", advice=advice
    )


def of_migrations(missing: Sequence[str]) -> Finding:
    """Whether the tables are those of this version."""
    if not missing:
        return Finding(name="migrations", health=Health.OK, says="the tables are up to date")
    says = f"{len(missing)} steps are missing: {', '.join(missing)}"
    return Finding(name="migrations", health=Health.PROBLEM, says=says, advice="unbroken migrate")


def examine(work: Work) -> tuple[Finding, ...]:
    """Everything that can be asked of a database that answers and is up to date."""
    return tuple(finding for look in LOOKS for finding in look(work))


def _watcher(work: Work) -> Iterator[Finding]:
    mark = mark_of(work, SWEEP)
    advice = "unbroken watch: without it no gap becomes an alarm"
    if mark is None:
        yield _problem("watcher", "it has never looked", advice)
    elif looks(mark.at, work.clock()):
        yield _ok("watcher", f"looked {_ago(work, mark.at)} ago")
    else:
        yield _problem("watcher", f"last looked {_ago(work, mark.at)} ago", advice)


def _agents(work: Work) -> Iterator[Finding]:
    rows = work.session.scalars(select(StationHealthRow).order_by(StationHealthRow.station))
    for row in rows:
        yield _agent(work, row)


def _agent(work: Work, row: StationHealthRow) -> Finding:
    name, now = f"agent {row.station}", work.clock()
    if now - row.heard_at > STATION_SILENT_MAX:
        says = f"last heard of {_ago(work, row.heard_at)} ago, {row.queue} reads waiting then"
        return _problem(name, says, "See that the station's computer and its agent run")
    if row.conflicts:
        return _problem(
            name, f"{row.conflicts} reads were refused as conflicts", "unbroken-agent queue"
        )
    if row.oldest_at is not None and now - row.oldest_at > QUEUE_MAX:
        says = f"{row.queue} reads waiting, the oldest for {_ago(work, row.oldest_at)}"
        return _problem(name, says, "See why they are not sent: unbroken-agent status")
    return _ok(name, f"heard of {_ago(work, row.heard_at)} ago, {row.queue} reads waiting")


def _clock(work: Work) -> Iterator[Finding]:
    theirs = work.session.scalar(text("SELECT clock_timestamp()"))
    apart = abs(work.clock() - theirs) if isinstance(theirs, datetime) else timedelta(0)
    says = f"{apart.total_seconds():.1f} s apart from the database's"
    if apart > CLOCK_MAX:
        yield _problem("clock", says, "Let both machines set their clocks by the same time server")
    else:
        yield _ok("clock", says)


def _backup(work: Work) -> Iterator[Finding]:
    mark = mark_of(work, BACKUP)
    if mark is None:
        yield _problem("backup", "there has never been one", "unbroken backup FILE, every day")
    elif work.clock() - mark.at > BACKUP_MAX:
        yield _problem("backup", f"the last is {_ago(work, mark.at)} old", "unbroken backup FILE")
    else:
        yield _ok("backup", f"made {_ago(work, mark.at)} ago")


def _verification(work: Work) -> Iterator[Finding]:
    mark = mark_of(work, VERIFY)
    if mark is None:
        yield Finding(
            name="ledger",
            health=Health.NOTE,
            says="it has not been verified yet",
            advice="unbroken verify",
        )
    elif not mark.ok:
        yield _problem(
            "ledger", f"BROKEN when verified {_ago(work, mark.at)} ago", "unbroken verify"
        )
    elif work.clock() - mark.at > VERIFY_MAX:
        yield _problem("ledger", f"verified {_ago(work, mark.at)} ago", "unbroken verify")
    else:
        yield _ok("ledger", f"unbroken, verified {_ago(work, mark.at)} ago")


def _limits(work: Work) -> Iterator[Finding]:
    limits = work.limits.at(work.clock())
    says = f"version {limits.version}, SOP {limits.sop_version}"
    if limits.sop_version.startswith(DEFAULTS):
        advice = "Have quality confirm them, and name the confirmed file in UNBROKEN_LIMITS"
        yield Finding(name="limits", health=Health.NOTE, says=says, advice=advice)
    else:
        yield _ok("limits", says)


LOOKS: tuple[Look, ...] = (
    _watcher,
    _agents,
    _clock,
    _backup,
    _verification,
    _limits,
)


def _ok(name: str, says: str) -> Finding:
    return Finding(name=name, health=Health.OK, says=says)


def _problem(name: str, says: str, advice: str) -> Finding:
    return Finding(name=name, health=Health.PROBLEM, says=says, advice=advice)


def _ago(work: Work, moment: datetime) -> str:
    """A length of time in its largest unit."""
    seconds = max(0, int((work.clock() - moment).total_seconds()))
    for unit, size in (("days", 86400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"
