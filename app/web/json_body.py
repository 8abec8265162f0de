"""Reading JSON strictly: what two readers could take differently is refused, and says where."""

import json
import math
from collections.abc import Iterator

from flask import request

from app.web.errors import NotAsJson, Unreadable

DEEPEST = 32
LONGEST_NUMBER = 19  # digits: what a bigint holds
_SHOWN = 40


class NotUtf8(Unreadable):
    """Bytes that are no text."""

    message = "The body is not UTF-8: byte %(place)s"


class NotJson(Unreadable):
    """Text that is no JSON."""

    message = "The body is not JSON: line %(line)s, column %(column)s"


class NameTwice(Unreadable):
    """One object names the same thing twice, and nobody can say which one is meant."""

    message = "The name %(name)s stands twice in one object"


class NotANumber(Unreadable):
    """NaN, Infinity, or a number nobody can hold."""

    message = "%(number)s is not a number that can be used"


class HiddenCharacter(Unreadable):
    """A NUL, or half of a character."""

    message = "The text at %(path)s holds a NUL or half a character"
    advice = "Send the text without it"


class TooDeep(Unreadable):
    """Lists within lists without end."""

    message = "The body is nested more than %(deepest)s deep"


def json_body(*, hidden: bool = False) -> object:
    """The JSON of this request. Raises NotAsJson, or the child of Unreadable that fits.

    `hidden` lets NULs and halves of characters in, for a door that writes down whatever was read.
    """
    if not request.is_json:
        raise NotAsJson
    return parse_json(request.get_data(), hidden=hidden)


def parse_json(raw: bytes, *, hidden: bool = False) -> object:
    """What the bytes say. Raises the child of Unreadable that fits."""
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        raise NotUtf8(place=error.start) from error
    try:
        value: object = _DECODER.decode(text)
    except RecursionError as error:
        raise TooDeep(deepest=DEEPEST) from error
    except json.JSONDecodeError as error:
        raise NotJson(line=error.lineno, column=error.colno) from error
    _refuse_depth(value)
    # Such characters can only come in as \u escapes: UTF-8 and JSON itself refuse them in the open.
    if not hidden and "\\u" in text:
        _refuse_hidden(value)
    return value


def storable(text: str) -> bool:
    """Whether the database can hold this text: no NUL, no half of a character."""
    halves = not text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in text)
    return "\0" not in text and not halves


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise NameTwice(name=ascii(twice[:_SHOWN]))
    return found


def _whole(digits: str) -> int:
    if len(digits.lstrip("-")) > LONGEST_NUMBER:
        raise NotANumber(number=f"{digits[:_SHOWN]}…")
    return int(digits)


def _decimal(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise NotANumber(number=digits[:_SHOWN])
    return value


def _constant(name: str) -> float:
    raise NotANumber(number=name)


_DECODER = json.JSONDecoder(
    object_pairs_hook=_once, parse_int=_whole, parse_float=_decimal, parse_constant=_constant
)


_NESTING = (dict, list)


def _refuse_depth(value: object) -> None:
    level = [value] if isinstance(value, _NESTING) else []
    for _ in range(DEEPEST):
        if not level:
            return
        within = (node.values() if isinstance(node, dict) else node for node in level)
        level = [child for children in within for child in children if isinstance(child, _NESTING)]
    if level:
        raise TooDeep(deepest=DEEPEST)


def _refuse_hidden(value: object) -> None:
    left: list[tuple[str, object]] = [("", value)]
    while left:
        path, node = left.pop()
        texts = node if isinstance(node, dict) else [node]
        if any(isinstance(text, str) and not storable(text) for text in texts):
            raise HiddenCharacter(path=ascii(path[:_SHOWN] or "."))
        left += [(f"{path}.{key}".lstrip("."), child) for key, child in _inside(node)]


def _inside(node: object) -> Iterator[tuple[str, object]]:
    if isinstance(node, dict):
        yield from node.items()
    elif isinstance(node, list):
        yield from ((str(place), child) for place, child in enumerate(node))
