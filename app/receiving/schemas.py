"""What the doors of receiving take and give."""

import re
from dataclasses import dataclass

from marshmallow import Schema, fields

from app.custody.ledger import Evidence
from app.receiving.queries import STATES
from app.receiving.service import Closing, Found, Opening
from app.web.fields import Choice, Identity, Moment, Number, OwnCode, Text
from app.web.schema import ValueSchema

EVIDENCE = tuple(Evidence)
VERDICTS = ("intact", "broken", "absent", "mismatch")
COLDEST, WARMEST = -210, 70
_DEGREES = re.compile(r"-?[0-9]{1,3}(\.[0-9]{1,2})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class ListAsked:
    """Which receipts a list is to hold."""

    site: str | None = None
    state: str | None = None
    limit: str | None = None
    cursor: str | None = None


class Degrees(Number):
    """A temperature; a form sends its digits as a text."""

    def strictly(self, value: object) -> float:
        """The value, or a ValidationError."""
        digits = isinstance(value, str) and _DEGREES.fullmatch(value)
        return super().strictly(float(digits[0]) if digits else value)


class OpeningSchema(ValueSchema[Opening]):
    source = Text(required=True, most=80)
    evidence = Choice(EVIDENCE, required=True)
    seal_verdict = Choice(VERDICTS, required=True)
    seal = Text(most=64, allow_none=True)
    condition = Text(most=32, allow_none=True)
    temperature_c = Degrees(least=COLDEST, most=WARMEST, allow_none=True)
    site = Text(most=16, allow_none=True)
    occurred_at = Moment(allow_none=True)
    command = Identity(allow_none=True)


class ClosingSchema(ValueSchema[Closing]):
    site = Text(most=16, allow_none=True)
    command = Identity(allow_none=True)


class FoundSchema(ValueSchema[Found]):
    site = Text(most=16, allow_none=True)
    package = OwnCode("PK", allow_none=True)
    box = OwnCode("BX", allow_none=True)
    command = Identity(allow_none=True)


class ListAskedSchema(ValueSchema[ListAsked]):
    site = Text(most=16)
    state = Choice(STATES)
    limit = Text(most=9)
    cursor = Text(most=500)


class ReceiptLineSchema(Schema):
    id = fields.UUID()
    package = fields.String()
    site = fields.String()
    received_at = fields.AwareDateTime()
    state = fields.String()


class ComparedSchema(Schema):
    code = fields.String()
    box = fields.String(allow_none=True)
    position = fields.String(allow_none=True)
    state = fields.String()
    found_in = fields.String(allow_none=True)
    found_at = fields.String(allow_none=True)
    codes = fields.List(fields.String())


class OddSchema(Schema):
    kind = fields.String()
    code = fields.String()
    place = fields.String()


class GapSchema(Schema):
    rule = fields.String()
    subject = fields.String()
    entry = fields.String()
    since = fields.AwareDateTime()
    priority = fields.String()
    explained = fields.Boolean()


class ReceiptSchema(Schema):
    package = fields.String(attribute="seen.package.code")
    site = fields.String(attribute="seen.site", allow_none=True)
    state = fields.String(attribute="seen.state")
    received_at = fields.AwareDateTime(attribute="seen.received.occurred_at")
    source = fields.String(attribute="seen.received.source", allow_none=True)
    facts = fields.Raw(attribute="seen.received.facts")
    sender = fields.String(attribute="seen.sender", allow_none=True)
    courier = fields.String(attribute="seen.courier", allow_none=True)
    closed = fields.Boolean(attribute="seen.closed")
    withheld = fields.Boolean(attribute="seen.withheld")
    expected = fields.Integer(attribute="seen.compared.expected")
    scanned = fields.Integer(attribute="seen.compared.scanned")
    missing = fields.Integer(attribute="seen.compared.missing")
    extra = fields.Integer(attribute="seen.compared.extra")
    damaged = fields.Integer(attribute="seen.compared.damaged")
    lines = fields.List(fields.Nested(ComparedSchema), attribute="seen.compared.lines")
    exceptions = fields.List(fields.Nested(OddSchema), attribute="seen.compared.oddities")
    gaps = fields.List(fields.Nested(GapSchema))


class FoundSeenSchema(Schema):
    code = fields.String()


OPENING = OpeningSchema()
CLOSING = ClosingSchema()
FOUND = FoundSchema()
LIST_ASKED = ListAskedSchema()
RECEIPT_LINE = ReceiptLineSchema()
RECEIPT = ReceiptSchema()
FOUND_SEEN = FoundSeenSchema()
