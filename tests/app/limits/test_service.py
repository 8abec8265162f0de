"""A later version of the limits: when it counts, for what, and who is planned anew by it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from app.alarms.models import Alarm
from app.custody import parties, service
from app.custody.drafts import Draft, Reading
from app.custody.ledger import Kind, Mode, Sort, Subject
from app.custody.verify import verify
from app.jobs import sweep_once
from app.kernel.work import Work
from app.limits import queries
from app.limits.queries import NoSuchVersion, VersionSeen
from app.limits.service import (
    LimitUnfit,
    NewVersion,
    NothingChanged,
    Overtaken,
    TooEarly,
    UnknownLimit,
    WordsUnfit,
    add,
)
from app.limits.versions import LEAD
from config.limits import Limits, load
from config.reading import ConfigWrong
from config.rules import Value
from tests.app.alarms.bench import UNIT, Bench
from tests.app.limits.conftest import Program
from tests.builders.people import NORTH

SOON = timedelta(seconds=10)
PATIENCE = 20


def new(hours: float = 2, *, after: int = 1, **more: object) -> NewVersion:
    """Tubes are to be packed sooner than the twelve hours of the file."""
    values = {"G28": {"pack_hours_max": hours}}
    plain: dict[str, object] = {"after": after, "reason": "a new procedure", "values": values}
    return NewVersion(**(plain | more))  # type: ignore[arg-type] # as given


def added(open_work: Callable[[], Work], wanted: NewVersion) -> VersionSeen:
    work = open_work()
    seen = add(work, wanted)
    work.session.commit()
    work.session.close()
    return seen


def drawn_ahead(bench: Bench, open_work: Callable[[], Work], *, ahead: timedelta) -> Subject:
    """A tube drawn where the clock is ahead: its entry is dated later than it is written."""
    tube = bench.register(Sort.TUBE, "TB")
    work = open_work()
    reading = Reading(
        command=work.ids(), occurred_at=bench.clock() + ahead, site=NORTH, mode=Mode.SCAN
    )
    person = parties.participant("PN1")
    draft = Draft(subject=tube.id, kind=Kind.COLLECTED, reading=reading, source=person, target=UNIT)
    service.append(work, [draft])
    work.session.commit()
    work.session.close()
    return tube


def due_at(engine: Engine, tube: Subject) -> datetime | None:
    wanted = text("SELECT due_at FROM expectation WHERE subject_id = :tube AND rule = 'G28'")
    with Session(engine) as session:
        found: datetime | None = session.scalar(wanted, {"tube": tube.id})
    return found


def waiting(engine: Engine) -> set[int]:
    with Session(engine) as session:
        return set(session.scalars(text("SELECT subject_id FROM recheck")))


def alarms(engine: Engine) -> list[tuple[int, datetime]]:
    """Whom each alarm is about, and since when."""
    with Session(engine) as session:
        found = session.scalars(select(Alarm).order_by(Alarm.since))
        return [(alarm.subject, alarm.since) for alarm in found]


def faults(open_work: Callable[[], Work]) -> tuple[str, ...]:
    work = open_work()
    report = verify(work.session, limits=work.limits, now=work.clock())
    work.session.close()
    return report.findings


def test_what_happened_before_keeps_its_limits_and_what_happens_after_has_the_new_ones(
    bench: Bench, program: Program, engine: Engine
) -> None:
    before = bench.drawn()
    drawn_at = bench.clock()
    assert faults(program) == ()
    seen = added(program, new())
    assert seen.valid_from == drawn_at + LEAD
    bench.clock.wait(minutes=5)
    after = bench.drawn()
    later = bench.clock()
    sweep_once(program)

    assert due_at(engine, before) == drawn_at + timedelta(hours=12)
    assert due_at(engine, after) == later + timedelta(hours=2)
    assert faults(program) == ()

    bench.clock.now = later + timedelta(hours=2) + SOON
    sweep_once(program)
    assert alarms(engine) == [(after.id, later + timedelta(hours=2))]
    bench.clock.now = drawn_at + timedelta(hours=12) + SOON
    sweep_once(program)
    assert alarms(engine)[1:] == [(before.id, drawn_at + timedelta(hours=12))]
    assert faults(program) == ()


def test_whoever_waits_is_planned_anew_and_the_alarm_moves(
    bench: Bench, program: Program, engine: Engine
) -> None:
    tube = drawn_ahead(bench, program, ahead=timedelta(minutes=4))
    dated = bench.clock() + timedelta(minutes=4)
    calm = bench.drawn()
    sweep_once(program)
    assert due_at(engine, tube) == dated + timedelta(hours=12)

    added(program, new(hours=1))
    assert waiting(engine) >= {tube.id, calm.id}
    sweep_once(program)
    assert waiting(engine) == set()
    assert due_at(engine, tube) == dated + timedelta(hours=1)
    assert faults(program) == ()

    bench.clock.now = dated + timedelta(hours=1) + SOON
    sweep_once(program)
    assert alarms(engine) == [(tube.id, dated + timedelta(hours=1))]
    assert faults(program) == ()


def test_a_raised_alarm_stays_where_the_limit_grows_for_later_moments_only(
    bench: Bench, program: Program, engine: Engine
) -> None:
    added(program, new(hours=0.01))
    tube = drawn_ahead(bench, program, ahead=timedelta(minutes=2))
    bench.clock.wait(seconds=160)
    sweep_once(program)
    assert [subject for subject, _ in alarms(engine)] == [tube.id]

    ahead = drawn_ahead(bench, program, ahead=timedelta(minutes=3))
    added(program, new(hours=5, after=2))
    sweep_once(program)

    assert due_at(engine, ahead) == bench.clock() + timedelta(hours=5, minutes=3)
    assert [subject for subject, _ in alarms(engine)] == [tube.id]
    assert faults(program) == ()


def test_what_a_program_that_did_not_know_it_wrote_is_planned_anew_when_it_begins(
    bench: Bench, program: Program, engine: Engine
) -> None:
    sweep_once(program)
    added(program, new(hours=1))
    sweep_once(program)
    tube = drawn_ahead(bench, program.unaware, ahead=timedelta(minutes=4))
    dated = bench.clock() + timedelta(minutes=4)
    assert due_at(engine, tube) == dated + timedelta(hours=12)
    assert len(faults(program)) == 1

    bench.clock.wait(minutes=1)
    sweep_once(program)
    assert due_at(engine, tube) == dated + timedelta(hours=1)
    assert faults(program) == ()
    sweep_once(program)
    assert waiting(engine) == set()


def test_a_program_that_runs_sees_it_before_it_begins_and_each_work_sees_one(
    bench: Bench, program: Program, other: Program
) -> None:
    early = other()
    assert early.limits.at(bench.clock()).version == 1
    began = bench.clock()
    added(program, new())

    assert other().limits.at(began).version == 1
    assert other().limits.at(began + LEAD).version == 2
    bench.clock.wait(seconds=59)
    late = other()
    assert late.limits.at(bench.clock()).version == 1
    bench.clock.wait(seconds=1)
    assert late.limits.at(bench.clock()).version == 2
    assert late.limits.at(began).version == 1
    assert early.limits.at(began).version == 1


def test_a_later_version_stands_in_for_one_that_has_not_begun(
    bench: Bench, program: Program
) -> None:
    began = bench.clock()
    added(program, new(hours=3, valid_from=began + timedelta(days=2)))
    added(program, new(hours=4, after=2, valid_from=began + timedelta(days=1)))

    limits = program().limits
    hours = [
        limits.at(began + timedelta(days=days)).span("G28", "pack_hours_max") for days in (0, 1, 3)
    ]
    assert hours == [timedelta(hours=each) for each in (12, 4, 4)]


def test_it_is_told_with_its_reason_and_what_it_changed(bench: Bench, program: Program) -> None:
    added(program, new(sop_version="SOP-7"))
    added(program, new(after=2, values={"G33": {"put_away_hours_max": 1}}))

    third, second, first = queries.versions(program())
    assert (second.sop_version, second.reason, second.added_by) == (
        "SOP-7",
        "a new procedure",
        None,
    )
    assert [change[:2] for change in third.changes] == [("G33", "put_away_hours_max")]
    assert second.changes == (("G28", "pack_hours_max", 12, 2),)
    assert (first.version, first.valid_from, first.in_force, first.changes) == (1, None, True, ())
    assert third.content["G28"]["pack_hours_max"] == 2
    with pytest.raises(NoSuchVersion):
        queries.version(program(), 4)


def test_a_whole_file_can_be_the_next_version(bench: Bench, program: Program) -> None:
    whole = load().overridden({"G28": {"pack_hours_max": 6}}, sop_version="from a file")
    seen = added(program, new(values={}, whole=whole))

    assert [tuple(change) for change in seen.changes] == [("G28", "pack_hours_max", 12, 6)]


def test_a_file_without_a_rule_is_refused(program: Program) -> None:
    limits = load()
    rules = {key: rule for key, rule in limits.rules.items() if key != "G28"}
    fewer = Limits(version=1, sop_version="fewer", alarm=limits.alarm, rules=rules)
    with pytest.raises(ConfigWrong, match="G28"):
        add(program(), new(values={}, whole=fewer))


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"G99": {"pack_hours_max": 2}}, UnknownLimit),
        ({"G28": {"packing_hours_max": 2}}, UnknownLimit),
        ({"G28": {"pack_hours_max": -1}}, LimitUnfit),
        ({"G28": {"pack_hours_max": 10**9}}, LimitUnfit),
        ({"G28": {"pack_hours_max": "long"}}, LimitUnfit),
        ({"G09": {"consents_required": 3}}, LimitUnfit),
        ({"G33": {"put_away_hours_max": 1}, "G28": {"pack_hours_max": True}}, LimitUnfit),
        ({"G28": {"pack_hours_max": 12}}, NothingChanged),
        ({}, NothingChanged),
    ],
)
def test_values_that_cannot_be_are_refused(
    program: Program, values: dict[str, dict[str, Value]], error: type[Exception]
) -> None:
    with pytest.raises(error):
        add(program(), new(values=values))


@pytest.mark.parametrize("words", [{"reason": "  "}, {"reason": "x" * 501}, {"sop_version": " "}])
def test_a_reason_is_needed(program: Program, words: dict[str, Any]) -> None:
    with pytest.raises(WordsUnfit):
        add(program(), new(**words))


def test_the_name_of_a_procedure_fits_into_every_entry(program: Program) -> None:
    with pytest.raises(WordsUnfit):
        add(program(), new(sop_version="x" * 33))


@pytest.mark.parametrize("back", [timedelta(0), timedelta(days=3), -timedelta(seconds=59)])
def test_it_never_begins_before_every_program_can_know_it(
    program: Program, bench: Bench, back: timedelta
) -> None:
    with pytest.raises(TooEarly):
        add(program(), new(valid_from=bench.clock() - back))


def test_one_made_from_a_version_that_is_not_the_last_is_refused(program: Program) -> None:
    added(program, new())
    with pytest.raises(Overtaken):
        add(program(), new(hours=3))


def test_of_two_that_add_one_at_once_the_second_is_told(program: Program) -> None:
    gate = Barrier(2)

    def one(hours: float) -> str:
        gate.wait(PATIENCE)
        try:
            added(program, new(hours))
        except Overtaken:
            return "overtaken"
        return "added"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(one, (2, 3))) == ["added", "overtaken"]


@pytest.mark.parametrize(
    "deed", ["UPDATE limits_version SET reason = ''", "DELETE FROM limits_version"]
)
def test_no_version_can_be_changed_or_taken_away(
    program: Program, engine: Engine, deed: str
) -> None:
    added(program, new())
    with Session(engine) as session, pytest.raises(ProgrammingError, match="permission denied"):
        session.execute(text(deed))
