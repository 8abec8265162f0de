"""Which language is spoken: the person's own, the browser's choice, what it asks for, ours."""

from pathlib import Path

import pytest
from flask import Flask

from app.web.language import compile_catalogues
from tests.app.web.house import PERSON, STATION


@pytest.mark.parametrize(
    ("caller", "cookie", "accept", "spoken"),
    [
        ({}, "", "", "en"),
        ({}, "", "es-MX,es;q=0.9", "es"),
        ({}, "", "fr, de", "en"),
        ({}, "en", "es", "en"),
        ({}, "es", "en", "es"),
        ({}, "xx", "es", "es"),
        (PERSON, "en", "en", "es"),
        (STATION, "es", "es", "en"),
    ],
)
def test_which_language(
    app: Flask, caller: dict[str, str], cookie: str, accept: str, spoken: str
) -> None:
    client = app.test_client()
    if cookie:
        client.set_cookie("language", cookie)

    headers = {"Accept-Language": accept, **caller}
    detail = client.get("/health", headers=headers).json["detail"]

    said = {"en": "The database did not answer", "es": "La base de datos no respondió"}
    assert detail == said[spoken]


def test_compiling_twice_leaves_the_same_and_nothing_beside_it(tmp_path: Path) -> None:
    for _ in range(2):
        compile_catalogues(tmp_path)

    found = [path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file()]
    assert found == [Path("es/LC_MESSAGES/messages.mo")]
