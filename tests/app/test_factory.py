"""The application as a whole: every route asks who you are, and few are open to everybody."""

import re
from pathlib import Path

import pytest
from flask import Flask

from app.factory import create_app, database_of
from app.kernel.ids import uuid7_source
from app.kernel.postgres import Embedded, Outside
from app.web.guard import Guarded, Who
from config.settings import Settings
from tests.app.web.house import NOBODY_ANSWERS
from tests.fakes.clock import SetClock

# Anyone may call these; a new one is a decision, and is written here.
OPEN = {
    "DELETE /api/v1/session",
    "GET /health",
    "GET /language/<language>",
    "GET /sign-in",
    "GET /static/<path:filename>",
    "POST /api/v1/pair",
    "POST /api/v1/session",
}


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    clock = SetClock()
    settings = Settings(data_dir=tmp_path, secret_file=tmp_path / "secret.key")
    return create_app(settings, clock=clock, ids=uuid7_source(clock), database=NOBODY_ANSWERS)


def doors(app: Flask) -> dict[str, Who]:
    """Method and address of every route, and who may call it."""
    found: dict[str, Who] = {}
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        assert isinstance(view, Guarded), f"{rule.rule} does not say who may call it"
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            found[f"{method} {rule.rule}"] = view.who
    return found


def filled(address: str) -> str:
    """The address with something in every place of it."""
    address = re.sub(r"<uuid:[^>]+>", "01980000-0000-7000-8000-000000000001", address)
    return re.sub(r"<[^>]+>", "1", address)


def test_every_route_asks_who_you_are_but_the_few_that_are_open(app: Flask) -> None:
    asked = doors(app)

    assert {door for door, who in asked.items() if who in (Who.ANYONE, Who.FILE)} == OPEN


def test_nobody_gets_past_any_other_door(app: Flask) -> None:
    client = app.test_client()
    for door in doors(app).keys() - OPEN:
        method, address = door.split()
        answer = client.open(filled(address), method=method, headers={"X-Unbroken": "1"})
        assert answer.status_code in (401, 303), door


def test_no_page_of_ours_answers_to_a_cookie_alone_where_something_changes(app: Flask) -> None:
    client = app.test_client()
    for door in doors(app):
        method, address = door.split()
        if method != "GET":
            assert client.open(filled(address), method=method).status_code == 403, door


def test_settings_choose_the_database(tmp_path: Path) -> None:
    own = "postgresql+psycopg://app@db.example/unbroken"
    bare = {"data_dir": tmp_path, "secret_file": tmp_path / "secret.key"}

    embedded = database_of(Settings(**bare))
    both = database_of(Settings(**bare, database_url=own, owner_database_url=own + "_owner"))

    assert isinstance(embedded, Embedded)
    assert isinstance(both, Outside)
    assert both.owner_url.database == "unbroken_owner"
    assert both.runtime_url.database == "unbroken"
