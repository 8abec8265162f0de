"""What an address may hold: a NUL or a number beyond the database leads nowhere, and says so."""

import pytest
from flask import Flask

from app.web import guard
from app.web.fields import BIGGEST


@pytest.fixture(autouse=True)
def doors(app: Flask) -> None:
    app.add_url_rule("/api/v1/a/<code>", view_func=guard.anyone(lambda code: code))
    app.add_url_rule(
        "/api/v1/n/<int:number>", "n", view_func=guard.anyone(lambda number: str(number))
    )


@pytest.mark.parametrize("code", ["a%00b", "%00"])
def test_there_is_nothing_at_an_address_with_a_nul(app: Flask, code: str) -> None:
    answer = app.test_client().get(f"/api/v1/a/{code}")

    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")


def test_a_nul_in_a_query_is_named(app: Flask) -> None:
    answer = app.test_client().get("/api/v1/a/x?site=NOR&rule=a%00b&%00=1")

    assert answer.status_code == 422
    assert [fault["path"] for fault in answer.json["errors"]] == ["rule", "\\x00"]


@pytest.mark.parametrize(("number", "status"), [(BIGGEST, 200), (BIGGEST + 1, 404)])
def test_numbers_end_where_the_database_ends(app: Flask, number: int, status: int) -> None:
    assert app.test_client().get(f"/api/v1/n/{number}").status_code == status
