"""The data folder of a demo: its database, and what it remembers from one start to the next."""

import fcntl
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from app.kernel.errors import Refused
from app.kernel.limits import Versions
from app.kernel.migrate import migrate
from app.kernel.postgres_embedded import Embedded
from app.simulation.cast import Cast, Login, StationKey
from app.simulation.world import FULL, Scale, World
from config import catalogue, limits

MEMORY, LOCK = "demo.json", "demo.lock"


class NotADemo(Refused):
    """A folder with something else in it, which a demo must not touch."""

    message = "%(folder)s is not the folder of a demo"
    advice = "Give the demo a folder of its own: UNBROKEN_DATA=var/demo unbroken demo"


class AlreadyRuns(Refused):
    """Two demos in one folder."""

    message = "A demo already runs in %(folder)s"
    advice = "Stop it with Ctrl+C, or give this one another folder: UNBROKEN_DATA"


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What is known of a demo: who is in it, whether its story is told, and codes to try."""

    cast: Cast
    told: bool = False
    codes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoHome:
    """A folder that belongs to a demo alone."""

    folder: Path

    @property
    def database(self) -> Embedded:
        """Its PostgreSQL."""
        return Embedded(self.folder)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Nobody else runs a demo here meanwhile. Raises AlreadyRuns, NotADemo."""
        self._claim()
        handle = os.open(self.folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise AlreadyRuns(folder=str(self.folder)) from error
            yield
        finally:
            os.close(handle)

    def _claim(self) -> None:
        there = list(self.folder.iterdir()) if self.folder.exists() else []
        if there and not (self.folder / LOCK).exists():
            raise NotADemo(folder=str(self.folder))
        self.folder.mkdir(parents=True, exist_ok=True)

    @property
    def empty(self) -> bool:
        """Nothing has been kept here yet."""
        return {entry.name for entry in self.folder.iterdir()} <= {LOCK}

    def clear(self) -> None:
        """Take away everything a demo has left here."""
        self.database.remove()
        for entry in self.folder.iterdir():
            if entry.name == LOCK:
                continue
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            else:
                entry.unlink()

    def open(self) -> None:
        """Have the database run, with the tables of this version."""
        self.database.ensure_running()
        migrate(self.database.owner_url, backups=self.folder / "backups")

    def remembered(self) -> Memory | None:
        """What an earlier start left; None for a new folder."""
        try:
            kept = json.loads((self.folder / MEMORY).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        cast = kept["cast"]
        return Memory(
            cast=Cast(
                logins=tuple(Login(**login) for login in cast["logins"]),
                stations=tuple(StationKey(**key) for key in cast["stations"]),
                freezers=tuple(cast["freezers"]),
            ),
            told=kept["told"],
            codes=kept["codes"],
        )

    def remember(self, memory: Memory) -> None:
        """Keep it; passwords are in it, so only the owner may read the file."""
        new = self.folder / f"{MEMORY}.new"
        new.touch(mode=0o600)
        new.write_text(json.dumps(asdict(memory), indent=1), encoding="utf-8")
        new.replace(self.folder / MEMORY)

    @contextmanager
    def world(
        self, *, now: Callable[[], datetime], seed: int = 1, scale: Scale = FULL
    ) -> Iterator[World]:
        """A world to be played in this database."""
        engine = create_engine(
            self.database.runtime_url,
            # Told again from the start if the machine stops: no need to wait for the disk.
            connect_args={"options": "-c timezone=UTC -c synchronous_commit=off"},
        )
        try:
            with Session(engine, expire_on_commit=False) as session:
                yield World(
                    session=session,
                    catalogue=catalogue.load(),
                    limits=Versions(first=limits.load()),
                    now=now(),
                    seed=seed,
                    scale=scale,
                )
        finally:
            engine.dispose()
