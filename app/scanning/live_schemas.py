"""What pages bound to a station ask, and are told."""

from marshmallow import fields

from app.scanning.heard import Asked
from app.scanning.schemas import IntentSchema, ResultSchema, TaskSchema
from app.scanning.tasks import Closing
from app.web.fields import Moment
from app.web.schema import PlainSchema, ValueSchema


class AskedSchema(ValueSchema[Asked]):
    since = Moment(allow_none=True)


class ClosingSchema(ValueSchema[Closing]):
    opened_at = Moment(allow_none=True)


class HeardSchema(ResultSchema):
    raw = fields.String()
    symbology = fields.String(allow_none=True)
    took_ms = fields.Integer(allow_none=True)
    device_id = fields.String()
    device = fields.String()
    meant = fields.Nested(IntentSchema)


class ReadsSchema(PlainSchema):
    server_time = Moment()
    reads = fields.List(fields.Nested(HeardSchema))
    more = fields.Boolean()
    task = fields.Nested(TaskSchema, allow_none=True)


ASKED = AskedSchema()
CLOSING = ClosingSchema()
READS = ReadsSchema()
