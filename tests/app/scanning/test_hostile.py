"""Random and hostile reads: never our fault, never a wrong binding, never a line in a log."""

import json
import logging
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import count
from random import Random
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st
from marshmallow import ValidationError

from app.custody.ledger import Sort
from app.scanning.reading import read
from app.scanning.scan import Read, Say
from app.scanning.schemas import SCAN
from app.web.errors import DoesNotFit
from app.web.schema import read as read_as
from labels.code import make, mintable, parse
from tests.app.scanning.bench import SCANS, Bench
from tests.app.scanning.nonsense import AT_ONCE, a_body, a_text, many
from tests.app.web.house import make_house
from tests.builders.site import HEADER
from tests.builders.work import the_catalogue
from tests.counts import SOAK

# Payloads; each seed makes a hundred of them.
MANY = (100_000 if SOAK else 5_000) // AT_ONCE
OVER_HTTP = (3_000 if SOAK else 200) // AT_ONCE

SEEDS = st.integers(0, 2**64 - 1)
PATTERNS = the_catalogue().carriers.foreign_patterns()
KINDS = {form.id: form.kind for form in the_catalogue().carriers.foreign}


@settings(max_examples=MANY, deadline=None)
@given(seed=SEEDS)
def test_whatever_is_read_is_a_code_or_a_reason(seed: int) -> None:
    for raw in many(a_text, seed):
        note(ascii(raw))
        found = read(raw, PATTERNS, KINDS)

        if isinstance(found, Read) and not found.foreign:
            assert parse(found.text).text == found.text
        assert isinstance(found, Read | Say)


@settings(max_examples=MANY, deadline=None)
@given(seed=SEEDS)
def test_one_wrong_character_binds_nothing(seed: int) -> None:
    for code, wrong in many(a_code_and_a_wrong_one, seed):
        found = read(wrong, PATTERNS, KINDS)

        if wrong != code and isinstance(found, Read):
            assert found.foreign
            assert found.text == wrong


def a_code_and_a_wrong_one(chance: Random) -> tuple[str, str]:
    """One of our codes, and the same with one character exchanged."""
    number = next(n for n in iter(lambda: chance.randint(1, 10**10 - 1), 0) if mintable("TB", n))
    code, place = make("TB", number), chance.randint(0, 12)
    return code, code[:place] + chance.choice("0A9Z") + code[place + 1 :]


@pytest.mark.slow
@settings(max_examples=MANY, deadline=None)
@given(seed=SEEDS)
def test_whatever_is_sent_is_a_scan_or_a_list_of_faults(bench_app: Any, seed: int) -> None:
    with bench_app.test_request_context():
        for body in many(a_body, seed):
            note(ascii(body))
            with suppress(DoesNotFit):
                assert read_as(SCAN, body).id
            assert _or_nothing(SCAN.at_once, body) == _or_nothing(SCAN.load, body)


def _or_nothing(reading: Callable[[Any], Any], body: Any) -> Any:
    try:
        return reading(body)
    except ValidationError:
        return None


@pytest.fixture(scope="module")
def bench_app(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return make_house(tmp_path_factory.mktemp("hostile"))


@pytest.mark.slow
def test_hostile_bodies_over_http(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    tubes = bench.make_many(Sort.TUBE, 3)
    client = bench.nurse.client
    caplog.set_level(logging.DEBUG)
    numbers = count(10_000)
    told: Counter[int] = Counter()

    def make(chance: Random) -> Any:
        return as_sent(chance, next(numbers), [tube.code for tube in tubes])

    @settings(max_examples=OVER_HTTP, deadline=None, suppress_health_check=list(HealthCheck))
    @given(seed=SEEDS)
    def attack(seed: int) -> None:
        for body in many(make, seed):
            sent = json.dumps(body, allow_nan=True)
            answer = client.post(SCANS, data=sent, content_type="application/json", headers=HEADER)
            told[answer.status_code] += 1
            assert answer.status_code < 500, sent
            if answer.status_code == 200:
                (result,) = answer.json["results"]
                raw = body["scans"][0]["raw"] if "scans" in body else body["raw"]
                assert result["subject"] in (None, raw) or result["subject"] == str(raw).upper()

    attack()

    assert all(told[status] for status in (200, 400, 422))
    assert all("\n" not in record.getMessage() for record in caplog.records)
    assert all(len(bench.story(tube)) == 0 for tube in tubes)


def as_sent(chance: Random, number: int, codes: Sequence[str]) -> Any:
    """A body, of which a read may get as far as the ledger; no code in it is quite one of these."""
    body = a_body(chance)
    if isinstance(body, dict) and "raw" in body:
        code, place = chance.choice(codes), chance.randint(0, 12)
        near = code[:place] + ("X" if code[place] == "0" else "0") + code[place + 1 :]
        body |= {
            "id": str(UUID(int=number)),
            "device_seq": number,
            "device_id": "hostile",
            "raw": chance.choice((body["raw"], near)),
        }
    return {"scans": [body]} if chance.random() < 1 / 2 else body
