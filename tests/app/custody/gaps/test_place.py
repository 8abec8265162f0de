"""Place: one position, one occupant."""

import pytest

from tests.builders.ledger_text import told

AT_THE_BENCH = """
09:00 BX1 CHECKED_OUT -> unit:BB1/store
09:00 BX2 CHECKED_OUT -> unit:BB1/store
09:00 BX3 CHECKED_OUT -> unit:BB1/store
"""
TWO_IN_ONE = """
10:00 BX1 STORED -> unit:BB1/store at FZ1 S1
10:30 BX2 STORED -> unit:BB1/store at FZ1 S1
"""


def test_g56_speaks_of_the_later_report_of_a_place_that_is_taken() -> None:
    assert told(TWO_IN_ONE).gaps("10:30") == ["G56 BX2 10:30 P2"]


def test_g56_speaks_of_the_report_also_when_the_thing_was_read_again_since() -> None:
    assert told(TWO_IN_ONE + "11:00 BX2 STAGED @BB1").gaps("11:00") == ["G56 BX2 10:30 P2"]


def test_g56_speaks_of_each_later_claim() -> None:
    story = told(TWO_IN_ONE + "11:00 BX3 STORED -> unit:BB1/store at FZ1 S1")

    assert story.gaps("11:00") == ["G56 BX2 10:30 P2", "G56 BX3 11:00 P2"]


def test_g56_speaks_of_two_tubes_in_one_hole_of_a_box() -> None:
    story = told("""
    09:00 TB1 COLLECTED participant:PN1 -> unit:BRK/collection
    09:01 TB2 COLLECTED participant:PN1 -> unit:BRK/collection
    09:10 TB1 PACKED -> unit:BRK/collection in BX1 A1
    09:11 TB2 PACKED -> unit:BRK/collection in BX1 A1
    """)

    assert story.gaps("09:11") == ["G56 TB2 09:11 P2"]


def test_g56_is_silent_when_each_has_its_own_place() -> None:
    story = told("""
    10:00 BX1 STORED -> unit:BB1/store at FZ1 S1
    10:30 BX2 STORED -> unit:BB1/store at FZ1 S2
    10:30 BX3 STORED -> unit:BB1/store at FZ2 S1
    """)

    assert story.gaps("11:00") == []


def test_g56_is_silent_on_a_shelf_without_positions() -> None:
    story = told("""
    10:00 BX1 STORED -> unit:BB1/store at FZ1
    10:30 BX2 STORED -> unit:BB1/store at FZ1
    """)

    assert story.gaps("11:00") == []


def test_g56_is_silent_when_the_first_left_before_the_second_came() -> None:
    story = told("""
    10:00 BX1 STORED -> unit:BB1/store at FZ1 S1
    10:20 BX1 CHECKED_OUT -> unit:BB1/store
    10:30 BX2 STORED -> unit:BB1/store at FZ1 S1
    """)

    assert story.gaps("11:00") == []


def test_g56_turns_on_one_of_them_seen_elsewhere() -> None:
    story = told(TWO_IN_ONE + "11:00 BX1 MOVED -> unit:BB1/store at FZ1 S2")

    assert story.gaps("10:59") == ["G56 BX2 10:30 P2"]
    assert story.gaps("11:00") == []


def test_g56_turns_on_one_of_them_corrected_away() -> None:
    story = told("""
    10:00 BX1 STORED -> unit:BB1/store at FZ1 S1
    10:30 BX2 STORED -> unit:BB1/store at FZ1 S1 #slip
    11:00 BX2 CORRECTION corrects #slip position=S2 reason=misread
    """)

    assert story.gaps("10:59") == ["G56 BX2 slip P2"]
    assert story.gaps("11:00") == []


@pytest.mark.parametrize("found", ["BX1", "BX2"])
def test_g56_turns_on_a_stock_take_that_finds_one_of_them(found: str) -> None:
    story = told(TWO_IN_ONE + f"11:00 {found} INVENTORIED @BB1 at FZ1 S1")

    assert story.gaps("10:59") == ["G56 BX2 10:30 P2"]
    assert story.gaps("11:00") == []


def test_g56_turns_on_which_came_first_and_not_on_which_was_recorded_first() -> None:
    story = told("""
    10:30 BX2 STORED -> unit:BB1/store at FZ1 S1
    10:00 BX1 STORED -> unit:BB1/store at FZ1 S1 ~offline rec +2h
    """)

    assert story.gaps("11:59") == []
    assert story.gaps("12:00") == ["G56 BX2 10:30 P2"]


def test_g56_turns_on_the_order_of_the_devices_when_both_come_in_one_second() -> None:
    story = told("""
    10:00 BX2 STORED -> unit:BB1/store at FZ1 S1 by D2 #second
    10:00 BX1 STORED -> unit:BB1/store at FZ1 S1 by D1
    """)

    assert story.gaps("10:00") == ["G56 BX2 second P2"]
