"""The command line: what it says, in JSON too, and the exit codes that programs go by."""

import json
from collections.abc import Callable
from contextlib import chdir
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from app.alarms.marks import BACKUP, SWEEP, mark
from app.cli import main
from app.kernel.clock import system_clock
from app.scanning.models import StationHealthRow
from tests.builders.people import make_places, system_work
from tests.conftest import FreshDatabase, TestDatabase
from tests.fakes.clock import SetClock

Unbroken = Callable[..., Result]


@pytest.fixture
def database(fresh_database: FreshDatabase) -> TestDatabase:
    return fresh_database()


def runner_on(database: TestDatabase, folder: Path) -> Unbroken:
    """Runs commands on this database as somebody would who looks after their own."""
    env = {
        "UNBROKEN_DATA": str(folder),
        "UNBROKEN_DATABASE_URL": database.runtime_url.render_as_string(hide_password=False),
        "UNBROKEN_OWNER_DATABASE_URL": database.owner_url.render_as_string(hide_password=False),
    }

    def run(*arguments: str, **more: str) -> Result:
        typed = more.pop("typed", None)
        return CliRunner().invoke(main, list(arguments), env={**env, **more}, input=typed)

    return run


@pytest.fixture
def unbroken(database: TestDatabase, tmp_path: Path) -> Unbroken:
    return runner_on(database, tmp_path)


def said(result: Result) -> dict[str, object]:
    """The one JSON document of an answer."""
    found = json.loads(result.stdout)
    assert isinstance(found, dict)
    return found


def health(result: Result) -> dict[str, str]:
    """How doctor found each part."""
    findings = said(result)["findings"]
    assert isinstance(findings, list)
    return {finding["name"]: finding["health"] for finding in findings}


def test_a_command_nobody_knows_is_asked_in_a_wrong_way(unbroken: Unbroken) -> None:
    result = unbroken("tubes")

    assert result.exit_code == 2
    assert "No such command" in result.stderr


def test_settings_that_cannot_be_used_are_all_told(unbroken: Unbroken) -> None:
    result = unbroken("doctor", UNBROKEN_PORT="x", UNBROKEN_LANGUAGE="fr")

    assert result.exit_code == 2
    assert "UNBROKEN_PORT" in result.stderr
    assert "UNBROKEN_LANGUAGE" in result.stderr


def test_an_empty_database_is_told_what_to_do(
    fresh_database: FreshDatabase, tmp_path: Path
) -> None:
    unbroken = runner_on(fresh_database(migrated=False), tmp_path)
    refused = unbroken("verify")
    taken = unbroken("migrate", "--json")

    assert refused.exit_code == 1
    assert "What to do: unbroken migrate" in refused.stderr
    assert taken.exit_code == 0
    assert "0003_alarms" in str(said(taken)["taken"])
    assert unbroken("verify").exit_code == 0
    assert said(unbroken("migrate", "--json"))["taken"] == []


def test_somebody_is_added_with_a_password_made_here_and_shown_once(unbroken: Unbroken) -> None:
    first = unbroken("user", "add", "admin", "--role", "administrator", "--json")
    again = unbroken("user", "add", "admin", "--role", "administrator", "--json")

    assert len(str(said(first)["password"])) >= 16
    assert again.exit_code == 1
    assert said(again)["error"] == "This user name is taken"


def test_a_password_can_come_from_standard_input(unbroken: Unbroken) -> None:
    command = ("user", "add", "quality", "--role", "quality", "--password-stdin", "--json")
    result = unbroken(*command, typed="eleven quiet harbours\n")

    assert (result.exit_code, said(result)["password"]) == (0, None)


def test_a_site_and_a_station_are_added(unbroken: Unbroken) -> None:
    place = ("--kind", "clinic", "--zone", "America/Chicago", "--organisation", "clinics")
    site = unbroken("site", "add", "BRK", "--title", "Brook clinic", *place)
    chair = ("--site", "BRK", "--unit", "collection", "--title", "Chair 1", "--json")
    station = unbroken("station", "add", *chair)
    nowhere = unbroken("station", "add", "--site", "XX", "--unit", "dock", "--title", "Dock")

    assert (site.exit_code, station.exit_code, nowhere.exit_code) == (0, 0, 1)
    assert str(said(station)["station"]).startswith("ST")
    assert "There is no site XX" in nowhere.stderr


def test_a_programme_is_added(unbroken: Unbroken) -> None:
    added = unbroken("programme", "add", "cohort-2", "--title", "The second cohort", "--json")

    assert (added.exit_code, said(added)) == (0, {"ok": True, "programme": "cohort-2"})


def test_proof_and_backup_go_round(
    unbroken: Unbroken, database: TestDatabase, tmp_path: Path
) -> None:
    write_places(database)
    seal, copy = tmp_path / "kept.seal", tmp_path / "kept.dump"
    for command in (
        ("seal", "--out", str(seal)),
        ("verify", "--seal", str(seal)),
        ("backup", str(copy)),
    ):
        assert unbroken(*command).exit_code == 0, command
    kept = unbroken("restore", str(copy))
    back = unbroken("restore", str(copy), "--replace", "--seal", str(seal), "--json")

    assert kept.exit_code == 1
    assert "not empty" in kept.stderr
    assert (back.exit_code, said(back)["verified"], said(back)["findings"]) == (0, True, [])


def test_a_file_that_is_no_seal_is_refused(unbroken: Unbroken, tmp_path: Path) -> None:
    file = tmp_path / "kept.seal"
    file.write_text("{}")
    result = unbroken("verify", "--seal", str(file))

    assert result.exit_code == 1
    assert "cannot be trusted" in result.stderr
    assert unbroken("verify", "--seal", str(tmp_path / "none")).exit_code == 2


def test_doctor_says_what_is_wrong_and_what_to_do(
    unbroken: Unbroken, database: TestDatabase
) -> None:
    ill = unbroken("doctor", "--json")
    well = health(unbroken("doctor", "--json")) if write_marks(database) else {}

    assert ill.exit_code == 1
    assert (health(ill)["watcher"], health(ill)["backup"]) == ("problem", "problem")
    assert (well["watcher"], well["backup"], well["database"]) == ("ok", "ok", "ok")
    assert (well["limits"], well["ledger"]) == ("note", "note")
    assert unbroken("doctor").exit_code == 0
    assert "do: unbroken verify" in unbroken("doctor").stdout


def test_doctor_says_where_it_looks_and_that_a_demo_is_beside_it(
    unbroken: Unbroken, tmp_path: Path
) -> None:
    with chdir(tmp_path):
        alone = unbroken("doctor", "--json")
        (tmp_path / "var" / "demo").mkdir(parents=True)
        (tmp_path / "var" / "demo" / "demo.json").touch()

        assert health(alone)["installation"] == "ok"
        assert health(unbroken("doctor", "--json"))["installation"] == "note"
        assert "UNBROKEN_DATA=var/demo unbroken doctor" in unbroken("doctor").stdout


def test_doctor_looks_at_every_station(unbroken: Unbroken, database: TestDatabase) -> None:
    now = system_clock()
    ago = timedelta(minutes=40)
    write_stations(
        database,
        StationHealthRow(station="ST1", heard_at=now, queue=0, conflicts=0, device_states={}),
        StationHealthRow(station="ST2", heard_at=now - ago, queue=3, conflicts=0, device_states={}),
        StationHealthRow(
            station="ST3", heard_at=now, queue=3, oldest_at=now - ago, conflicts=0, device_states={}
        ),
        StationHealthRow(station="ST4", heard_at=now, queue=0, conflicts=1, device_states={}),
    )
    found = health(unbroken("doctor", "--json"))

    assert [found[f"agent ST{number}"] for number in (1, 2, 3, 4)] == ["ok", *["problem"] * 3]


def test_a_limits_file_that_makes_no_sense_is_told_by_its_key(
    unbroken: Unbroken, tmp_path: Path
) -> None:
    file = tmp_path / "limits.toml"
    file.write_text("version = 0")
    result = unbroken("verify", UNBROKEN_LIMITS=str(file))

    assert result.exit_code == 2
    assert "limits.toml: rule: is missing" in result.stderr


def test_doctor_finds_missing_steps(fresh_database: FreshDatabase, tmp_path: Path) -> None:
    result = runner_on(fresh_database(migrated=False), tmp_path)("doctor", "--json")

    assert result.exit_code == 1
    assert health(result)["migrations"] == "problem"


def test_no_colour_where_none_is_wanted(unbroken: Unbroken) -> None:
    assert "\x1b[" not in unbroken("doctor", NO_COLOR="1").stdout


def write_places(database: TestDatabase) -> None:
    """Rows worth a backup."""
    engine = create_engine(database.runtime_url)
    with Session(engine) as session:
        make_places(system_work(session, SetClock()))
        session.commit()
    engine.dispose()


def write_stations(database: TestDatabase, *rows: StationHealthRow) -> None:
    """What stations said of themselves."""
    engine = create_engine(database.runtime_url)
    with Session(engine) as session:
        session.add_all(rows)
        session.commit()
    engine.dispose()


def write_marks(database: TestDatabase) -> bool:
    """As if the watcher had just looked, and a backup been made."""
    engine = create_engine(database.runtime_url)
    with Session(engine) as session:
        work = system_work(session, system_clock)
        for name in (SWEEP, BACKUP):
            mark(work, name, ok=True, facts={})
        session.commit()
    engine.dispose()
    return True
