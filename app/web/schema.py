"""The seam between JSON and frozen values; nobody below an `api.py` sees a dictionary.

class PlaceOrderSchema(ValueSchema[PlaceOrder]):
    participant = OwnCode("PN", required=True)

PLACE_ORDER = PlaceOrderSchema()           # once: building one costs as much as a load
order = body_as(PLACE_ORDER)               # in the view
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any, ClassVar, Generic, TypeVar, cast, get_args

from flask import Response, jsonify, request
from flask_babel import gettext
from marshmallow import RAISE, Schema, ValidationError, fields, missing, post_load

from app.web.errors import DoesNotFit, Fault
from app.web.fields import MESSAGES, Strict
from app.web.json_body import json_body, storable

Value = TypeVar("Value")
Answer = TypeVar("Answer")

FAULTS_SHOWN = 100
_PATH_SHOWN = 200
_OBJECT_ITSELF = "_schema"


class ValueSchema(Schema, Generic[Value]):
    """A schema that makes a frozen dataclass, named in the brackets, and refuses unknown names."""

    error_messages = dict(MESSAGES)  # noqa: RUF012 - the library declares a plain attribute
    _value: ClassVar[type]

    class Meta:
        unknown = RAISE

    def __init_subclass__(cls, **rest: Any) -> None:
        super().__init_subclass__(**rest)
        for base in getattr(cls, "__orig_bases__", ()):
            for given in get_args(base):
                cls._value = given

    @post_load
    def _made(self, data: dict[str, Any], **_: Any) -> object:
        frozen = {k: tuple(v) if isinstance(v, list) else v for k, v in data.items()}
        return self._value(**frozen)


class SwiftSchema(ValueSchema[Value]):
    """For what comes in by the rack: read at once where nothing is wrong with it.

    Measured, a quarter of the library's time. Whatever is unusual is left to the library, which
    names every fault. Its fields are our own, or such schemas again, with no checks beside them.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._ways = {name: _way(field) for name, field in self.load_fields.items()}
        self._required = {name for name, field in self.load_fields.items() if field.required}

    def at_once(self, raw: object) -> Value:
        """The value that this JSON stands for, or a ValidationError that says no more than that."""
        if not isinstance(raw, dict) or not raw.keys() >= self._required:
            raise ValidationError("unusual")
        found: dict[str, Any] = {}
        for name, value in raw.items():
            take, may_be_empty = self._ways.get(name, _NO_WAY)
            if value is not None:
                found[name] = take(value)
            elif may_be_empty:
                found[name] = None
            else:
                raise ValidationError("unusual")
        return cast(Value, self._value(**found))


_Way = tuple[Callable[[object], object], bool]


def _unusual(value: object) -> object:
    raise ValidationError("unusual")


_NO_WAY: _Way = (_unusual, False)


def _way(field: fields.Field[Any]) -> _Way:
    """How one field is read, and whether it may be empty."""
    if field.validators or field.load_default is not missing:
        raise TypeError(f"{field.name}: has more to it than can be read at once")
    if isinstance(field, Strict):
        take: Callable[[object], object] = field.strictly
    elif isinstance(field, fields.Nested) and isinstance(field.schema, SwiftSchema):
        take = field.schema.at_once
    else:
        raise TypeError(f"{field.name}: is no field of our own")
    return take, bool(field.allow_none)


class PlainSchema(Schema):
    """A schema of what is JSON already: it describes that, and hands it on as it is.

    For the door of every scan, where turning 96 answers over took a tenth of the time.
    """

    def dump(self, obj: Any, *, many: bool | None = None) -> Any:
        """The value itself."""
        return obj


def read(schema: ValueSchema[Value], raw: object) -> Value:
    """The value that this JSON stands for. Raises DoesNotFit, naming every fault."""
    if isinstance(schema, SwiftSchema):
        with suppress(ValidationError):
            return cast(Value, schema.at_once(raw))
    try:
        return cast(Value, schema.load(cast("Mapping[str, Any]", raw)))
    except ValidationError as error:
        faults = list(_faults(error.messages, ""))
        raise DoesNotFit(*faults[:FAULTS_SHOWN]) from error


def body_as(schema: ValueSchema[Value]) -> Value:
    """The value in the body of this request. Raises DoesNotFit or a child of Unreadable."""
    return read(schema, json_body())


def query_as(schema: ValueSchema[Value]) -> Value:
    """The value in the query of this address, each name once. Raises DoesNotFit."""
    given = request.args.to_dict(flat=False)
    strange = [name for name, texts in given.items() if len(texts) > 1 or not storable(texts[0])]
    if strange:
        unusable = MESSAGES["invalid"]
        words = str(gettext(unusable))
        raise DoesNotFit(*(Fault(path=name[:_PATH_SHOWN], message=words) for name in strange))
    return read(schema, {name: texts[0] for name, texts in given.items()})


def answer(schema: Schema, value: object, *, status: int = 200, many: bool = False) -> Response:
    """The JSON of a value."""
    response = jsonify(schema.dump(value, many=many))
    response.status_code = status
    return response


def _faults(messages: object, path: str) -> Iterator[Fault]:
    if isinstance(messages, Mapping):
        for name, inner in messages.items():
            below = path if name == _OBJECT_ITSELF else f"{path}.{name}".lstrip(".")
            yield from _faults(inner, below)
    elif isinstance(messages, list):
        for inner in messages:
            yield from _faults(inner, path)
    else:
        yield Fault(path=path[:_PATH_SHOWN], message=str(gettext(str(messages))))
