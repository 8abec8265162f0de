"""What JSON is refused, and that the refusal says where."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.web.errors import Unreadable
from app.web.json_body import (
    HiddenCharacter,
    NameTwice,
    NotANumber,
    NotJson,
    NotUtf8,
    TooDeep,
    parse_json,
    storable,
)

REFUSED: list[tuple[bytes, type[Unreadable], str]] = [
    (b"", NotJson, "line 1, column 1"),
    (b'{"a": 1,\n "b"}', NotJson, "line 2, column 5"),
    (b"{} {}", NotJson, "column 4"),
    (b"{'a': 1}", NotJson, "column 2"),
    (b"\xef\xbb\xbf{}", NotJson, "column 1"),
    (b'"\x00"', NotJson, "column 2"),
    (b'"caf\xe9"', NotUtf8, "byte 4"),
    (b'"\xed\xa0\x80"', NotUtf8, "byte 1"),
    (b'{"a": 1, "a": 1}', NameTwice, "'a'"),
    (b'[{"b": {"x": 1, "y": 2, "x": 3}}]', NameTwice, "'x'"),
    (b"[NaN]", NotANumber, "NaN"),
    (b"-Infinity", NotANumber, "-Infinity"),
    (b"1e999", NotANumber, "1e999"),
    (b"9" * 5000, NotANumber, "999"),
    (b"-" + b"9" * 20, NotANumber, "999"),
    (b'{"a": ["x", "\\u0000"]}', HiddenCharacter, "a.1"),
    (b'{"a\\u0000": 1}', HiddenCharacter, "'.'"),
    (b'"\\ud800"', HiddenCharacter, "'.'"),
    (b'{"a": "\\udc00\\ud800"}', HiddenCharacter, "'a'"),
    (b"[" * 100_000, TooDeep, "32"),
    (b"[" * 40 + b"]" * 40, TooDeep, "32"),
    (b'{"a":' * 40 + b"1" + b"}" * 40, TooDeep, "32"),
    (b"[" * 33 + b"]" * 33, TooDeep, "32"),
]


@pytest.mark.parametrize(("raw", "refusal", "said"), REFUSED)
def test_what_is_refused_and_where(raw: bytes, refusal: type[Unreadable], said: str) -> None:
    with pytest.raises(refusal) as caught:
        parse_json(raw)

    assert said in str(caught.value)


@pytest.mark.parametrize(
    "raw",
    [
        b'{"a": "\\ud83e\\uddea"}',  # a pair of halves is one whole character
        b'"\\\\u0000"',  # a backslash and letters, no NUL
        b"9223372036854775807",
        b'{"": "", "a": [1.5, -2e-3, true, null]}',
        b"[" * 32 + b"1" + b"]" * 32,
    ],
)
def test_what_is_taken_is_taken_as_it_stands(raw: bytes) -> None:
    assert parse_json(raw) == json.loads(raw)


JSON: Any = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(min_value=-(2**63), max_value=2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode()))
def test_any_bytes_become_a_value_or_a_precise_refusal(raw: bytes) -> None:
    try:
        value = parse_json(raw)
    except Unreadable:
        return
    assert storable(json.dumps(value, ensure_ascii=False))
    assert json.loads(json.dumps(value, allow_nan=False)) == value
