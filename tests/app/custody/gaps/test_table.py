"""The table of rules, what people can read about it, and the stories that prove it are one.

A story is a test named after its rule: `test_g34_speaks_…` tells a history in which it objects,
`test_g34_is_silent_…` a near one done as it must be, `test_g34_turns_on_…` what makes the
difference: the last second, the late entry, the correction, the explanation.
"""

import ast
import re
from collections import defaultdict
from pathlib import Path

import pytest

from app.custody.gaps.table import RULES, Rule
from tests.builders.ledger_text import told

GAPS = Path(__file__).parents[4] / "docs" / "gaps.md"
WAYS = ("speaks", "is_silent", "turns_on")
NAME = re.compile(rf"test_(g\d\d)_({'|'.join(WAYS)})_\w+")


def _stories() -> dict[str, set[tuple[str, str]]]:
    """For each rule, which kinds of story are told of it, and beside which module."""
    found: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for path in sorted(Path(__file__).parent.glob("test_*.py")):
        for function in ast.parse(path.read_text()).body:
            if not isinstance(function, ast.FunctionDef):
                continue
            if (name := NAME.fullmatch(function.name)) is not None:
                found[name[1].upper()].add((name[2], path.stem.removeprefix("test_")))
    return found


def test_every_rule_has_a_heading_in_order_of_precedence() -> None:
    headings = re.findall(r"^## (G\d\d) ", GAPS.read_text(), flags=re.MULTILINE)

    assert headings == [rule.code for rule in RULES]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_every_rule_has_a_story_in_which_it_speaks_one_in_which_not_and_its_limit(
    rule: Rule,
) -> None:
    module = rule.check.__module__.rpartition(".")[2]

    assert _stories()[rule.code] == {(way, module) for way in WAYS}


def test_no_story_is_told_of_a_rule_that_is_not_in_the_table() -> None:
    assert set(_stories()) == {rule.code for rule in RULES}


def test_the_order_of_precedence_is_the_ledger_s() -> None:
    order = (
        "G08 G01 G09 G11 G36 G37 G34 G56 G46 G43 G44 G31 G32 G29 G28 G33 G23 G22 G53 G18 G35"
        " G19 G20 G21 G02 G04 G07 G64 G65 G03"
    )

    assert [rule.code for rule in RULES] == order.split()


def test_of_one_draw_the_wrong_participant_is_said_first_and_the_lack_of_consent_under_it() -> None:
    story = told("""
    tube TB1 of PN1
    08:00 PN1 CONSENT_RECORDED scope=primary status=no
    09:00 TB1 COLLECTED participant:PN2 -> unit:BRK/collection
    """)

    assert story.gaps("09:00") == ["G08 TB1 09:00 P1", "G09 TB1 09:00 P1"]
    assert story.speaking("TB1", at="09:00") == ["G08 (G09)"]


def test_of_one_arrival_the_receipt_without_dispatch_is_said_first() -> None:
    story = told("""
    09:00 PK1 SEALED -> unit:BRK/collection
    12:00 PK1 RECEIVED courier:FX -> unit:BB1/dock
    """)

    assert story.gaps("12:00") == ["G34 PK1 12:00 P1", "G36 PK1 12:00 P2", "G37 PK1 12:00 P2"]
    assert story.speaking("PK1", at="12:00") == ["G36 (G37, G34)"]


def test_of_one_spin_at_a_strange_clinic_the_place_is_said_first() -> None:
    story = told("""
    tube TB1 spin clots
    09:00 TB1 COLLECTED participant:PN1 -> unit:BRK/collection
    09:10 TB1 SPIN_STARTED @RIV
    """)

    assert story.gaps("09:10") == ["G22 TB1 09:10 P3", "G37 TB1 09:10 P2"]
    assert story.speaking("TB1", at="09:10") == ["G37 (G22)"]


def test_of_one_read_of_a_thing_with_no_known_label_the_place_is_said_first() -> None:
    story = told("""
    09:00 BX1 PACKED -> unit:BRK/collection in PK1
    10:00 FT1 PACKED -> unit:RIV/collection in BX1
    """)

    assert story.speaking("FT1", at="10:00") == ["G37 (G18, G02)"]


def test_two_causes_on_one_tube_both_speak() -> None:
    story = told("""
    tube TB1 spin
    09:00 TB1 COLLECTED participant:PN1 -> unit:BRK/collection
    09:30 TB1 CONDITION_NOTED @BRK codes=["short"]
    """)

    assert story.speaking("TB1", at="11:00") == ["G23", "G53"]
