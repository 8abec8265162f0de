"""The grammar in the browser against the shared vectors of the check character."""

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.browser.conftest import Visitor

pytestmark = pytest.mark.browser
VECTORS = Path(__file__).parents[1] / "labels" / "data" / "check_character.csv"


def vectors(expected: str, kind: str | None = None) -> list[str]:
    """The ids of the table that should come out so."""
    with VECTORS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [r["id"] for r in rows if r["expected"] == expected and kind in (None, r["kind"])]


@pytest.fixture
def accepted(visit: Callable[..., Visitor]) -> Callable[[list[str]], list[bool]]:
    """Whether the browser takes each text for one of our codes."""
    page = visit().open("/collect")
    script = (
        "ids => import('/static/scan/code.js').then((code) => ids.map((id) => code.isOurs(id)))"
    )
    return lambda ids: list(page.evaluate(script, ids))


def test_every_valid_vector_is_read(accepted: Callable[[list[str]], list[bool]]) -> None:
    ids = vectors("valid", "ours")

    assert len(ids) == 500
    assert all(accepted(ids))


def test_no_invalid_vector_is_read(accepted: Callable[[list[str]], list[bool]]) -> None:
    ids = vectors("invalid")

    assert len(ids) > 500
    assert not any(accepted(ids))
