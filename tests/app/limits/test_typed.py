"""Limits at the command line: told, added by a value or by a file, and refused in words."""

import json
from pathlib import Path

import pytest
from click.testing import Result

from app.simulation.short_limits import write
from config.limits import load
from tests.app.test_cli import Unbroken, runner_on, said
from tests.conftest import FreshDatabase


@pytest.fixture
def unbroken(fresh_database: FreshDatabase, tmp_path: Path) -> Unbroken:
    return runner_on(fresh_database(), tmp_path)


def add(unbroken: Unbroken, *more: str) -> Result:
    return unbroken("limits", "add", "--reason", "a new procedure", "--json", *more)


def test_values_are_added_and_every_version_is_told(unbroken: Unbroken) -> None:
    added = add(
        unbroken,
        *("--set", "G28.pack_hours_max=8", "--set", 'G09.consents_required=["primary"]'),
        *("--name", "SOP-7", "--from", "2126-12-01T06:00-06:00"),
    )
    told = unbroken("limits", "show")
    whole = unbroken("limits", "show", "2")

    assert added.exit_code == 0, added.output
    assert said(added)["valid_from"] == "2126-12-01T12:00:00+00:00"
    assert said(added)["changes"] == [
        {
            "rule": "G09",
            "key": "consents_required",
            "before": ["primary", "biospecimen"],
            "after": ["primary"],
        },
        {"rule": "G28", "key": "pack_hours_max", "before": 12, "after": 8},
    ]
    assert told.stdout.splitlines()[:2] == [
        "Version 2 (SOP-7), from 2126-12-01T12:00+00:00",
        "  a new procedure",
    ]
    assert told.stdout.splitlines()[-1] == "Version 1 (default-1), in force"
    assert "G28.pack_hours_max=8" in whole.stdout.splitlines()
    assert unbroken("verify").exit_code == 0


def test_a_changed_file_is_added(unbroken: Unbroken, tmp_path: Path) -> None:
    file = tmp_path / "limits.toml"
    write(load().overridden({"G28": {"pack_hours_max": 6}}, sop_version="default-1"), file)

    added = add(unbroken, "--file", str(file))
    again = add(unbroken, "--file", str(file))

    assert said(added)["sop_version"] == "limits-2"
    assert (again.exit_code, said(again)["error"]) == (1, "It would change nothing")


def test_a_file_that_is_wrong_says_where(unbroken: Unbroken, tmp_path: Path) -> None:
    file = tmp_path / "limits.toml"
    write(load(), file)
    file.write_text(file.read_text().replace("pack_hours_max", "packing_hours_max"))

    refused = add(unbroken, "--file", str(file))

    assert refused.exit_code == 2
    assert "pack_hours_max: is missing" in str(said(refused)["error"])


@pytest.mark.parametrize(
    ("typed", "code", "words"),
    [
        ("G28.pack_hours_max", 2, "is not like G28.pack_hours_max=8"),
        ("G28=8", 2, "is not like"),
        ("G28.pack_hours_max=", 2, "is not like"),
        ("G28.pack_hours_max={ a = 1 }", 2, "is not like"),
        ("G28.pack_hours_max=long", 1, "The value of G28 pack_hours_max cannot be used"),
        ("G28.packing_hours_max=8", 1, "There is no limit G28 packing_hours_max"),
    ],
)
def test_a_value_that_cannot_be_is_refused(
    unbroken: Unbroken, typed: str, code: int, words: str
) -> None:
    refused = unbroken("limits", "add", "--reason", "typed", "--set", typed)

    assert refused.exit_code == code
    assert words in refused.stderr


@pytest.mark.parametrize(
    ("since", "code"),
    [("tomorrow", 2), ("2126-12-01T06:00", 2), ("2020-12-01T06:00Z", 1)],
)
def test_a_time_that_cannot_be_is_refused(unbroken: Unbroken, since: str, code: int) -> None:
    refused = add(unbroken, "--set", "G28.pack_hours_max=8", "--from", since)

    assert refused.exit_code == code


def test_a_version_that_is_not_there_is_missing(unbroken: Unbroken) -> None:
    missing = unbroken("limits", "show", "9", "--json")

    assert missing.exit_code == 1
    assert json.loads(missing.stdout)["error"] == "There is no version 9 of the limits"
