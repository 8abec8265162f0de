"""The table of rules and what people can read about it are one."""

import re
from pathlib import Path

from app.custody.gaps.table import RULES

GAPS = Path(__file__).parents[4] / "docs" / "gaps.md"


def test_every_rule_has_a_heading_in_order_of_precedence() -> None:
    headings = re.findall(r"^## (G\d\d) ", GAPS.read_text(), flags=re.MULTILINE)

    assert headings == [rule.code for rule in RULES]
