"""The shortened limits: a file that the server reads back as the same version."""

from datetime import timedelta
from pathlib import Path

from app.simulation.short_limits import SECONDS, shortened, write
from config import limits


def test_what_is_written_is_read_back_as_it_was(tmp_path: Path) -> None:
    short = shortened(limits.load())

    write(short, tmp_path / "limits.toml")

    assert limits.load(tmp_path / "limits.toml") == short


def test_what_must_follow_must_follow_within_seconds() -> None:
    short = shortened(limits.load())

    assert short.span("G29", "dispatch_hours_max") == timedelta(seconds=SECONDS)
    assert short.span("G23", "spin_warn_minutes") == timedelta(seconds=SECONDS)
    assert short.version == limits.load().version + 1
