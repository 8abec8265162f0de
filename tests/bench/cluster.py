"""A PostgreSQL of our own in a throw-away folder: a base database, and as many copies as wanted."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import URL, Engine, create_engine
from sqlalchemy.orm import Session

from app.accounts import service
from app.accounts.people import Grant, NewPerson
from app.kernel.clock import system_clock
from app.kernel.migrate import migrate
from app.kernel.postgres_embedded import DATABASE, Embedded
from app.kernel.postgres_roles import RUNTIME_MAY, connect
from tests.bench import ledger
from tests.bench.deeds import Stock
from tests.builders.people import DOCK, NORTH, PASSWORD, make_places, system_work
from tests.watch_over import watched_over

CLINIC_LOGIN, STORE_LOGIN = "clinic-a", "store-a"
LOGINS = {NORTH: CLINIC_LOGIN, DOCK: STORE_LOGIN}


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """One database, as either role."""

    owner_url: URL
    runtime_url: URL


class Cluster:
    """The server, and the databases in it."""

    def __init__(self, server: Embedded, folder: Path) -> None:
        self.server, self.folder = server, folder

    def base(self, name: str, *, tubes: int, fresh: int, now: datetime) -> Stock:
        """Make a base ledger with a few people; the database is then only copied."""
        owner = self._create(name, source=DATABASE)
        stock = ledger.make(owner.owner_url, tubes=tubes, fresh=fresh, now=now)
        engine = engine_of(owner.runtime_url)
        with Session(engine) as session:
            _make_people(session)
            session.commit()
        engine.dispose()
        return stock

    def copy(self, base: str, name: str) -> Copy:
        """A copy of a base ledger, to be written to."""
        return self._create(name, source=base)

    def drop(self, name: str) -> None:
        self._tell(f"DROP DATABASE {name} WITH (FORCE)")

    def version(self) -> str:
        """The edition of the server."""
        with connect(self.server.owner_url) as connection:
            row = connection.execute("SHOW server_version").fetchone()
            return str(row[0]) if row else "unknown"

    def settle(self) -> None:
        """Write out what waits, so that no measurement pays for what was before."""
        self._tell("CHECKPOINT")

    def _create(self, name: str, *, source: str) -> Copy:
        self._tell(f"CREATE DATABASE {name} TEMPLATE {source} STRATEGY FILE_COPY")
        made = Copy(
            owner_url=self.server.owner_url.set(database=name),
            runtime_url=self.server.runtime_url.set(database=name),
        )
        with connect(made.owner_url) as connection:
            for statement in RUNTIME_MAY:
                connection.execute(statement.encode())
        return made

    def _tell(self, statement: str) -> None:
        with connect(self.server.owner_url.set(database="postgres")) as connection:
            connection.execute(statement.encode())


@contextmanager
def cluster() -> Iterator[Cluster]:
    """A migrated server that is gone afterwards; durability is on, as always."""
    folder = Path(tempfile.mkdtemp(prefix="unbroken-bench-"))
    server = Embedded(folder)
    with watched_over(folder):
        try:
            server.ensure_running()
            migrate(server.owner_url)
            yield Cluster(server, folder)
        finally:
            server.remove()
            shutil.rmtree(folder, ignore_errors=True)


def engine_of(url: URL, **connect_args: object) -> Engine:
    """An engine as the web server has it."""
    return create_engine(url, connect_args={"options": "-c timezone=UTC", **connect_args})


def _make_people(session: Session) -> None:
    work = system_work(session, system_clock)
    make_places(work)
    for site, login in LOGINS.items():
        grants = (Grant(role="technician", site=site),)
        service.add_person(
            work,
            NewPerson(
                login=login,
                label=f"technician {login[-1].upper()}",
                password=PASSWORD,
                site=site,
                language="en",
                grants=grants,
            ),
        )
