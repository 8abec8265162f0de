"""Questions about alarms: lists for those who may see them, one alarm whole, counts."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from app.accounts.models import Person, RoleGrant
from app.accounts.rights import ANY, RIGHTS, demand_somewhere
from app.alarms.errors import AlarmMissing
from app.alarms.models import Alarm, AlarmEvent, AlarmLine, JobMark
from app.alarms.sites import concerning, demand_at_one, seen_by, shown_to, sites_of
from app.alarms.states import State
from app.custody.ledger import SPECIMEN_PATH, Json, Subject
from app.custody.queries import Standing, standings, subjects
from app.kernel.work import Work

READ = "alarm.read"
LOOKED_AT = (State.NEW, State.ACKNOWLEDGED, State.EXPLAINED, State.CLEARED)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmSeen:
    """An alarm as somebody may see it; people by number and label."""

    id: int
    rule: str
    priority: str
    state: str
    site: str | None
    sites: tuple[str, ...]
    subject: int
    code: str
    sort: str
    gaps: int
    owners: tuple[str, ...]
    since: datetime
    opened_at: datetime
    assignee: int | None
    assignee_label: str | None
    acknowledged_by: int | None
    acknowledged_at: datetime | None
    silent_until: datetime | None
    closed_at: datetime | None
    how: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LineSeen:
    """A gap of the alarm."""

    rule: str
    subject: int
    code: str
    sort: str
    entry: str
    at: datetime
    priority: str
    explained: bool
    silent_until: datetime | None
    cured_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventSeen:
    """One line of the alarm's history."""

    at: datetime
    kind: str
    actor: int | None
    actor_label: str | None
    facts: dict[str, Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmWhole:
    """An alarm with its gaps and its history, oldest first."""

    alarm: AlarmSeen
    lines: tuple[LineSeen, ...]
    history: tuple[EventSeen, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """How many alarms need a person, how many of these are critical, how many are in hand."""

    open: int
    critical: int
    in_hand: int
    cleared: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which alarms are wanted; None is any."""

    site: str | None = None
    rule: str | None = None
    states: tuple[str, ...] = ()


def alarms(
    work: Work, asked: Asked, *, after: int | None = None, limit: int | None = None
) -> list[AlarmSeen]:
    """The alarms that the actor may see, the latest first. Raises NotYourTask."""
    demand_somewhere(work, READ)
    wanted = select(Alarm).where(seen_by(work.actor, READ)).order_by(Alarm.id.desc())
    if asked.site is not None:
        wanted = wanted.where(concerning([asked.site]))
    if asked.rule is not None:
        wanted = wanted.where(Alarm.rule == asked.rule)
    if asked.states:
        wanted = wanted.where(Alarm.state.in_(asked.states))
    if after is not None:
        wanted = wanted.where(Alarm.id < after)
    return _seen(work, work.session.scalars(wanted.limit(limit)).all())


def alarm(work: Work, number: int) -> AlarmWhole:
    """One alarm, with the lines of the actor's sites. Raises AlarmMissing, and as `demand`."""
    found = work.session.get(Alarm, number)
    if found is None:
        raise AlarmMissing(alarm=number)
    demand_at_one(work, READ, sites_of(work, number))
    [seen] = _seen(work, [found])
    return AlarmWhole(alarm=seen, lines=_lines(work, number), history=_history(work, number))


def standing_of(work: Work, alarms: Collection[AlarmSeen]) -> dict[int, Standing]:
    """Where what each alarm is about stands, by alarm. One whose cause is a consent, a kit or a
    station is about the first thing of the actor's sites that a rule objects to."""
    about = {alarm.id: alarm.subject for alarm in alarms if alarm.sort in SPECIMEN_PATH}
    others = [alarm.id for alarm in alarms if alarm.id not in about]
    if others:
        lines = (
            select(AlarmLine.alarm, AlarmLine.subject)
            .where(AlarmLine.alarm.in_(others), shown_to(work.actor, READ))
            .order_by(AlarmLine.at, AlarmLine.subject)
        )
        for number, subject in work.session.execute(lines):
            about.setdefault(number, subject)
    stand = standings(work.session, set(about.values()))
    return {number: stand[subject] for number, subject in about.items() if subject in stand}


def counted(work: Work) -> Counted:
    """How many alarms there are of those the actor may see."""
    wanted = (
        select(Alarm.state, Alarm.priority, func.count())
        .where(seen_by(work.actor, READ))
        .group_by(Alarm.state, Alarm.priority)
    )
    found = {(state, priority): count for state, priority, count in work.session.execute(wanted)}

    def of(*wanted: State, priority: str | None = None) -> int:
        return sum(
            count
            for (state, given), count in found.items()
            if state in wanted and priority in (None, given)
        )

    return Counted(
        open=of(State.NEW),
        critical=of(State.NEW, priority="P1"),
        in_hand=of(State.ACKNOWLEDGED),
        cleared=of(State.CLEARED),
    )


def rules_seen(work: Work) -> list[str]:
    """The rules that speak in alarms not yet closed, of those the actor may see."""
    wanted = (
        select(Alarm.rule).distinct().where(seen_by(work.actor, READ), Alarm.state.in_(LOOKED_AT))
    )
    return sorted(work.session.scalars(wanted))


def people_for(work: Work, sites: Collection[str]) -> list[tuple[int, str]]:
    """Who deals with alarms at one of these sites: number and label."""
    wanted = (
        select(Person.id, Person.label)
        .join(RoleGrant, RoleGrant.person == Person.id)
        .where(
            RoleGrant.role.in_(RIGHTS["alarm.acknowledge"]),
            RoleGrant.site.in_((ANY, *sites)),
            Person.inactive.is_(False),
        )
        .distinct()
        .order_by(Person.label)
    )
    return [(person, label) for person, label in work.session.execute(wanted)]


def mark_of(work: Work, name: str) -> JobMark | None:
    """When something was last done, and how it ended."""
    return work.session.get(JobMark, name, populate_existing=True)


def _seen(work: Work, rows: Sequence[Alarm]) -> list[AlarmSeen]:
    about = subjects(work.session, {row.subject for row in rows})
    labels = _labels(work, (row.assignee for row in rows))
    gaps = _gaps_of(work, [row.id for row in rows])
    sites = _sites_of(work, rows)
    return [
        AlarmSeen(
            id=row.id,
            rule=row.rule,
            priority=row.priority,
            state=row.state,
            site=row.site or None,
            sites=sites[row.id],
            subject=row.subject,
            code=about[row.subject].code,
            sort=about[row.subject].sort,
            gaps=gaps.get(row.id, 0),
            owners=tuple(row.owners.split(",")),
            since=row.since,
            opened_at=row.opened_at,
            assignee=row.assignee,
            assignee_label=labels.get(row.assignee),
            acknowledged_by=row.acknowledged_by,
            acknowledged_at=row.acknowledged_at,
            silent_until=row.silent_until,
            closed_at=row.closed_at,
            how=row.how,
        )
        for row in rows
    ]


def _gaps_of(work: Work, numbers: Sequence[int]) -> dict[int, int]:
    wanted = (
        select(AlarmLine.alarm, func.count())
        .where(AlarmLine.alarm.in_(numbers))
        .group_by(AlarmLine.alarm)
    )
    return {row[0]: row[1] for row in work.session.execute(wanted)}


def _sites_of(work: Work, rows: Sequence[Alarm]) -> dict[int, tuple[str, ...]]:
    """The sites each concerns, the one where it was first objected to before the others."""
    found = {row.id: [row.site] for row in rows}
    wanted = select(AlarmLine.alarm, AlarmLine.site).where(AlarmLine.alarm.in_(found)).distinct()
    for number, site in work.session.execute(wanted.order_by(AlarmLine.site)):
        if site not in found[number]:
            found[number].append(site)
    return {number: tuple(site for site in sites if site) for number, sites in found.items()}


def _lines(work: Work, number: int) -> tuple[LineSeen, ...]:
    wanted = (
        select(AlarmLine)
        .where(AlarmLine.alarm == number, shown_to(work.actor, READ))
        .order_by(AlarmLine.at, AlarmLine.subject, AlarmLine.rule, AlarmLine.entry)
    )
    rows = work.session.scalars(wanted).all()
    about: dict[int, Subject] = subjects(work.session, {row.subject for row in rows})
    return tuple(
        LineSeen(
            rule=row.rule,
            subject=row.subject,
            code=about[row.subject].code,
            sort=about[row.subject].sort,
            entry=row.entry,
            at=row.at,
            priority=row.priority,
            explained=row.explained is not None,
            silent_until=row.silent_until,
            cured_at=row.cured_at,
        )
        for row in rows
    )


def _history(work: Work, number: int) -> tuple[EventSeen, ...]:
    wanted = select(AlarmEvent).where(AlarmEvent.alarm == number).order_by(AlarmEvent.number)
    rows = work.session.scalars(wanted).all()
    given = [row.facts.get("person") for row in rows]
    people = [row.actor for row in rows] + [one for one in given if isinstance(one, int)]
    labels = _labels(work, people)
    return tuple(
        EventSeen(
            at=row.at,
            kind=row.kind,
            actor=row.actor,
            actor_label=labels.get(row.actor),
            facts=_with_label(row.facts, labels),
        )
        for row in rows
    )


def _with_label(facts: dict[str, Json], labels: dict[int | None, str]) -> dict[str, Json]:
    person = facts.get("person")
    return {**facts, "label": labels.get(person, "")} if isinstance(person, int) else facts


def _labels(work: Work, people: Iterable[int | None]) -> dict[int | None, str]:
    wanted = {person for person in people if person is not None}
    if not wanted:
        return {}
    found = work.session.execute(select(Person.id, Person.label).where(Person.id.in_(wanted)))
    return {row[0]: row[1] for row in found}
