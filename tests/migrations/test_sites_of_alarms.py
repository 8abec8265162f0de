"""Alarms of one cause at two sites become one, with the lines and the history of both."""

import shutil
from pathlib import Path

from app.kernel.migrate import HEAD_FILE, MIGRATIONS, migrate
from app.kernel.postgres_roles import connect
from tests.conftest import FreshDatabase

ALARM = (
    b"INSERT INTO alarm (id, cause, site, subject, rule, priority, owners, state, since, opened_at)"
    b" VALUES (%s, %s, %s, 1, 'G34', 'P2', 'receiver', 'new', now(), now())"
)
LINE = (
    b"INSERT INTO alarm_line (subject, rule, entry, alarm, at, priority)"
    b" VALUES (%s, 'G34', 'entry', %s, now(), 'P2')"
)
EVENT = (
    b"INSERT INTO alarm_event (alarm, number, at, kind, facts)"
    b" VALUES (%s, %s, timestamptz '2026-03-02 08:00Z' + %s * interval '1 hour', %s, '{}')"
)


def test_those_of_one_cause_are_joined(fresh_database: FreshDatabase, tmp_path: Path) -> None:
    url = fresh_database(migrated=False).owner_url
    migrate(url, migrations=_until(tmp_path / "before", 11))
    with connect(url) as connection:
        for alarm in ((1, "a", "BRK"), (2, "a", "BB1"), (3, "b", "BB1")):
            connection.execute(ALARM, alarm)
        for line in ((1, 1), (2, 2), (3, 3)):
            connection.execute(LINE, line)
        told = ((1, 1, 0, "opened"), (1, 2, 2, "closed"), (2, 1, 1, "opened"), (3, 1, 0, "opened"))
        for event in told:
            connection.execute(EVENT, event)
    migrate(url, migrations=_until(tmp_path / "after", 12))

    with connect(url) as connection:
        alarms = connection.execute(b"SELECT id FROM alarm ORDER BY id").fetchall()
        lines = connection.execute(b"SELECT alarm, site FROM alarm_line ORDER BY subject")
        events = connection.execute(
            b"SELECT alarm, number, kind FROM alarm_event ORDER BY alarm, number"
        )
        assert alarms == [(1,), (3,)]
        assert lines.fetchall() == [(1, "BRK"), (1, "BB1"), (3, "BB1")]
        assert events.fetchall() == [
            (1, 1, "opened"),
            (1, 2, "opened"),
            (1, 3, "closed"),
            (3, 1, "opened"),
        ]


def _until(folder: Path, number: int) -> Path:
    """Our steps up to one of them, as if the later ones were not written yet."""
    shutil.copytree(MIGRATIONS, folder)
    steps = sorted(path for path in (folder / "versions").glob("[0-9]*.py"))
    for later in steps[number:]:
        later.unlink()
    (folder / HEAD_FILE).write_text(f"{steps[number - 1].stem}\n")
    return folder
