"""What is not scanned again raises one alarm in time, and says who had it and saw it last."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from app.alarms import queries
from app.alarms.queries import AlarmSeen, Asked
from app.custody.ledger import Kind, Sort, Subject
from app.custody.parties import courier, participant, unit
from app.custody.queries import Inside, contents, standing
from app.jobs import sweep_once
from tests.app.alarms.bench import UNIT, Bench
from tests.builders.people import DOCK, SOUTH

FX = courier("FX")
AT_DOCK = unit(DOCK, "dock")
SOON = timedelta(seconds=10)


def packed_box(bench: Bench) -> Subject:
    box, _ = bench.box_of(4)
    return box


def released_package(bench: Bench) -> Subject:
    box = packed_box(bench)
    package = bench.register(Sort.PACKAGE, "PK")
    bench.say(Kind.PACKED, box, target=UNIT, inside=package.id)
    bench.say(Kind.SEALED, package, target=UNIT, facts={"seal": "S1"})
    lines = [
        [each.subject.id, each.subject.code, box.code, each.position] for each in inside(bench, box)
    ]
    facts = {"destination": DOCK, "lines": lines, "count": len(lines)}
    more = {"source": UNIT, "target": FX, "package": package.id, "facts": facts}
    bench.say(Kind.RELEASED, package, **more)
    return package


def delivered_package(bench: Bench) -> Subject:
    package = released_package(bench)
    bench.say(Kind.DELIVERED, package, minutes=600, site=DOCK, source=FX, target=AT_DOCK)
    return package


def checked_in_tube(bench: Bench) -> Subject:
    package = delivered_package(bench)
    bench.say(Kind.RECEIVED, package, site=DOCK, source=AT_DOCK, target=AT_DOCK)
    [box] = [i.subject for i in inside(bench, package)]
    tube = inside(bench, box)[0].subject
    dock = bench.register(Sort.PLACE, "place", code="BB1-DOCK")
    for place, each in enumerate(inside(bench, box)):
        bench.say(
            Kind.CHECKED_IN,
            each.subject,
            site=DOCK,
            source=AT_DOCK,
            target=AT_DOCK,
            package=package.id,
            **({"place": dock.id} if each.subject == tube else found(box, place)),
        )
    return tube


def found(box: Subject, place: int) -> dict[str, object]:
    """In the box still, where it was packed."""
    return {"inside": box.id, "position": f"A{place + 1}"}


def unspun_tube(bench: Bench) -> Subject:
    tube = bench.register(Sort.TUBE, "TB", facts={"spin": True, "clots": True})
    bench.say(Kind.COLLECTED, tube, source=participant("PN1"), target=UNIT)
    return tube


def spinning_tube(bench: Bench) -> Subject:
    tube = unspun_tube(bench)
    bench.say(Kind.SPIN_STARTED, tube, minutes=40)
    return tube


def unpacked_tube(bench: Bench) -> Subject:
    _, tubes = bench.box_of(2)
    bench.say(Kind.UNPACKED, tubes[0], target=UNIT)
    return tubes[0]


def inside(bench: Bench, container: Subject) -> tuple[Inside, ...]:
    return contents(bench.open_work().session, container.id)


STORIES: tuple[tuple[str, Callable[[Bench], Subject], str], ...] = (
    ("G29", packed_box, UNIT),
    ("G31", released_package, FX),
    ("G32", delivered_package, AT_DOCK),
    ("G33", checked_in_tube, AT_DOCK),
    ("G23", unspun_tube, UNIT),
    ("G23", spinning_tube, UNIT),
    ("G28", unpacked_tube, UNIT),
)


@pytest.mark.parametrize(("rule", "story", "holder"), STORIES)
def test_each_is_one_alarm_in_time_and_says_who_had_it(
    bench: Bench, rule: str, story: Callable[[Bench], Subject], holder: str
) -> None:
    subject = story(bench)
    sweep_once(bench.open_work)
    due = due_at(bench, subject, rule)
    bench.clock.now = due - timedelta(seconds=1)
    sweep_once(bench.open_work)
    assert of(bench, subject, rule) == []
    bench.clock.now = due + SOON
    sweep_once(bench.open_work)

    [alarm] = of(bench, subject, rule)
    assert alarm.since == due
    work = bench.open_work()
    stand = standing(work.session, subject.id)
    assert stand.holder == holder
    assert stand.last_seen_at is not None


def due_at(bench: Bench, subject: Subject, rule: str) -> datetime:
    """When the ledger will look again, because of this rule."""
    wanted = text("SELECT due_at FROM expectation WHERE subject_id = :subject AND rule = :rule")
    found = bench.open_work().session.scalar(wanted, {"subject": subject.id, "rule": rule})
    assert isinstance(found, datetime)
    return found


def of(bench: Bench, subject: Subject, rule: str) -> list[AlarmSeen]:
    """The alarms about this subject by this rule."""
    found = queries.alarms(bench.open_work(), Asked(rule=rule))
    return [alarm for alarm in found if alarm.subject == subject.id]


def test_a_package_opened_at_the_wrong_site_is_one_alarm_and_every_tube_a_line_of_it(
    bench: Bench,
) -> None:
    package = released_package(bench)
    [box] = [each.subject for each in inside(bench, package)]
    tubes = inside(bench, box)
    here = unit(SOUTH, "collection")
    for place, tube in enumerate(tubes):
        bench.say(
            Kind.CHECKED_IN,
            tube.subject,
            site=SOUTH,
            source=here,
            target=here,
            **found(box, place),
        )
    bench.clock.wait(minutes=30)
    sweep_once(bench.open_work)

    [alarm] = queries.alarms(bench.open_work(), Asked())
    lines = queries.alarm(bench.open_work(), alarm.id).lines
    assert {line.code for line in lines} >= {tube.subject.code for tube in tubes}
