"""Deeds about alarms: take one, give it to somebody, explain it. None of them commits."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from app.alarms.errors import AlarmMissing, AlarmOver, PersonNotThere, ReasonUnknown
from app.alarms.follow import gaps_behind
from app.alarms.lines import Word, bring_up, key, lines_of, locked, tell
from app.alarms.models import Alarm, AlarmLine
from app.alarms.queries import people_for
from app.alarms.rules import rule_of
from app.alarms.sites import demand_at_one, sites_of
from app.alarms.states import OVER, Happened, State
from app.custody import amending
from app.custody.drafts import Reading
from app.custody.gaps.table import BY_CODE
from app.custody.ledger import Json, parse_entry_id
from app.kernel.work import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Why it is so. `until`: how long it silences a step that is still missing."""

    reason: str
    comment: str
    until: datetime | None = None
    command: UUID | None = None


def acknowledge(work: Work, number: int) -> None:
    """Say that somebody has seen it and has it in hand; who was first stays the one.

    One that ended before anybody looked is closed by this. Raises AlarmMissing, and as `demand`.
    """
    alarm = _alarm(work, number)
    demand_at_one(work, "alarm.acknowledge", sites_of(work, number))
    if alarm.acknowledged_at is not None:
        return
    alarm.acknowledged_by, alarm.acknowledged_at = work.actor.person, work.clock()
    alarm.assignee = alarm.assignee or work.actor.person
    if alarm.state == State.NEW:
        alarm.state = State.ACKNOWLEDGED
    elif alarm.state == State.CLEARED:
        alarm.state = State.CLOSED
    tell(work, alarm, Happened.ACKNOWLEDGED, Word(actor=work.actor.person))


def assign(work: Work, number: int, *, person: int) -> None:
    """Give it to somebody who deals with alarms at a site that it concerns.

    Raises AlarmMissing, AlarmOver, PersonNotThere, and as `demand`.
    """
    alarm = _alarm(work, number)
    sites = sites_of(work, number)
    demand_at_one(work, "alarm.assign", sites)
    if alarm.state in OVER:
        raise AlarmOver
    if person not in dict(people_for(work, sites)):
        raise PersonNotThere
    if alarm.assignee == person:
        return
    alarm.assignee = person
    tell(work, alarm, Happened.ASSIGNED, Word(actor=work.actor.person, facts={"person": person}))


def explain(work: Work, number: int, given: Explanation) -> None:
    """Answer every gap of the alarm with one reason.

    It ends what was said wrongly, and silences for a time what has not been done. Raises
    AlarmMissing, AlarmOver, ReasonUnknown, what custody raises, and as `demand`.
    """
    # Not locked before custody has locked the tubes, as the watcher does it.
    alarm = work.session.get(Alarm, number)
    if alarm is None:
        raise AlarmMissing(alarm=number)
    demand_at_one(work, "gap.explain", sites_of(work, number))
    if alarm.state in OVER:
        raise AlarmOver
    allowed = rule_of(work, alarm.rule).resolution_codes
    if given.reason not in allowed:
        raise ReasonUnknown(rule=alarm.rule, reason=given.reason, reasons=", ".join(allowed))
    lines = {key(line): line for line in lines_of(work, number)}
    command = given.command or work.ids()
    for its_key in gaps_behind(work, lines.keys()):
        if not _answered_for_good(lines[its_key]):
            _explain_line(work, lines[its_key], given, command)
    facts: dict[str, Json] = {"reason": given.reason, "comment": given.comment}
    if given.until is not None:
        facts["until"] = given.until.isoformat()
    word = Word(actor=work.actor.person, facts=facts)
    bring_up(work, number, present=gaps_behind(work, lines.keys()), word=word)


def _answered_for_good(line: AlarmLine) -> bool:
    return line.explained is not None and line.silent_until is None


def silence_max(work: Work, number: int) -> datetime | None:
    """Until when an explanation may silence the alarm; None where it ends it for good."""
    ends = [
        amending.max_silence(work, line.rule, line.subject, work.clock())
        for line in lines_of(work, number)
        if line.cured_at is None and _ages(line)
    ]
    return min(ends) if ends else None


def _ages(line: AlarmLine) -> bool:
    rule = BY_CODE.get(line.rule)
    return rule is not None and rule.ages


def _explain_line(work: Work, line: AlarmLine, given: Explanation, command: UUID) -> None:
    # One command for each line, and the same one when the same is said again.
    own = uuid5(command, f"{line.subject} {line.rule} {line.entry}")
    amending.explain(
        work,
        reading=Reading(
            command=own,
            occurred_at=work.clock(),
            site=line.site or None,
            station=work.actor.station,
            actor=work.actor.person,
        ),
        rule=line.rule,
        subject=line.subject,
        entry=parse_entry_id(line.entry),
        reason=given.reason,
        comment=given.comment,
        until=given.until if _ages(line) else None,
    )


def _alarm(work: Work, number: int) -> Alarm:
    if work.session.get(Alarm, number) is None:
        raise AlarmMissing(alarm=number)
    return locked(work, number)
