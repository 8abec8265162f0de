"""Hostile bodies at a door that anyone may knock at: refused with a reason, never our fault."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.builders.site import HEADER, Site

GOOD = {"login": "phlebotomist-a", "password": "wrong password here"}
BODIES: list[tuple[bytes, int]] = [
    (b"", 400),
    (b"null", 422),
    (b"[]", 422),
    (b'"login"', 422),
    (b"[" * 100_000, 400),
    (b'{"login": NaN}', 400),
    (b'{"login": "a", "login": "b", "password": "c"}', 400),
    (b'{"login": "\\u0000", "password": "c"}', 400),
    (b'{"login": "\\ud800", "password": "c"}', 400),
    (b'{"login": "a\\nb", "password": "c"}', 422),
    (b'{"login": {"$ne": 1}, "password": "c"}', 422),
    (b'{"login": 1, "password": true}', 422),
    (b'{"login": "a", "password": "c", "role": "administrator"}', 422),
    (json.dumps(GOOD | {"login": "x" * 201}).encode(), 422),
    (json.dumps(GOOD | {"password": "x" * 1001}).encode(), 422),
    (json.dumps(GOOD | {"login": "' OR 1=1 --"}).encode(), 401),
    (json.dumps(GOOD | {"password": "\x1b[2J\x07"}).encode(), 401),
    ("{“login”: 1}".encode(), 400),
    (b"\xff\xfe{\x00}\x00", 400),
]


@pytest.mark.parametrize(("body", "status"), BODIES, ids=range(len(BODIES)))
def test_a_hostile_body_is_refused_with_a_reason(site: Site, body: bytes, status: int) -> None:
    answer = site.app.test_client().post(
        "/api/v1/session", data=body, content_type="application/json", headers=HEADER
    )

    assert answer.status_code == status
    assert answer.json["detail"]
    assert not answer.headers.getlist("Set-Cookie")


def test_hostile_addresses_and_cookies(site: Site) -> None:
    client = site.app.test_client()
    for name in ("unbroken-session", "unbroken-device", "language"):
        client.set_cookie(name, "\"'%00..")
    for address in (
        "/api/v1/session",
        "/api/v1/people/99999999999999999999",
        "/language/%00",
        "/sign-in?then=%00",
        "/api/v1/sites?cursor=%00",
    ):
        assert client.get(address).status_code < 500, address


def test_a_burst_of_guesses_is_counted_one_by_one(site: Site) -> None:
    def guess(_: int) -> int:
        return int(site.visitor().sign_in("phlebotomist-a", "wrong").status_code)

    with ThreadPoolExecutor(8) as threads:
        statuses = sorted(threads.map(guess, range(10)))

    assert statuses == [401] * 5 + [429] * 5
