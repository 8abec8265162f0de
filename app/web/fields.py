"""The kinds of values a request may hold, each strict: no guess, no silent change.

The library's own fields take "5" for 5 and 1 for true; a custody record must not.
"""

import re
from collections.abc import Collection, Mapping, Sized
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import UUID

from flask_babel import gettext
from marshmallow import ValidationError, fields

from app.web.catalogue import N_
from labels.code import CodeRefused, parse

Value = TypeVar("Value")

BIGGEST = 2**63 - 1

_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})"
)
_IDENTITY = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_EARLIEST, _LATEST = 1900, 2999

MESSAGES: Mapping[str, str] = {
    "required": N_("This is missing"),
    "null": N_("This must not be empty"),
    "validator_failed": N_("This cannot be used"),
    "invalid": N_("This cannot be used"),
    "type": N_("This must be an object"),
    "unknown": N_("Nobody knows this name"),
}


def wrong(source: str, **values: object) -> ValidationError:
    """The error to raise about one value, in the language of the caller."""
    return ValidationError(str(gettext(source)) % values if values else str(gettext(source)))


class Strict(fields.Field[Value]):
    """A field that says in its own words what is wrong."""

    # The library declares a plain attribute here.
    default_error_messages = dict(MESSAGES)  # noqa: RUF012 - never changed

    def strictly(self, value: object) -> Value:
        """The value, or a ValidationError."""
        raise NotImplementedError

    def _deserialize(
        self, value: object, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> Value:
        return self.strictly(value)


class Text(Strict[str]):
    """A text, by default one line without control characters; nothing is trimmed or folded."""

    def __init__(
        self, *, least: int = 1, most: int = 200, control: str | None = "", **rest: Any
    ) -> None:
        """`control`: the control characters allowed; None allows all but NUL."""
        super().__init__(**rest)
        self.least, self.most, self.control = least, most, control

    def strictly(self, value: object) -> str:
        """The value, or a ValidationError."""
        if not isinstance(value, str):
            raise wrong(N_("This must be a text"))
        if len(value) < self.least:
            raise wrong(N_("This must have at least %(least)s characters"), least=self.least)
        if len(value) > self.most:
            raise wrong(N_("This must have at most %(most)s characters"), most=self.most)
        if self.control is None or value.isprintable():
            return value
        if any(self._hidden(character) for character in value):
            raise wrong(N_("This must not hold control characters"))
        return value

    def _hidden(self, character: str) -> bool:
        return not character.isprintable() and character not in f"\u00a0{self.control}"


class Whole(Strict[int]):
    """A whole number within bounds."""

    def __init__(self, *, least: int = 0, most: int = BIGGEST, **rest: Any) -> None:
        super().__init__(**rest)
        self.least, self.most = least, most

    def strictly(self, value: object) -> int:
        """The value, or a ValidationError."""
        if isinstance(value, bool) or not isinstance(value, int):
            raise wrong(N_("This must be a whole number"))
        if not self.least <= value <= self.most:
            raise wrong(
                N_("This must be from %(least)s to %(most)s"), least=self.least, most=self.most
            )
        return value


class Number(Strict[float]):
    """A number within bounds, with or without decimals."""

    def __init__(self, *, least: float, most: float, **rest: Any) -> None:
        super().__init__(**rest)
        self.least, self.most = least, most

    def strictly(self, value: object) -> float:
        """The value, or a ValidationError."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise wrong(N_("This must be a number"))
        if not self.least <= value <= self.most:
            raise wrong(
                N_("This must be from %(least)s to %(most)s"), least=self.least, most=self.most
            )
        return float(value)


class Flag(Strict[bool]):
    """True or false."""

    def strictly(self, value: object) -> bool:
        """The value, or a ValidationError."""
        if not isinstance(value, bool):
            raise wrong(N_("This must be true or false"))
        return value


class Choice(Strict[str]):
    """One of a fixed few words."""

    def __init__(self, allowed: Collection[str], **rest: Any) -> None:
        super().__init__(**rest)
        self.allowed = tuple(allowed)

    def strictly(self, value: object) -> str:
        """The value, or a ValidationError."""
        if isinstance(value, str) and value in self.allowed:
            return value
        raise wrong(N_("This must be one of: %(allowed)s"), allowed=", ".join(self.allowed))


class Moment(Strict[datetime]):
    """A time in ISO 8601 with its offset; it keeps the offset it came with."""

    def _serialize(
        self, value: datetime | None, attr: str | None, obj: object, **kwargs: Any
    ) -> str | None:
        return None if value is None else value.isoformat()

    def strictly(self, value: object) -> datetime:
        """The value, or a ValidationError."""
        if not isinstance(value, str) or not _MOMENT.fullmatch(value):
            raise wrong(N_("This must be a time with offset, such as 2026-11-25T09:30:00-06:00"))
        try:
            moment = datetime.fromisoformat(value)
            year = moment.astimezone(UTC).year
        except (ValueError, OverflowError) as error:
            raise wrong(N_("There is no such time")) from error
        if not _EARLIEST <= year <= _LATEST:
            raise wrong(N_("There is no such time"))
        return moment


class Identity(Strict[UUID]):
    """A UUID, minted by whoever starts the action."""

    def _serialize(
        self, value: UUID | None, attr: str | None, obj: object, **kwargs: Any
    ) -> str | None:
        return None if value is None else str(value)

    def strictly(self, value: object) -> UUID:
        """The value, or a ValidationError."""
        if not isinstance(value, str) or not _IDENTITY.fullmatch(value):
            raise wrong(N_("This must be a UUID"))
        return UUID(value)


class OwnCode(Strict[str]):
    """One of our own codes with its check character, of these namespaces."""

    def __init__(self, *namespaces: str, **rest: Any) -> None:
        super().__init__(**rest)
        self.namespaces = namespaces

    def strictly(self, value: object) -> str:
        """The value, or a ValidationError."""
        try:
            code = parse(value if isinstance(value, str) else "")
        except CodeRefused as error:
            raise wrong(N_("This is not one of our codes")) from error
        if code.namespace not in self.namespaces:
            raise wrong(
                N_("This must be a code of: %(namespaces)s"), namespaces=", ".join(self.namespaces)
            )
        return code.text


def several(
    inner: fields.Field[Any], *, most: int, least: int = 0, **rest: Any
) -> fields.List[Any]:
    """A list of such values, no longer than `most`; the frozen value holds it as a tuple."""

    def counted(values: Sized) -> None:
        if not least <= len(values) <= most:
            raise wrong(N_("This must hold from %(least)s to %(most)s"), least=least, most=most)

    listed = fields.List(inner, validate=counted, **rest)
    listed.error_messages.update(MESSAGES, invalid=N_("This must be a list"))
    return listed
