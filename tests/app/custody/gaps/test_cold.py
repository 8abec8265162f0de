"""Cold and condition: what state it arrived in."""

import pytest

from tests.builders.ledger_text import told

ON_THE_ROAD = """
09:00 PK1 SEALED -> unit:BRK/collection
10:00 PK1 RELEASED unit:BRK/collection -> courier:FX destination=BB1
"""


def test_g53_speaks_of_a_package_that_arrives_leaking() -> None:
    story = told(ON_THE_ROAD + "12:00 PK1 RECEIVED courier:FX -> unit:BB1/dock condition=leaked")

    assert story.gaps("12:00") == ["G53 PK1 12:00 P2"]


def test_g53_speaks_of_a_tube_whose_condition_was_noted() -> None:
    story = told("""
    09:00 TB1 COLLECTED participant:PN1 -> unit:BRK/collection
    09:30 TB1 CONDITION_NOTED @BRK codes=["haemolysed"]
    """)

    assert story.gaps("09:30") == ["G53 TB1 09:30 P3"]


@pytest.mark.parametrize("condition", ["condition=ok", "condition=good", ""])
def test_g53_is_silent_when_it_arrives_well(condition: str) -> None:
    story = told(ON_THE_ROAD + f"12:00 PK1 RECEIVED courier:FX -> unit:BB1/dock {condition}")

    assert story.gaps("12:00") == []


@pytest.mark.parametrize(
    ("codes", "priority"),
    [
        ('["thawed"]', "P2"),
        ('["broken"]', "P2"),
        ('["short"]', "P3"),
        ('["short","leaked"]', "P2"),
        ('["ok","short"]', "P3"),
    ],
)
def test_g53_turns_on_what_makes_it_graver(codes: str, priority: str) -> None:
    story = told(f"""
    09:00 TB1 COLLECTED participant:PN1 -> unit:BRK/collection
    09:30 TB1 CONDITION_NOTED @BRK codes={codes}
    """)

    assert story.gaps("09:30") == [f"G53 TB1 09:30 {priority}"]


def test_g53_turns_on_the_correction_of_what_was_noted_and_not_on_a_second_look() -> None:
    story = told("""
    09:00 TB1 COLLECTED participant:PN1 -> unit:BRK/collection
    09:30 TB1 CONDITION_NOTED @BRK codes=["leaked"] #slip
    09:40 TB1 CONDITION_NOTED @BRK codes=["ok"]
    09:50 TB1 UNDO undoes #slip
    """)

    assert story.gaps("09:49") == ["G53 TB1 slip P2"]
    assert story.gaps("09:50") == []


def test_g53_turns_on_an_explanation() -> None:
    story = told("""
    09:00 TB1 COLLECTED participant:PN1 -> unit:BRK/collection
    09:30 TB1 CONDITION_NOTED @BRK codes=["leaked"] #leak
    09:40 TB1 EXPLAINED rule=G53 entry=#leak reason=cap_replaced
    """)

    assert story.gaps("09:39") == ["G53 TB1 leak P2"]
    assert story.gaps("+9d 10:00") == ["G28 TB1 09:00 P3"]
