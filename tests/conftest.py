"""A real PostgreSQL for every test that asks for one; started on the first such question.

`session` is what most tests want: the runtime role on a migrated database, rolled back afterwards.
`fresh_database` gives a database of its own to a test that commits or needs several connections.
"""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import URL, Engine, create_engine
from sqlalchemy.orm import Session

from app.kernel.migrate import migrate
from app.kernel.postgres_embedded import DATABASE, Embedded
from app.kernel.postgres_roles import RUNTIME_MAY, connect
from tests.chromium import browser as browser
from tests.watch_over import watched_over

TEMPLATE = "migrated"
# Where the system keeps files in memory, a database of its own costs a test a tenth of the time.
MEMORY, MEMORY_BYTES_LEAST = Path("/dev/shm"), 4 * 1024**3  # noqa: S108 - a new folder within


@dataclass(frozen=True, slots=True, kw_only=True)
class TestDatabase:
    """One database of the tests' server, as either role."""

    __test__ = False

    owner_url: URL
    runtime_url: URL


FreshDatabase = Callable[..., TestDatabase]


@pytest.fixture(scope="session")
def server() -> Iterator[Embedded]:
    """The embedded PostgreSQL of this test run, in a folder of its own."""
    # Not pytest's own folder: the account that runs the server for root could not enter that.
    folder = Path(tempfile.mkdtemp(prefix="unbroken-test-", dir=_in_memory()))
    embedded = Embedded(folder)
    with watched_over(folder):
        try:
            embedded.ensure_running()
            _hasten(embedded)
            yield embedded
        finally:
            embedded.remove()
            shutil.rmtree(folder)


def _in_memory() -> Path | None:
    """The folder for files in memory, if there is one with room; else None, for the usual one."""
    usable = MEMORY.is_dir() and os.access(MEMORY, os.W_OK)
    roomy = usable and shutil.disk_usage(MEMORY).free >= MEMORY_BYTES_LEAST
    return MEMORY if roomy else None


def _hasten(embedded: Embedded) -> None:
    """Nothing here outlives the run; whoever tests what a power cut leaves starts a server anew."""
    with connect(embedded.owner_url.set(database="postgres")) as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(f"ALTER SYSTEM SET {setting} = off".encode())
        connection.execute(b"SELECT pg_reload_conf()")


@pytest.fixture(scope="session")
def database(server: Embedded) -> TestDatabase:
    """The one migrated database that rolled-back sessions share; commit nothing here."""
    migrate(server.owner_url)
    with connect(server.owner_url.set(database="postgres")) as connection:
        connection.execute(f"CREATE DATABASE {TEMPLATE} TEMPLATE {DATABASE}".encode())
    return TestDatabase(owner_url=server.owner_url, runtime_url=server.runtime_url)


@pytest.fixture(scope="session")
def engine(database: TestDatabase) -> Iterator[Engine]:
    engine = create_engine(database.runtime_url)
    yield engine
    engine.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """A session as the runtime role; what it commits is a savepoint, and all is rolled back."""
    with engine.connect() as connection:
        transaction = connection.begin()
        try:
            with Session(connection, join_transaction_mode="create_savepoint") as session:
                yield session
        finally:
            transaction.rollback()


@pytest.fixture
def fresh_database(server: Embedded, request: pytest.FixtureRequest) -> Iterator[FreshDatabase]:
    """Makes databases: migrated, or empty with `migrated=False`; drops them at the end."""
    names: list[str] = []

    def make(*, migrated: bool = True) -> TestDatabase:
        if migrated:
            request.getfixturevalue("database")
        name = f"fresh_{next(_numbers)}"
        with connect(server.owner_url.set(database="postgres")) as connection:
            source = TEMPLATE if migrated else "template0"
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {source}".encode())
            names.append(name)
        made = TestDatabase(
            owner_url=server.owner_url.set(database=name),
            runtime_url=server.runtime_url.set(database=name),
        )
        if not migrated:
            with connect(made.owner_url) as connection:
                for statement in RUNTIME_MAY:
                    connection.execute(statement.encode())
        return made

    yield make
    with connect(server.owner_url.set(database="postgres")) as connection:
        for name in names:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


_numbers = count(1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whoever wants a database or a server of its own is not among the fast tests."""
    for item in items:
        if {"fresh_database", "embedded"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.slow)
