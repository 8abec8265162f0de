"""What scanning takes and gives as JSON."""

import json
from collections.abc import Mapping
from typing import Any, cast

from marshmallow import Schema, ValidationError, fields

from app.custody import parties
from app.custody.ledger import Evidence, Facts
from app.scanning.health import Health, Latency
from app.scanning.scan import METHODS, RAW_MOST, Intent, Scan
from app.scanning.steps import STEPS
from app.web.catalogue import N_
from app.web.fields import Choice, Flag, Identity, Moment, Strict, Text, Whole, several, wrong
from app.web.json_body import storable
from app.web.schema import PlainSchema, SwiftSchema, ValueSchema

CODE_MOST, POSITION_MOST, DEVICE_MOST, CAPTURE_MOST = 64, 16, 64, 1000
FACTS_MOST, FACTS_BYTES_MOST = 40, 4000
BATCH_MOST = 500
DEVICES_MOST = 50
# A hundred years: a device whose battery has died believes it is 1970.
OFFSET_MOST = 100 * 366 * 24 * 3600 * 1000
UNCERTAINTY_MOST = 2**31


class PartyName(Text):
    """Somebody who can hold something: `courier:FX`, `unit:BRK/collection`, `unknown`."""

    def strictly(self, value: object) -> str:
        """The value, or a ValidationError."""
        text = super().strictly(value)
        if not parties.well_formed(text):
            raise wrong(N_("This must name a party, such as courier:FX or unknown"))
        return text


class FactsField(Strict[Facts]):
    """Plain facts by name; small, and with nothing in them that cannot be stored."""

    def strictly(self, value: object) -> Facts:
        """The value, or a ValidationError."""
        if not isinstance(value, Mapping):
            raise wrong(N_("This must be an object"))
        if not value:
            return {}
        text = json.dumps(value, ensure_ascii=False)
        if len(value) > FACTS_MOST or len(text) > FACTS_BYTES_MOST:
            raise wrong(N_("This is more than can be kept"))
        if "\\u0000" in text or not storable(text):
            raise wrong(N_("This must not hold control characters"))
        return cast(Facts, value)


class RawField(Text):
    """What a device read, exactly; even what makes no sense, for a read is never thrown away."""

    def __init__(self, **rest: Any) -> None:
        super().__init__(least=0, most=RAW_MOST, control=None, **rest)


class IntentSchema(SwiftSchema[Intent]):
    step = Choice(tuple(STEPS), required=True)
    order = Identity(allow_none=True)
    kit = Text(most=CODE_MOST, allow_none=True)
    box = Text(most=CODE_MOST, allow_none=True)
    package = Text(most=CODE_MOST, allow_none=True)
    rack = Text(most=CODE_MOST, allow_none=True)
    position = Text(most=POSITION_MOST, allow_none=True)
    place = Text(most=CODE_MOST, allow_none=True)
    source = PartyName(allow_none=True)
    evidence = Choice(tuple(Evidence), allow_none=True)
    facts = FactsField()


class ScanSchema(SwiftSchema[Scan]):
    id = Identity(required=True)
    raw = RawField(required=True)
    symbology = Text(most=16, allow_none=True)
    method = Choice(METHODS, required=True)
    device_id = Text(required=True, most=DEVICE_MOST)
    device_seq = Whole(required=True, least=1)
    device_time = Moment(required=True)
    offset_ms = Whole(least=-OFFSET_MOST, most=OFFSET_MOST, allow_none=True)
    uncertainty_ms = Whole(least=0, most=UNCERTAINTY_MOST)
    queued = Flag()
    capture = Text(most=CAPTURE_MOST, allow_none=True)
    intent = fields.Nested(IntentSchema, allow_none=True)


class FindingSchema(Schema):
    rule = fields.String()
    title = fields.String()
    message = fields.String()


class ResultSchema(Schema):
    id = Identity()
    verdict = fields.String()
    rule = fields.String(allow_none=True)
    title = fields.String()
    message = fields.String()
    action = fields.String()
    subject = fields.String(allow_none=True)
    kind = fields.String(allow_none=True)
    entries = fields.List(fields.String())
    findings = fields.List(fields.Nested(FindingSchema))
    replayed = fields.Boolean()
    conflict = fields.Boolean()
    seen_at = Moment(allow_none=True)
    facts = fields.Dict()


class ScansSchema(Schema):
    """The body of a batch, for the description of the API; each item is read on its own."""

    scans = several(fields.Nested(ScanSchema), least=1, most=BATCH_MOST, required=True)


class ResultsSchema(PlainSchema):
    server_time = Moment()
    results = fields.List(fields.Nested(ResultSchema))


SCAN = ScanSchema()
INTENT = IntentSchema()


ENVELOPE: Mapping[str, Strict[Any]] = {
    "id": Identity(),
    "device_id": Text(most=DEVICE_MOST),
    "device_seq": Whole(least=1),
}


def envelope(item: Mapping[str, object]) -> tuple[dict[str, Any], dict[str, str]]:
    """Which read it says it is, and what is wrong with that, by name."""
    kept: dict[str, Any] = {}
    faults: dict[str, str] = {}
    for name, field in ENVELOPE.items():
        try:
            kept[name] = field.strictly(item.get(name))
        except ValidationError as error:
            faults[name] = str(error.messages[0])
    return kept, faults


class DeviceStates(Strict[dict[str, str]]):
    """How each device is, in a word, by its name."""

    def strictly(self, value: object) -> dict[str, str]:
        """The value, or a ValidationError."""
        if not isinstance(value, Mapping) or len(value) > DEVICES_MOST:
            raise wrong(N_("This must be an object"))
        name, state = Text(most=DEVICE_MOST), Text(most=DEVICE_MOST)
        return {name.strictly(key): state.strictly(text) for key, text in value.items()}


class LatencySchema(ValueSchema[Latency]):
    reads = Whole(required=True)
    stored_ms = Whole(required=True)
    verdict_ms = Whole(allow_none=True)


class Latencies(Strict[dict[str, Latency]]):
    """How long people wait at each scanner, by its name."""

    def strictly(self, value: object) -> dict[str, Latency]:
        """The value, or a ValidationError."""
        if not isinstance(value, Mapping) or len(value) > DEVICES_MOST:
            raise wrong(N_("This must be an object"))
        name = Text(most=DEVICE_MOST)
        return {name.strictly(key): LATENCY.load(told) for key, told in value.items()}


LATENCY = LatencySchema()


class HealthSchema(ValueSchema[Health]):
    queue = Whole(required=True)
    oldest_at = Moment(allow_none=True)
    conflicts = Whole()
    offset_ms = Whole(least=-OFFSET_MOST, most=OFFSET_MOST, allow_none=True)
    device_states = DeviceStates()
    leaving = Flag()
    latencies = Latencies()


class TaskSchema(Schema):
    station = fields.String()
    opened_at = Moment()
    person = fields.Integer()
    intent = fields.Nested(IntentSchema)


HEALTH = HealthSchema()
TASK = TaskSchema()
SCANS = ScansSchema()
RESULTS = ResultsSchema()
