"""Database servers of their own, for the tests that start, kill and remove them."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.kernel.postgres_embedded import Embedded
from tests.watch_over import watched_over


@pytest.fixture
def embedded() -> Iterator[Embedded]:
    """A data folder whose server was not yet started; whatever runs is stopped at the end."""
    with _folder_of_its_own() as one:
        yield one


@pytest.fixture(scope="module")
def shared() -> Iterator[Embedded]:
    """A running server that the tests of one file look at together."""
    with _folder_of_its_own() as one:
        one.ensure_running()
        yield one


@contextmanager
def _folder_of_its_own() -> Iterator[Embedded]:
    # Not pytest's own folder: the account that runs the server for root could not enter that.
    folder = Path(tempfile.mkdtemp(prefix="unbroken-test-"))
    one = Embedded(folder, patience=20)
    with watched_over(folder):
        try:
            yield one
        finally:
            one.remove()
            shutil.rmtree(folder)
