"""What the doors of storage take and give."""

from dataclasses import dataclass

from marshmallow import Schema, fields

from app.storage.service import NewReservation
from app.storage.units import NewUnit
from app.web.fields import Choice, Identity, Text, Whole
from app.web.schema import ValueSchema


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalAsked:
    """For what a place is wanted."""

    subject: str
    site: str | None = None


class NewUnitSchema(ValueSchema[NewUnit]):
    kind = Choice(("freezer", "rack", "box"), required=True)
    site = Text(required=True, most=16)
    title = Text(most=120)
    rows = Whole(least=1, most=26, allow_none=True)
    columns = Whole(least=1, most=99, allow_none=True)
    temperature = Text(most=16, allow_none=True)
    place = Text(most=64, allow_none=True)
    position = Text(most=16, allow_none=True)
    command = Identity(allow_none=True)


class ProposalAskedSchema(ValueSchema[ProposalAsked]):
    subject = Text(required=True, most=64)
    site = Text(most=16, allow_none=True)


class NewReservationSchema(ValueSchema[NewReservation]):
    location = Text(required=True, most=64)
    position = Text(required=True, most=16)
    subject = Text(most=64, allow_none=True)


class SpotSchema(Schema):
    position = fields.String()
    state = fields.String()
    subject = fields.String(allow_none=True)
    until = fields.AwareDateTime(allow_none=True)


class PlaceSchema(Schema):
    code = fields.String(attribute="subject.code")
    kind = fields.String(attribute="unit.kind")
    site = fields.String(attribute="unit.site")
    title = fields.String(attribute="unit.title")
    temperature = fields.String(attribute="unit.temperature", allow_none=True)
    rows = fields.Integer(attribute="unit.rows", allow_none=True)
    columns = fields.Integer(attribute="unit.columns", allow_none=True)
    free = fields.Integer()
    used = fields.Integer()
    positions = fields.List(fields.Nested(SpotSchema), attribute="spots")
    without_position = fields.List(fields.String())


class ReservationSchema(Schema):
    id = fields.UUID()
    location = fields.String()
    position = fields.String()
    until = fields.AwareDateTime()
    path = fields.List(fields.String())


NEW_UNIT = NewUnitSchema()
PROPOSAL_ASKED = ProposalAskedSchema()
NEW_RESERVATION = NewReservationSchema()
PLACE = PlaceSchema()
RESERVATION = ReservationSchema()
