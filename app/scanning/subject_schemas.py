"""What is told about things, their stories and gaps as JSON, and how the ledger is put right."""

from marshmallow import Schema, fields

from app.custody.gaps.table import BY_CODE
from app.custody.ledger import EntryId, Evidence, parse_entry_id
from app.scanning.corrections import (
    LATE_KINDS,
    Change,
    Correction,
    Explanation,
    LateEntry,
    UndoWanted,
)
from app.scanning.identifying import Identification
from app.scanning.schemas import CODE_MOST, POSITION_MOST, FactsField, FindingSchema, PartyName
from app.web.catalogue import N_
from app.web.fields import Choice, Identity, Moment, Strict, Text, wrong
from app.web.schema import ValueSchema

REASON_MOST, COMMENT_MOST, SITE_MOST = 500, 2000, 16


class EntryField(Strict[EntryId]):
    """The identity of an entry: the command that made it, a slash, its number in it."""

    def _serialize(
        self, value: EntryId | None, attr: str | None, obj: object, **kwargs: object
    ) -> str | None:
        return None if value is None else str(value)

    def strictly(self, value: object) -> EntryId:
        """The value, or a ValidationError."""
        try:
            entry = parse_entry_id(value if isinstance(value, str) and len(value) <= 48 else "")
        except ValueError as error:
            raise wrong(N_("This must name an entry, as its timeline does")) from error
        if not 0 <= entry.ordinal < 2**31:
            raise wrong(N_("This must name an entry, as its timeline does"))
        return entry


class SubjectSchema(Schema):
    code = fields.String()
    kind = fields.String()
    origin = fields.String()
    phase = fields.String()
    holder = fields.String()
    site = fields.String(allow_none=True)
    place = fields.String(allow_none=True)
    position = fields.String(allow_none=True)
    within = fields.String(allow_none=True)
    path = fields.List(fields.String())
    since = Moment(allow_none=True)
    seen = fields.Boolean()
    last_seen = fields.String(allow_none=True)
    last_seen_at = Moment(allow_none=True)


class LineSchema(Schema):
    entry = fields.String()
    kind = fields.String()
    title = fields.String()
    of = fields.String()
    seen = fields.Boolean()
    occurred_at = Moment()
    recorded_at = Moment()
    uncertainty_ms = fields.Integer()
    source = fields.String(allow_none=True)
    target = fields.String(allow_none=True)
    evidence = fields.String(allow_none=True)
    actor = fields.Integer(allow_none=True)
    station = fields.String(allow_none=True)
    site = fields.String(allow_none=True)
    inside = fields.String(allow_none=True)
    place = fields.String(allow_none=True)
    position = fields.String(allow_none=True)
    package = fields.String(allow_none=True)
    mode = fields.String()
    corrects = fields.String(allow_none=True)
    facts = fields.Dict()
    holder = fields.String()


class LabelSchema(Schema):
    entry = fields.String()
    kind = fields.String()
    title = fields.String()
    occurred_at = Moment()
    recorded_at = Moment()
    actor = fields.Integer(allow_none=True)
    station = fields.String(allow_none=True)
    site = fields.String(allow_none=True)
    mode = fields.String()
    facts = fields.Dict()


class PrintsSchema(Schema):
    valid = fields.Integer(allow_none=True)
    sure = fields.Boolean()
    void = fields.List(fields.Integer())


class GapSchema(Schema):
    rule = fields.String()
    title = fields.String()
    action = fields.String()
    subject = fields.String()
    kind = fields.String()
    entry = fields.String()
    at = Moment()
    site = fields.String(allow_none=True)
    priority = fields.String()
    state = fields.String()
    silent_until = Moment(allow_none=True)
    raised_at = Moment(allow_none=True)
    cured_at = Moment(allow_none=True)


class DueSchema(Schema):
    rule = fields.String()
    title = fields.String()
    due_at = Moment()


class TimelineSchema(Schema):
    subject = fields.Nested(SubjectSchema)
    lines = fields.List(fields.Nested(LineSchema))
    labels = fields.List(fields.Nested(LabelSchema))
    prints = fields.Nested(PrintsSchema)
    gaps = fields.List(fields.Nested(GapSchema))
    expected = fields.List(fields.Nested(DueSchema))
    entries = fields.Integer()
    head = fields.String()


class GapListSchema(Schema):
    items = fields.List(fields.Nested(GapSchema))
    next = fields.String(allow_none=True)


class WrittenSchema(Schema):
    entries = fields.List(fields.String())
    findings = fields.List(fields.Nested(FindingSchema))
    replayed = fields.Boolean()


class ChangeSchema(ValueSchema[Change]):
    occurred_at = Moment()
    kind = Choice(tuple(LATE_KINDS))
    source = PartyName()
    target = PartyName()
    evidence = Choice(tuple(Evidence))
    site = Text(most=SITE_MOST)
    inside = Text(most=CODE_MOST)
    place = Text(most=CODE_MOST)
    position = Text(most=POSITION_MOST)
    package = Text(most=CODE_MOST)
    facts = FactsField()


class CorrectionSchema(ValueSchema[Correction]):
    entry = EntryField(required=True)
    reason = Text(required=True, most=REASON_MOST)
    replacement = fields.Nested(ChangeSchema, allow_none=True)
    command = Identity()


class LateEntrySchema(ValueSchema[LateEntry]):
    subject = Text(required=True, most=CODE_MOST)
    kind = Choice(tuple(LATE_KINDS), required=True)
    occurred_at = Moment(required=True)
    reason = Text(required=True, most=REASON_MOST)
    site = Text(most=SITE_MOST)
    source = PartyName()
    target = PartyName()
    evidence = Choice(tuple(Evidence))
    inside = Text(most=CODE_MOST)
    place = Text(most=CODE_MOST)
    position = Text(most=POSITION_MOST)
    package = Text(most=CODE_MOST)
    facts = FactsField()
    command = Identity()


class ExplanationSchema(ValueSchema[Explanation]):
    rule = Choice(tuple(BY_CODE), required=True)
    subject = Text(required=True, most=CODE_MOST)
    entry = EntryField(required=True)
    reason = Text(required=True, most=64)
    comment = Text(least=0, most=COMMENT_MOST, control="\n")
    until = Moment(allow_none=True)
    command = Identity()


class IdentificationSchema(ValueSchema[Identification]):
    real = Text(required=True, most=CODE_MOST)
    command = Identity()


class UndoSchema(ValueSchema[UndoWanted]):
    reason = Text(most=REASON_MOST)
    command = Identity()


SUBJECT = SubjectSchema()
TIMELINE = TimelineSchema()
GAP = GapSchema()
GAPS = GapListSchema()
WRITTEN = WrittenSchema()
CORRECTION = CorrectionSchema()
LATE_ENTRY = LateEntrySchema()
EXPLANATION = ExplanationSchema()
IDENTIFICATION = IdentificationSchema()
UNDO = UndoSchema()
