"""Random and hostile reads: never our fault, never a wrong binding, never a line in a log."""

import json
import logging
import os
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.custody.ledger import Sort
from app.scanning.reading import read
from app.scanning.scan import Read, Say
from app.scanning.schemas import SCAN
from app.web.errors import DoesNotFit
from app.web.schema import read as read_as
from labels.code import make, mintable, parse
from tests.app.scanning.bench import SCANS, Bench
from tests.app.web.house import make_house
from tests.builders.site import HEADER
from tests.builders.work import the_catalogue

SOAK = "UNBROKEN_SOAK" in os.environ
MANY = 100_000 if SOAK else 1_500
OVER_HTTP = 3_000 if SOAK else 120

NASTY = st.sampled_from(
    [
        "\0",
        "\x1b[2J",
        "\r\nINFO forged line",
        "' OR 1=1 --",
        "%(x)s",
        "{0}",
        "../..",
        "\ud800",
        "<script>",
        "\u202e",
        "TB" * 300,
        "1" * 513,
        "💉",
        "\x1d",
        "]d1",
    ]
)
TEXTS = st.one_of(st.text(max_size=40), NASTY, st.builds("".join, st.lists(NASTY, max_size=4)))
ANYTHING: st.SearchStrategy[Any] = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.floats(), TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(TEXTS, inner, max_size=4)),
    max_leaves=8,
)
NAMES = ("id", "raw", "symbology", "method", "device_id", "device_seq", "device_time", "offset_ms",
         "uncertainty_ms", "queued", "capture", "intent")  # fmt: skip
GOOD: dict[str, Any] = {
    "id": "0198a000-0000-7000-8000-000000000001",
    "raw": "TB0000000001A",
    "method": "scan",
    "device_id": "tablet",
    "device_seq": 1,
    "device_time": "2026-11-25T09:00:00-06:00",
    "intent": {"step": "read", "facts": {}},
}
SPOILT = st.dictionaries(st.sampled_from(NAMES), ANYTHING, max_size=4).map(
    lambda spoilt: GOOD | spoilt
)
PATTERNS = the_catalogue().carriers.foreign_patterns()
KINDS = {form.id: form.kind for form in the_catalogue().carriers.foreign}


@pytest.mark.slow
@settings(max_examples=MANY, deadline=None)
@given(raw=TEXTS)
def test_whatever_is_read_is_a_code_or_a_reason(raw: str) -> None:
    found = read(raw, PATTERNS, KINDS)

    if isinstance(found, Read) and not found.foreign:
        assert parse(found.text).text == found.text
    assert isinstance(found, Read | Say)


@pytest.mark.slow
@settings(max_examples=MANY, deadline=None)
@given(number=st.integers(1, 10**10 - 1), place=st.integers(0, 12), other=st.sampled_from("0A9Z"))
def test_one_wrong_character_binds_nothing(number: int, place: int, other: str) -> None:
    if not mintable("TB", number):
        return
    code = make("TB", number)
    wrong = code[:place] + other + code[place + 1 :]

    found = read(wrong, PATTERNS, KINDS)

    if wrong != code and isinstance(found, Read):
        assert found.foreign
        assert found.text == wrong


@pytest.mark.slow
@settings(max_examples=MANY, deadline=None)
@given(body=st.one_of(ANYTHING, SPOILT))
def test_whatever_is_sent_is_a_scan_or_a_list_of_faults(bench_app: Any, body: Any) -> None:
    with bench_app.test_request_context(), suppress(DoesNotFit):
        assert read_as(SCAN, body).id


@pytest.fixture(scope="module")
def bench_app(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return make_house(tmp_path_factory.mktemp("hostile"))


@pytest.mark.slow
def test_hostile_bodies_over_http(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    tubes = bench.make_many(Sort.TUBE, 3)
    client = bench.nurse.client
    caplog.set_level(logging.DEBUG)
    sequence = iter(range(10_000, 10_000_000))

    @settings(
        max_examples=OVER_HTTP,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(body=st.one_of(ANYTHING, SPOILT), lists=st.booleans(), code=st.sampled_from(tubes))
    def attack(body: Any, lists: bool, code: Any) -> None:
        if isinstance(body, dict) and "raw" in body:
            number = next(sequence)
            body = body | {
                "id": f"0198a000-0000-7000-8000-{number:012d}",
                "device_seq": number,
                "device_id": "hostile",
            }
        sent = json.dumps({"scans": [body]} if lists else body, allow_nan=True)
        answer = client.post(SCANS, data=sent, content_type="application/json", headers=HEADER)
        assert answer.status_code < 500, sent
        if answer.status_code == 200:
            (result,) = answer.json["results"]
            raw = body.get("raw")
            assert result["subject"] in (None, raw) or result["subject"] == str(raw).upper()

    attack()

    assert all("\n" not in record.getMessage() for record in caplog.records)
    assert all(len(bench.story(tube)) == 0 for tube in tubes)
