"""What the doors of collection take and give."""

from dataclasses import dataclass
from uuid import UUID

from marshmallow import Schema, fields

from app.collection.ordering import NewOrder
from app.web.fields import Choice, Identity, OwnCode, Text, several
from app.web.schema import ValueSchema
from labels import stock


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelsAsked:
    """On what the labels are to be printed, and from which label of a sheet."""

    stock: str = "tube_roll"
    start: str = "1"
    language: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WhyNot:
    """Why one tube was not drawn."""

    tube: str
    reason: str
    comment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """That a kit is done, and why what was not drawn was not."""

    reasons: tuple[WhyNot, ...] = ()
    command: UUID | None = None


class NewOrderSchema(ValueSchema[NewOrder]):
    participant = OwnCode("PN", required=True)
    protocol = Text(required=True, most=32)
    identity = several(Text(most=32), least=1, most=8, required=True)
    site = Text(most=16, allow_none=True)
    command = Identity(allow_none=True)


class LabelsAskedSchema(ValueSchema[LabelsAsked]):
    stock = Choice(tuple(stock.names()))
    start = Text(most=4)
    language = Choice(("en", "es"))


class WhyNotSchema(ValueSchema[WhyNot]):
    tube = OwnCode("TB", required=True)
    reason = Text(required=True, most=32)
    comment = Text(least=0, most=200)


class DoneSchema(ValueSchema[Done]):
    reasons = several(fields.Nested(WhyNotSchema), most=50)
    command = Identity(allow_none=True)


class TubeSchema(Schema):
    code = fields.String(attribute="tube.code")
    type = fields.String()
    position = fields.Integer()
    state = fields.String()
    drawn_at = fields.AwareDateTime(allow_none=True)
    reason = fields.String(allow_none=True)
    spin_started_at = fields.AwareDateTime(allow_none=True)
    spin_ended_at = fields.AwareDateTime(allow_none=True)
    spin_from = fields.AwareDateTime(allow_none=True)
    spin_due = fields.AwareDateTime(allow_none=True)
    early = fields.Boolean()
    late = fields.Boolean()


class OrderSchema(Schema):
    id = fields.UUID()
    participant = fields.String()
    protocol = fields.String()
    protocol_version = fields.String()
    programme = fields.String()
    site = fields.String()
    kit = fields.String(allow_none=True)
    placed_at = fields.AwareDateTime()
    done_at = fields.AwareDateTime(allow_none=True)
    tubes = fields.List(fields.Nested(TubeSchema))


NEW_ORDER = NewOrderSchema()
LABELS_ASKED = LabelsAskedSchema()
DONE = DoneSchema()
ORDER = OrderSchema()
