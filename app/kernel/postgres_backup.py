"""The whole database into one file, and back; each tells the rows it holds, table by table."""

import os
import subprocess
import tempfile
from pathlib import Path
from typing import IO

import psycopg
from psycopg import sql
from sqlalchemy import URL

from app.kernel.errors import Missing, Refused
from app.kernel.postgres_programs import ProgramFailed, programs, run, surroundings
from app.kernel.postgres_roles import RUNTIME_MAY, address, connect

CHUNK = 1 << 20

# What the file may not bring along: the schema is made here, and privileges on tables yet to be
# made belong to whoever owns this database, which may be a role of another name.
LEFT_OUT = (" DEFAULT ACL ", " SCHEMA - public ", " SCHEMA public ")

EMPTY = (
    "DROP SCHEMA public CASCADE",
    "CREATE SCHEMA public AUTHORIZATION pg_database_owner",
    "GRANT USAGE ON SCHEMA public TO PUBLIC",
)


class BackupMissing(Missing):
    """No such file."""

    message = "There is no backup at %(file)s"


class DatabaseNotEmpty(Refused):
    """A restore would overwrite what is there."""

    message = "The database is not empty: it has %(tables)s tables and was left as it is"
    advice = "Back it up, then restore again and say that it may be replaced"


def dump(url: URL, file: Path) -> dict[str, int]:
    """Write the database at `url` into `file`, whole or not at all; return the rows of each table.

    The counts are of the very moment that is in the file. Raises ProgramFailed.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.absolute().with_name(f".{file.name}.new")
    try:
        with connect(url) as connection, connection.transaction():
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            [snapshot] = connection.execute("SELECT pg_export_snapshot()").fetchone() or [""]
            counts = _count(connection)
            run(
                "pg_dump",
                "--format=custom",
                "--no-owner",
                "--schema=public",
                f"--snapshot={snapshot}",
                f"--file={fresh}",
                f"--dbname={address(url)}",
                secrets=_secrets(url),
            )
        _sync(fresh)
        fresh.rename(file)
        _sync(file.absolute().parent)
    finally:
        fresh.unlink(missing_ok=True)
    return counts


def restore(url: URL, file: Path, *, replace: bool = False) -> dict[str, int]:
    """Fill the empty database at `url` from `file`, as its owner; return the rows of each table.

    With `replace`, what is there is dropped. It is one transaction: cut short by anything, it
    leaves the database as it was. Raises BackupMissing, DatabaseNotEmpty, ProgramFailed.
    """
    if not file.is_file():
        raise BackupMissing(file=file)
    with connect(url) as connection:
        found = _tables(connection)
    if found and not replace:
        raise DatabaseNotEmpty(tables=len(found))
    with tempfile.NamedTemporaryFile("w", prefix="unbroken-", suffix=".list") as contents:
        listed = run("pg_restore", "--list", str(file.absolute())).splitlines(keepends=True)
        contents.writelines(line for line in listed if not any(part in line for part in LEFT_OUT))
        contents.flush()
        _pour(url, file, contents.name)
    return count_rows(url)


def count_rows(url: URL) -> dict[str, int]:
    """How many rows each table has, all at one moment."""
    with connect(url) as connection, connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        return _count(connection)


def _pour(url: URL, file: Path, contents: str) -> None:
    """Empty the schema and let `pg_restore` speak into `psql`; commit only when it said it all.

    `pg_restore` alone can be one transaction, but one that cannot first drop what is there.
    """
    source = ["pg_restore", "--no-owner", "--file=-", f"--use-list={contents}"]
    target = ["psql", "--no-psqlrc", "--quiet", "--output=/dev/null", "--set=ON_ERROR_STOP=1"]
    with tempfile.TemporaryFile() as complaints, tempfile.TemporaryFile() as refusals:
        reader = _open([*source, str(file.absolute())], secrets={}, said=complaints)
        writer = _open([*target, f"--dbname={address(url)}"], secrets=_secrets(url), said=refusals)
        with reader, writer:
            if reader.stdout is None or writer.stdin is None:
                raise AssertionError("both were opened with pipes")
            try:
                writer.stdin.write(_statements("BEGIN", *EMPTY))
                while chunk := reader.stdout.read(CHUNK):
                    writer.stdin.write(chunk)
                if reader.wait() == 0:
                    writer.stdin.write(_statements(*RUNTIME_MAY, "COMMIT"))
                writer.stdin.close()
            except BrokenPipeError:
                reader.kill()  # psql has stopped at an error, which is told below
        for program, process, said in (
            ("psql", writer, refusals),
            ("pg_restore", reader, complaints),
        ):
            if process.returncode != 0:
                raise ProgramFailed(program=program, said=_all(said))


def _open(
    command: list[str], *, secrets: dict[str, str], said: IO[bytes]
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 - our own programs, with arguments made here
        [str(programs() / command[0]), *command[1:]],
        env=surroundings(secrets),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=said,
    )


def _statements(*statements: str) -> bytes:
    return "".join(f"{statement};\n" for statement in statements).encode()


def _all(said: IO[bytes]) -> str:
    said.seek(0)
    return said.read().decode(errors="replace").strip()[-2000:]


def _tables(connection: psycopg.Connection) -> list[str]:
    rows = connection.execute(
        "SELECT relname FROM pg_class"
        " WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') ORDER BY relname"
    )
    return [name for (name,) in rows]


def _count(connection: psycopg.Connection) -> dict[str, int]:
    counts = {}
    for name in _tables(connection):
        query = sql.SQL("SELECT count(*) FROM public.{}").format(sql.Identifier(name))
        [counts[name]] = connection.execute(query).fetchone() or [0]
    return counts


def _secrets(url: URL) -> dict[str, str]:
    return {"PGPASSWORD": url.password} if url.password else {}


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
