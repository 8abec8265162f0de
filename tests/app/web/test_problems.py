"""What becomes of an error: the number, the words in the caller's language, the form."""

import logging

import psycopg
import pytest
from flask import Flask
from sqlalchemy.exc import DataError

from app.kernel.errors import Forbidden, HouseError, Invalid, Missing, Refused, Unavailable
from app.web import guard
from app.web.errors import DoesNotFit, Fault, NotAsJson, NotSignedIn, TooOften
from app.web.install import BODY_BYTES_MAX
from app.web.json_body import json_body
from app.web.problems import problem_at
from tests.app.web.house import OURS, PERSON


class SlotTaken(Refused):
    """A statement with a place in it."""

    message = "You are not signed in"  # any sentence of the catalogue
    advice = "There is no site %(site)s"


STATUSES: list[tuple[HouseError, int]] = [
    (Missing(), 404),
    (Refused(), 409),
    (SlotTaken(site="NOR"), 409),
    (Invalid(), 422),
    (DoesNotFit(Fault(path="a", message="b")), 422),
    (Forbidden(), 403),
    (NotSignedIn(), 401),
    (NotAsJson(), 415),
    (Unavailable(), 503),
    (TooOften(seconds=61), 429),
]


def raising(app: Flask, error: Exception, path: str = "/api/v1/it") -> None:
    """Add a route that fails so."""

    def view() -> str:
        raise error

    app.add_url_rule(path, view_func=guard.anyone(view))


@pytest.mark.parametrize(("error", "status"), STATUSES)
def test_each_kind_has_its_number(app: Flask, error: HouseError, status: int) -> None:
    raising(app, error)

    answer = app.test_client().get("/api/v1/it")

    assert answer.status_code == answer.json["status"] == status
    assert answer.mimetype == "application/problem+json"
    assert answer.json["type"] == f"urn:unbroken:problem:{type(error).__name__}"
    assert answer.json["title"]


def test_the_words_are_in_the_caller_s_language_with_their_values(app: Flask) -> None:
    raising(app, SlotTaken(site="NOR"))

    answer = app.test_client().get("/api/v1/it", headers=PERSON)

    assert answer.json["title"] == "No se hizo"
    assert answer.json["advice"] == "No existe la sede NOR"


def test_too_many_tries_say_how_long_to_wait(app: Flask) -> None:
    raising(app, TooOften(seconds=61))

    answer = app.test_client().get("/api/v1/it")

    assert answer.headers["Retry-After"] == "61"
    assert answer.json["advice"] == "Wait 2 min, then try again"


def test_faults_are_listed_with_their_paths(app: Flask) -> None:
    raising(app, DoesNotFit(Fault(path="scans.3.raw", message="This is missing")))

    errors = app.test_client().get("/api/v1/it").json["errors"]

    assert errors == [{"path": "scans.3.raw", "message": "This is missing"}]


def test_our_own_fault_is_logged_and_tells_the_caller_nothing(
    app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    raising(app, RuntimeError("the secret is here"))

    with caplog.at_level(logging.ERROR):
        answer = app.test_client().get("/api/v1/it")

    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert "web:fault RuntimeError" in caplog.text


@pytest.mark.parametrize(
    "error",
    [DataError("", {}, psycopg.errors.NumericValueOutOfRange()), psycopg.DataError("a NUL")],
)
def test_a_value_the_database_cannot_hold_is_the_caller_s_fault(
    app: Flask, error: Exception
) -> None:
    raising(app, error)

    assert app.test_client().get("/api/v1/it").status_code == 422


def test_people_get_a_page(app: Flask) -> None:
    raising(app, SlotTaken(site="NOR"), "/it")

    answer = app.test_client().get("/it", headers=PERSON)

    assert answer.status_code == 409
    assert answer.mimetype == "text/html"
    assert '<html lang="es">' in answer.text
    assert "No existe la sede NOR" in answer.text


def test_a_page_sends_nobody_to_the_sign_in_and_back(app: Flask) -> None:
    app.add_url_rule("/alarms", view_func=guard.signed_in(lambda: "page"))

    answer = app.test_client().get("/alarms?open=1")

    assert (answer.status_code, answer.location) == (303, "/sign-in?then=%2Falarms%3Fopen%3D1")


@pytest.mark.parametrize("path", ["/nothing", "/api/v1/nothing", "/api/v1/%00", "/%ff"])
def test_an_address_that_is_none(app: Flask, path: str) -> None:
    assert app.test_client().get(path).status_code == 404


def test_a_method_that_is_not_taken_says_which_are(app: Flask) -> None:
    answer = app.test_client().post("/health", headers=OURS)

    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


def test_a_body_that_is_too_large_or_no_json(app: Flask) -> None:
    app.add_url_rule(
        "/api/v1/it", view_func=guard.anyone(lambda: {"it": json_body()}), methods=["POST"]
    )
    client, kind = app.test_client(), "application/json"

    def send(data: bytes, content_type: str) -> int:
        answer = client.post("/api/v1/it", data=data, content_type=content_type, headers=OURS)
        return answer.status_code

    assert send(b"[1]", kind) == 200
    assert send(b'"' + b"x" * BODY_BYTES_MAX + b'"', kind) == 413
    assert send(b"[1]", "text/plain") == 415
    assert send(b"a=1", "application/x-www-form-urlencoded") == 415
    assert send(b"[1", kind) == 400


def test_without_a_database_health_says_so(app: Flask) -> None:
    answer = app.test_client().get("/health")

    assert answer.status_code == 503
    assert answer.json["detail"] == "The database did not answer"


def test_a_status_without_words_of_its_own_still_has_a_title(app: Flask) -> None:
    with app.test_request_context("/"):
        assert problem_at(418).title == "Not done"
