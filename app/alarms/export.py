"""The list of alarms as CSV: ISO times, a header, and no cell that a spreadsheet would run."""

import csv
import io
from collections.abc import Iterable
from datetime import datetime

from app.alarms.queries import AlarmSeen

COLUMNS = (
    "id",
    "rule",
    "priority",
    "state",
    "sites",
    "subject",
    "kind",
    "gaps",
    "owners",
    "since",
    "opened_at",
    "assignee",
    "acknowledged_at",
    "silent_until",
    "closed_at",
    "how",
)
# What a spreadsheet takes for the beginning of a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
BYTE_ORDER_MARK = "\ufeff"


def as_csv(rows: Iterable[AlarmSeen], *, mark: bool) -> str:
    """The rows as text, with a byte order mark where the reader wants one."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows([_cell(value) for value in _values(row)] for row in rows)
    return (BYTE_ORDER_MARK if mark else "") + out.getvalue()


def _values(row: AlarmSeen) -> tuple[object, ...]:
    return (
        row.id,
        row.rule,
        row.priority,
        row.state,
        " ".join(row.sites),
        row.code,
        row.sort,
        row.gaps,
        " ".join(row.owners),
        row.since,
        row.opened_at,
        row.assignee_label,
        row.acknowledged_at,
        row.silent_until,
        row.closed_at,
        row.how,
    )


def _cell(value: object) -> str:
    if value is None:
        return ""
    text = value.isoformat() if isinstance(value, datetime) else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text
