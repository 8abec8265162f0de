"""An application of the web floor alone: callers say in a header who they are, no database runs."""

from pathlib import Path

from flask import Flask, Request

from app.kernel.db import db
from app.kernel.ids import uuid7_source
from app.kernel.work import Actor
from app.web.door import Door
from app.web.install import make_app
from tests.builders.work import the_catalogue, the_limits
from tests.fakes.clock import SetClock

SECRET = "a secret for tests only, long enough"
NOBODY_ANSWERS = "postgresql+psycopg://nobody@127.0.0.1:1/nothing"
OURS = {"X-Unbroken": "1"}
PERSON = {"X-Test-Caller": "person"}
STATION = {"X-Test-Caller": "station"}
CALLERS = {"person": Actor(person=1, language="es"), "station": Actor(station="ST1", language="en")}


def identify(asking: Request) -> Actor | None:
    """Whoever the request claims to come from."""
    return CALLERS.get(asking.headers.get("X-Test-Caller", ""))


def make_house(folder: Path) -> Flask:
    """The application; add routes to it, then ask."""
    clock = SetClock()
    door = Door(
        clock=clock,
        ids=uuid7_source(clock),
        identify=identify,
        secret=SECRET,
        catalogue=the_catalogue(),
        limits_of=lambda session: the_limits(),
    )
    app = make_app(door, translations=folder)
    app.config["SQLALCHEMY_DATABASE_URI"] = NOBODY_ANSWERS
    db.init_app(app)
    return app
