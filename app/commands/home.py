"""This installation, as every command finds it: its settings and its database."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import click

from app import factory, jobs
from app.kernel.clock import system_clock
from app.kernel.errors import Refused
from app.kernel.ids import uuid7_source
from app.kernel.migrate import pending
from app.kernel.postgres import Database
from app.kernel.work import Work
from config.settings import Settings

Answer = TypeVar("Answer")
IDS = uuid7_source(system_clock)
FILE = click.Path(path_type=Path, dir_okay=False)
OLD_FILE = click.Path(path_type=Path, dir_okay=False, exists=True)


class NotMigrated(Refused):
    """The tables are not those of this version."""

    message = "The database lacks %(count)s steps of this version: %(steps)s"
    advice = "unbroken migrate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """This installation: its settings, and the database they speak of, which need not run."""

    settings: Settings
    database: Database

    @classmethod
    def here(cls) -> "Home":
        """As the environment says. Raises SettingsWrong."""
        settings = Settings.from_env(os.environ)
        return cls(settings=settings, database=factory.database_of(settings))

    def ready(self) -> None:
        """Have the database run, and see that it is this version's. Raises NotMigrated."""
        self.database.ensure_running()
        missing = pending(self.database.owner_url)
        if missing:
            raise NotMigrated(count=len(missing), steps=", ".join(missing))

    @contextmanager
    def works(self) -> Iterator[Callable[[], Work]]:
        """Units of work of the system itself."""
        with factory.works(
            self.settings, clock=system_clock, ids=IDS, database=self.database.runtime_url
        ) as work_factory:
            yield work_factory

    def do(self, deed: Callable[[Work], Answer]) -> Answer:
        """One deed of the system itself, committed."""
        with self.works() as work_factory:
            return jobs.in_transaction(work_factory, deed)
