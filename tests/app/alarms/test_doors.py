"""Alarms through their doors: the API, the pages in both languages, the file for a spreadsheet."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from app.alarms.marks import SWEEP, mark
from app.collection.models import Order
from app.custody.ledger import Kind, Sort
from app.jobs import sweep_once
from app.kernel.db import db
from app.kernel.work import Work
from app.shipping.models import PackageRow
from tests.app.alarms.bench import UNIT, Bench, works_of
from tests.app.alarms.receipts import LISTED, opened, received
from tests.builders.people import DOCK, NORTH, SOUTH, make_cast, make_person, make_places
from tests.builders.site import Site, Visitor
from tests.conftest import FreshDatabase
from tests.fakes.clock import SetClock


class Desk:
    """The application, a bench behind it, and people at the desk."""

    def __init__(self, site: Site, bench: Bench) -> None:
        self.site, self.bench = site, bench

    def as_(self, login: str) -> Visitor:
        visitor = self.site.visitor()
        visitor.enter(login)
        return visitor

    def overdue(self) -> int:
        """The number of the alarm of one more tube that was drawn and not packed."""
        self.bench.drawn()
        self.bench.clock.wait(hours=12)
        sweep_once(self.bench.open_work)
        return int(self.as_("manager-a").get("/api/v1/alarms").json["items"][0]["id"])


@pytest.fixture
def desk(fresh_database: FreshDatabase, tmp_path: Path) -> Iterator[Desk]:
    clock = SetClock()
    site = Site(folder=tmp_path, database=fresh_database().runtime_url, clock=clock)
    with site.work() as work:
        make_places(work)
        make_cast(work, ("manager", "auditor", "administrator"))
        make_person(work, login="manager-b", role="manager", site=SOUTH)
        make_person(work, login="calidad-a", role="quality", language="es")
    with site.app.app_context():
        engine = db.engine
    yield Desk(site, Bench(works_of(engine, clock), clock))
    site.close()


def number_of(desk: Desk, login: str) -> int:
    return int(desk.as_(login).get("/api/v1/session").json["person"])


def test_an_alarm_goes_through_its_life_by_the_api(desk: Desk) -> None:
    number = desk.overdue()
    manager = desk.as_("manager-a")
    path = f"/api/v1/alarms/{number}"
    taken = manager.send("POST", f"{path}/acknowledge").json
    given = manager.send("POST", f"{path}/assign", assignee=str(number_of(desk, "calidad-a"))).json
    until = desk.bench.clock().replace(hour=6).isoformat()
    silenced = manager.send(
        "POST", f"{path}/explain", reason="late_entry", comment="on its way", until=until
    )

    assert taken["alarm"]["state"] == "acknowledged"
    assert given["alarm"]["assignee_label"] == "quality A"
    assert silenced.status_code == 200
    assert silenced.json["alarm"]["state"] == "explained"
    assert [event["kind"] for event in silenced.json["history"]] == [
        "opened",
        "acknowledged",
        "assigned",
        "explained",
    ]


MISFITS: tuple[tuple[str, dict[str, object], int], ...] = (
    ("assign", {}, 422),
    ("assign", {"assignee": "somebody"}, 422),
    ("assign", {"assignee": True}, 422),
    ("assign", {"assignee": 10**30}, 400),
    ("assign", {"assignee": 999999}, 409),
    ("explain", {"reason": "late_entry"}, 422),
    ("explain", {"reason": "tired", "comment": "x"}, 422),
    ("explain", {"reason": "late_entry", "comment": "x"}, 422),
    ("explain", {"reason": "late_entry", "comment": "x", "until": "soon"}, 422),
)


def test_what_does_not_fit_is_refused_in_words(desk: Desk) -> None:
    path, manager = f"/api/v1/alarms/{desk.overdue()}", desk.as_("manager-a")
    for deed, body, status in MISFITS:
        answer = manager.send("POST", f"{path}/{deed}", **body)
        assert (answer.status_code, bool(answer.json["title"])) == (status, True), body


def test_the_list_is_given_page_by_page_and_by_what_is_asked(desk: Desk) -> None:
    numbers = [desk.overdue() for _ in range(3)]
    manager = desk.as_("manager-a")
    first = manager.get("/api/v1/alarms?limit=2").json
    rest = manager.get(f"/api/v1/alarms?limit=2&cursor={first['next']}").json

    assert [item["id"] for item in first["items"] + rest["items"]] == numbers[::-1]
    assert rest["next"] is None
    for query, found in (("rule=G28", 3), ("rule=G34", 0), ("state=closed", 0), ("site=NOR", 3)):
        assert len(manager.get(f"/api/v1/alarms?{query}").json["items"]) == found, query
    assert manager.get("/api/v1/alarms?state=lost").status_code == 422
    assert manager.get("/api/v1/alarms?colour=red").status_code == 422


def test_people_of_other_sites_see_nothing_of_it(desk: Desk) -> None:
    number = desk.overdue()
    stranger = desk.as_("manager-b")

    assert stranger.get("/api/v1/alarms").json["items"] == []
    assert stranger.get(f"/api/v1/alarms/{number}").status_code == 403
    assert stranger.get(f"/alarms/{number}").status_code == 403
    assert "G28" not in stranger.get("/alarms.csv").text
    assert stranger.send("POST", f"/api/v1/alarms/{number}/acknowledge").status_code == 403


def test_the_pages_say_what_it_is_whose_it_is_and_what_to_do(desk: Desk) -> None:
    number = desk.overdue()
    manager = desk.as_("manager-a")
    listed, shown = manager.get("/alarms").text, manager.get(f"/alarms/{number}").text

    assert "Not packed in time" in listed
    assert "North clinic, collection" in listed
    assert "for: phlebotomist" in listed
    assert "1 needs a person" in listed
    assert "Pack or cancel the order with a reason" in shown
    assert "Opened as P3" in shown
    assert 'data-post="/api/v1/alarms/' in shown
    assert "late entry made" in shown
    manager.send("POST", f"/api/v1/alarms/{number}/acknowledge")
    assert "manager A acknowledged it" in manager.get(f"/alarms/{number}").text


def test_the_pages_speak_spanish(desk: Desk) -> None:
    number = desk.overdue()
    reader = desk.as_("calidad-a")
    listed, shown = reader.get("/alarms").text, reader.get(f"/alarms/{number}").text

    assert "No empacado a tiempo" in listed
    assert "para: flebotomía" in listed
    assert "Se abrió como P3" in shown
    assert "registro tardío realizado" in shown


def test_the_page_says_how_many_tubes_of_a_package_are_missing(desk: Desk) -> None:
    with desk.site.work() as work:
        make_person(work, login="manager-c", role="manager", site=DOCK)
    package, tubes = opened(desk.bench)
    received(desk.bench, package, tubes[2:])
    manager = desk.as_("manager-c")
    [alarm] = manager.get("/api/v1/alarms?rule=G43").json["items"]
    shown = manager.get(f"/alarms/{alarm['id']}").text

    assert alarm["priority"] == "P1"
    assert f"<dt>Missing</dt><dd>2 of {LISTED}</dd>" in shown


def test_an_auditor_reads_and_does_nothing(desk: Desk) -> None:
    number = desk.overdue()
    shown = desk.as_("auditor-a").get(f"/alarms/{number}").text

    assert "Not packed in time" in shown
    assert "Give it to somebody" not in shown
    assert "Explain it" not in shown


def test_a_cleared_alarm_is_shown_until_somebody_looked(desk: Desk) -> None:
    tube, box = desk.bench.drawn(), desk.bench.register(Sort.BOX, "BX")
    desk.bench.clock.wait(hours=12)
    sweep_once(desk.bench.open_work)
    desk.bench.pack(tube, box)
    sweep_once(desk.bench.open_work)
    manager = desk.as_("manager-a")
    [item] = manager.get("/api/v1/alarms").json["items"]

    assert "Cleared, nobody looked yet · 1" in manager.get("/alarms").text
    assert "the evidence is complete" in manager.get(f"/alarms/{item['id']}").text
    manager.send("POST", f"/api/v1/alarms/{item['id']}/acknowledge")
    assert "Nothing needs a person" in manager.get("/alarms").text


def test_the_file_has_a_header_iso_times_and_a_mark_where_wanted(desk: Desk) -> None:
    desk.overdue()
    manager = desk.as_("manager-a")
    answer = manager.get("/alarms.csv")
    header, line = answer.text.split("\r\n")[:2]

    assert answer.content_type == "text/csv; charset=utf-8"
    assert header.startswith("id,rule,priority,state,sites,subject")
    assert ",G28,P3,new,NOR,TB" in line
    assert "T" in line.split(",")[9]
    assert manager.get("/alarms.csv?bom=1").text.startswith("\ufeff")


def test_the_overview_begins_with_what_needs_a_person(desk: Desk) -> None:
    desk.overdue()
    manager = desk.as_("manager-a")
    silent = manager.get("/").text
    look(desk)
    page = manager.get("/").text

    assert "The watcher is not looking" in silent
    assert "The watcher is not looking" not in page
    assert "1 alarm needs a person now" in page
    assert "Looked 0 s ago." in page
    assert "Not packed in time" in page


def test_the_overview_counts_the_orders_of_the_sites_own_day(desk: Desk) -> None:
    midnight = desk.bench.clock().astimezone(ZoneInfo("America/Chicago")).replace(hour=0, minute=0)
    with desk.site.work() as work:
        for hours, site in ((-1, NORTH), (1, NORTH), (2, NORTH), (3, SOUTH)):
            at = midnight + timedelta(hours=hours)
            work.session.add(order(work, at=at, site=site, done=hours == 1))
    page = " ".join(desk.as_("manager-a").get("/").text.split())

    assert "1 of 2" in page
    assert "South centre" not in page
    assert "at 01:00" in page


def test_the_overview_shows_what_is_on_the_road_and_what_is_late(desk: Desk) -> None:
    bench = desk.bench
    package = bench.register(Sort.PACKAGE, "PK")
    bench.say(Kind.SEALED, package, target=UNIT, facts={"seal": "S1"})
    with desk.site.work() as work:
        made = {"site": NORTH, "destination": DOCK, "made_at": bench.clock()}
        work.session.add(PackageRow(subject_id=package.id, **made))
    before = desk.as_("manager-a").get("/").text
    facts = {"destination": DOCK, "lines": [], "count": 0}
    bench.say(
        Kind.RELEASED, package, source=UNIT, target="courier:FX", package=package.id, facts=facts
    )
    away = desk.as_("manager-a").get("/").text
    bench.clock.wait(hours=49)
    sweep_once(bench.open_work)
    late = desk.as_("manager-a").get("/").text

    assert package.code not in before
    assert package.code in away
    assert "North clinic to Biobank" in away
    assert "on the road" in away
    assert "late" in late
    assert package.code not in desk.as_("manager-b").get("/").text


def order(work: Work, *, at: datetime, site: str, done: bool) -> Order:
    """An order placed at a time, and done at once or not yet."""
    return Order(
        id=work.ids(),
        participant=1,
        protocol="adult_v3_2",
        protocol_version="3.2",
        programme="cohort",
        site=site,
        placed_at=at,
        done_at=at if done else None,
    )


def test_the_overview_of_somebody_without_alarms_shows_none(desk: Desk) -> None:
    desk.overdue()
    page = desk.as_("administrator-a").get("/").text

    assert "Alarms and packages are not shown to your role." in page
    assert "Nothing needs a person" not in page
    assert "Not packed" not in page


def test_every_page_counts_the_alarms_for_those_who_may_see_them(desk: Desk) -> None:
    desk.overdue()

    assert 'id="alarm-count"' in desk.as_("manager-a").get("/").text
    assert 'id="alarm-count"' not in desk.as_("administrator-a").get("/").text


def look(desk: Desk) -> None:
    """As the watcher does after each look."""
    work: Work = desk.bench.open_work()
    mark(work, SWEEP, ok=True, facts={})
    work.session.commit()
    work.session.close()


def test_what_goes_back_to_a_withdrawal_says_who_has_the_tube(desk: Desk) -> None:
    bench = desk.bench
    person = bench.register(Sort.PARTICIPANT, "PN")
    tube = bench.register(Sort.TUBE, "TB", participant=person.id)
    for scope in ("primary", "biospecimen"):
        bench.say(Kind.CONSENT_RECORDED, person, facts={"scope": scope, "status": "yes"})
    bench.say(Kind.COLLECTED, tube, source=f"participant:{person.code}", target=UNIT)
    bench.say(Kind.WITHDRAWAL_SET, person)
    bench.say(Kind.SPIN_STARTED, tube)
    sweep_once(bench.open_work)
    manager = desk.as_("manager-a")

    [alarm] = manager.get("/api/v1/alarms").json["items"]
    page = manager.client.get(f"/alarms/{alarm['id']}").text

    assert alarm["rule"] == "G11"
    assert "North clinic, collection" in page
    assert "North clinic, collection" in manager.client.get("/alarms").text
    assert "last holder: nobody" not in manager.client.get("/").text
