"""Puts labels into a folder, one file each, for a person or another program to print.

Not for knowing whether anybody does.
"""

import errno
import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Final

from hardware.clock import Clock
from hardware.errors import BadAddress
from hardware.printer.handing import NobodyKnows, NotTaken
from hardware.printer.one_label import Label

_REASONS: Final = {
    errno.ENOENT: "folder_gone",
    errno.ENOTDIR: "folder_gone",
    errno.ENOSPC: "disk_full",
    errno.EDQUOT: "disk_full",
    errno.EFBIG: "disk_full",
    errno.EACCES: "folder_closed",
    errno.EPERM: "folder_closed",
    errno.EROFS: "folder_closed",
}


class BadFolder(BadAddress):
    """No folder can be meant by that."""

    remedy = "Give the folder by its whole path, as in /var/spool/labels"


class LabelFolder:
    """One folder. A file is there whole or not at all, and none is ever written over."""

    def __init__(self, folder: Path, *, ending: str, clock: Clock) -> None:
        self.model = str(folder)
        self._folder = folder
        self._ending = ending
        self._clock = clock

    def check(self) -> None:
        """Whether it is there, and files may be put into it."""
        if not self._folder.is_dir():
            raise NotTaken("folder_gone")
        if not os.access(self._folder, os.W_OK | os.X_OK):
            raise NotTaken("folder_closed")

    def take(self, label: Label) -> None:
        """Write it beside its place, and move it there when it is safe on the disk."""
        name = f"{self._clock.wall():%Y%m%d-%H%M%S}-{label.number:03}-{secrets.token_hex(4)}"
        begun = self._folder / f".{name}"
        try:
            _write(begun, label.content)
            begun.rename(self._folder / f"{name}.{self._ending}")
        except OSError as error:
            with suppress(OSError):
                begun.unlink(missing_ok=True)
            raise NotTaken(_reason(error)) from error
        try:
            _settle(self._folder)
        except OSError as error:
            raise NobodyKnows(_reason(error)) from error


def check_folder(address: str) -> None:
    """Raise BadFolder for what is no whole path."""
    if not address.isprintable() or not Path(address).is_absolute():
        raise BadFolder(address, "that is no whole path of a folder")


def _write(path: Path, content: bytes) -> None:
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _settle(folder: Path) -> None:
    """Have the folder itself safe on the disk."""
    node = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(node)
    finally:
        os.close(node)


def _reason(error: OSError) -> str:
    return _REASONS.get(error.errno or 0, "folder_refused")
