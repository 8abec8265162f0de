"""One alarm for each cause: opened at the deadline, ended by evidence, silenced for a while."""

from datetime import timedelta

import pytest

from app.accounts.rights import AnotherSite, NotYourTask
from app.alarms import queries, service
from app.alarms.errors import AlarmMissing, AlarmOver, PersonNotThere, ReasonUnknown
from app.alarms.queries import AlarmSeen, Asked
from app.alarms.service import Explanation
from app.custody.amending import UntilUnfit
from app.custody.ledger import Kind, Sort
from app.jobs import sweep_once
from app.kernel.work import Actor, Work
from tests.app.alarms.bench import Bench
from tests.builders.people import NORTH, SOUTH, make_person
from tests.builders.work import make_work

PACK = timedelta(hours=12)


def alarms(bench: Bench) -> list[AlarmSeen]:
    """All alarms, the oldest first."""
    return queries.alarms(bench.open_work(), Asked())[::-1]


def kinds(bench: Bench, number: int) -> list[str]:
    """What the history of an alarm tells of."""
    return [event.kind for event in queries.alarm(bench.open_work(), number).history]


def as_person(bench: Bench, person: int, role: str, *, site: str = NORTH) -> Work:
    work = bench.open_work()
    grants = frozenset(((role, site, "*"),))
    return make_work(
        work.session, clock=bench.clock, actor=Actor(person=person, site=site, grants=grants)
    )


def overdue(bench: Bench) -> AlarmSeen:
    """The alarm of a tube that was drawn and not packed."""
    bench.drawn()
    bench.clock.wait(hours=12)
    sweep_once(bench.open_work)
    [alarm] = alarms(bench)
    return alarm


def test_a_tube_not_packed_is_an_alarm_dated_at_the_deadline(bench: Bench) -> None:
    tube = bench.drawn()
    drawn_at = bench.clock()
    bench.clock.wait(hours=12, seconds=-1)
    before = sweep_once(bench.open_work)
    bench.clock.wait(seconds=6)
    swept = sweep_once(bench.open_work)

    [alarm] = alarms(bench)
    assert (before.opened, swept.opened) == (0, 1)
    assert (alarm.rule, alarm.code, alarm.site) == ("G28", tube.code, NORTH)
    assert alarm.since == drawn_at + PACK
    assert alarm.state == "new"
    assert alarm.owners == ("phlebotomist",)
    assert kinds(bench, alarm.id) == ["opened"]


def test_looking_again_changes_nothing(bench: Bench) -> None:
    overdue(bench)
    again = sweep_once(bench.open_work)

    assert (again.opened, again.joined, again.ended) == (0, 0, 0)
    assert len(alarms(bench)) == 1


def test_evidence_ends_it_and_nobody_having_looked_is_told(bench: Bench) -> None:
    alarm = overdue(bench)
    box = bench.register(Sort.BOX, "BX")
    [tube] = [line.subject for line in queries.alarm(bench.open_work(), alarm.id).lines]
    bench.say(
        Kind.PACKED,
        queries.subjects(bench.open_work().session, [tube])[tube],
        target="unit:NOR/collection",
        inside=box.id,
        position="A1",
    )
    swept = sweep_once(bench.open_work)

    [ended] = alarms(bench)
    assert swept.ended == 1
    assert (ended.state, ended.how) == ("cleared", "evidence")
    assert kinds(bench, alarm.id) == ["opened", "closed"]


def test_what_is_declared_lost_is_no_longer_overdue(bench: Bench) -> None:
    tube = bench.drawn()
    bench.clock.wait(hours=12)
    sweep_once(bench.open_work)
    bench.say(Kind.LOST_DECLARED, tube, facts={"investigation": "7", "search": "twice"})
    sweep_once(bench.open_work)

    assert [alarm.state for alarm in alarms(bench)] == ["cleared"]


def test_a_look_at_a_cleared_alarm_closes_it(bench: Bench, cast: dict[str, int]) -> None:
    tube, box = bench.drawn(), bench.register(Sort.BOX, "BX")
    bench.clock.wait(hours=12)
    sweep_once(bench.open_work)
    bench.pack(tube, box)
    sweep_once(bench.open_work)
    [alarm] = alarms(bench)
    service.acknowledge(as_person(bench, cast["manager"], "manager"), alarm.id)

    assert alarms(bench)[0].state == "closed"


def test_one_acknowledged_before_is_closed_by_evidence(bench: Bench, cast: dict[str, int]) -> None:
    tube, box = bench.drawn(), bench.register(Sort.BOX, "BX")
    bench.clock.wait(hours=12)
    sweep_once(bench.open_work)
    [alarm] = alarms(bench)
    work = as_person(bench, cast["technician"], "technician")
    service.acknowledge(work, alarm.id)
    service.acknowledge(as_person(bench, cast["manager"], "manager"), alarm.id)
    [taken] = alarms(bench)
    assert (taken.state, taken.assignee) == ("acknowledged", cast["technician"])

    bench.pack(tube, box)
    sweep_once(bench.open_work)
    [ended] = alarms(bench)
    assert (ended.state, ended.acknowledged_by) == ("closed", cast["technician"])
    assert kinds(bench, alarm.id) == ["opened", "acknowledged", "closed"]


def test_age_ends_nothing(bench: Bench) -> None:
    alarm = overdue(bench)
    for _ in range(3):
        bench.clock.wait(days=200)
        sweep_once(bench.open_work)

    [same] = alarms(bench)
    assert (same.id, same.state, same.since) == (alarm.id, "new", alarm.since)


def test_a_box_forgotten_is_one_alarm_however_many_tubes_it_holds(bench: Bench) -> None:
    box, _ = bench.box_of(9)
    bench.clock.wait(hours=24)
    sweep_once(bench.open_work)

    [alarm] = alarms(bench)
    assert (alarm.rule, alarm.code, alarm.gaps) == ("G29", box.code, 1)


def test_it_gets_graver_with_time_and_asks_for_a_person_anew(
    bench: Bench, cast: dict[str, int]
) -> None:
    bench.box_of(1)
    bench.clock.wait(hours=24)
    sweep_once(bench.open_work)
    [alarm] = alarms(bench)
    service.acknowledge(as_person(bench, cast["manager"], "manager"), alarm.id)
    bench.clock.wait(hours=12)
    sweep_once(bench.open_work)

    [graver] = alarms(bench)
    assert (alarm.priority, graver.priority) == ("P3", "P2")
    assert (graver.state, graver.assignee) == ("new", cast["manager"])
    assert kinds(bench, alarm.id) == ["opened", "acknowledged", "graver"]


def test_an_explanation_silences_what_is_overdue_only_for_a_while(
    bench: Bench, cast: dict[str, int]
) -> None:
    alarm = overdue(bench)
    manager = as_person(bench, cast["manager"], "manager")
    given = Explanation(
        reason="late_entry",
        comment="the box is on its way",
        until=bench.clock() + timedelta(hours=2),
    )
    service.explain(manager, alarm.id, given)
    [silent] = alarms(bench)
    assert (silent.state, silent.silent_until) == ("explained", given.until)

    bench.clock.wait(hours=1)
    sweep_once(bench.open_work)
    assert alarms(bench)[0].state == "explained"
    bench.clock.wait(hours=1, seconds=5)
    sweep_once(bench.open_work)
    assert alarms(bench)[0].state == "new"
    assert kinds(bench, alarm.id) == ["opened", "explained", "spoke_again"]


def test_evidence_ends_what_is_silenced(bench: Bench, cast: dict[str, int]) -> None:
    tube, box = bench.drawn(), bench.register(Sort.BOX, "BX")
    bench.clock.wait(hours=12)
    sweep_once(bench.open_work)
    [alarm] = alarms(bench)
    given = Explanation(
        reason="late_entry", comment="soon", until=bench.clock() + timedelta(hours=2)
    )
    service.explain(as_person(bench, cast["manager"], "manager"), alarm.id, given)
    bench.pack(tube, box)
    sweep_once(bench.open_work)

    assert alarms(bench)[0].state == "cleared"


def test_what_is_overdue_cannot_be_silenced_for_ever(bench: Bench, cast: dict[str, int]) -> None:
    alarm = overdue(bench)
    manager = as_person(bench, cast["manager"], "manager")
    for until in (None, bench.clock() + timedelta(days=30)):
        with pytest.raises(UntilUnfit):
            service.explain(
                manager, alarm.id, Explanation(reason="late_entry", comment="x", until=until)
            )


def test_only_a_reason_of_the_rule_explains(bench: Bench, cast: dict[str, int]) -> None:
    alarm = overdue(bench)
    manager = as_person(bench, cast["manager"], "manager")
    with pytest.raises(ReasonUnknown):
        service.explain(manager, alarm.id, Explanation(reason="destroyed", comment="x"))


def test_it_is_given_only_to_somebody_who_deals_with_alarms_there(
    bench: Bench, cast: dict[str, int]
) -> None:
    alarm = overdue(bench)
    elsewhere = make_person(bench.open_work(), login="tech-b", role="technician", site=SOUTH)
    manager = as_person(bench, cast["manager"], "manager")
    service.assign(manager, alarm.id, person=cast["technician"])
    for person in (cast["auditor"], elsewhere, 10**9):
        with pytest.raises(PersonNotThere):
            service.assign(manager, alarm.id, person=person)

    [given] = alarms(bench)
    assert (given.assignee, given.state) == (cast["technician"], "new")
    assert kinds(bench, alarm.id) == ["opened", "assigned"]


def test_nothing_is_left_to_do_about_one_that_ended(bench: Bench, cast: dict[str, int]) -> None:
    tube, box = bench.drawn(), bench.register(Sort.BOX, "BX")
    bench.clock.wait(hours=12)
    sweep_once(bench.open_work)
    bench.pack(tube, box)
    sweep_once(bench.open_work)
    [alarm] = alarms(bench)
    manager = as_person(bench, cast["manager"], "manager")
    with pytest.raises(AlarmOver):
        service.assign(manager, alarm.id, person=cast["technician"])
    with pytest.raises(AlarmOver):
        service.explain(manager, alarm.id, Explanation(reason="late_entry", comment="x"))


def test_what_was_ended_and_is_so_again_speaks_again(bench: Bench, cast: dict[str, int]) -> None:
    tube, box = bench.drawn(), bench.register(Sort.BOX, "BX")
    bench.clock.wait(hours=12)
    sweep_once(bench.open_work)
    bench.pack(tube, box)
    sweep_once(bench.open_work)
    bench.take_back()
    sweep_once(bench.open_work)

    [alarm] = alarms(bench)
    assert alarm.state == "new"
    assert kinds(bench, alarm.id) == ["opened", "closed", "reopened"]


def strayed(bench: Bench) -> AlarmSeen:
    """The alarm of a tube that turned up at another site, and nobody handed it over."""
    tube = bench.drawn()
    dock = "unit:BB1/dock"
    bench.say(Kind.CHECKED_IN, tube, site="BB1", source=dock, target=dock)
    sweep_once(bench.open_work)
    assert alarms(bench) == []  # what is still under way may cure it
    bench.clock.wait(minutes=15)
    sweep_once(bench.open_work)
    [alarm] = alarms(bench)
    return alarm


def test_one_cause_speaks_once_and_the_other_rules_are_listed_under_it(bench: Bench) -> None:
    alarm = strayed(bench)
    lines = queries.alarm(bench.open_work(), alarm.id).lines

    assert alarm.rule in {line.rule for line in lines}
    assert alarm.gaps == len(lines)


def test_an_explanation_of_what_was_said_ends_it(bench: Bench, cast: dict[str, int]) -> None:
    alarm = strayed(bench)
    person = as_person(bench, cast["manager"], "manager", site=alarm.site or "*")
    given = Explanation(reason="late_entry", comment="a colleague carried it over")
    service.explain(person, alarm.id, given)
    for _ in range(2):
        sweep_once(bench.open_work)
        bench.clock.wait(hours=4)

    [explained] = [seen for seen in alarms(bench) if seen.id == alarm.id]
    assert (explained.state, explained.silent_until) == ("explained", None)
    [told] = [
        e for e in queries.alarm(bench.open_work(), alarm.id).history if e.kind == "explained"
    ]
    assert (told.actor, told.facts["reason"]) == (cast["manager"], "late_entry")


def test_a_further_gap_of_the_same_cause_makes_an_explained_alarm_speak(
    bench: Bench, cast: dict[str, int]
) -> None:
    alarm = strayed(bench)
    person = as_person(bench, cast["manager"], "manager", site=alarm.site or "*")
    service.explain(person, alarm.id, Explanation(reason="late_entry", comment="carried over"))
    bench.clock.wait(days=1)
    sweep_once(bench.open_work)

    [again] = alarms(bench)
    assert (again.id, again.state) == (alarm.id, "new")
    assert kinds(bench, alarm.id) == ["opened", "explained", "joined", "spoke_again"]


@pytest.mark.parametrize(
    ("role", "may"),
    [
        ("phlebotomist", ("acknowledge",)),
        ("technician", ("acknowledge",)),
        ("manager", ("acknowledge", "assign", "explain")),
        ("site_coordinator", ("acknowledge", "assign", "explain")),
        ("quality", ("acknowledge", "assign", "explain")),
        ("auditor", ()),
        ("administrator", ()),
    ],
)
@pytest.mark.parametrize("deed", ["acknowledge", "assign", "explain"])
def test_roles_do_what_is_theirs_at_their_own_site(
    bench: Bench, cast: dict[str, int], role: str, may: tuple[str, ...], deed: str
) -> None:
    alarm = overdue(bench)
    until = bench.clock() + timedelta(hours=1)

    def does(work: Work) -> None:
        match deed:
            case "acknowledge":
                service.acknowledge(work, alarm.id)
            case "assign":
                service.assign(work, alarm.id, person=cast["technician"])
            case _:
                given = Explanation(reason="late_entry", comment="x", until=until)
                service.explain(work, alarm.id, given)

    refusal = AnotherSite if deed in may else NotYourTask
    with pytest.raises(refusal):
        does(as_person(bench, cast["manager"], role, site=SOUTH))
    own = as_person(bench, cast["manager"], role)
    if deed in may:
        does(own)
    else:
        with pytest.raises(NotYourTask):
            does(own)


def test_alarms_of_other_sites_are_not_seen(bench: Bench, cast: dict[str, int]) -> None:
    alarm = overdue(bench)
    stranger = as_person(bench, cast["manager"], "manager", site=SOUTH)
    own = as_person(bench, cast["manager"], "manager")

    assert queries.alarms(stranger, Asked()) == []
    assert queries.counted(stranger).open == 0
    assert [seen.id for seen in queries.alarms(own, Asked())] == [alarm.id]
    assert queries.counted(own).open == 1
    with pytest.raises(AnotherSite):
        queries.alarm(stranger, alarm.id)
    with pytest.raises(AlarmMissing):
        queries.alarm(own, alarm.id + 1)
    with pytest.raises(NotYourTask):
        queries.alarms(as_person(bench, cast["manager"], "administrator"), Asked())
