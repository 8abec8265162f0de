"""What the doors of printing take and give."""

from marshmallow import Schema, fields

from app.printing.laying import rolls
from app.printing.leasing import FORMATS, PrinterHere, Report
from app.printing.models import LabelState
from app.printing.service import JobWanted, Looked
from app.printing.telling import Outcome
from app.printing.things import TEMPLATES, USUAL, LabelsWanted
from app.web.fields import Choice, Identity, OwnCode, Text, Whole, several
from app.web.schema import ValueSchema
from labels import stock

REASONS_MOST, LABELS_MOST, CODES_MOST = 12, 500, 100
_DPMM_MOST = 100
# An agent never says that a label is void: a person does.
TOLD = tuple(str(state) for state in LabelState if state is not LabelState.VOID)


class JobWantedSchema(ValueSchema[JobWanted]):
    command = Identity(required=True)
    station = OwnCode("ST", required=True)
    stock = Choice(tuple(stock.names()))
    language = Choice(("en", "es"))
    tube = OwnCode("TB")


class LabelsWantedSchema(ValueSchema[LabelsWanted]):
    command = Identity(required=True)
    station = OwnCode("ST", required=True)
    codes = several(OwnCode(*USUAL), least=1, most=CODES_MOST, required=True)
    template = Choice(TEMPLATES)
    stock = Choice(tuple(roll.id for roll in rolls()))
    language = Choice(("en", "es"))


class PrinterHereSchema(ValueSchema[PrinterHere]):
    printer = Text(required=True, most=64)
    dpmm = Whole(required=True, least=1, most=_DPMM_MOST)
    format = Choice(tuple(FORMATS))
    held = Identity()


class OutcomeSchema(ValueSchema[Outcome]):
    number = Whole(required=True, least=1, most=LABELS_MOST)
    state = Choice(TOLD, required=True)
    reasons = several(Text(most=40), most=REASONS_MOST)
    counted = several(Whole(), most=2)


class ReportSchema(ValueSchema[Report]):
    lease = Identity(required=True)
    outcomes = several(fields.Nested(OutcomeSchema), most=LABELS_MOST)


class LookedSchema(ValueSchema[Looked]):
    there = Choice(("yes", "no"), required=True)
    command = Identity(required=True)


class LabelSchema(Schema):
    number = fields.Integer()
    code = fields.String()
    generation = fields.Integer()
    state = fields.String()
    reasons = fields.List(fields.String())
    told_at = fields.AwareDateTime(allow_none=True)


class JobSchema(Schema):
    id = fields.UUID(attribute="job.id")
    station = fields.String(attribute="job.station")
    template = fields.String(attribute="job.template")
    stock = fields.String(attribute="job.stock")
    printer = fields.String(attribute="job.printer", allow_none=True)
    requested_at = fields.AwareDateTime(attribute="job.requested_at")
    labels = fields.List(fields.Nested(LabelSchema))


class FormatSchema(Schema):
    number = fields.Integer()
    content = fields.String()


class LeasedSchema(Schema):
    job = fields.UUID()
    lease = fields.UUID()
    until = fields.AwareDateTime()
    dpmm = fields.Integer()
    format = fields.String()
    labels = fields.List(fields.Nested(FormatSchema))


class HeardSchema(Schema):
    until = fields.AwareDateTime()
    held = fields.Boolean()


JOB_WANTED = JobWantedSchema()
LABELS_WANTED = LabelsWantedSchema()
PRINTER_HERE = PrinterHereSchema()
REPORT = ReportSchema()
LOOKED = LookedSchema()
JOB = JobSchema()
LEASED = LeasedSchema()
HEARD = HeardSchema()
