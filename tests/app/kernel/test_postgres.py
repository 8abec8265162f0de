"""A database somebody else looks after: prepared, used, and never stopped by us."""

from pathlib import Path

import psycopg
import pytest

from app.kernel.postgres import Outside, open_database
from app.kernel.postgres_embedded import Embedded
from app.kernel.postgres_errors import DatabaseDidNotStart
from app.kernel.postgres_roles import connect


def test_without_a_url_it_is_the_embedded_one(tmp_path: Path) -> None:
    assert open_database(data_folder=tmp_path) == Embedded(tmp_path)


def test_an_outside_database_gets_its_runtime_role_and_is_never_stopped(
    embedded: Embedded, tmp_path: Path
) -> None:
    embedded.ensure_running()
    with connect(embedded.owner_url.set(database="postgres")) as connection:
        connection.execute("DROP DATABASE unbroken WITH (FORCE)")
        connection.execute("DROP ROLE unbroken_app")
        connection.execute("CREATE ROLE landlord LOGIN CREATEROLE PASSWORD 'rent'")
        connection.execute("CREATE DATABASE theirs OWNER landlord")
    theirs = embedded.owner_url.set(username="landlord", password="rent", database="theirs")
    said = theirs.set(drivername="postgres").render_as_string(hide_password=False)
    outside = open_database(data_folder=tmp_path / "data", url=said)
    outside.ensure_running()
    outside.ensure_running()

    with connect(outside.owner_url) as connection:
        connection.execute("CREATE TABLE tube (code text)")
    with connect(outside.runtime_url) as connection:
        connection.execute("INSERT INTO tube VALUES ('TB')")
        assert connection.execute("SELECT current_user").fetchone() == ("unbroken_app",)
    assert (tmp_path / "data" / "runtime.password").stat().st_mode & 0o777 == 0o600
    assert outside.status().answers
    assert not outside.stop()
    assert embedded.is_running()


def test_an_outside_database_may_bring_its_own_log_in(embedded: Embedded, tmp_path: Path) -> None:
    embedded.ensure_running()
    with connect(embedded.owner_url) as connection:
        connection.execute("CREATE ROLE tenant LOGIN PASSWORD 'key'")
    theirs = embedded.runtime_url.set(username="tenant", password="key")
    outside = open_database(
        data_folder=tmp_path / "data",
        url=embedded.owner_url.render_as_string(hide_password=False),
        runtime_url=theirs.render_as_string(hide_password=False),
    )
    outside.ensure_running()

    with connect(outside.owner_url) as connection:
        connection.execute("CREATE TABLE tube (code text)")
    with connect(outside.runtime_url) as connection:
        connection.execute("INSERT INTO tube VALUES ('TB')")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("DROP TABLE tube")
    assert not (tmp_path / "data").exists()


def test_an_outside_database_that_does_not_answer_is_not_waited_for_for_ever(
    embedded: Embedded, tmp_path: Path
) -> None:
    embedded.ensure_running()
    url = embedded.owner_url
    embedded.stop()
    outside = Outside(data_folder=tmp_path, owner_url=url, patience=0.2)
    with pytest.raises(DatabaseDidNotStart):
        outside.ensure_running()
