"""Three ways to do the same deeds: statements by hand, the service, and a request over HTTP.

What is replayed by hand are exactly the statements, with their values, that the service sent for
the same deeds on another copy of the same ledger.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from typing import Any, Literal, Protocol, cast
from uuid import UUID

import psycopg
from sqlalchemy import URL
from sqlalchemy.orm import Session

from app.custody import service
from app.kernel.clock import system_clock
from app.kernel.postgres_roles import address
from app.kernel.work import Actor, run_tx
from tests.bench.cluster import LOGINS, engine_of
from tests.bench.deeds import Deed
from tests.builders.people import PASSWORD
from tests.builders.work import make_work

How = Literal["one", "many", "poured"]
Statement = tuple[How, Any, Any]  # how it was sent, the SQL, the values
Recording = Mapping[UUID, Sequence[Statement]]
WELL = ("accepted", "look")


class Caller(Protocol):
    """One client: does deeds, one unit of work each call."""

    def __call__(self, deeds: Sequence[Deed]) -> None: ...


# By hand


def by_hand(url: URL, recording: Recording) -> Caller:
    """Replays what was recorded of each deed, on a plain connection."""
    connection = psycopg.connect(address(url), password=url.password, options="-c timezone=UTC")

    def call(deeds: Sequence[Deed]) -> None:
        for how, sql, values in recording[deeds[0].command]:
            if how == "many":
                connection.cursor().executemany(sql, values)
            elif how == "poured":
                with connection.cursor().copy(sql) as stream:
                    for row in values:
                        stream.write_row(row)
            elif (cursor := connection.execute(sql, values)).description is not None:
                cursor.fetchall()
        connection.commit()

    return call


# The service


def through_service(url: URL) -> Caller:
    """Custody's own door, as a capability calls it."""
    return _serving(Session(engine_of(url)))


def _serving(session: Session) -> Caller:
    work = make_work(session, clock=system_clock, actor=Actor(system=True))

    def call(deeds: Sequence[Deed]) -> None:
        now = system_clock()
        drafts = [deed.draft(now) for deed in deeds]
        written = run_tx(session, lambda: service.append(work, drafts))
        if len(written.entries) != len(deeds):
            raise AssertionError(f"{len(deeds)} said, {len(written.entries)} written")

    return call


@dataclass(slots=True)
class Recorder:
    """What the service sends for each deed, written down while it does it."""

    told: dict[UUID, list[Statement]] = field(default_factory=dict)
    _now: list[Statement] = field(default_factory=list)

    @contextmanager
    def on(self, url: URL) -> Iterator[Callable[[Sequence[Deed]], None]]:
        """The service on a copy of the ledger; what it sends is kept under the first deed."""
        engine = engine_of(url, cursor_factory=self._cursor())
        with Session(engine) as session:
            call = _serving(session)

            def record(deeds: Sequence[Deed]) -> None:
                self._now = []
                call(deeds)
                self.told[deeds[0].command] = self._now

            session.connection()
            session.commit()
            yield record
        engine.dispose()

    def _cursor(self) -> type[psycopg.Cursor[Any]]:
        recorder = self

        class Listening(psycopg.Cursor[Any]):
            def execute(self, query: Any, params: Any = None, **how: Any) -> Any:
                recorder.heard(("one", query, params))
                return super().execute(query, params, **how)

            def executemany(self, query: Any, params_seq: Any, **how: Any) -> None:
                rows = list(params_seq)
                recorder.heard(("many", query, rows))
                super().executemany(query, rows, **how)

            @contextmanager
            def copy(
                self, statement: Any, params: Any = None, **how: Any
            ) -> Iterator[psycopg.Copy]:
                rows: list[Any] = []
                with super().copy(statement, params, **how) as stream:
                    yield cast(psycopg.Copy, _Overheard(stream, rows))
                recorder.heard(("poured", statement, rows))

        return Listening

    def heard(self, statement: Statement) -> None:
        """One statement of the deed at hand."""
        self._now.append(statement)


@dataclass(frozen=True, slots=True)
class _Overheard:
    """A stream of rows on its way into a table, and what went through it."""

    stream: psycopg.Copy
    rows: list[Any]

    def write_row(self, row: Sequence[Any]) -> None:
        """One row."""
        self.rows.append(row)
        self.stream.write_row(row)


# HTTP


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """Where the web server is, and the cookies of who is signed in, by site."""

    host: str
    port: int
    cookies: Mapping[str, str]


def signed_in(host: str, port: int) -> Door:
    """Everybody signed in once; a page stays signed in for its shift."""
    cookies = {}
    for site, login in LOGINS.items():
        connection = HTTPConnection(host, port)
        body = json.dumps({"login": login, "password": PASSWORD})
        connection.request("POST", "/api/v1/session", body, _headers())
        response = connection.getresponse()
        told = response.read()
        if response.status != 200:
            raise AssertionError(f"{login} is not let in: {response.status} {told[:300]!r}")
        given = response.headers.get_all("Set-Cookie") or []
        cookies[site] = "; ".join(cookie.split(";")[0] for cookie in given)
        connection.close()
    return Door(host=host, port=port, cookies=cookies)


def over_http(door: Door) -> Caller:
    """A page: one connection that stays open, signed in."""
    connection = HTTPConnection(door.host, door.port)

    def call(deeds: Sequence[Deed]) -> None:
        now = system_clock()
        reads = [deed.body(now) for deed in deeds]
        body = json.dumps(reads[0] if len(reads) == 1 else {"scans": reads})
        headers = _headers() | {"Cookie": door.cookies[deeds[0].site]}
        connection.request("POST", "/api/v1/scans", body, headers)
        response = connection.getresponse()
        told = response.read()
        if response.status != 200:
            raise AssertionError(f"{response.status} {told[:500]!r}")
        answers = json.loads(told)["results"]
        bad = [one for one in answers if one["verdict"] not in WELL or not one["entries"]]
        if bad:
            raise AssertionError(f"not taken in: {bad[0]}")

    return call


def _headers() -> dict[str, str]:
    return {"Content-Type": "application/json", "X-Unbroken": "1"}
