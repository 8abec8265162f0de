"""What the doors about participants take and give."""

from marshmallow import Schema, fields

from app.participants.service import Consent, NewParticipant, Withdrawal
from app.web.fields import Choice, Flag, Identity, Moment, Text
from app.web.schema import ValueSchema

SCOPES = (
    "primary",
    "biospecimen",
    "health_record",
    "genomic_results",
    "future_use",
    "commercial_use",
)


class NewParticipantSchema(ValueSchema[NewParticipant]):
    site = Text(required=True, most=16)
    programme = Text(required=True, most=32)
    participant_id = Text(most=64, allow_none=True)
    biobank_id = Text(most=64, allow_none=True)
    command = Identity(allow_none=True)


class ConsentSchema(ValueSchema[Consent]):
    scope = Choice(SCOPES, required=True)
    status = Choice(("yes", "no"), required=True)
    version = Text(required=True, most=32)
    language = Choice(("en", "es"), required=True)
    effective_at = Moment(allow_none=True)
    expires_at = Moment(allow_none=True)
    command = Identity(allow_none=True)


class WithdrawalSchema(ValueSchema[Withdrawal]):
    effective_at = Moment(allow_none=True)
    no_further_use = Flag()
    data = Choice(("keep", "remove"))
    ceremony = Choice(("Y", "N", "U", "NA"))
    command = Identity(allow_none=True)


class ParticipantSchema(Schema):
    code = fields.String()
    programme = fields.String()
    site = fields.String()
    consents = fields.Dict(keys=fields.String(), values=fields.String())
    withdrawn_at = fields.AwareDateTime(allow_none=True)


class LinkSchema(Schema):
    code = fields.String()
    participant_id = fields.String(allow_none=True)
    biobank_id = fields.String(allow_none=True)


class WrittenSchema(Schema):
    entries = fields.List(fields.String())
    replayed = fields.Boolean()


NEW_PARTICIPANT = NewParticipantSchema()
CONSENT = ConsentSchema()
WITHDRAWAL = WithdrawalSchema()
PARTICIPANT = ParticipantSchema()
LINK = LinkSchema()
WRITTEN = WrittenSchema()
