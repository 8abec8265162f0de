"""Strict values: no text is taken for a number, no time without its offset, no unknown name."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from marshmallow import fields

from app.web.errors import DoesNotFit
from app.web.fields import Choice, Flag, Identity, Moment, Number, OwnCode, Text, Whole, several
from app.web.schema import SwiftSchema, ValueSchema, read
from labels.code import make, next_mintable


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """One of each kind."""

    tube: str
    note: str | None = None
    raw: str = ""
    order: int = 0
    volume: float = 0.0
    fasting: bool = False
    cap: str = "lavender"
    at: datetime | None = None
    id: UUID | None = None
    inner: tuple["Draw", ...] = ()


class Fields:
    """What both schemas of a draw read."""

    tube = OwnCode("TB", required=True)
    note = Text(most=20, allow_none=True)
    raw = Text(least=0, most=20, control=None)
    order = Whole(least=1, most=8)
    volume = Number(least=0, most=10)
    fasting = Flag()
    cap = Choice(("lavender", "red"))
    at = Moment()
    id = Identity()


class DrawSchema(Fields, ValueSchema[Draw]):
    inner = several(fields.Nested(lambda: DrawSchema()), most=2)


class SwiftDrawSchema(Fields, SwiftSchema[Draw]):
    """The same, read at once."""


DRAW = DrawSchema()
SWIFT = SwiftDrawSchema()
TUBE = make("TB", next_mintable("TB", 1234567))
UNFIT: list[tuple[str, Any, str]] = [
    ("tube", TUBE[:-1] + "0", "not one of our codes"),
    ("tube", 17, "not one of our codes"),
    ("tube", None, "must not be empty"),
    ("tube", TUBE.lower(), "not one of our codes"),
    ("note", "", "at least 1"),
    ("note", "x" * 21, "at most 20"),
    ("note", "a\nb", "control characters"),
    ("note", "a\u202eb", "control characters"),
    ("note", 5, "must be a text"),
    ("order", "5", "whole number"),
    ("order", 5.0, "whole number"),
    ("order", True, "whole number"),
    ("order", 0, "from 1 to 8"),
    ("volume", "1", "must be a number"),
    ("volume", False, "must be a number"),
    ("volume", 10.5, "from 0 to 10"),
    ("fasting", 1, "true or false"),
    ("fasting", "true", "true or false"),
    ("cap", "blue", "one of: lavender, red"),
    ("cap", ["red"], "one of: lavender, red"),
    ("at", "2026-11-25T09:30:00", "with offset"),
    ("at", "2026-11-25 09:30:00Z", "with offset"),
    ("at", "20261125T093000Z", "with offset"),
    ("at", "２026-11-25T09:30:00Z", "with offset"),
    ("at", "2026-02-30T09:30:00Z", "no such time"),
    ("at", "2026-11-25T09:30:00+24:00", "no such time"),
    ("at", "0001-01-01T00:00:00+14:00", "no such time"),
    ("at", 1764063000, "with offset"),
    ("id", "not-a-uuid", "UUID"),
    ("id", "{01932f6e-0000-7000-8000-000000000000}", "UUID"),
    ("inner", {}, "must be a list"),
    ("inner", [{"tube": TUBE}] * 3, "from 0 to 2"),
    ("surprise", 1, "Nobody knows this name"),
]


@pytest.mark.parametrize(("name", "value", "said"), UNFIT)
def test_what_does_not_fit_is_named_with_its_reason(name: str, value: Any, said: str) -> None:
    with pytest.raises(DoesNotFit) as caught:
        read(DRAW, {"tube": TUBE} | {name: value})

    (fault,) = caught.value.faults
    assert fault.path == name
    assert said in fault.message


@pytest.mark.parametrize("raw", [None, [], "x", 1, [{"tube": TUBE}]])
def test_a_body_that_is_no_object_is_refused(raw: Any) -> None:
    with pytest.raises(DoesNotFit):
        read(DRAW, raw)


def test_every_fault_is_told_with_its_path() -> None:
    with pytest.raises(DoesNotFit) as caught:
        read(DRAW, {"inner": [{"tube": TUBE}, {"tube": TUBE, "order": "1", "x": 1}]})

    assert {fault.path for fault in caught.value.faults} == {"tube", "inner.1.order", "inner.1.x"}


def test_what_fits_becomes_a_frozen_value_and_the_rest_keeps_its_default() -> None:
    draw = read(
        DRAW,
        {"tube": TUBE, "note": None, "raw": "]d1\x1d", "order": 8, "volume": 4, "fasting": True}
        | {"at": "2026-11-25T09:30:00.250-06:00", "inner": [{"tube": TUBE}]},
    )

    assert draw.at is not None
    assert draw.at.isoformat() == "2026-11-25T09:30:00.250000-06:00"
    assert (draw.order, draw.volume, draw.raw, draw.cap) == (8, 4.0, "]d1\x1d", "lavender")
    assert draw.inner == (Draw(tube=TUBE),)


@pytest.mark.parametrize(("name", "value", "said"), [one for one in UNFIT if one[0] != "inner"])
def test_what_is_read_at_once_is_refused_in_the_same_words(
    name: str, value: Any, said: str
) -> None:
    with pytest.raises(DoesNotFit) as caught:
        read(SWIFT, {"tube": TUBE} | {name: value})

    assert [(f.path, said in f.message) for f in caught.value.faults] == [(name, True)]


@pytest.mark.parametrize("raw", [None, [], "x", {}, {"note": "x"}])
def test_what_is_no_such_object_is_not_read_at_once(raw: Any) -> None:
    with pytest.raises(DoesNotFit):
        read(SWIFT, raw)


def test_what_is_read_at_once_is_what_the_library_reads() -> None:
    told = {"tube": TUBE, "note": None, "order": 8, "at": "2026-11-25T09:30:00.250-06:00"}

    assert SWIFT.at_once(told) == read(SWIFT, told) == read(DRAW, told)


def test_only_fields_of_our_own_can_be_read_at_once() -> None:
    class WithAList(SwiftSchema[Draw]):
        inner = several(fields.Nested(DrawSchema), most=2)

    class WithACheck(SwiftSchema[Draw]):
        tube = Text(validate=bool)

    class WithADefault(SwiftSchema[Draw]):
        tube = Text(load_default="")

    for kind in (WithAList, WithACheck, WithADefault):
        with pytest.raises(TypeError):
            kind()
