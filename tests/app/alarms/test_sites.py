"""One cause is one alarm whichever sites it concerns, and people of each see and do their part."""

import pytest

from app.accounts.rights import AnotherSite
from app.alarms import queries, service
from app.alarms.export import as_csv
from app.alarms.queries import AlarmSeen, Asked
from app.custody.ledger import Kind, Sort, Subject
from app.custody.parties import courier, unit
from app.jobs import sweep_once
from app.kernel.work import Actor, Work
from tests.app.alarms.bench import UNIT, Bench
from tests.builders.people import DOCK, NORTH, SOUTH, make_person
from tests.builders.work import make_work

FX, AT_DOCK = courier("FX"), unit(DOCK, "dock")


def never_opened(bench: Bench) -> tuple[Subject, Subject]:
    """A package and its box that came to the biobank, where nobody said that it was opened."""
    box, tubes = bench.box_of(2)
    package = bench.register(Sort.PACKAGE, "PK")
    bench.say(Kind.PACKED, box, target=UNIT, inside=package.id)
    bench.say(Kind.SEALED, package, target=UNIT, facts={"seal": "S1"})
    lines = [[tube.id, tube.code, box.code, f"A{n}"] for n, tube in enumerate(tubes, start=1)]
    facts = {"destination": DOCK, "lines": lines, "count": len(lines)}
    bench.say(Kind.RELEASED, package, source=UNIT, target=FX, package=package.id, facts=facts)
    dock = bench.register(Sort.PLACE, "place", code="BB1-DOCK")
    more = {"source": AT_DOCK, "target": AT_DOCK, "package": package.id, "place": dock.id}
    bench.say(Kind.CHECKED_IN, box, minutes=600, site=DOCK, **more)
    return package, box


def as_manager(bench: Bench, person: int, site: str) -> Work:
    grants = frozenset((("manager", site, "*"),))
    actor = Actor(person=person, site=site, grants=grants)
    return make_work(bench.open_work().session, clock=bench.clock, actor=actor)


@pytest.fixture
def at_both_sites(bench: Bench) -> AlarmSeen:
    """Heard first of the box at the biobank, days later of the package, of the clinic."""
    never_opened(bench)
    bench.clock.wait(minutes=15)
    sweep_once(bench.open_work)
    [first] = queries.alarms(bench.open_work(), Asked())
    bench.clock.wait(days=3)
    sweep_once(bench.open_work)
    [alarm] = queries.alarms(bench.open_work(), Asked())
    assert alarm.id == first.id
    return alarm


def test_one_cause_at_two_sites_is_one_alarm(bench: Bench, at_both_sites: AlarmSeen) -> None:
    whole = queries.alarm(bench.open_work(), at_both_sites.id)

    assert at_both_sites.sites == (DOCK, NORTH)
    header, line = as_csv([at_both_sites], mark=False).splitlines()
    assert dict(zip(header.split(","), line.split(","), strict=True))["sites"] == f"{DOCK} {NORTH}"
    assert {"G31", "G34"} <= {line.rule for line in whole.lines}


@pytest.mark.parametrize(("site", "sort"), [(DOCK, "box"), (NORTH, "package")])
def test_people_of_each_site_see_it_with_their_own_lines(
    bench: Bench, cast: dict[str, int], at_both_sites: AlarmSeen, site: str, sort: str
) -> None:
    reader = as_manager(bench, cast["manager"], site)
    whole = queries.alarm(reader, at_both_sites.id)

    assert [alarm.id for alarm in queries.alarms(reader, Asked(site=site))] == [at_both_sites.id]
    assert queries.counted(reader).open == 1
    assert sort in {line.sort for line in whole.lines}
    every = queries.alarm(bench.open_work(), at_both_sites.id).lines
    assert 0 < len(whole.lines) < len(every)


def test_nobody_of_a_third_site_sees_anything_of_it(
    bench: Bench, cast: dict[str, int], at_both_sites: AlarmSeen
) -> None:
    stranger = as_manager(bench, cast["manager"], SOUTH)

    assert queries.alarms(stranger, Asked()) == []
    assert queries.counted(stranger).open == 0
    with pytest.raises(AnotherSite):
        queries.alarm(stranger, at_both_sites.id)
    with pytest.raises(AnotherSite):
        service.acknowledge(stranger, at_both_sites.id)


def test_either_site_takes_it_and_gives_it_to_the_other(
    bench: Bench, cast: dict[str, int], at_both_sites: AlarmSeen
) -> None:
    elsewhere = make_person(bench.open_work(), login="manager-c", role="manager", site=DOCK)
    service.acknowledge(as_manager(bench, cast["manager"], NORTH), at_both_sites.id)
    service.assign(as_manager(bench, cast["manager"], NORTH), at_both_sites.id, person=elsewhere)

    [alarm] = queries.alarms(bench.open_work(), Asked())
    assert (alarm.state, alarm.assignee) == ("acknowledged", elsewhere)
