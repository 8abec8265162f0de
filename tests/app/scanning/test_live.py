"""A page bound to a station hears of its serial scans; while there is no news, nobody is asked."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from app.accounts import service
from app.kernel.db import db
from app.scanning.live import LASTS
from labels.code import COMMAND_CARDS
from tests.app.scanning.bench import Bench, Kit
from tests.app.scanning.test_stations import health, read, task
from tests.builders.people import make_person
from tests.builders.site import HEADER, Site, Visitor


class Listener:
    """A page of somebody that is bound to the bench's station."""

    def __init__(self, bench: Bench, visitor: Visitor, *, station: str = "") -> None:
        self.bench, self.visitor = bench, visitor
        self.path = f"/api/v1/stations/{station or bench.station}/reads"
        self.since = bench.clock().isoformat()
        self.tag: str | None = None

    def asks(self) -> Any:
        headers = {} if self.tag is None else {"If-None-Match": self.tag}
        answer = self.visitor.client.get(
            self.path, query_string={"since": self.since}, headers=headers
        )
        self.tag = answer.headers.get("ETag", self.tag)
        return answer

    def hears(self) -> list[str]:
        answer = self.asks()
        assert answer.status_code == 200, answer.json
        return [told["raw"] for told in answer.json["reads"]]


@pytest.fixture
def page(bench: Bench) -> Listener:
    """The nurse's page of a station whose program has named its scanner."""
    assert health(bench, device_states={"chair": "ready"}).status_code == 200
    return Listener(bench, bench.nurse)


@contextmanager
def connections(site: Site) -> Iterator[list[object]]:
    """Each time that somebody takes a connection to the database, for whatever statement."""
    taken: list[object] = []

    def note(connection: object, *_: object) -> None:
        taken.append(connection)

    with site.app.app_context():
        engine = db.engine
    event.listen(engine, "checkout", note)
    yield taken
    event.remove(engine, "checkout", note)


def collecting(bench: Bench) -> Kit:
    kit = bench.kit()
    assert task(bench, "collect", order=kit.order).status_code == 200
    return kit


def test_what_the_stations_scanner_reads_is_told_in_order_and_in_words(
    bench: Bench, page: Listener
) -> None:
    kit = collecting(bench)
    assert page.hears() == []
    codes = [tube.code for tube in kit.tubes[:3]]

    bench.agent(*(read(bench, code, n) for n, code in enumerate(codes, start=1)))

    told = page.asks().json["reads"]
    assert [one["raw"] for one in told] == codes
    assert {one["verdict"] for one in told} == {"accepted"}
    assert told[0]["title"].endswith(": drawn")
    assert told[0]["meant"] == {"step": "collect", "order": kit.order}
    assert page.asks().status_code == 304


def test_while_there_is_no_news_nobody_is_asked(bench: Bench, page: Listener) -> None:
    page.hears()
    with connections(bench.site) as taken:
        assert [page.asks().status_code for _ in range(5)] == [304] * 5

    assert taken == []
    bench.agent(read(bench, "rubbish", 1))
    assert page.hears() == ["rubbish"]
    assert page.asks().status_code == 304


def test_two_pages_of_one_station_both_hear(bench: Bench, page: Listener) -> None:
    other = Listener(bench, bench.nurse)
    for one in (page, other):
        one.hears()
    bench.agent(read(bench, "rubbish", 1))

    assert page.hears() == other.hears() == ["rubbish"]


def test_a_page_hears_what_was_read_while_it_was_on_its_way(bench: Bench, page: Listener) -> None:
    bench.clock.wait(seconds=-10)
    bench.agent(read(bench, "before", 1))
    bench.clock.wait(seconds=10)
    bench.agent(read(bench, "meanwhile", 2))

    assert page.hears() == ["meanwhile"]


def test_a_ticket_holds_for_a_while_only(bench: Bench, page: Listener) -> None:
    page.hears()
    bench.clock.wait(seconds=LASTS.total_seconds() - 1)
    assert page.asks().status_code == 304
    bench.clock.wait(seconds=1)

    with connections(bench.site) as taken:
        assert page.hears() == []
    assert taken != []
    assert page.asks().status_code == 304


def test_a_ticket_is_its_persons_and_its_stations_own(bench: Bench, page: Listener) -> None:
    with bench.work() as work:
        make_person(work, login="nurse-b", role="phlebotomist")
        make_person(work, login="auditor-a", role="administrator")
    page.hears()
    for somebody, expected in (("nurse-b", 200), ("auditor-a", 403), ("tech-a", 403)):
        listener = Listener(bench, bench.visitor(somebody))
        listener.tag = page.tag
        assert listener.asks().status_code == expected
    elsewhere = Listener(bench, bench.nurse, station="ST0000000009G")
    elsewhere.tag = page.tag
    assert elsewhere.asks().status_code == 404
    nobody = Listener(bench, bench.site.visitor())
    nobody.tag = page.tag
    assert nobody.asks().status_code == 401


@pytest.mark.parametrize("tag", ['""', '"x"', '"eyJhIjoxfQ.x"', "é", '"a", "b"'])
def test_what_is_no_ticket_is_a_first_question(bench: Bench, page: Listener, tag: str) -> None:
    bench.agent(read(bench, "rubbish", 1))
    page.tag = tag

    assert page.hears() == ["rubbish"]


def test_a_ticket_ends_with_the_password(bench: Bench, page: Listener) -> None:
    page.hears()
    tag = page.tag
    with bench.work() as work:
        service.reset_password(work, person=bench.people["nurse"], password="another long one")

    # For as long as it lasts it says that there is no news; it never tells any.
    bench.agent(read(bench, "rubbish", 1))
    page.tag = tag
    assert page.asks().status_code == 401


def test_nothing_is_lost_when_the_server_is_started_anew(bench: Bench, page: Listener) -> None:
    page.hears()
    bench.agent(read(bench, "before", 1))
    again = Site(
        folder=bench.site.settings.data_dir,
        database=bench.site.app.config["SQLALCHEMY_DATABASE_URI"],
        clock=bench.clock,
    )
    cookie = bench.nurse.client.get_cookie("unbroken-session")
    assert cookie is not None
    page.visitor = again.visitor()
    page.visitor.client.set_cookie("unbroken-session", cookie.value)

    assert page.hears() == ["before"]
    again.close()


def test_more_than_is_told_at_once_is_told_at_once_again(bench: Bench, page: Listener) -> None:
    page.hears()
    bench.agent(*(read(bench, f"rubbish {number}", number) for number in range(1, 131)))

    first, second = page.asks().json, page.asks().json
    assert (len(first["reads"]), first["more"]) == (100, True)
    assert (len(second["reads"]), second["more"]) == (30, False)


def test_reads_that_wait_are_told_once_they_are_understood(bench: Bench, page: Listener) -> None:
    page.hears()
    bench.agent(read(bench, "second", 2))
    assert page.hears() == []
    bench.agent(read(bench, "first", 1))

    assert page.hears() == ["first", "second"]


def test_undo_says_what_it_took_back(bench: Bench, page: Listener) -> None:
    kit = collecting(bench)
    page.hears()
    scan = read(bench, kit.tubes[0].code, 1)
    bench.agent(scan)
    bench.agent(read(bench, COMMAND_CARDS["UNDO"], 2))

    told = page.asks().json["reads"]
    assert [one["meant"]["step"] for one in told] == ["collect", "undo"]
    assert told[1]["facts"] == {"undoes": scan["id"]}


def test_the_page_learns_what_the_station_is_at(bench: Bench, page: Listener) -> None:
    assert page.asks().json["task"] is None
    opened = task(bench, "spin_start").json
    assert page.asks().json["task"] == opened
    bench.agent(read(bench, COMMAND_CARDS["DONE"], 1))
    assert page.asks().json["task"] is None


def test_a_page_that_leaves_ends_no_later_task(bench: Bench) -> None:
    path = f"/api/v1/stations/{bench.station}/task"
    mine = task(bench, "spin_start").json["opened_at"]
    bench.clock.wait(seconds=1)
    theirs = task(bench, "spin_end").json["opened_at"]

    def leave(opened_at: str) -> int:
        answer = bench.nurse.client.delete(
            path, query_string={"opened_at": opened_at}, headers=HEADER
        )
        assert answer.status_code == 204, answer.json
        return int(bench.nurse.get(path).status_code)

    assert leave(mine) == 200
    assert leave(theirs) == 404


def test_a_station_hears_nothing_of_itself(bench: Bench) -> None:
    client = bench.site.app.test_client()
    path = f"/api/v1/stations/{bench.station}/reads"

    assert client.get(path, headers=bench.as_station).status_code == 403
    assert bench.nurse.get(f"{path}?since=yesterday").status_code == 422
