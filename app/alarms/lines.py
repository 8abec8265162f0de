"""One alarm brought to what its gaps say: its lines, its state, and what is told of the change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from app.alarms import states
from app.alarms.missing import priority
from app.alarms.models import NOWHERE, Alarm, AlarmEvent, AlarmLine
from app.alarms.rules import rule_of
from app.alarms.states import OVER, Happened, State
from app.custody.gap_queries import GapView
from app.custody.ledger import Json
from app.kernel.work import Work

Key = tuple[int, str, str]
EVIDENCE = "evidence"


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """What a person said about an alarm; nobody, where it changed by itself."""

    actor: int | None = None
    facts: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """Whether the alarm was opened or ended by this, and how many gaps joined it."""

    opened: int
    joined: int
    ended: int


def key_of(gap: GapView) -> Key:
    """The identity of a gap, as lines carry it."""
    return (gap.subject, gap.rule, str(gap.entry_id))


def key(line: AlarmLine) -> Key:
    """The identity of a line's gap."""
    return (line.subject, line.rule, line.entry)


def bring_up(
    work: Work,
    number: int,
    *,
    present: Mapping[Key, GapView],
    fresh: Sequence[GapView] = (),
    word: Word | None = None,
) -> Brought:
    """Bring one alarm to what is present; a line that no gap speaks of any more is cured."""
    now = work.clock()
    alarm = locked(work, number)
    was, lines = State(alarm.state), lines_of(work, number)
    first = not lines
    cured = [_update(line, present.get(key(line)), now=now) for line in lines].count(True)
    joined = [line for gap in fresh if (line := _join(work, alarm, gap)) is not None]
    lines += joined
    if not lines:
        # Another watcher has just put these gaps under another cause: there is nothing to tell.
        work.session.delete(alarm)
        return Brought(opened=0, joined=0, ended=0)
    worse = not first and was not in OVER and priority(work, lines) < alarm.priority
    becomes = _becomes(alarm, lines, was=was, worse=worse, now=now)
    told = {
        Happened.OPENED: first,
        Happened.REOPENED: was in OVER and becomes not in OVER,
        Happened.JOINED: bool(joined) and not first,
        Happened.GRAVER: worse,
        Happened.SPOKE_AGAIN: was is State.EXPLAINED and becomes is State.NEW,
        Happened.EXPLAINED: word is not None
        or (becomes is State.EXPLAINED and was is not State.EXPLAINED),
        Happened.CURED: cured > 0 and becomes not in OVER,
        Happened.CLOSED: becomes in OVER and was not in OVER,
    }
    _settle(work, alarm, lines, becomes)
    for happened in (each for each, true in told.items() if true):
        facts = _facts(happened, alarm, joined=len(joined), lines=len(lines), cured=cured)
        own = word if word and happened is Happened.EXPLAINED else Word()
        tell(work, alarm, happened, Word(actor=own.actor, facts={**facts, **own.facts}))
    return Brought(
        opened=int(first), joined=0 if first else len(joined), ended=int(told[Happened.CLOSED])
    )


def locked(work: Work, number: int) -> Alarm:
    """The alarm, held until the transaction ends."""
    return work.session.get_one(Alarm, number, with_for_update=True, populate_existing=True)


def lines_of(work: Work, number: int) -> list[AlarmLine]:
    """The lines of an alarm, the earliest first."""
    wanted = (
        select(AlarmLine)
        .where(AlarmLine.alarm == number)
        .order_by(AlarmLine.at, AlarmLine.subject, AlarmLine.rule, AlarmLine.entry)
        .execution_options(populate_existing=True)
    )
    return list(work.session.scalars(wanted))


def tell(work: Work, alarm: Alarm, happened: Happened, word: Word) -> None:
    """Write one line of the history of an alarm that is locked."""
    wanted = select(func.max(AlarmEvent.number)).where(AlarmEvent.alarm == alarm.id)
    work.session.add(
        AlarmEvent(
            alarm=alarm.id,
            number=(work.session.scalar(wanted) or 0) + 1,
            at=work.clock(),
            kind=happened,
            actor=word.actor,
            facts=dict(word.facts),
        )
    )
    work.session.flush()


def _becomes(
    alarm: Alarm, lines: Sequence[AlarmLine], *, was: State, worse: bool, now: datetime
) -> State:
    """The state that follows. What speaks again, or got worse, asks for a person anew."""
    looked = alarm.acknowledged_at is not None
    becomes = states.state_of(lines, acknowledged=looked, now=now)
    anew = worse or was in OVER or was is State.EXPLAINED
    if becomes is State.ACKNOWLEDGED and anew:
        alarm.acknowledged_at = alarm.acknowledged_by = None
        return State.NEW
    return becomes


def _settle(work: Work, alarm: Alarm, lines: Sequence[AlarmLine], becomes: State) -> None:
    """Write down what follows from the lines."""
    over = becomes in OVER
    alarm.state = becomes
    alarm.rule = states.speaking(lines)
    alarm.priority = priority(work, lines)
    alarm.since = states.since(lines)
    alarm.owners = ",".join(rule_of(work, alarm.rule).owners)
    alarm.silent_until = None if over else states.silent_until(lines)
    alarm.closed_at = (alarm.closed_at or work.clock()) if over else None
    alarm.how = EVIDENCE if over else None
    work.session.flush()


def _update(line: AlarmLine, gap: GapView | None, *, now: datetime) -> bool:
    """Bring a line to its gap, and say whether it was cured by this.

    What is explained for good is not looked up again and again: no gap, and it stays as it is.
    """
    if gap is None:
        if line.cured_at is not None or (line.explained and line.silent_until is None):
            return False
        line.cured_at = now
        return True
    line.cured_at = None
    line.site = gap.site or NOWHERE
    line.explained = str(gap.explained) if gap.explained else None
    line.silent_until = gap.silent_until
    line.priority = states.priority_of(gap.priority) or line.priority
    return False


def _join(work: Work, alarm: Alarm, gap: GapView) -> AlarmLine | None:
    """A line of this alarm for the gap, or None where another watcher has just written it."""
    subject, rule, entry = key_of(gap)
    made = work.session.scalars(
        insert(AlarmLine)
        .values(
            subject=subject,
            rule=rule,
            entry=entry,
            alarm=alarm.id,
            site=gap.site or NOWHERE,
            at=gap.at,
            priority=states.priority_of(gap.priority),
            explained=str(gap.explained) if gap.explained else None,
            silent_until=gap.silent_until,
        )
        .on_conflict_do_nothing()
        .returning(AlarmLine)
    )
    return made.one_or_none()


def _facts(
    happened: Happened, alarm: Alarm, *, joined: int, lines: int, cured: int
) -> dict[str, Json]:
    match happened:
        case Happened.OPENED | Happened.REOPENED:
            return {"rule": alarm.rule, "priority": alarm.priority, "gaps": lines}
        case Happened.JOINED:
            return {"gaps": joined}
        case Happened.CURED:
            return {"gaps": cured}
        case Happened.GRAVER:
            return {"priority": alarm.priority}
        case Happened.CLOSED:
            return {"how": EVIDENCE}
        case _:
            return {}
