"""The description of the API names every door, with what it takes, and only what exists."""

from pathlib import Path

import pytest
from flask import Flask

from app.factory import create_app
from app.kernel.ids import uuid7_source
from app.web.guard import Guarded, Who
from app.web.openapi import described
from config.settings import Settings
from tests.app.web.house import NOBODY_ANSWERS
from tests.fakes.clock import SetClock


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    folder: Path = tmp_path_factory.mktemp("described")
    clock = SetClock()
    settings = Settings(data_dir=folder, secret_file=folder / "secret.key")
    return create_app(settings, clock=clock, ids=uuid7_source(clock), database=NOBODY_ANSWERS)


def test_every_door_is_described(app: Flask) -> None:
    with app.test_request_context():
        paths = described(app)["paths"]

    missing = []
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        assert isinstance(view, Guarded)
        path = rule.rule.replace("<int:", "<").replace("<uuid:", "<").replace("<path:", "<")
        path = path.replace("<", "{").replace(">", "}")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            if view.who is not Who.FILE and method.lower() not in paths.get(path, {}):
                missing.append(f"{method} {path}")
    assert missing == []


def test_every_door_that_takes_a_body_says_which(app: Flask) -> None:
    with app.test_request_context():
        paths = described(app)["paths"]

    scans = paths["/api/v1/scans"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    late = paths["/api/v1/late-entries"]["post"]["requestBody"]
    assert scans == {"$ref": "#/components/schemas/scanning.Scans"}
    assert late["content"]["application/json"]["schema"]["$ref"].endswith("LateEntry")


def test_names_are_told_once(app: Flask) -> None:
    with app.test_request_context():
        told = described(app)

    ids = [
        operation["operationId"] for path in told["paths"].values() for operation in path.values()
    ]
    assert len(ids) == len(set(ids))
    scan = told["components"]["schemas"]["scanning.Scan"]["properties"]
    assert scan["device_seq"]["minimum"] == 1
    assert scan["id"]["format"] == "uuid"
    assert scan["symbology"]["type"] == ["string", "null"]
