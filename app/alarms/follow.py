"""Alarms follow the gaps: opened, joined, ended and heard again as custody's findings change.

Nothing is remembered from the last look. What custody objects to is compared with the lines there
are, so a watcher that was stopped, killed or doubled loses nothing and doubles nothing.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select, tuple_
from sqlalchemy.dialects.postgresql import insert

from app.alarms.causes import by_entry, first_of
from app.alarms.lines import Key, bring_up, key, key_of
from app.alarms.models import NOWHERE, Alarm, AlarmLine, alarm_number
from app.alarms.rules import rule_of
from app.alarms.states import State, precedence, priority_of
from app.custody.gap_queries import GapView, gaps, gaps_of
from app.kernel.work import Work

PAGE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """What changed: alarms opened, gaps that joined one, alarms that ended."""

    opened: int
    joined: int
    ended: int


def follow(work: Work, raised: Sequence[GapView] = ()) -> Followed:
    """Bring every alarm to what the gaps are now; one transaction with the caller's.

    `raised` are those custody has just raised: one explained before, whose silence is over, is
    found no other way.
    """
    present = {key_of(gap): gap for gap in (*_open(work), *raised) if priority_of(gap.priority)}
    watched = _watched(work)
    present |= gaps_behind(work, watched.keys() - present.keys())
    known = watched | _lines(work, present.keys() - watched.keys())
    fresh: dict[str, list[GapView]] = defaultdict(list)
    objected = by_entry(present.values())
    for its_key, gap in present.items():
        if its_key not in known:
            fresh[str(first_of(gap, objected).cause)].append(gap)
    homes = {_home(work, cause, fresh[cause]): fresh[cause] for cause in sorted(fresh)}
    concerned = set(homes) | _changed(known, present) | _heard_again(work)
    # In the order of their numbers, so that two that follow at once wait for each other in turn.
    brought = [
        bring_up(work, number, present=present, fresh=homes.get(number, ()))
        for number in sorted(concerned)
    ]
    return Followed(
        opened=sum(each.opened for each in brought),
        joined=sum(each.joined for each in brought),
        ended=sum(each.ended for each in brought),
    )


def gaps_behind(work: Work, keys: Collection[Key]) -> dict[Key, GapView]:
    """What is objected to of these, answered or not; what is not among them has been cured."""
    if not keys:
        return {}
    found = gaps_of(work.session, {subject for subject, _, _ in keys})
    return {key_of(gap): gap for gap in found if key_of(gap) in keys and gap.cured_at is None}


def _open(work: Work) -> Iterator[GapView]:
    """The gaps that have settled, that nobody has answered, and that somebody is to be told of."""
    after = None
    while True:
        page = gaps(work.session, state="open", after=after, limit=PAGE)
        yield from (gap for gap in page if gap.raised_at is not None)
        if len(page) < PAGE:
            return
        last = page[-1]
        after = (last.at, last.subject, last.rule, str(last.entry_id))


def _watched(work: Work) -> dict[Key, AlarmLine]:
    """The lines that may change by themselves: all but those ended, or explained for good."""
    wanted = select(AlarmLine).where(
        AlarmLine.cured_at.is_(None),
        or_(AlarmLine.explained.is_(None), AlarmLine.silent_until.is_not(None)),
    )
    return {key(line): line for line in work.session.scalars(wanted)}


def _lines(work: Work, keys: Iterable[Key]) -> dict[Key, AlarmLine]:
    wanted = sorted(keys)
    if not wanted:
        return {}
    where = tuple_(AlarmLine.subject, AlarmLine.rule, AlarmLine.entry).in_(wanted)
    return {key(line): line for line in work.session.scalars(select(AlarmLine).where(where))}


def _home(work: Work, cause: str, its_gaps: list[GapView]) -> int:
    """The number of the alarm of this cause; made here where there is none yet."""
    first = min(its_gaps, key=lambda gap: precedence(gap.rule))
    work.session.execute(
        insert(Alarm)
        .values(
            id=work.session.scalar(alarm_number.next_value()),
            cause=cause,
            site=first.site or NOWHERE,
            subject=first.cause_subject,
            rule=first.rule,
            priority=priority_of(first.priority),
            owners=",".join(rule_of(work, first.rule).owners),
            state=State.NEW,
            since=first.at,
            opened_at=work.clock(),
        )
        .on_conflict_do_nothing(index_elements=("cause",))
    )
    return work.session.scalars(select(Alarm.id).where(Alarm.cause == cause)).one()


def _changed(known: Mapping[Key, AlarmLine], present: Mapping[Key, GapView]) -> set[int]:
    """The alarms with a line that is no longer what its gap is."""
    return {line.alarm for its_key, line in known.items() if _differs(line, present.get(its_key))}


def _differs(line: AlarmLine, gap: GapView | None) -> bool:
    if gap is None:
        return line.cured_at is None
    said = (str(gap.explained) if gap.explained else None, gap.silent_until)
    return (
        line.cured_at is not None
        or (line.explained, line.silent_until) != said
        or line.priority != priority_of(gap.priority)
    )


def _heard_again(work: Work) -> set[int]:
    """The alarms whose silence is over."""
    wanted = select(Alarm.id).where(
        Alarm.silent_until <= work.clock(), Alarm.state == State.EXPLAINED
    )
    return set(work.session.scalars(wanted))
