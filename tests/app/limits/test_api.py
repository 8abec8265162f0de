"""The limits through the doors: everybody who works may read them, quality alone adds a version."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from app.accounts.rights import ROLES
from app.custody.queries import entries_of, subject_of
from app.limits.service import NewVersion, add
from app.limits.versions import LEAD
from tests.builders.people import NORTH, make_cast, make_person, make_places
from tests.builders.site import Site, Visitor
from tests.conftest import FreshDatabase
from tests.fakes.clock import SetClock

PATH = "/api/v1/limits"
SOONER: dict[str, Any] = {
    "after": 1,
    "reason": "a new procedure",
    "values": {"G28": {"pack_hours_max": 8}},
}


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def site(fresh_database: FreshDatabase, tmp_path: Path, clock: SetClock) -> Iterator[Site]:
    made = Site(folder=tmp_path, database=fresh_database().runtime_url, clock=clock)
    with made.work() as work:
        make_places(work)
        make_person(work, login="quality", role="quality", site="*")
        make_person(work, login="calidad", role="quality", site="*", language="es")
    yield made
    made.close()


@pytest.fixture
def quality(site: Site) -> Visitor:
    return site.visitor_as("quality")


def test_a_version_is_added_told_and_in_force_from_its_time(
    quality: Visitor, clock: SetClock
) -> None:
    begins = clock() + timedelta(minutes=10)
    added = quality.send("POST", PATH, **SOONER, valid_from=begins.isoformat(), sop_version="SOP-7")
    assert added.status_code == 201, added.json
    assert added.json["valid_from"] == begins.isoformat()

    def in_force() -> list[tuple[int, bool]]:
        return [(each["version"], each["in_force"]) for each in quality.get(PATH).json["items"]]

    assert in_force() == [(2, False), (1, True)]
    clock.wait(minutes=10)
    assert in_force() == [(2, True), (1, False)]
    told = quality.get(f"{PATH}/2").json
    assert told["values"]["G28"]["pack_hours_max"] == 8
    assert told["changes"] == [{"rule": "G28", "key": "pack_hours_max", "before": 12, "after": 8}]
    assert (told["sop_version"], told["reason"]) == ("SOP-7", "a new procedure")
    assert isinstance(told["added_by"], int)


def test_without_a_time_it_begins_as_soon_as_it_can(quality: Visitor, clock: SetClock) -> None:
    added = quality.send("POST", PATH, **SOONER)

    assert added.json["valid_from"] == (clock() + LEAD).isoformat()


def test_a_server_that_runs_writes_by_a_version_that_was_added_elsewhere(
    site: Site, clock: SetClock
) -> None:
    with site.work() as work:
        make_person(work, login="nurse", role="phlebotomist")
    nurse = site.visitor_as("nurse")

    def sop() -> str:
        """By which procedure a box is registered now."""
        box = nurse.send("POST", "/api/v1/boxes", site=NORTH).json["boxes"][0]["code"]
        with site.work() as work:
            subject = subject_of(work.session, box)
            assert subject is not None
            return entries_of(work.session, subject.id)[0].sop_version

    assert sop() == "default-1"
    with site.work() as work:
        values = {"G28": {"pack_hours_max": 8}}
        add(work, NewVersion(after=1, reason="elsewhere", sop_version="SOP-7", values=values))
    clock.wait(seconds=59)
    assert sop() == "default-1"
    clock.wait(seconds=1)
    assert sop() == "SOP-7"


def test_said_twice_it_is_added_once(quality: Visitor) -> None:
    first, again = (quality.send("POST", PATH, **SOONER) for _ in range(2))

    assert (first.status_code, again.status_code) == (201, 409)
    assert len(quality.get(PATH).json["items"]) == 2


def test_long_lists_come_page_by_page(quality: Visitor) -> None:
    quality.send("POST", PATH, **SOONER)
    first = quality.get(f"{PATH}?limit=1").json
    rest = quality.get(f"{PATH}?limit=1&cursor={first['next']}").json

    assert [each["version"] for each in first["items"] + rest["items"]] == [2, 1]
    assert rest["next"] is None


@pytest.mark.parametrize(
    "changed",
    [
        {"after": 0},
        {"after": None},
        {"reason": ""},
        {"reason": "x" * 501},
        {"sop_version": "x" * 33},
        {"valid_from": "2026-12-01T06:00"},
        {"values": {}},
        {"values": {"G28": {}}},
        {"values": []},
        {"values": {"G28": 8}},
        {"values": {"G28": {"pack_hours_max": None}}},
        {"values": {"G28": {"pack_hours_max": True}}},
        {"values": {"G28": {"pack_hours_max": {"hours": 8}}}},
        {"values": {"G28": {"pack_hours_max": 1e300}}},
        {"values": {"G28": {"pack_hours_max": [8, "x"]}}},
        {"values": {"G28": {"pack_hours_max": "x" * 201}}},
        {"values": {"G28": {"pack_hours_max": [1] * 51}}},
        {"values": {"G28": {f"n{number}": 1 for number in range(201)}}},
        {"severity": "P1"},
    ],
)
def test_what_does_not_fit_is_refused(quality: Visitor, changed: dict[str, Any]) -> None:
    assert quality.send("POST", PATH, **(SOONER | changed)).status_code == 422


@pytest.mark.parametrize(
    ("changed", "title"),
    [
        ({"values": {"G99": {"x": 1}}}, "No existe el límite G99 x"),
        ({"values": {"G28": {"pack_hours_max": -1}}}, "El valor de G28 pack_hours_max"),
        ({"valid_from": "2020-01-01T00:00:00Z"}, "Una versión de los límites puede comenzar"),
        ({"values": {"G28": {"pack_hours_max": 12}}}, "No cambiaría nada"),
    ],
)
def test_a_refusal_is_told_in_the_callers_language(
    site: Site, changed: dict[str, Any], title: str
) -> None:
    refused = site.visitor_as("calidad").send("POST", PATH, **(SOONER | changed))

    assert refused.status_code == 422
    assert refused.json["detail"].startswith(title)


def test_every_role_reads_and_none_of_one_site_changes_what_counts_at_all(site: Site) -> None:
    with site.work() as work:
        make_cast(work)
    for role in ROLES:
        visitor = site.visitor_as(f"{role}-a")
        assert visitor.get(PATH).status_code == 200
        assert visitor.get(f"{PATH}/1").status_code == 200
        assert visitor.send("POST", PATH, **SOONER).status_code == 403


def test_nobody_reads_them_without_signing_in(site: Site) -> None:
    assert site.visitor().get(PATH).status_code == 401


def test_a_version_that_is_not_there_is_missing(quality: Visitor) -> None:
    assert quality.get(f"{PATH}/9").status_code == 404
    assert quality.get(f"{PATH}/{10**30}").status_code == 404
