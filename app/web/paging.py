"""Long lists a page at a time: the cursor says after which row to go on, not how many to skip.

rows = people(work, after=page.after, limit=page.limit + 1)
return page_answer(PERSON, rows, page, key=lambda person: (person.login,))
"""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from flask import Response, jsonify, request
from flask_babel import gettext
from marshmallow import Schema

from app.kernel.errors import Invalid
from app.web.catalogue import N_
from app.web.errors import DoesNotFit, Fault, Unreadable
from app.web.json_body import parse_json

Row = TypeVar("Row")
Key = tuple[str | int, ...]

LIMIT, LIMIT_MOST = 100, 500
_CURSOR_MOST = 500


class CursorWrong(Invalid):
    """A cursor that no page of ours gave."""

    message = "The cursor is none that this list gave"
    advice = "Ask for the list from its beginning"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Which part of a list is wanted: `limit` rows after the row with this key."""

    after: Key | None
    limit: int


def page_wanted(*, kinds: tuple[type, ...]) -> Page:
    """The page this request wants; `kinds` are the types of the key.

    Raises CursorWrong, DoesNotFit.
    """
    cursor = request.args.get("cursor")
    return Page(after=_opened(cursor, kinds) if cursor else None, limit=_limit())


def page_answer(
    schema: Schema, rows: Sequence[Row], page: Page, *, key: Callable[[Row], Key]
) -> Response:
    """The JSON of one page; `rows` holds one more than the limit where the list goes on."""
    shown = rows[: page.limit]
    goes_on = len(rows) > page.limit
    return jsonify(
        items=schema.dump(shown, many=True), next=_closed(key(shown[-1])) if goes_on else None
    )


def _closed(key: Key) -> str:
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode().rstrip("=")


def _opened(cursor: str, kinds: tuple[type, ...]) -> Key:
    try:
        raw = base64.b64decode(
            cursor[:_CURSOR_MOST] + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True
        )
        key = parse_json(raw)
    except (binascii.Error, ValueError, Unreadable) as error:
        raise CursorWrong from error
    if not isinstance(key, list) or tuple(type(part) for part in key) != kinds:
        raise CursorWrong
    return tuple(key)


def _limit() -> int:
    text = request.args.get("limit", str(LIMIT))
    if text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= LIMIT_MOST:
        return int(text)
    words = str(gettext(N_("This must be from %(least)s to %(most)s")))
    raise DoesNotFit(Fault(path="limit", message=words % {"least": 1, "most": LIMIT_MOST}))
