"""Gives labels to a queue of the system's print spooler, by its own program `lp`.

Not for knowing whether a label came out: a spooler calls a job done that a printer with its lid
open has swallowed.
"""

import os
import re
import shutil
import subprocess
from typing import Final

from hardware.errors import BadAddress
from hardware.printer.handing import NobodyKnows, NotTaken
from hardware.printer.one_label import Label

PROGRAM: Final = "lp"
TAKING_SECONDS: Final = 30.0  # a spooler that is slow, not one that hangs
_QUEUE: Final = re.compile(r"\w[\w.@+-]{0,126}")
# What `lp` says when it takes nothing; the first that fits.
_SAID: Final = (
    ("does not exist", "queue_unknown"),
    ("unknown destination", "queue_unknown"),
    ("not accepting", "queue_closed"),
    ("scheduler", "spooler_down"),
    ("refused", "spooler_down"),
)


class BadQueue(BadAddress):
    """No spooler has a queue of such a name."""

    remedy = "Give the name of a queue of this computer; `lpstat -e` lists them"


class SpoolerQueue:
    """One queue. What it is given with `raw` goes to the printer as it is."""

    def __init__(
        self,
        queue: str,
        *,
        raw: bool = False,
        program: str = PROGRAM,
        seconds: float = TAKING_SECONDS,
    ) -> None:
        self.model = queue
        self._options = ["-o", "raw"] if raw else []
        self._program = program
        self._seconds = seconds

    def check(self) -> None:
        """Whether there is a spooler at all; of its queues it tells only whoever prints."""
        if shutil.which(self._program) is None:
            raise NotTaken("no_spooler")

    def take(self, label: Label) -> None:
        """Have `lp` take it. One that was begun and did not end in time may have been taken."""
        title = f"label {label.number}"
        command = [self._program, "-d", self.model, "-t", title, *self._options, "-"]
        try:
            done = subprocess.run(  # noqa: S603 - no shell; the queue's name was checked
                command,
                input=label.content,
                capture_output=True,
                timeout=self._seconds,
                check=False,
                env={**os.environ, "LC_ALL": "C"},  # so that what it says can be understood
            )
        except subprocess.TimeoutExpired as error:
            raise NobodyKnows("spooler_silent") from error
        except OSError as error:
            raise NotTaken("no_spooler") from error
        if done.returncode < 0:
            raise NobodyKnows("spooler_silent")
        if done.returncode > 0:
            raise NotTaken(_reason(done.stderr.decode("utf-8", "replace").lower()))


def check_queue(address: str) -> None:
    """Raise BadQueue for what is no queue's name."""
    if not _QUEUE.fullmatch(address):
        raise BadQueue(address, "that is no name of a print queue")


def _reason(said: str) -> str:
    return next((reason for words, reason in _SAID if words in said), "spooler_refused")
