"""What labels are handed to in tests: a program in place of `lp`, a folder."""

from pathlib import Path
from typing import Final

_LP: Final = """#!/bin/sh
# Stands in for the spooler's program: keeps what it is given, or says why it takes nothing.
here='{folder}'
if [ -e "$here/hangs" ]; then exec tail -f /dev/null; fi
if [ -e "$here/dies" ]; then kill -9 $$; fi
if [ -e "$here/says" ]; then cat "$here/says" >&2; exit 1; fi
echo "$@" >> "$here/asked"
cat > "$here/${{4#label }}"
echo "request id is labels-1 (1 file(s))"
"""


class FakeSpooler:
    """A program that is called as `lp` is, and the folder where it keeps what it was given."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.program = folder / "lp"
        self.install()

    def install(self) -> None:
        self.program.write_text(_LP.format(folder=self._folder))
        self.program.chmod(0o755)

    def behave(self, how: str, words: str = "") -> None:
        """`hangs`, `dies`, or `says` something and takes nothing; `well` ends all of these."""
        for each in ("hangs", "dies", "says"):
            (self._folder / each).unlink(missing_ok=True)
        if how != "well":
            (self._folder / how).write_text(words)

    @property
    def asked(self) -> list[str]:
        asked = self._folder / "asked"
        return asked.read_text().splitlines() if asked.exists() else []

    def given(self, number: int) -> bytes:
        return (self._folder / str(number)).read_bytes()
