"""A backup is the whole database at one moment, and a restore is all of it or none of it."""

from pathlib import Path

import psycopg
import pytest

from app.kernel.postgres_backup import BackupMissing, DatabaseNotEmpty, count_rows, dump, restore
from app.kernel.postgres_embedded import Embedded
from app.kernel.postgres_programs import ProgramFailed
from app.kernel.postgres_roles import append_only, connect
from tests.conftest import FreshDatabase, TestDatabase

COUNTS = {"ledger": 500, "Place": 2}


def fill(place: TestDatabase) -> None:
    with connect(place.owner_url) as connection:
        connection.execute("CREATE TABLE ledger (id bigint PRIMARY KEY, hash bytea, said text)")
        connection.execute(append_only("ledger").encode())
        connection.execute('CREATE TABLE "Place" (code text)')
        connection.execute("CREATE SEQUENCE codes")
        connection.execute(
            "INSERT INTO ledger SELECT n, sha256(n::text::bytea), E'línea\\n\\\\.' || n"
            " FROM generate_series(1, 500) AS n"
        )
        connection.execute("INSERT INTO \"Place\" VALUES ('FZ'), (NULL)")
        connection.execute("SELECT setval('codes', 41)")


def rows(place: TestDatabase) -> list[object]:
    with connect(place.owner_url) as connection:
        return [
            *connection.execute("SELECT * FROM ledger ORDER BY id"),
            *connection.execute('SELECT * FROM "Place" ORDER BY code'),
        ]


def privileges(place: TestDatabase) -> set[tuple[str, str]]:
    """What the runtime role may do, tried on the tables and on one made just now."""
    with connect(place.owner_url) as connection:
        connection.execute("CREATE TABLE made_later (n int)")
        found = connection.execute(
            "SELECT relname, deed FROM pg_class, unnest(ARRAY["
            "'SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) AS deed"
            " WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
            " AND has_table_privilege('unbroken_app', oid, deed)"
        ).fetchall()
    return {(str(table), str(deed)) for table, deed in found}


@pytest.fixture
def filled(fresh_database: FreshDatabase) -> TestDatabase:
    place = fresh_database(migrated=False)
    fill(place)
    return place


@pytest.fixture
def empty(fresh_database: FreshDatabase) -> TestDatabase:
    return fresh_database(migrated=False)


def test_a_restored_database_has_the_same_rows(
    filled: TestDatabase, empty: TestDatabase, tmp_path: Path
) -> None:
    file = tmp_path / "new" / "one.dump"

    assert dump(filled.owner_url, file) == COUNTS
    assert restore(empty.owner_url, file) == COUNTS
    assert rows(empty) == rows(filled)
    with connect(empty.runtime_url) as connection:
        assert connection.execute("SELECT nextval('codes')").fetchone() == (42,)


def test_a_restored_ledger_still_only_grows(
    filled: TestDatabase, empty: TestDatabase, tmp_path: Path
) -> None:
    dump(filled.owner_url, tmp_path / "one.dump")
    restore(empty.owner_url, tmp_path / "one.dump")

    ordinary = ("SELECT", "INSERT", "UPDATE", "DELETE")
    assert privileges(empty) == {
        ("ledger", "SELECT"),
        ("ledger", "INSERT"),
        *(("Place", deed) for deed in ordinary),
        *(("made_later", deed) for deed in ordinary),
    }
    with (
        connect(empty.runtime_url) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute("UPDATE ledger SET said = ''")


def test_backed_up_removed_and_restored_it_is_as_it_was(embedded: Embedded, tmp_path: Path) -> None:
    embedded.ensure_running()
    before = TestDatabase(owner_url=embedded.owner_url, runtime_url=embedded.runtime_url)
    fill(before)
    kept = rows(before)
    dump(embedded.owner_url, tmp_path / "one.dump")
    embedded.remove()
    embedded.ensure_running()

    assert count_rows(embedded.owner_url) == {}
    assert restore(embedded.owner_url, tmp_path / "one.dump") == COUNTS
    assert (
        rows(TestDatabase(owner_url=embedded.owner_url, runtime_url=embedded.runtime_url)) == kept
    )


def test_a_backup_can_be_restored_under_an_owner_of_another_name(
    filled: TestDatabase, embedded: Embedded, tmp_path: Path
) -> None:
    dump(filled.owner_url, tmp_path / "one.dump")
    embedded.ensure_running()
    with connect(embedded.owner_url) as connection:
        connection.execute("CREATE ROLE landlord LOGIN PASSWORD 'rent'")
        connection.execute("CREATE DATABASE theirs OWNER landlord")
    theirs = embedded.owner_url.set(username="landlord", password="rent", database="theirs")

    assert restore(theirs, tmp_path / "one.dump") == COUNTS
    assert restore(theirs, tmp_path / "one.dump", replace=True) == COUNTS
    assert dump(theirs, tmp_path / "two.dump") == COUNTS


def test_a_database_with_tables_is_not_overwritten(filled: TestDatabase, tmp_path: Path) -> None:
    dump(filled.owner_url, tmp_path / "one.dump")
    kept = rows(filled)
    with pytest.raises(DatabaseNotEmpty, match="2 tables"):
        restore(filled.owner_url, tmp_path / "one.dump")

    assert rows(filled) == kept


def test_told_to_replace_it_drops_what_the_backup_does_not_have(
    filled: TestDatabase, tmp_path: Path
) -> None:
    kept = rows(filled)
    dump(filled.owner_url, tmp_path / "one.dump")
    with connect(filled.owner_url) as connection:
        connection.execute("DELETE FROM ledger")
        connection.execute("CREATE TABLE since (n int)")

    assert restore(filled.owner_url, tmp_path / "one.dump", replace=True) == COUNTS
    assert rows(filled) == kept


@pytest.mark.parametrize("left", [0.3, 0.6, 0.95])
def test_a_damaged_backup_leaves_the_database_as_it_was(
    filled: TestDatabase, tmp_path: Path, left: float
) -> None:
    file = tmp_path / "one.dump"
    dump(filled.owner_url, file)
    whole = file.read_bytes()
    file.write_bytes(whole[: int(len(whole) * left)])
    kept = rows(filled)
    with pytest.raises(ProgramFailed):
        restore(filled.owner_url, file, replace=True)

    assert rows(filled) == kept


def test_a_backup_that_fails_leaves_the_older_one(filled: TestDatabase, tmp_path: Path) -> None:
    file = tmp_path / "one.dump"
    file.write_text("the older one")
    with connect(filled.owner_url) as connection:
        connection.execute("CREATE ROLE onlooker LOGIN PASSWORD 'looks'")
        connection.execute("GRANT SELECT ON ledger TO onlooker")
    try:
        with pytest.raises((ProgramFailed, psycopg.errors.InsufficientPrivilege)):
            dump(filled.owner_url.set(username="onlooker", password="looks"), file)
    finally:
        with connect(filled.owner_url) as connection:
            connection.execute("DROP OWNED BY onlooker")
            connection.execute("DROP ROLE onlooker")

    assert file.read_text() == "the older one"
    assert [path.name for path in tmp_path.iterdir()] == ["one.dump"]


def test_a_backup_is_readable_by_nobody_else(filled: TestDatabase, tmp_path: Path) -> None:
    dump(filled.owner_url, tmp_path / "one.dump")

    assert (tmp_path / "one.dump").stat().st_mode & 0o777 == 0o600


def test_a_backup_that_is_not_there_is_said_to_be_missing(
    empty: TestDatabase, tmp_path: Path
) -> None:
    with pytest.raises(BackupMissing, match=r"one\.dump"):
        restore(empty.owner_url, tmp_path / "one.dump")
