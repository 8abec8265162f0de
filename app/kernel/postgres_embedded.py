"""The PostgreSQL of our own: made, started, found again after a kill, stopped, and removed.

It listens on no port, keeps everything in the data folder, and outlives whoever started it.
"""

import fcntl
import hashlib
import os
import shlex
import shutil
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL

from app.kernel.postgres_errors import (
    DatabaseDidNotStart,
    DatabaseDidNotStop,
    DatabaseGone,
    OtherEdition,
    SocketFolderTaken,
)
from app.kernel.postgres_programs import (
    SYSTEM_FOLDER,
    Account,
    ProgramFailed,
    account_of,
    can_enter,
    is_root,
    make_folder,
    run,
)
from app.kernel.postgres_roles import (
    OWNER,
    RUNTIME,
    connect,
    keep_password,
    lets_in,
    prepare_runtime,
)

DATABASE = "unbroken"
EDITION = "18"
PAUSE = 0.05
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "jit": "off",  # no question of ours is long enough to be worth compiling
    "logging_collector": "on",
    "log_directory": "log",
    "log_filename": "server-%a.log",  # seven files, each overwritten after a week
    "log_truncate_on_rotation": "on",
    "log_rotation_age": "1d",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """How the database is: whether it answers, and for our own where it is and as which process."""

    answers: bool
    embedded: bool
    pid: int | None = None
    home: Path | None = None
    socket_folder: Path | None = None


@dataclass(frozen=True, slots=True)
class Embedded:
    """The PostgreSQL of one data folder. Any number of processes may hold one of these."""

    data_folder: Path
    patience: float = 60

    @property
    def owner_url(self) -> URL:
        return self._url(OWNER, self._home / "owner.password")

    @property
    def runtime_url(self) -> URL:
        return self._url(RUNTIME, self._home / "runtime.password")

    def ensure_running(self) -> None:
        """Return when it answers. Raises DatabaseDidNotStart, DatabaseGone, OtherEdition."""
        if self._answers():
            return
        with self._one_at_a_time():
            self._settle()
            if not self._cluster.exists():
                self._create()
            self._check_edition()
            self._start()
            self._prepare()

    def stop(self) -> bool:
        """Stop it, open transactions rolled back; say whether it ran. Raises DatabaseDidNotStop."""
        with self._one_at_a_time():
            return self._stop()

    def remove(self) -> None:
        """Stop the server and delete its data. What else is in the data folder stays."""
        with self._one_at_a_time():
            self._stop()
            near, home = self.data_folder / "postgres", self._home
            shutil.rmtree(home, ignore_errors=True)
            shutil.rmtree(self._socket_folder, ignore_errors=True)
            if near.is_symlink():
                near.unlink()

    def status(self) -> Status:
        return Status(
            answers=self._answers(),
            embedded=True,
            pid=self._pid() if self.is_running() else None,
            home=self._home,
            socket_folder=self._socket_folder,
        )

    def is_running(self) -> bool:
        """Whether any process of the server lives, answering or not."""
        if not self._sign_of_life.exists():
            return False
        with _try_lock(self._sign_of_life, fcntl.LOCK_SH) as held:
            return held is None

    # Where things are

    @property
    def _home(self) -> Path:
        return (self.data_folder / "postgres").resolve()

    @property
    def _cluster(self) -> Path:
        return self._home / "cluster"

    @property
    def _sign_of_life(self) -> Path:
        """Locked by the server itself, from birth until its last process has ended.

        A process number can be re-used, and a killed server's number is still written down; the
        kernel lets go of a lock only when every holder is dead.
        """
        return self._home / "alive"

    @property
    def _account(self) -> Account:
        return account_of(self._cluster)

    @property
    def _socket_folder(self) -> Path:
        # Not from TMPDIR: every process must find the same folder. Short: 107 bytes is the limit
        # on Linux, 103 on macOS.
        digest = hashlib.sha256(os.fsencode(self._home)).hexdigest()[:12]
        return Path(f"/tmp/unbroken-{self._account.uid}-{digest}")  # noqa: S108 - checked when used

    def _url(self, role: str, password: Path, database: str = DATABASE) -> URL:
        return URL.create(
            "postgresql+psycopg",
            username=role,
            password=password.read_text().strip(),
            database=database,
            query={"host": str(self._socket_folder)},
        )

    # Making and starting it; each of these is called by one process at a time

    def _settle(self) -> None:
        """Decide, once and for ever, where the database of this data folder is, and go there."""
        near = self.data_folder / "postgres"
        if near.is_symlink() and not near.exists():
            raise DatabaseGone(data=self.data_folder, home=self._home)
        if is_root() and not near.exists():
            parents = self.data_folder.resolve().parents
            if not can_enter(self._account, parents):
                # The parents are not ours to open, so the database goes where it can be reached.
                digest = hashlib.sha256(os.fsencode(self._home)).hexdigest()[:12]
                far = SYSTEM_FOLDER / f"postgres-{digest}"
                make_folder(SYSTEM_FOLDER, mode=0o711)
                make_folder(far, mode=0o711)
                near.symlink_to(far)
        if is_root() and self._home.parent == self.data_folder.resolve():
            self.data_folder.chmod(0o711)  # the account passes through, and can list nothing
        make_folder(self._home, mode=0o711 if is_root() else 0o700)
        self._make_socket_folder()

    def _make_socket_folder(self) -> None:
        folder = self._socket_folder
        make_folder(folder, mode=0o700, owner=self._account)
        found = folder.lstat()
        private = stat.S_ISDIR(found.st_mode) and stat.S_IMODE(found.st_mode) == 0o700
        if not private or found.st_uid != self._account.uid:
            raise SocketFolderTaken(folder=folder)

    def _create(self) -> None:
        fresh, account = self._home / "cluster.new", self._account
        shutil.rmtree(fresh, ignore_errors=True)  # left by one that was killed half-way
        make_folder(fresh, mode=0o700, owner=account)
        secret = self._socket_folder / "owner.password"
        try:
            secret.touch(mode=0o600)
            secret.write_text(keep_password(self._home / "owner.password"))
            if is_root():
                os.chown(secret, account.uid, account.gid)
            run(
                "initdb",
                f"--pgdata={fresh}",
                f"--username={OWNER}",
                f"--pwfile={secret}",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--locale=C",
                account=account,
            )
        finally:
            secret.unlink(missing_ok=True)
        fresh.rename(self._cluster)

    def _check_edition(self) -> None:
        found = (self._cluster / "PG_VERSION").read_text().strip()
        if found != EDITION:
            raise OtherEdition(cluster=self._cluster, found=found, needed=EDITION)

    def _start(self) -> None:
        """Try until it is there: just after a kill, what is left of the old one is in the way."""
        deadline, said = time.monotonic() + self.patience, "it is still recovering"
        while not self._owner_is_let_in():
            if time.monotonic() > deadline:
                raise DatabaseDidNotStart(
                    seconds=int(self.patience), said=said, log=self._cluster / "log"
                )
            with _try_lock(self._sign_of_life, fcntl.LOCK_EX) as alone:
                if alone is not None:
                    said = self._launch(alone, deadline) or said
            time.sleep(PAUSE)

    def _launch(self, sign_of_life: int, deadline: float) -> str:
        """Start the server, which inherits the locked file; say what went wrong, if anything."""
        # No process of the old server lives, so whatever it left lying about is stale. Left there,
        # these would stop the new one wherever the old number now belongs to somebody else.
        (self._cluster / "postmaster.pid").unlink(missing_ok=True)
        for left in self._socket_folder.glob(".s.PGSQL.*"):
            left.unlink()
        settings = SETTINGS | {"unix_socket_directories": str(self._socket_folder)}
        options = shlex.join(part for key in settings for part in ("-c", f"{key}={settings[key]}"))
        try:
            run(
                "pg_ctl",
                "start",
                "--wait",
                f"--timeout={max(1, int(deadline - time.monotonic()))}",
                f"--pgdata={self._cluster}",
                f"--log={self._cluster / 'start.log'}",
                f"--options={options}",
                account=self._account,
                pass_fds=(sign_of_life,),
            )
        except ProgramFailed:
            return (self._cluster / "start.log").read_text(errors="replace").strip()[-2000:]
        return ""

    def _prepare(self) -> None:
        password = keep_password(self._home / "runtime.password")
        with connect(self._url(OWNER, self._home / "owner.password", "postgres")) as connection:
            there = "SELECT 1 FROM pg_database WHERE datname = %s"
            if connection.execute(there, [DATABASE]).fetchone() is None:
                connection.execute(f"CREATE DATABASE {DATABASE}".encode())
        prepare_runtime(self.owner_url, password=password)

    def _stop(self) -> bool:
        deadline = time.monotonic() + self.patience
        running = self.is_running()
        if running:
            # Not waited for by its number: a killed server's number may linger or be re-used.
            with suppress(ProgramFailed):  # it may be ending by itself at this very moment
                run(
                    "pg_ctl",
                    "stop",
                    "--mode=fast",
                    "--no-wait",
                    f"--pgdata={self._cluster}",
                    account=self._account,
                )
        while self.is_running():
            if time.monotonic() > deadline:
                raise DatabaseDidNotStop(seconds=int(self.patience))
            time.sleep(PAUSE)
        return running

    # How it is

    def _answers(self) -> bool:
        """Whether the runtime role is let in, which is the last thing to become so."""
        if not (self._home / "runtime.password").exists():
            return False
        return lets_in(self.runtime_url)

    def _owner_is_let_in(self) -> bool:
        return lets_in(self._url(OWNER, self._home / "owner.password", "postgres"))

    def _pid(self) -> int | None:
        try:
            return int((self._cluster / "postmaster.pid").read_text().split()[0])
        except (FileNotFoundError, IndexError):
            return None

    @contextmanager
    def _one_at_a_time(self) -> Iterator[None]:
        make_folder(self.data_folder, mode=0o700)
        handle = os.open(self.data_folder / "postgres.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)


@contextmanager
def _try_lock(file: Path, kind: int) -> Iterator[int | None]:
    """The locked file's handle, or None where another holds it; let go by closing, not before.

    Never unlocked by name: that would unlock it for the child that inherited the handle, too.
    """
    handle = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        yield None
        return
    try:
        yield handle
    finally:
        os.close(handle)
