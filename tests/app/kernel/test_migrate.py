"""Taking the steps: each whole or not at all, once, and never past what this version knows."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.exc import DBAPIError

from app.kernel.migrate import DatabaseIsNewer, migrate, pending
from app.kernel.postgres_backup import count_rows, restore
from app.kernel.postgres_roles import append_only, connect
from tests.conftest import FreshDatabase, TestDatabase
from tests.migrations.conftest import Write, folder, write

__all__ = ["folder", "write"]  # fixtures shared with the tests of the steps themselves


@pytest.fixture
def place(fresh_database: FreshDatabase) -> TestDatabase:
    return fresh_database(migrated=False)


@pytest.fixture
def two_steps(write: Write) -> None:
    write("0001_tubes", "CREATE TABLE tube (code text)", append_only("tube"))
    write("0002_boxes", "CREATE TABLE box (code text)", after="0001_tubes")


@pytest.mark.usefixtures("two_steps")
def test_missing_steps_are_taken_and_told(place: TestDatabase, folder: Path) -> None:
    url = place.owner_url

    assert pending(url, migrations=folder) == ("0001_tubes", "0002_boxes")
    assert migrate(url, migrations=folder) == ("0001_tubes", "0002_boxes")
    assert pending(url, migrations=folder) == ()
    assert migrate(url, migrations=folder) == ()
    assert set(count_rows(url)) == {"alembic_version", "tube", "box"}


@pytest.mark.usefixtures("two_steps")
def test_the_runtime_role_appends_to_the_ledger_and_only_reads_the_step(
    place: TestDatabase, folder: Path
) -> None:
    migrate(place.owner_url, migrations=folder)
    forbidden = (
        "UPDATE tube SET code = ''",
        "DELETE FROM tube",
        "TRUNCATE tube",
        "UPDATE alembic_version SET version_num = ''",
        "DELETE FROM alembic_version",
    )
    with connect(place.runtime_url) as connection:
        connection.execute("INSERT INTO tube VALUES ('TB')")
        assert connection.execute("SELECT code FROM tube").fetchall() == [("TB",)]
        assert connection.execute("SELECT * FROM alembic_version").fetchall() == [("0002_boxes",)]
        for deed in forbidden:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(deed.encode())


@pytest.mark.usefixtures("two_steps")
def test_a_step_that_fails_leaves_the_database_at_the_one_before(
    place: TestDatabase, folder: Path, write: Write
) -> None:
    write("0003_wrong", "CREATE TABLE half (n int)", "SELECT 1 / 0", after="0002_boxes")
    with pytest.raises(DBAPIError, match="division by zero"):
        migrate(place.owner_url, migrations=folder)

    assert pending(place.owner_url, migrations=folder) == ("0003_wrong",)
    assert set(count_rows(place.owner_url)) == {"alembic_version", "tube", "box"}


@pytest.mark.usefixtures("two_steps")
def test_two_that_migrate_at_once_take_each_step_once(place: TestDatabase, folder: Path) -> None:
    with ThreadPoolExecutor(2) as both:
        taken = [
            task.result(timeout=30)
            for task in [both.submit(migrate, place.owner_url, migrations=folder) for _ in range(2)]
        ]

    assert sorted(taken) == [(), ("0001_tubes", "0002_boxes")]


def test_a_step_waits_neither_long_for_a_lock_nor_for_ever_for_itself(
    place: TestDatabase, folder: Path, write: Write
) -> None:
    write(
        "0001_limits",
        "CREATE TABLE limits AS SELECT current_setting('lock_timeout') AS lock,"
        " current_setting('statement_timeout') AS statement",
    )
    migrate(place.owner_url, migrations=folder)
    with connect(place.owner_url) as connection:
        assert connection.execute("SELECT * FROM limits").fetchall() == [("5s", "15min")]


def test_a_database_of_a_later_version_is_left_alone(
    place: TestDatabase, folder: Path, write: Write
) -> None:
    write("0001_tubes", "CREATE TABLE tube (code text)")
    migrate(place.owner_url, migrations=folder)
    with connect(place.owner_url) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0009_later'")
    for deed in (migrate, pending):
        with pytest.raises(DatabaseIsNewer, match="0009_later"):
            deed(place.owner_url, migrations=folder)


def test_what_is_there_is_backed_up_before_a_step_and_an_empty_database_is_not(
    place: TestDatabase, folder: Path, write: Write, tmp_path: Path, fresh_database: FreshDatabase
) -> None:
    backups = tmp_path / "backups"
    write("0001_tubes", "CREATE TABLE tube AS SELECT 'TB' AS code")
    migrate(place.owner_url, migrations=folder, backups=backups)
    assert not backups.exists()

    write("0002_lost", "DELETE FROM tube", after="0001_tubes")
    migrate(place.owner_url, migrations=folder, backups=backups)
    migrate(place.owner_url, migrations=folder, backups=backups)
    [backup] = backups.iterdir()
    assert backup.name == "before-0002_lost.dump"
    assert restore(fresh_database(migrated=False).owner_url, backup)["tube"] == 1
