"""The table of docs/devices.md names tests that are there."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
NAMED = re.compile(r"`(tests/[a-z_/]+\.py)(?:::(test_[a-z0-9_]+))?`")


def test_every_test_that_the_page_names_is_there() -> None:
    page = (ROOT / "docs" / "devices.md").read_text(encoding="utf-8")
    named = NAMED.findall(page)
    assert len(named) > 40
    for file, test in named:
        content = (ROOT / file).read_text(encoding="utf-8")
        assert not test or f"def {test}(" in content, f"{file}::{test}"
