"""Which alarm each gap of a thing belongs to, and who has it: for the thing's own page."""

from sqlalchemy import select

from app.accounts.models import Person
from app.alarms.models import Alarm, AlarmLine
from app.alarms.sites import seen_by
from app.kernel.work import Work


def of_gaps(work: Work, subject: int) -> dict[tuple[str, str], tuple[str, str | None]]:
    """By rule and entry of a gap: the address of its alarm, and whoever has it.

    Only alarms that the actor may see.
    """
    wanted = (
        select(AlarmLine.rule, AlarmLine.entry, Alarm.id, Person.label)
        .join(Alarm, Alarm.id == AlarmLine.alarm)
        .outerjoin(Person, Person.id == Alarm.assignee)
        .where(AlarmLine.subject == subject)
    )
    rows = work.session.execute(wanted.where(seen_by(work.actor, "alarm.read")))
    return {(rule, entry): (f"/alarms/{number}", label) for rule, entry, number, label in rows}
