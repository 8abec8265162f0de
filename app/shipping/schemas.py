"""What the doors of sending take and give."""

from dataclasses import dataclass
from uuid import UUID

from marshmallow import Schema, fields

from app.custody.ledger import Evidence
from app.shipping.queries import STATES
from app.shipping.service import Delivery, NewPackage, Release, Sealing
from app.web.fields import Choice, Identity, Moment, Text, Whole
from app.web.schema import ValueSchema

EVIDENCE = tuple(Evidence)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewBoxes:
    """How many boxes of which size."""

    site: str
    count: int = 1
    rows: int = 9
    columns: int = 9
    command: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListAsked:
    """Which packages a list is to hold."""

    site: str | None = None
    state: str | None = None
    limit: str | None = None
    cursor: str | None = None


class NewBoxesSchema(ValueSchema[NewBoxes]):
    site = Text(required=True, most=16)
    count = Whole(least=1, most=100)
    rows = Whole(least=1, most=26)
    columns = Whole(least=1, most=99)
    command = Identity(allow_none=True)


class NewPackageSchema(ValueSchema[NewPackage]):
    site = Text(required=True, most=16)
    destination = Text(required=True, most=16)
    command = Identity(allow_none=True)


class SealingSchema(ValueSchema[Sealing]):
    seal = Text(most=64, allow_none=True)
    site = Text(most=16, allow_none=True)
    command = Identity(allow_none=True)


class ReleaseSchema(ValueSchema[Release]):
    source = Text(required=True, most=80)
    courier = Text(required=True, most=64)
    evidence = Choice(EVIDENCE, required=True)
    carrier_number = Text(most=64, allow_none=True)
    service = Text(most=32, allow_none=True)
    logger = Text(most=64, allow_none=True)
    seal = Text(most=64, allow_none=True)
    refrigerant = Text(most=32, allow_none=True)
    destination = Text(most=16, allow_none=True)
    site = Text(most=16, allow_none=True)
    occurred_at = Moment(allow_none=True)
    command = Identity(allow_none=True)


class DeliverySchema(ValueSchema[Delivery]):
    source = Text(required=True, most=80)
    evidence = Choice(EVIDENCE, required=True)
    site = Text(most=16, allow_none=True)
    occurred_at = Moment(allow_none=True)
    command = Identity(allow_none=True)


class ListAskedSchema(ValueSchema[ListAsked]):
    site = Text(most=16)
    state = Choice(STATES)
    limit = Text(most=9)
    cursor = Text(most=500)


class BoxSchema(Schema):
    code = fields.String()
    site = fields.String()
    rows = fields.Integer()
    columns = fields.Integer()


class BoxesSchema(Schema):
    boxes = fields.List(fields.Nested(BoxSchema))


class BoxInsideSchema(Schema):
    code = fields.String()
    position = fields.String(allow_none=True)
    tubes = fields.Integer()


class PackageLineSchema(Schema):
    code = fields.String()
    site = fields.String(allow_none=True)
    destination = fields.String(allow_none=True)
    state = fields.String(allow_none=True)
    holder = fields.String(allow_none=True)
    since = fields.AwareDateTime(allow_none=True)
    made_at = fields.AwareDateTime(allow_none=True)


class PackageSchema(PackageLineSchema):
    seal = fields.String(allow_none=True)
    courier = fields.String(allow_none=True)
    carrier = fields.String(allow_none=True)
    carrier_number = fields.String(allow_none=True)
    carrier_check = fields.String(allow_none=True)
    released_at = fields.AwareDateTime(allow_none=True)
    eta = fields.String(allow_none=True)
    manifest_hash = fields.String(allow_none=True)
    count = fields.Integer(allow_none=True)
    boxes = fields.List(fields.Nested(BoxInsideSchema))
    loose = fields.Integer()


class ManifestLineSchema(Schema):
    code = fields.String()
    box = fields.String(allow_none=True)
    position = fields.String(allow_none=True)


class ManifestSchema(Schema):
    package = fields.String()
    destination = fields.String()
    released_at = fields.AwareDateTime()
    hash = fields.String()
    lines = fields.List(fields.Nested(ManifestLineSchema))


NEW_BOXES = NewBoxesSchema()
NEW_PACKAGE = NewPackageSchema()
SEALING = SealingSchema()
RELEASE = ReleaseSchema()
DELIVERY = DeliverySchema()
LIST_ASKED = ListAskedSchema()
BOXES = BoxesSchema()
PACKAGE_LINE = PackageLineSchema()
PACKAGE = PackageSchema()
MANIFEST = ManifestSchema()
