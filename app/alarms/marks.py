"""When what runs again and again was last done: the watcher's sweep, a verification, a backup."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy.dialects.postgresql import insert

from app.alarms.models import JobMark
from app.custody.ledger import Json
from app.custody.verify import Report
from app.kernel.work import Work

SWEEP, VERIFY, BACKUP = "sweep", "verify", "backup"

# A sweep is every 5 s; three missed, and nobody can be sure that a gap is found in time.
SILENT_MAX = timedelta(seconds=15)
BROKEN_MOST = 1_000


def mark(work: Work, name: str, *, ok: bool, facts: Mapping[str, Json]) -> None:
    """Write down that this has been done now, and how it ended."""
    values = {"at": work.clock(), "ok": ok, "facts": dict(facts)}
    made = insert(JobMark).values(name=name, **values)
    work.session.execute(made.on_conflict_do_update(index_elements=("name",), set_=values))


def looks(at: datetime, now: datetime) -> bool:
    """Whether the watcher, last heard of at this time, still looks."""
    return now - at <= SILENT_MAX


def facts_of(report: Report) -> dict[str, Json]:
    """What is kept of a verification: counts, and what is broken where it is not too much."""
    names = sorted({finding.partition(":")[0] for finding in report.findings})
    return {
        "subjects": report.subjects,
        "entries": report.entries,
        "findings": len(report.findings),
        "broken": list(names) if len(names) <= BROKEN_MOST else None,
    }
