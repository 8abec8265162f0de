"""Alarms as JSON, in and out."""

from dataclasses import dataclass

from marshmallow import Schema, fields

from app.alarms.service import Explanation
from app.alarms.states import State
from app.web.catalogue import N_
from app.web.fields import BIGGEST, Choice, Flag, Identity, Moment, Strict, Text, Whole, wrong
from app.web.schema import ValueSchema

COMMENT_MOST = 500
_DIGITS_MOST = 18


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """Whom an alarm is given to."""

    assignee: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ListAsked:
    """Which alarms a list shall show."""

    site: str | None = None
    rule: str | None = None
    state: str | None = None
    cursor: str | None = None
    limit: str | None = None
    bom: str | None = None


class PersonNumber(Strict[int]):
    """A person's number; a form of a page can only send it as digits."""

    def strictly(self, value: object) -> int:
        """The value, or a ValidationError."""
        digits = isinstance(value, str) and value.isascii() and value.isdigit()
        number = int(str(value)) if digits and len(str(value)) <= _DIGITS_MOST else value
        if isinstance(number, bool) or not isinstance(number, int) or not 0 < number <= BIGGEST:
            raise wrong(N_("This must be a whole number"))
        return number


class AssignmentSchema(ValueSchema[Assignment]):
    assignee = PersonNumber(required=True)


class ExplanationSchema(ValueSchema[Explanation]):
    reason = Text(required=True, most=64)
    comment = Text(required=True, most=COMMENT_MOST, control="\n\r\t")
    until = Moment(allow_none=True)
    command = Identity(allow_none=True)


class ListAskedSchema(ValueSchema[ListAsked]):
    site = Text(least=0, most=16)
    rule = Text(least=0, most=8)
    state = Choice(("", *State))
    cursor = Text(least=0, most=500)
    limit = Text(least=0, most=10)
    bom = Choice(("0", "1"))


class AlarmSchema(Schema):
    id = Whole()
    rule = Text()
    priority = Text()
    state = Text()
    site = Text(allow_none=True)
    sites = fields.List(Text())
    subject = fields.String(attribute="code")
    kind = fields.String(attribute="sort")
    gaps = Whole()
    owners = fields.List(Text())
    since = Moment()
    opened_at = Moment()
    assignee = Whole(allow_none=True)
    assignee_label = Text(allow_none=True)
    acknowledged_by = Whole(allow_none=True)
    acknowledged_at = Moment(allow_none=True)
    silent_until = Moment(allow_none=True)
    closed_at = Moment(allow_none=True)
    how = Text(allow_none=True)


class LineSchema(Schema):
    rule = Text()
    subject = fields.String(attribute="code")
    kind = fields.String(attribute="sort")
    entry = Text()
    at = Moment()
    priority = Text()
    explained = Flag()
    silent_until = Moment(allow_none=True)
    cured_at = Moment(allow_none=True)


class EventSchema(Schema):
    at = Moment()
    kind = Text()
    actor = Whole(allow_none=True)
    actor_label = Text(allow_none=True)
    facts = fields.Dict()


class AlarmWholeSchema(Schema):
    alarm = fields.Nested(AlarmSchema)
    lines = fields.List(fields.Nested(LineSchema))
    history = fields.List(fields.Nested(EventSchema))


ASSIGNMENT = AssignmentSchema()
EXPLANATION = ExplanationSchema()
LIST_ASKED = ListAskedSchema()
ALARM = AlarmSchema()
ALARM_WHOLE = AlarmWholeSchema()
