"""The embedded server's life: one per folder, closed to others, back again after a kill."""

import os
import signal
import stat
import subprocess
import sys
import time
from contextlib import closing, suppress
from pathlib import Path

import psycopg
import pytest

from app.kernel.postgres_embedded import Embedded
from app.kernel.postgres_errors import (
    DatabaseDidNotStart,
    DatabaseGone,
    OtherEdition,
    SocketFolderTaken,
)
from app.kernel.postgres_roles import connect

START_ONE = """
import sys
from pathlib import Path
from app.kernel.postgres import Embedded
one = Embedded(Path(sys.argv[1]))
one.ensure_running()
print(one.status().pid)
"""


def kill(server: Embedded) -> None:
    pid = server.status().pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_starting_twice_is_one_server(embedded: Embedded) -> None:
    embedded.ensure_running()
    first = embedded.status()
    embedded.ensure_running()

    assert first.answers
    assert embedded.status().pid == first.pid


def test_processes_that_race_to_start_it_share_one_server(embedded: Embedded) -> None:
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", START_ONE, str(embedded.data_folder)],
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    pids = {racer.communicate(timeout=60)[0].strip() for racer in racers}

    assert [racer.returncode for racer in racers] == [0, 0, 0, 0]
    assert pids == {str(embedded.status().pid)}


def test_after_a_kill_it_comes_back_with_every_committed_row(embedded: Embedded) -> None:
    embedded.ensure_running()
    with closing(connect(embedded.owner_url)) as connection:
        connection.execute("CREATE TABLE seen (n int)")
        connection.execute("INSERT INTO seen SELECT generate_series(1, 1000)")
        # A process of the old server that is still busy, and so in the way.
        connection.pgconn.send_query(b"SELECT pg_sleep(60)")
        killed = embedded.status().pid
        kill(embedded)
        began = time.monotonic()
        embedded.ensure_running()

    assert time.monotonic() - began < 10
    assert embedded.status().pid != killed
    with connect(embedded.owner_url) as connection:
        assert connection.execute("SELECT count(*) FROM seen").fetchone() == (1000,)


def test_a_killed_servers_number_that_now_belongs_to_another_is_no_hindrance(
    embedded: Embedded,
) -> None:
    embedded.ensure_running()
    found = embedded.status()
    assert found.home is not None
    assert found.socket_folder is not None
    kill(embedded)
    deadline = time.monotonic() + 10
    while embedded.is_running():
        assert time.monotonic() < deadline
    for left in (
        found.home / "cluster" / "postmaster.pid",
        found.socket_folder / ".s.PGSQL.5432.lock",
    ):
        _, _, rest = left.read_text().partition("\n")
        left.write_text(f"{os.getpid()}\n{rest}")

    assert not embedded.is_running()
    embedded.ensure_running()
    assert embedded.status().answers


def test_stopped_it_is_still_and_says_whether_it_ran(embedded: Embedded) -> None:
    assert not embedded.stop()
    embedded.ensure_running()
    assert embedded.stop()

    assert not embedded.is_running()
    assert not embedded.status().answers
    assert embedded.status().pid is None


def test_stopping_right_after_a_kill_waits_for_the_last_process(embedded: Embedded) -> None:
    embedded.ensure_running()
    kill(embedded)
    embedded.stop()

    assert not embedded.is_running()


def test_a_half_made_cluster_is_made_again(embedded: Embedded) -> None:
    half = embedded.data_folder / "postgres" / "cluster.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    for folder in (half.parent, embedded.data_folder):
        folder.chmod(0o711)

    embedded.ensure_running()
    assert embedded.status().answers


def test_what_must_be_private_is(shared: Embedded) -> None:
    found = shared.status()
    assert found.home is not None
    assert found.socket_folder is not None

    assert mode(found.home / "owner.password") == 0o600
    assert mode(found.home / "runtime.password") == 0o600
    assert mode(found.home / "cluster") == 0o700
    assert mode(found.socket_folder) == 0o700
    # Root's server runs as another account, which must pass through, though it can list nothing.
    assert mode(shared.data_folder) == (0o711 if os.geteuid() == 0 else 0o700)
    assert not list(found.socket_folder.glob("*password*"))


def test_the_socket_path_fits_however_deep_the_data_folder_is(tmp_path: Path) -> None:
    deep = Embedded(tmp_path.joinpath(*["a-folder-with-a-long-name"] * 8))
    folder = deep.status().socket_folder

    assert folder is not None
    assert len(os.fsencode(folder / ".s.PGSQL.5432")) <= 103


def test_no_port_is_open_and_durability_is_on(shared: Embedded) -> None:
    wanted = {
        "listen_addresses": "",
        "fsync": "on",
        "synchronous_commit": "on",
        "full_page_writes": "on",
        "server_encoding": "UTF8",
    }
    with connect(shared.owner_url) as connection:
        found = connection.execute(
            "SELECT name, setting FROM pg_settings WHERE name = ANY(%s)", [list(wanted)]
        ).fetchall()

    assert dict(found) == wanted


def test_nobody_is_let_in_without_the_password(shared: Embedded) -> None:
    for url in (shared.owner_url, shared.runtime_url):
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            connect(url.set(password="guess"))


@pytest.mark.parametrize(
    "deed",
    [
        "CREATE TABLE mine (n int)",
        "ALTER TABLE tube ADD COLUMN n int",
        "DROP TABLE tube",
        "TRUNCATE tube",
        "CREATE SCHEMA mine",
        "CREATE ROLE mine",
        "COPY tube TO PROGRAM 'cat'",
    ],
)
def test_the_runtime_role_changes_rows_and_nothing_else(shared: Embedded, deed: str) -> None:
    with connect(shared.owner_url) as connection:
        connection.execute("DROP TABLE IF EXISTS tube")
        connection.execute("CREATE TABLE tube (code text)")
    with connect(shared.runtime_url) as connection:
        connection.execute("INSERT INTO tube VALUES ('TB')")
        connection.execute("UPDATE tube SET code = 'KT'")
        connection.execute("DELETE FROM tube")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(deed.encode())


def test_roles_are_completed_when_the_first_start_was_cut_short(embedded: Embedded) -> None:
    embedded.ensure_running()
    with connect(embedded.owner_url.set(database="postgres")) as connection:
        connection.execute("DROP DATABASE unbroken WITH (FORCE)")
        connection.execute("DROP ROLE unbroken_app")
    embedded.ensure_running()

    with connect(embedded.runtime_url) as connection:
        assert connection.execute("SELECT current_user").fetchone() == ("unbroken_app",)


def test_removed_it_leaves_nothing_but_what_is_not_its_own(embedded: Embedded) -> None:
    embedded.ensure_running()
    found = embedded.status()
    assert found.home is not None
    assert found.socket_folder is not None
    kept = embedded.data_folder / "session.secret"
    kept.write_text("kept")
    embedded.remove()

    assert kept.read_text() == "kept"
    assert not found.home.exists()
    assert not found.socket_folder.exists()


def test_where_parents_are_closed_roots_database_goes_where_it_can_be_reached(
    tmp_path: Path,
) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    hidden = Embedded(closed / "data")
    try:
        hidden.ensure_running()
        assert hidden.status().answers
        assert mode(closed) == 0o700
    finally:
        hidden.remove()
    assert not (closed / "data" / "postgres").exists()
    assert not (closed / "data" / "postgres").is_symlink()


def test_a_database_that_is_no_longer_where_it_was_is_not_replaced_by_an_empty_one(
    tmp_path: Path,
) -> None:
    (tmp_path / "postgres").symlink_to(tmp_path / "gone")
    with pytest.raises(DatabaseGone):
        Embedded(tmp_path).ensure_running()


def test_files_of_another_edition_are_not_touched(embedded: Embedded) -> None:
    embedded.ensure_running()
    embedded.stop()
    home = embedded.status().home
    assert home is not None
    (home / "cluster" / "PG_VERSION").write_text("17\n")
    with pytest.raises(OtherEdition, match="PostgreSQL 17"):
        embedded.ensure_running()


def test_a_socket_folder_open_to_others_is_refused(embedded: Embedded) -> None:
    folder = embedded.status().socket_folder
    assert folder is not None
    folder.mkdir(mode=0o777)
    folder.chmod(0o777)
    with pytest.raises(SocketFolderTaken):
        embedded.ensure_running()


def test_a_server_that_cannot_start_says_why(embedded: Embedded) -> None:
    embedded.ensure_running()
    embedded.stop()
    home = embedded.status().home
    assert home is not None
    (home / "cluster" / "global" / "pg_control").unlink()
    with pytest.raises(DatabaseDidNotStart, match="pg_control"):
        Embedded(embedded.data_folder, patience=0.5).ensure_running()


def test_the_server_outlives_whoever_started_it(embedded: Embedded) -> None:
    starter = subprocess.Popen(
        [sys.executable, "-c", START_ONE, str(embedded.data_folder)],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    pid = starter.communicate(timeout=60)[0].strip()
    with suppress(ProcessLookupError):
        os.killpg(starter.pid, signal.SIGKILL)

    assert str(embedded.status().pid) == pid
    assert embedded.status().answers
