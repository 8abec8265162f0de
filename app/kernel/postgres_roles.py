"""Two database roles: the owner changes tables, the runtime role only rows, and not all of them.

The privileges always belong to one role name, so that a backup can be restored anywhere; an
outside database may give its own log-in, which then becomes a member.
"""

import os
import secrets
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo
from sqlalchemy import URL

OWNER, RUNTIME = "unbroken_owner", "unbroken_app"

RUNTIME_MAY = (
    "ALTER DEFAULT PRIVILEGES IN SCHEMA public"
    f" GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {RUNTIME}",
    f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {RUNTIME}",
    f"GRANT USAGE ON SCHEMA public TO {RUNTIME}",
)


def append_only(table: str) -> str:
    """The statement, for a migration, that leaves the runtime role only INSERT and SELECT.

    For use as `op.execute(append_only("custody_event"))`, right after the table is made.
    """
    return f"REVOKE UPDATE, DELETE, TRUNCATE ON TABLE {table} FROM {RUNTIME}"


def read_only(table: str) -> str:
    """The statement, for a migration, that leaves the runtime role only SELECT."""
    return f"REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON TABLE {table} FROM {RUNTIME}"


def connect(url: URL, *, patience: int = 10) -> psycopg.Connection:
    """A plain connection to where `url` points, each statement its own transaction."""
    return psycopg.connect(
        address(url), password=url.password, connect_timeout=patience, autocommit=True
    )


def lets_in(url: URL) -> bool:
    """Whether somebody answers there and takes this password."""
    try:
        connect(url).close()
    except psycopg.OperationalError:
        return False
    return True


def address(url: URL) -> str:
    """Where the database is, as libpq says it, without the password: a command line is public."""
    given: dict[str, str | int] = dict(
        url.set(password=None).translate_connect_args(username="user", database="dbname")
    )
    options = {key: value for key, value in url.query.items() if isinstance(value, str)}
    return make_conninfo("", **given, **options)


def prepare_runtime(owner: URL, *, password: str | None, login: str = RUNTIME) -> None:
    """Make the runtime role and say what it may do in tables yet to be made; safe to repeat.

    With a password the runtime role itself logs in; without one, `login`, a role that is already
    there, becomes its member.
    """
    runtime, member = sql.Identifier(RUNTIME), sql.Identifier(login)
    with connect(owner) as connection, connection.transaction():
        # Two processes may prepare at once; the second then finds everything done.
        connection.execute("SELECT pg_advisory_xact_lock(hashtext('unbroken: roles'))")
        if not _role_exists(connection, RUNTIME):
            connection.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(runtime))
        if password is not None:
            # Only the verifier travels, so that no log can ever hold the password.
            verifier = connection.pgconn.encrypt_password(
                password.encode(), RUNTIME.encode(), b"scram-sha-256"
            )
            connection.execute(
                sql.SQL("ALTER ROLE {} LOGIN PASSWORD {}").format(
                    runtime, sql.Literal(verifier.decode())
                )
            )
        elif login != RUNTIME:
            connection.execute(sql.SQL("GRANT {} TO {}").format(runtime, member))
        for statement in RUNTIME_MAY:
            connection.execute(statement.encode())


def _role_exists(connection: psycopg.Connection, role: str) -> bool:
    found = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
    return found is not None


def keep_password(file: Path) -> str:
    """The password in `file`; made up and written, readable by nobody else, when there is none."""
    if file.exists():
        return file.read_text().strip()
    password = secrets.token_urlsafe(32)
    fresh = file.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as out:
        out.write(password + "\n")
        out.flush()
        os.fsync(out.fileno())
    fresh.rename(file)
    return password
