"""Who may call a route; that a foreign page may not; that a view is one unit of work."""

import psycopg
import pytest
from flask import Flask, Response
from sqlalchemy.exc import OperationalError

from app.kernel.errors import Refused
from app.web import guard
from app.web.guard import RouteUnguarded, complete
from app.web.problems import refusal
from app.web.work import work
from tests.app.web.house import OURS, PERSON, STATION

GUARDS = {
    "anyone": guard.anyone,
    "file": guard.file,
    "signed_in": guard.signed_in,
    "station": guard.station,
    "known": guard.known,
}
# Guard, then the answer to nobody, to a person, to a station.
TABLE = """
anyone     200 200 200
file       200 200 200
signed_in  401 200 403
station    401 403 200
known      401 200 200
"""


@pytest.mark.parametrize("line", TABLE.strip().splitlines())
def test_who_may_call(app: Flask, line: str) -> None:
    name, *expected = line.split()
    app.add_url_rule("/api/v1/it", view_func=GUARDS[name](lambda: "done"))
    client = app.test_client()

    answers = [client.get("/api/v1/it", headers=who).status_code for who in ({}, PERSON, STATION)]

    assert answers == [int(status) for status in expected]


def test_an_application_with_an_open_route_does_not_start(app: Flask) -> None:
    app.add_url_rule("/open", view_func=lambda: "anybody")

    with pytest.raises(RouteUnguarded, match="/open"):
        complete(app)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 403),
        ({"X-Unbroken": "0"}, 403),
        ({"Authorization": "Basic eDp4"}, 403),
        ({"Authorization": "Bearer x"}, 403),
        ({"X-Unbroken": "1"}, 200),
        ({"Authorization": "Station x"}, 200),
    ],
)
def test_a_change_needs_our_own_header_or_a_station_s_token(
    app: Flask, method: str, headers: dict[str, str], status: int
) -> None:
    view = guard.anyone(lambda: "done")
    app.add_url_rule("/api/v1/it", view_func=view, methods=[method])

    answer = app.test_client().open("/api/v1/it", method=method, headers=headers)

    assert answer.status_code == status


def test_the_view_runs_again_when_another_transaction_was_in_the_way(app: Flask) -> None:
    tries: list[int] = []

    def view() -> str:
        tries.append(1)
        if len(tries) < 3:
            raise OperationalError("", {}, psycopg.errors.SerializationFailure())
        return f"try {len(tries)}"

    app.add_url_rule("/api/v1/it", view_func=guard.anyone(view), methods=["POST"])

    assert app.test_client().post("/api/v1/it", headers=OURS).text == "try 3"


def test_it_gives_up_in_the_end_and_says_try_again(app: Flask) -> None:
    def view() -> str:
        raise OperationalError("", {}, psycopg.errors.SerializationFailure())

    app.add_url_rule("/api/v1/it", view_func=guard.anyone(view))

    assert app.test_client().get("/api/v1/it").status_code == 503


def test_the_work_of_a_request_knows_who_acts(app: Flask) -> None:
    app.add_url_rule("/api/v1/it", view_func=guard.known(lambda: str(work().actor.person)))

    assert app.test_client().get("/api/v1/it", headers=PERSON).text == "1"


def test_a_refusal_can_be_an_answer_so_that_what_was_written_stays(app: Flask) -> None:
    app.add_url_rule("/api/v1/it", view_func=guard.anyone(lambda: refusal(Refused())))

    answer = app.test_client().get("/api/v1/it")

    assert answer.status_code == 409
    assert answer.mimetype == "application/problem+json"


def test_what_is_answered_at_once_asks_for_nobody(app: Flask) -> None:
    def known(code: str) -> Response | None:
        return Response(status=304) if code == "old" else None

    view = guard.unless(known)(guard.signed_in(lambda code: f"all of {code}"))
    app.add_url_rule("/api/v1/it/<code>", view_func=view)
    client = app.test_client()

    assert client.get("/api/v1/it/old").status_code == 304
    assert client.get("/api/v1/it/new").status_code == 401
    assert client.get("/api/v1/it/new", headers=PERSON).text == "all of new"
