"""Labels for a folder: one whole file each, and none lost where it cannot be written."""

import os
import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hardware.clock import SystemClock
from hardware.printer.folder import BadFolder, LabelFolder, check_folder
from hardware.printer.handing import HandingPrinter, NotTaken
from hardware.printer.one_label import Label, State
from hardware.printer.protocol import Condition
from tests.hardware.printer.batch import Batch, labels


@contextmanager
def files_of_at_most(length: int) -> Iterator[None]:
    """A disk with no more room than that for any file."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (length, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


def driver(folder: Path) -> HandingPrinter:
    taker = LabelFolder(folder, ending="pdf", clock=SystemClock())
    return HandingPrinter(taker, dpmm=8, again_seconds=0.02)


def test_each_label_is_a_file_and_handed_over(tmp_path: Path) -> None:
    printer = driver(tmp_path)
    assert printer.identify().confirms is False
    assert printer.status().condition is Condition.READY
    batch = Batch(printer, labels(3))
    assert batch.ended(seconds=10)
    assert batch.count(State.HANDED_OVER) == 3
    files = list(tmp_path.iterdir())
    assert {each.suffix for each in files} == {".pdf"}
    assert sorted(f.read_bytes() for f in files) == [each.content for each in labels(3)]


def test_a_folder_that_is_not_there_is_waited_for(tmp_path: Path) -> None:
    folder = tmp_path / "labels"
    printer = driver(folder)
    assert printer.status().reasons == ("folder_gone",)
    batch = Batch(printer, labels(2))
    assert batch.wait_for("folder_gone")
    assert batch.count(State.WAITING) == 2
    folder.mkdir()
    assert batch.ended(seconds=10)
    assert batch.count(State.HANDED_OVER) == 2


def test_a_file_in_its_place_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "labels").touch()
    assert driver(tmp_path / "labels").status().reasons == ("folder_gone",)
    with pytest.raises(NotTaken, match="folder_gone"):
        LabelFolder(tmp_path / "labels", ending="pdf", clock=SystemClock()).take(labels(1)[0])


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write everywhere")
def test_a_folder_of_others_is_said_so(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    assert driver(tmp_path).status().reasons == ("folder_closed",)
    tmp_path.chmod(0o700)


def test_a_folder_that_takes_no_more_leaves_nothing_half_written(tmp_path: Path) -> None:
    small = Label(number=1, content=b"%PDF" * 10, dpmm=8)
    large = Label(number=2, content=b"%PDF" * 100_000, dpmm=8)
    folder = LabelFolder(tmp_path, ending="pdf", clock=SystemClock())
    with files_of_at_most(1000):
        folder.take(small)
        with pytest.raises(NotTaken, match="disk_full"):
            folder.take(large)
    assert [each.read_bytes() for each in tmp_path.iterdir()] == [small.content]


@pytest.mark.parametrize("path", ["", "labels", "./labels", "/var/a\nb"])
def test_what_is_no_whole_path_is_said_so(path: str) -> None:
    with pytest.raises(BadFolder, match="whole path"):
        check_folder(path)
    check_folder("/var/spool/labels")
