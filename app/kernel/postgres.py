"""The database of this house: a PostgreSQL of our own that comes with the installation, or yours.

`open_database` gives one or the other behind the same few verbs.
"""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from sqlalchemy import URL, make_url

from app.kernel.postgres_embedded import PAUSE, Embedded, Status
from app.kernel.postgres_errors import DatabaseDidNotStart
from app.kernel.postgres_programs import make_folder
from app.kernel.postgres_roles import RUNTIME, keep_password, lets_in, prepare_runtime


class Database(Protocol):
    """What the rest of the house knows of a database server."""

    @property
    def owner_url(self) -> URL:
        """For migrations, backup and restore."""

    @property
    def runtime_url(self) -> URL:
        """For everything else: changes rows, never tables, and the ledger only by appending."""

    def ensure_running(self) -> None:
        """Return when the database answers and both roles are there; start it if it is ours."""

    def stop(self) -> bool:
        """Stop the server if it is ours and runs; say whether it was stopped."""

    def status(self) -> Status:
        """How it is now; changes nothing."""


def open_database(
    *, data_folder: Path, url: str | None = None, runtime_url: str | None = None
) -> Database:
    """The database at `url`, or the embedded one of the data folder where there is no URL."""
    if url is None:
        return Embedded(data_folder)
    return Outside(
        data_folder=data_folder,
        owner_url=_for_psycopg(url),
        given_runtime_url=_for_psycopg(runtime_url) if runtime_url else None,
    )


def _for_psycopg(url: str) -> URL:
    return make_url(url.replace("postgres://", "postgresql://", 1)).set(
        drivername="postgresql+psycopg"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """A PostgreSQL that somebody else looks after, known by its URL."""

    data_folder: Path
    owner_url: URL
    given_runtime_url: URL | None = None
    patience: float = 60

    @property
    def runtime_url(self) -> URL:
        if self.given_runtime_url is not None:
            return self.given_runtime_url
        make_folder(self.data_folder, mode=0o700)
        password = keep_password(self.data_folder / "runtime.password")
        return self.owner_url.set(username=RUNTIME, password=password)

    def ensure_running(self) -> None:
        """Wait until it answers, then see to the runtime role. Raises DatabaseDidNotStart."""
        deadline = time.monotonic() + self.patience
        while not lets_in(self.owner_url):
            if time.monotonic() > deadline:
                raise DatabaseDidNotStart(
                    seconds=int(self.patience), said="nobody answers", log="its own place"
                )
            time.sleep(PAUSE)
        if self.given_runtime_url is None:
            prepare_runtime(self.owner_url, password=self.runtime_url.password)
        else:
            login = self.given_runtime_url.username or RUNTIME
            prepare_runtime(self.owner_url, password=None, login=login)

    def stop(self) -> bool:
        """Never stopped by us."""
        return False

    def status(self) -> Status:
        return Status(answers=lets_in(self.runtime_url), embedded=False)
