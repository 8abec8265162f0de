"""What the doors of the limits take and give."""

from collections.abc import Mapping

from marshmallow import Schema, fields

from app.limits.service import REASON_MOST, SOP_MOST, Changes, NewVersion
from app.web.catalogue import N_
from app.web.fields import MESSAGES, Moment, Strict, Text, Whole, wrong
from app.web.schema import ValueSchema
from config.rules import Value

NAME_MOST, WORDS_MOST, VALUES_MOST, MEMBERS_MOST = 64, 200, 200, 50
NUMBER_MOST = 1e12


class LimitValues(Strict[Changes]):
    """Values by rule and name: numbers, texts, or lists of either."""

    def strictly(self, value: object) -> Changes:
        """The values, lists as tuples, or a ValidationError."""
        rules = _named(value)
        found = {
            rule: {key: _value(inner) for key, inner in _named(values).items()}
            for rule, values in rules.items()
        }
        if not 0 < sum(map(len, found.values())) <= VALUES_MOST:
            raise wrong(N_("This must hold from %(least)s to %(most)s"), least=1, most=VALUES_MOST)
        return found


def _named(value: object) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise wrong(N_("This must be an object"))
    name = Text(most=NAME_MOST)
    return {name.strictly(key): inner for key, inner in value.items()}


def _value(value: object) -> Value:
    if not isinstance(value, list):
        return _one(value)
    if len(value) > MEMBERS_MOST:
        raise wrong(MESSAGES["invalid"])
    members = [_one(item) for item in value]
    texts = tuple(item for item in members if isinstance(item, str))
    numbers = tuple(item for item in members if isinstance(item, int | float))
    if texts and numbers:
        raise wrong(MESSAGES["invalid"])
    return texts or numbers


def _one(value: object) -> str | int | float:
    if isinstance(value, str):
        return Text(most=WORDS_MOST).strictly(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > NUMBER_MOST:
        raise wrong(MESSAGES["invalid"])
    return value


class NewVersionSchema(ValueSchema[NewVersion]):
    after = Whole(required=True, least=1, most=2**31 - 2)
    reason = Text(required=True, most=REASON_MOST)
    valid_from = Moment(allow_none=True)
    sop_version = Text(most=SOP_MOST, allow_none=True)
    values = LimitValues(required=True)


class ChangeSchema(Schema):
    rule = fields.String()
    key = fields.String()
    before = fields.Raw()
    after = fields.Raw()


class VersionSchema(Schema):
    version = fields.Integer()
    sop_version = fields.String()
    valid_from = fields.AwareDateTime(allow_none=True)
    added_at = fields.AwareDateTime(allow_none=True)
    added_by = fields.Integer(allow_none=True)
    reason = fields.String()
    in_force = fields.Boolean()
    changes = fields.List(fields.Nested(ChangeSchema))


class WholeVersionSchema(VersionSchema):
    values = fields.Raw(attribute="content")


NEW_VERSION = NewVersionSchema()
VERSION = VersionSchema()
WHOLE_VERSION = WholeVersionSchema()
