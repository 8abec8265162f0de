"""Stops the tests' database server when the test run is killed and cannot do so itself."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.kernel.postgres_embedded import Embedded


@contextmanager
def watched_over(folder: Path) -> Iterator[None]:
    """While inside, another process waits for this one to end; ended in peace, it does nothing."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.watch_over", str(folder)],
        cwd=Path(__file__).parents[1],
        stdin=subprocess.PIPE,
        start_new_session=True,
    ) as watcher:
        try:
            yield
        finally:
            watcher.communicate(b"ended in peace")


def main() -> None:
    folder = Path(sys.argv[1])
    if not sys.stdin.read() and folder.exists():
        Embedded(folder).remove()
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
