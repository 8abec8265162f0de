"""One spoilt value at a time at every door: nothing breaks, and what is wrong is named.

Good requests are told about things that exist; then one value after another, in the body, the
query and the address, is one that no database holds, or that no one would type.
"""

import json
from collections.abc import Iterator, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from app.accounts.people import Grant
from app.accounts.rights import ROLES
from app.accounts.service import grant_role
from app.web.openapi import described
from tests.app.good_requests import Door, Things
from tests.builders.people import make_person, make_places
from tests.builders.site import HEADER, Site, Visitor
from tests.conftest import FreshDatabase
from tests.counts import SOAK
from tests.fakes.clock import SetClock

NUL, HALF = "a\0b", "\ud800"
DEEP: list[Any] = []
for _ in range(40):
    DEEP = [DEEP]
BEYOND: tuple[Any, ...] = (NUL, HALF, 2**63, 10**40, "9999-12-31T23:59:59-23:59", DEEP)
ODD: tuple[Any, ...] = (
    *(-(2**63) - 1, 2**63 - 1, 2**31, -1, 0, 1e308, True, None, [], {}),
    *("", "9" * 30, "x" * 3000, "\u202e", "0001-01-01T00:00:00+23:59", "2026-02-30T10:00:00Z"),
    *("2999-12-31T23:59:59Z", "1900-01-01T00:00:00Z", "*", "%", "'"),
    *({"a\0": "b"}, {"a": {"b": HALF}}, ["a\0"], [2**63], [HALF], ["x" * 3000]),
)
VALUES = (*BEYOND, *ODD) if SOAK else BEYOND
IN_ADDRESSES = (
    *("a\0b", "9" * 30, str(2**63), "-1", "0", "x" * 3000, "\u202e", "%", "2026-02-30"),
    *(  # cursors: a time no calendar has, a NUL, a number too large, a time without its offset
        "WyIwMDAxLTAxLTAxVDAwOjAwOjAwKzIzOjU5IiwgImEiXQ",
        "WyIyMDI2LTExLTI1VDEwOjAwOjAwWiIsICJcdTAwMDAiXQ",
        "WzkyMjMzNzIwMzY4NTQ3NzU4MDhd",
        "WyIyMDI2LTExLTI1VDEwOjAwOjAwIiwgIjAiXQ",
    ),
)


JSON = {"Content-Type": "application/json"}
# These begin or end the session that the requests are made with, or ask for a station.
LEFT_OUT = {
    ("DELETE", "/api/v1/session"),
    ("POST", "/api/v1/session"),
    ("PUT", "/api/v1/session/password"),
    ("POST", "/api/v1/stations/{station}/health"),
}


@pytest.fixture
def site(fresh_database: FreshDatabase, tmp_path: Path) -> Iterator[Site]:
    made = Site(folder=tmp_path, database=fresh_database().runtime_url, clock=SetClock())
    with made.work() as work:
        make_places(work)
        person = make_person(work, login="all-a", role="manager")
        for role in ROLES:
            grant_role(work, person=person, grant=Grant(role=role, site="*"))
    yield made
    made.close()


@pytest.mark.slow
def test_a_spoilt_value_is_named_and_breaks_nothing(site: Site) -> None:
    visitor = site.visitor()
    visitor.enter("all-a")
    doors = list(Things(visitor).doors())
    with site.app.test_request_context():
        document = described(site.app)
    there = {(m.upper(), path) for path, each in document["paths"].items() for m in each}

    assert {(door.method, door.path) for door in doors} == there - LEFT_OUT
    wrong = [fault for door in doors for fault in faults_of(visitor, door)]
    assert wrong == []


def faults_of(visitor: Visitor, door: Door) -> Iterator[tuple[str, ...]]:
    """The requests at one door that were answered as none should be."""
    for name, address, body in spoilt(door):
        answer = visitor.client.open(
            address, method=door.method, data=body, headers={**HEADER, **JSON}
        )
        if answer.status_code >= 500 or b"CannotBeStored" in answer.data:
            yield door.method, door.path, name, ascii(answer.data)[:200]


def spoilt(door: Door) -> Iterator[tuple[str, str, str | None]]:
    """What was spoilt, the whole address, the body."""
    good = None if door.body is None else json.dumps(door.body)
    for place in door.at:
        for value in IN_ADDRESSES:
            yield f"{place}={value!r}", address(door, at={**door.at, place: value}), good
    for name in door.query:
        for value in IN_ADDRESSES:
            asked = {**door.query, name: value}
            yield f"{name}={value!r}", address(door, query=asked), good
    for value in IN_ADDRESSES[:1]:
        yield "a name", address(door, query={**door.query, value: "a"}), good
    for where in paths(door.body):
        for value in VALUES:
            yield f"{where}={value!r:.60}", address(door), put(door.body, where, value)


def address(
    door: Door, *, at: Mapping[str, str] | None = None, query: Mapping[str, str] | None = None
) -> str:
    places = {name: quote(value, safe="") for name, value in (at or door.at).items()}
    asked = door.query if query is None else query
    words = "&".join(f"{quote(name)}={quote(value, safe='')}" for name, value in asked.items())
    return door.path.format(**places) + (f"?{words}" if words else "")


def paths(body: Any) -> Iterator[tuple[str | int, ...]]:
    """Where each value of a body stands, also the whole of it."""
    if body is None:
        return
    yield ()
    inside = body.items() if isinstance(body, dict) else enumerate(body)
    for name, value in inside:
        if isinstance(value, dict | list):
            yield from ((name, *rest) for rest in paths(value))
        else:
            yield (name,)


def put(body: Any, where: tuple[str | int, ...], value: Any) -> str:
    """The body as JSON, with another value there."""
    if not where:
        return json.dumps(value)
    changed = deepcopy(body)
    inner = changed
    for name in where[:-1]:
        inner = inner[name]
    inner[where[-1]] = value
    return json.dumps(changed)
