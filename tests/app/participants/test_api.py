"""The doors about participants, with what nobody should send them."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import func, select

from app.participants.models import LinkRead
from tests.builders.people import NORTH, PROGRAMME, SOUTH, make_cast, make_person, make_places
from tests.builders.site import Site, Visitor
from tests.conftest import FreshDatabase
from tests.fakes.clock import SetClock

PARTICIPANTS = "/api/v1/participants"
NEW = {"site": NORTH, "programme": PROGRAMME}
YES = {"scope": "primary", "status": "yes", "version": "1", "language": "en"}


@pytest.fixture
def site(fresh_database: FreshDatabase, tmp_path: Path, clock: SetClock) -> Iterator[Site]:
    made = Site(folder=tmp_path, database=fresh_database().runtime_url, clock=clock)
    with made.work() as work:
        make_places(work)
        make_cast(work, ("phlebotomist", "site_coordinator"))
        make_person(work, login="nurse-s", role="phlebotomist", site=SOUTH)
    yield made
    made.close()


@pytest.fixture
def nurse(site: Site) -> Visitor:
    return site.visitor_as("phlebotomist-a")


def test_the_other_pseudonyms_are_told_at_the_link_alone_and_the_question_is_kept(
    site: Site, nurse: Visitor
) -> None:
    made = nurse.send("POST", PARTICIPANTS, **NEW, participant_id="P77", biobank_id="A77").json
    path = f"{PARTICIPANTS}/{made['code']}"
    seen = nurse.get(path)
    refused = nurse.get(f"{path}/link")
    link = site.visitor_as("site_coordinator-a").get(f"{path}/link")

    assert "77" not in seen.text.replace(made["code"], "")
    assert refused.status_code == 403
    assert link.json == {"code": made["code"], "participant_id": "P77", "biobank_id": "A77"}
    with site.work() as work:
        assert work.session.scalar(select(func.count()).select_from(LinkRead)) == 1


def test_what_was_agreed_to_and_withdrawn_is_told(nurse: Visitor, clock: SetClock) -> None:
    code = nurse.send("POST", PARTICIPANTS, **NEW).json["code"]
    path = f"{PARTICIPANTS}/{code}"
    command = "0197a000-0000-7000-8000-000000000001"
    first = nurse.send("POST", f"{path}/consents", **YES, command=command)
    again = nurse.send("POST", f"{path}/consents", **YES, command=command)
    then = clock()
    clock.wait(minutes=5)
    nurse.send("POST", f"{path}/withdrawals", effective_at=then.isoformat(), data="remove")

    seen = nurse.get(path).json
    assert (first.json["replayed"], again.json["replayed"]) == (False, True)
    assert first.json["entries"] == again.json["entries"]
    assert seen["consents"] == {"primary": "yes"}
    assert datetime.fromisoformat(seen["withdrawn_at"]) == then


def test_a_participant_of_another_site_is_not_shown(site: Site, nurse: Visitor) -> None:
    code = nurse.send("POST", PARTICIPANTS, **NEW).json["code"]
    south = site.visitor_as("nurse-s")

    assert south.get(f"{PARTICIPANTS}/{code}").status_code == 403
    assert south.send("POST", PARTICIPANTS, **NEW).status_code == 403


def test_codes_that_are_nobodys_are_not_found(nurse: Visitor) -> None:
    for code in ("PN0000000018", "TB0000000018", "\u0000", "%", "é" * 300, "' OR 1=1 --"):
        path = f"{PARTICIPANTS}/{quote(code)}"
        answers = [
            nurse.get(path),
            nurse.get(f"{path}/link"),
            nurse.send("POST", f"{path}/consents", **YES),
            nurse.send("POST", f"{path}/withdrawals"),
        ]
        assert {answer.status_code for answer in answers} == {404}, code


WRONG_CONSENTS: tuple[dict[str, Any], ...] = (
    {"scope": "everything"},
    {"status": True},
    {"language": "fr"},
    {"version": "x" * 33},
    {"version": "1\n2"},
    {"effective_at": "2026-11-25"},
    {"effective_at": "2026-11-26T09:00:00Z"},
    {"effective_at": 0},
    {"expires_at": "2020-01-01T00:00:00Z"},
    {"command": "1"},
    {"name": "a name is nothing that is kept here"},
)

WRONG_PARTICIPANTS: tuple[tuple[dict[str, Any], int], ...] = (
    ({"programme": "none"}, 404),
    ({"site": "ZZZ"}, 403),
    ({"site": None}, 422),
    ({"participant_id": "x" * 65}, 422),
    ({"biobank_id": "a\u0000b"}, 400),
    ({"biobank_id": ["A1"]}, 422),
    ({"name": "nobody"}, 422),
)


def test_a_consent_that_cannot_be_is_refused_and_nothing_is_written(nurse: Visitor) -> None:
    code = nurse.send("POST", PARTICIPANTS, **NEW).json["code"]
    for wrong in WRONG_CONSENTS:
        refused = nurse.send("POST", f"{PARTICIPANTS}/{code}/consents", **(YES | wrong))
        assert refused.status_code == 422, wrong

    assert nurse.get(f"{PARTICIPANTS}/{code}").json["consents"] == {}


def test_a_participant_that_cannot_be_is_refused(nurse: Visitor) -> None:
    for wrong, status in WRONG_PARTICIPANTS:
        assert nurse.send("POST", PARTICIPANTS, **(NEW | wrong)).status_code == status, wrong
