"""From an error to what the caller is told: problem+json for programs, a page for people.

This table is the only place that knows HTTP's numbers for the errors of the house.
"""

import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from urllib.parse import urlencode

import psycopg
from flask import Flask, Response, g, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.exc import DataError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolEmpty
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from app.kernel.errors import Forbidden, HouseError, Invalid, Missing, Refused, Unavailable
from app.web.catalogue import N_
from app.web.errors import (
    CannotBeStored,
    DatabaseAway,
    DoesNotFit,
    Fault,
    NotAsJson,
    NotSignedIn,
    TooOften,
    Unreadable,
)
from app.web.language import said

log = logging.getLogger(__name__)

# The nearest line wins: a child of NotAsJson is a 415, although NotAsJson is an Unreadable.
STATUS: Mapping[type[HouseError], int] = {
    NotAsJson: 415,
    Unreadable: 400,
    Invalid: 422,
    NotSignedIn: 401,
    Forbidden: 403,
    Missing: 404,
    Refused: 409,
    TooOften: 429,
    Unavailable: 503,
    HouseError: 500,
}

TITLES: Mapping[int, str] = {
    400: N_("Cannot be read"),
    401: N_("Not signed in"),
    403: N_("Not allowed"),
    404: N_("Not found"),
    405: N_("Not possible at this address"),
    409: N_("Not done"),
    413: N_("Too large"),
    415: N_("Another kind of body is needed"),
    422: N_("Does not fit"),
    429: N_("Too many tries"),
    500: N_("Our fault"),
    503: N_("Not possible right now"),
}
OTHERWISE = N_("Not done")

SIGN_IN = "/sign-in"

# What the server itself refuses, before any of our code is asked.
ADVICE: Mapping[int, tuple[str, str]] = {
    404: (N_("There is nothing at this address"), N_("Check the address, or scan the label")),
    405: (N_("This address does not take such a request"), ""),
    413: (N_("The body is larger than is taken"), N_("Send it in smaller parts")),
    500: (
        N_("Something went wrong on our side. It has been noted"),
        N_("Try again; if it comes back, tell the administrator when it happened"),
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What the caller is told (RFC 9457), in the caller's language."""

    kind: str
    status: int
    title: str
    detail: str
    advice: str
    errors: tuple[Fault, ...] = ()
    seconds: int | None = None


def problem_of(error: HouseError) -> Problem:
    """The problem that this error is."""
    status = next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)
    detail, advice = said(error)
    return Problem(
        kind=type(error).__name__,
        status=status,
        title=_title(status),
        detail=detail,
        advice=advice,
        errors=error.faults if isinstance(error, DoesNotFit) else (),
        seconds=error.seconds if isinstance(error, TooOften) else None,
    )


def problem_at(status: int) -> Problem:
    """The problem that a bare HTTP status is."""
    detail, advice = ADVICE.get(status, ("", ""))
    return Problem(
        kind="about:blank",
        status=status,
        title=_title(status),
        detail=gettext(detail) if detail else "",
        advice=gettext(advice) if advice else "",
    )


def refusal(error: HouseError) -> ResponseReturnValue:
    """The answer to give for an error when what was written until here shall stay written."""
    return _answer(problem_of(error))


def answer_errors(app: Flask) -> None:
    """Make every error of this application an answer by the table."""
    app.register_error_handler(HouseError, lambda error: _answer(problem_of(error)))
    app.register_error_handler(HTTPException, _answer_http)
    for unfit in (DataError, psycopg.DataError):
        app.register_error_handler(unfit, _answer_data)
    for away in (OperationalError, InterfaceError, PoolEmpty):
        app.register_error_handler(away, _answer_away)
    app.register_error_handler(Exception, _answer_fault)


def for_programs() -> bool:
    """Whether the caller reads JSON rather than pages."""
    return request.path.startswith("/api/") or request.path == "/health"


def _answer(problem: Problem) -> AnyResponse:
    if problem.status == 401 and not for_programs():
        return redirect(f"{SIGN_IN}?{urlencode({'then': _here()})}", code=303)
    response = _as_json(problem) if for_programs() else _as_page(problem)
    response.status_code = problem.status
    if problem.status == 401:
        response.headers["WWW-Authenticate"] = "Station"
    if problem.seconds is not None:
        response.headers["Retry-After"] = str(problem.seconds)
    return response


def _as_json(problem: Problem) -> Response:
    kind = problem.kind
    body: dict[str, object] = {
        "type": kind if ":" in kind else f"urn:unbroken:problem:{kind}",
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail,
        "advice": problem.advice,
    }
    if problem.errors:
        body["errors"] = [asdict(fault) for fault in problem.errors]
    response = jsonify(body)
    response.mimetype = "application/problem+json"
    return response


def _as_page(problem: Problem) -> Response:
    if problem.status >= 500:
        g.nothing_works = True  # the page must not ask a database that may be away
    return Response(render_template("error.html", problem=problem), mimetype="text/html")


def _answer_http(error: HTTPException) -> AnyResponse:
    status = error.code or 500
    if status < 400:
        return error.get_response()
    response = _answer(problem_at(status))
    if status == 405:
        response.headers["Allow"] = error.get_response().headers.get("Allow", "")
    return response


def _answer_data(error: Exception) -> AnyResponse:
    log.warning("web:value:not_stored %s", type(getattr(error, "orig", error)).__name__)
    return _answer(problem_of(CannotBeStored()))


def _answer_away(error: Exception) -> AnyResponse:
    log.error("web:database:away %s", type(getattr(error, "orig", error)).__name__)
    return _answer(problem_of(DatabaseAway()))


def _answer_fault(error: Exception) -> AnyResponse:
    log.error("web:fault %s", type(error).__name__, exc_info=error)
    return _answer(problem_at(500))


def _here() -> str:
    """The address to come back to; only a question is asked again after signing in."""
    return request.full_path.rstrip("?") if request.method == "GET" else "/"


def _title(status: int) -> str:
    return str(gettext(TITLES.get(status, OTHERWISE)))
