"""The steps are one line, each named as its file, and the head file knows the last."""

from pathlib import Path

import pytest

from app.kernel.migrate import HEAD_FILE, MIGRATIONS, BrokenLine, complaints_about, steps
from tests.migrations.conftest import Write


def test_our_steps_are_one_line_that_ends_at_the_head() -> None:
    assert complaints_about(MIGRATIONS) == []


def test_every_file_of_ours_is_a_step_on_the_line_in_the_order_of_its_number() -> None:
    files = sorted(path.stem for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))

    assert list(steps(MIGRATIONS)) == files
    assert [int(name[:4]) for name in files] == list(range(1, len(files) + 1))


def test_steps_are_told_oldest_first(folder: Path, write: Write) -> None:
    write("0001_tubes")
    write("0002_boxes", after="0001_tubes")
    write("0003_racks", after="0002_boxes")

    assert steps(folder) == ("0001_tubes", "0002_boxes", "0003_racks")


def test_a_folder_without_steps_is_in_order(folder: Path) -> None:
    assert steps(folder) == ()


def test_two_steps_after_one_are_a_fork(folder: Path, write: Write) -> None:
    write("0001_tubes")
    write("0002_boxes", after="0001_tubes")
    write("0002_racks", after="0001_tubes")

    assert complaints_about(folder) == ["it ends 2 times: 0002_boxes, 0002_racks"]
    with pytest.raises(BrokenLine, match="0002_boxes, 0002_racks"):
        steps(folder)


def test_two_first_steps_are_two_lines(folder: Path, write: Write) -> None:
    write("0001_tubes")
    write("0001_boxes")

    assert "it begins 2 times: 0001_boxes, 0001_tubes" in complaints_about(folder)


@pytest.mark.parametrize("written", ["0001_tubes", "", "0003_racks"])
def test_a_head_file_that_was_not_kept_up_is_noticed(
    folder: Path, write: Write, written: str
) -> None:
    write("0001_tubes")
    write("0002_boxes", after="0001_tubes")
    (folder / HEAD_FILE).write_text(written)

    assert complaints_about(folder) == [f"it ends at 0002_boxes, and {HEAD_FILE} says {written}"]


def test_a_step_is_named_as_its_file(folder: Path, write: Write) -> None:
    write("0001_tubes", revision="0001_boxes")

    assert complaints_about(folder) == ["0001_tubes.py calls itself 0001_boxes"]


def test_a_name_too_long_for_the_database_is_noticed_here(folder: Path, write: Write) -> None:
    name = "0001_" + "x" * 28
    write(name)

    assert complaints_about(folder) == [f"{name} is longer than 32 characters"]
