"""Bring a database up to the tables this version needs, one numbered step after another.

A step is a file in `migrations/versions`, named by its revision; the last one's name is also in
`migrations/.current-alembic-head`, so that two people who each add a step meet in a conflict when
they merge and not in production.
"""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, NullPool, create_engine, text
from sqlalchemy.engine import Connection

from app.kernel.errors import Refused
from app.kernel.postgres_backup import dump
from app.kernel.postgres_roles import read_only

MIGRATIONS = Path(__file__).parents[2] / "migrations"
HEAD_FILE = ".current-alembic-head"
LONGEST_NAME = 32  # the width of alembic's own column

LOCK_PATIENCE, STATEMENT_PATIENCE = "5s", "15min"


class BrokenLine(Refused):
    """The steps are not one line that ends where the head file says."""

    message = "The migrations are not one line: %(complaints)s"
    advice = "Install this version again"


class DatabaseIsNewer(Refused):
    """A later version of this program has been here."""

    message = "The database is at %(found)s, a step this version does not know"
    advice = "Install the version that was last used with this database"


def migrate(
    url: URL, *, backups: Path | None = None, migrations: Path = MIGRATIONS
) -> tuple[str, ...]:
    """Take the steps still missing, as the owner at `url`, and return their names.

    Each step is one transaction, so a failed one leaves the database at the step before. With
    `backups`, a database that already holds something is first dumped into that folder. Raises
    BrokenLine, DatabaseIsNewer.
    """
    line = steps(migrations)
    engine = create_engine(url, poolclass=NullPool)
    try:
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as guard:
            # One at a time; before the time-outs are set, since waiting here is no fault.
            guard.execute(text("SELECT pg_advisory_lock(hashtext('unbroken: migrations'))"))
            with engine.connect() as connection:
                here = _step_of(connection)
                missing = _after(here, line)
            if missing and backups is not None and here is not None:
                dump(url, backups / f"before-{missing[0]}.dump")
            with engine.connect() as connection:
                _upgrade(connection, migrations)
    finally:
        engine.dispose()
    return missing


def pending(url: URL, *, migrations: Path = MIGRATIONS) -> tuple[str, ...]:
    """The steps this database has not taken, oldest first. Raises as `migrate` does."""
    engine = create_engine(url, poolclass=NullPool)
    try:
        with engine.connect() as connection:
            return _after(_step_of(connection), steps(migrations))
    finally:
        engine.dispose()


def steps(migrations: Path) -> tuple[str, ...]:
    """The names of all steps, oldest first. Raises BrokenLine."""
    complaints = complaints_about(migrations)
    if complaints:
        raise BrokenLine(complaints="; ".join(complaints))
    found = _scripts(migrations).walk_revisions()
    return tuple(script.revision for script in found)[::-1]


def complaints_about(migrations: Path) -> list[str]:
    """What is wrong with this folder of steps; nothing, if it is one line that ends at the head."""
    scripts = _scripts(migrations)
    written = (migrations / HEAD_FILE).read_text().strip()
    heads, bases = sorted(scripts.get_heads()), sorted(scripts.get_bases())
    complaints = []
    if len(bases) > 1:
        complaints.append(f"it begins {len(bases)} times: {', '.join(bases)}")
    if len(heads) > 1:
        complaints.append(f"it ends {len(heads)} times: {', '.join(heads)}")
    elif heads != [written] and (heads or written):
        complaints.append(f"it ends at {', '.join(heads)}, and {HEAD_FILE} says {written}")
    for script in scripts.walk_revisions():
        name = Path(script.path).stem
        if name != script.revision:
            complaints.append(f"{name}.py calls itself {script.revision}")
        if len(script.revision) > LONGEST_NAME:
            complaints.append(f"{name} is longer than {LONGEST_NAME} characters")
    return complaints


def _scripts(migrations: Path) -> ScriptDirectory:
    return ScriptDirectory.from_config(_config(migrations))


def _config(migrations: Path) -> Config:
    config = Config()
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _step_of(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _after(here: str | None, line: tuple[str, ...]) -> tuple[str, ...]:
    if here is None:
        return line
    if here not in line:
        raise DatabaseIsNewer(found=here)
    return line[line.index(here) + 1 :]


def _upgrade(connection: Connection, migrations: Path) -> None:
    connection.execute(text(f"SET lock_timeout = '{LOCK_PATIENCE}'"))
    connection.execute(text(f"SET statement_timeout = '{STATEMENT_PATIENCE}'"))
    connection.commit()
    config = _config(migrations)
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    connection.execute(text(read_only("alembic_version")))
    connection.commit()
