"""The real application over a database of its own, and browsers without a window to visit it."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

from flask import Flask, Response
from flask.testing import FlaskClient
from sqlalchemy import URL, select
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.factory import create_app
from app.kernel.clock import Clock
from app.kernel.db import db
from app.kernel.ids import uuid7_source
from app.kernel.work import Work, run_tx
from app.web.session import begin_session
from config.settings import Settings
from tests.builders.people import PASSWORD, system_work

HEADER = {"X-Unbroken": "1"}


class Site:
    """The application, its clock, and a way to write what tests need before they ask."""

    def __init__(self, *, folder: Path, database: URL, clock: Clock, **settings: Any) -> None:
        self.clock = clock
        self.settings = Settings(data_dir=folder, secret_file=folder / "secret.key", **settings)
        self.app: Flask = create_app(
            self.settings, clock=clock, ids=uuid7_source(clock), database=database
        )

    @contextmanager
    def work(self) -> Iterator[Work]:
        """The system's own work, committed at the end."""
        with self.app.app_context():
            session: Session = db.session()
            yield system_work(session, self.clock)
            run_tx(session, lambda: None)

    def visitor(self) -> "Visitor":
        """A browser that nobody has used yet."""
        return Visitor(self.app.test_client())

    def visitor_as(self, login: str) -> "Visitor":
        """A visitor who has signed in."""
        visitor = self.visitor()
        visitor.enter(login)
        return visitor

    def close(self) -> None:
        """Let go of the database."""
        with self.app.app_context():
            db.engine.dispose()


class Visitor:
    """A browser as our scripts use it: JSON, with our own header."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def enter(self, login: str) -> None:
        """Be signed in, without the time that a password costs on purpose."""
        with self.client.application.test_request_context():
            person = db.session.scalars(select(Person).where(Person.login == login)).one()
            response = Response()
            begin_session(response, person=person.id, version=person.session_version)
        for name, value in SimpleCookie(response.headers["Set-Cookie"]).items():
            self.client.set_cookie(name, value.value)

    def sign_in(self, login: str, password: str = PASSWORD, **options: Any) -> Any:
        return self.send("POST", "/api/v1/session", login=login, password=password, **options)

    def send(self, method: str, path: str, *, headers: Any = HEADER, **body: Any) -> Any:
        return self.client.open(path, method=method, json=body, headers=headers)

    def get(self, path: str, **headers: str) -> Any:
        return self.client.get(path, headers=headers)
