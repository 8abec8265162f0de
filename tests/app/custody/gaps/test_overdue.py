"""Overdue: what must follow has not; dated at the deadline, ended only by complete evidence."""

import pytest

from tests.builders.ledger_text import spoken, told

DRAWN = """
09:00 TB1 COLLECTED participant:PN1 -> unit:BRK/collection
"""
BOXED = f"""{DRAWN}
10:00 TB1 PACKED -> unit:BRK/collection in BX1 A1
"""
# The box is on the road in its package, with the tube on the manifest.
SENT = f"""{BOXED}
10:10 BX1 PACKED -> unit:BRK/collection in PK1
10:20 PK1 SEALED -> unit:BRK/collection
11:00 PK1 RELEASED unit:BRK/collection -> courier:FX destination=BB1 lines=TB1
"""
FROZEN = SENT.replace("lines=TB1", "lines=TB1 frozen=true")
ARRIVED = "15:00 PK1 DELIVERED courier:FX -> unit:BB1/dock\n"
OPENED = "16:00 PK1 RECEIVED unit:BB1/dock -> unit:BB1/dock\n"
CHECKED_IN = """
16:10 BX1 CHECKED_IN unit:BB1/dock -> unit:BB1/dock pkg PK1 at FZ9
16:11 TB1 CHECKED_IN unit:BB1/dock -> unit:BB1/dock pkg PK1 in BX1 A1
"""
BY_HAND = f"""{DRAWN}
11:00 TB1 RELEASED unit:BRK/collection -> courier:FX destination=BB1
"""


# Collected and not packed


def test_g28_speaks_when_a_tube_is_drawn_and_not_packed() -> None:
    story = told(DRAWN)

    assert story.due("TB1", at="09:00") == {"G28": "21:00"}
    assert story.gaps("21:00") == ["G28 TB1 09:00 P3"]
    assert spoken(story.gap("G28", "TB1", at="+3d 09:00").at) == "21:00"
    assert story.last_known("TB1", at="21:00") == "unit:BRK/collection, seen 09:00"


def test_g28_speaks_when_a_tube_is_taken_out_of_its_box_and_forgotten() -> None:
    story = told(BOXED + "10:30 TB1 UNPACKED -> unit:BRK/collection")

    assert story.due("TB1", at="10:30") == {"G28": "22:30"}
    assert story.gaps("22:30") == ["G28 TB1 10:30 P3"]
    assert story.last_known("TB1", at="22:30") == "unit:BRK/collection, seen 10:30"


def test_g28_speaks_of_a_label_that_was_left_out_when_its_kit_was_done() -> None:
    story = told("""
    tube TB2 kit KT1
    09:30 KT1 ORDER_DONE @BRK
    """)

    assert story.due("TB2", at="09:30") == {"G28": "21:30"}
    assert story.gaps("21:30") == ["G28 TB2 09:30 P3"]
    assert story.last_known("TB2", at="21:30") == "nobody, seen never"


def test_g28_is_silent_when_it_is_packed() -> None:
    story = told(BOXED)

    assert "G28" not in story.due("TB1", at="10:00")
    assert "G28 TB1 09:00 P3" not in story.gaps("+9d 10:00")


def test_g28_is_silent_of_a_tube_not_drawn_for_a_reason() -> None:
    story = told("""
    tube TB2 kit KT1
    09:20 TB2 COLLECTION_FAILED @BRK reason=collapsed_vein
    09:30 KT1 ORDER_DONE @BRK
    """)

    assert story.gaps("+9d 10:00") == []


def test_g28_is_silent_of_a_tube_drawn_straight_into_its_box() -> None:
    story = told("09:00 TB1 COLLECTED participant:PN1 -> unit:BRK/collection in BX1 A1")

    assert story.gaps("21:00") == []
    assert story.due("TB1", at="21:00") == {}


def test_g28_is_silent_of_a_tube_spun_though_never_drawn_which_is_out_of_order() -> None:
    story = told("""
    tube TB2 kit KT1
    09:20 TB2 SPIN_STARTED @BRK
    09:30 KT1 ORDER_DONE @BRK
    """)

    assert story.gaps("21:30") == ["G18 TB2 09:20 P2"]


def test_g28_is_silent_of_a_label_whose_kit_is_not_done() -> None:
    assert told("tube TB2 kit KT1\n08:00 KT1 ORDER_PLACED @BRK").gaps("+9d 10:00") == []


def test_g28_turns_on_the_last_second_of_twelve_hours() -> None:
    assert told(DRAWN).gaps("20:59:59") == []
    assert told(DRAWN).gaps("21:00") == ["G28 TB1 09:00 P3"]


def test_g28_turns_on_the_packing_that_was_recorded_late() -> None:
    story = told(DRAWN + "10:00 TB1 PACKED -> unit:BRK/collection in BX1 A1 ~offline rec +12h")

    assert story.gaps("21:59") == ["G28 TB1 09:00 P3"]
    assert story.gaps("22:00") == []


def test_g28_turns_on_the_packing_being_undone_and_counts_from_the_draw_again() -> None:
    story = told(f"""{DRAWN}
    10:00 TB1 PACKED -> unit:BRK/collection in BX1 A1 #slip
    10:05 TB1 UNDO undoes #slip
    """)

    assert story.due("TB1", at="10:04") == {}
    assert story.due("TB1", at="10:05") == {"G28": "21:00"}


# Packed and not sent


def test_g29_speaks_when_a_box_is_packed_and_forgotten() -> None:
    story = told(BOXED + "10:05 BX1 STAGED @BRK")

    assert story.due("BX1", at="10:00") == {"G29": "+1d 10:00"}
    assert story.gaps("+1d 10:00") == ["G29 BX1 10:00 P3"]
    assert story.due("BX1", at="+1d 10:00") == {"G29": "+1d 22:00"}
    assert story.gaps("+1d 22:00") == ["G29 BX1 10:00 P2"]
    assert story.last_known("BX1", at="+1d 10:00") == "unit:BRK/collection, seen 10:05"


def test_g29_speaks_of_the_outermost_alone() -> None:
    story = told(BOXED + "10:10 BX1 PACKED -> unit:BRK/collection in PK1")

    assert story.gaps("+1d 10:10") == ["G29 PK1 10:10 P3"]
    assert story.last_known("BX1", at="+1d 10:10") == "unit:BRK/collection, seen 10:10"


def test_g29_speaks_of_a_package_sealed_and_forgotten() -> None:
    story = told(f"""{BOXED}
    10:10 BX1 PACKED -> unit:BRK/collection in PK1
    10:20 PK1 SEALED -> unit:BRK/collection
    """)

    assert story.gaps("+1d 10:10") == ["G29 PK1 10:10 P3"]
    assert story.last_known("PK1", at="+1d 10:10") == "unit:BRK/collection, seen 10:20"


def test_g29_speaks_of_a_box_taken_out_of_its_package_before_it_left() -> None:
    story = told(f"""{BOXED}
    10:10 BX1 PACKED -> unit:BRK/collection in PK1
    10:20 BX1 UNPACKED -> unit:BRK/collection
    """)

    assert story.gaps("+1d 10:20") == ["G29 BX1 10:00 P3"]


def test_g29_speaks_from_the_first_thing_put_in() -> None:
    story = told(f"""{BOXED}
    09:00 TB2 COLLECTED participant:PN1 -> unit:BRK/collection
    18:00 TB2 PACKED -> unit:BRK/collection in BX1 A2
    """)

    assert story.due("BX1", at="18:00") == {"G29": "+1d 10:00"}


def test_g29_is_silent_when_it_was_sent() -> None:
    story = told(SENT)

    assert story.due("PK1", at="11:00") == {"G31": "+2d 11:00"}
    assert story.gaps("+1d 22:00") == []


def test_g29_is_silent_of_an_empty_box() -> None:
    story = told("10:00 BX1 PACKED -> unit:BRK/collection in PK1 \n10:05 BX1 UNPACKED @BRK")

    assert story.gaps("+9d 10:00") == []


@pytest.mark.parametrize(
    ("at", "gaps"),
    [
        ("+1d 09:59:59", []),
        ("+1d 10:00", ["G29 BX1 10:00 P3"]),
        ("+1d 21:59:59", ["G29 BX1 10:00 P3"]),
        ("+1d 22:00", ["G29 BX1 10:00 P2"]),
    ],
)
def test_g29_turns_on_a_day_and_graver_on_a_day_and_a_half(at: str, gaps: list[str]) -> None:
    assert told(BOXED).gaps(at) == gaps


def test_g29_turns_on_everything_being_taken_out_again() -> None:
    story = told(BOXED + "+1d 11:00 TB1 UNPACKED -> unit:BRK/collection")

    assert story.gaps("+1d 10:59") == ["G29 BX1 10:00 P3"]
    assert story.gaps("+1d 11:00") == []


def test_g29_turns_on_the_release_of_an_offline_station() -> None:
    story = told(SENT.replace("destination", "~offline rec +25h destination"))

    assert story.gaps("+1d 11:59") == ["G29 PK1 10:10 P3"]
    assert story.gaps("+1d 12:00") == []


# On the road


def test_g31_speaks_when_a_package_is_too_long_on_the_road() -> None:
    story = told(SENT)

    assert story.due("PK1", at="11:00") == {"G31": "+2d 11:00"}
    assert story.gaps("+2d 11:00") == ["G31 PK1 11:00 P3"]
    assert story.due("PK1", at="+2d 11:00") == {"G31": "+3d 11:00"}
    assert story.gaps("+3d 11:00") == ["G31 PK1 11:00 P2"]
    assert story.gaps("+7d 11:00") == ["G31 PK1 11:00 P1"]
    assert spoken(story.gap("G31", "PK1", at="+7d 11:00").at) == "+2d 11:00"
    assert story.last_known("PK1", at="+2d 11:00") == "courier:FX, seen 11:00"


def test_g31_speaks_four_hours_after_the_time_at_which_it_was_expected() -> None:
    story = told(SENT.replace("lines", "eta=15:00 lines"))

    assert story.due("PK1", at="11:00") == {"G31": "19:00"}
    assert story.gaps("19:00") == ["G31 PK1 11:00 P3"]


def test_g31_is_silent_once_it_was_delivered() -> None:
    story = told(SENT + ARRIVED)

    assert story.due("PK1", at="15:00") == {"G32": "19:00"}
    assert "G31 PK1 11:00 P3" not in story.gaps("+9d 10:00")


def test_g31_is_silent_once_it_was_received_though_nobody_said_delivered() -> None:
    story = told(SENT + "15:00 PK1 RECEIVED courier:FX -> unit:BB1/dock")

    assert "G31" not in story.due("PK1", at="15:00")


@pytest.mark.parametrize(
    ("at", "gaps"),
    [
        ("+2d 10:59:59", []),
        ("+2d 11:00", ["G31 PK1 11:00 P3"]),
        ("+3d 10:59:59", ["G31 PK1 11:00 P3"]),
        ("+3d 11:00", ["G31 PK1 11:00 P2"]),
        ("+7d 10:59:59", ["G31 PK1 11:00 P2"]),
        ("+7d 11:00", ["G31 PK1 11:00 P1"]),
    ],
)
def test_g31_turns_on_48_hours_and_graver_on_72_and_a_week(at: str, gaps: list[str]) -> None:
    assert told(SENT).gaps(at) == gaps


def test_g31_turns_on_the_limit_even_when_it_was_expected_later() -> None:
    story = told(SENT.replace("lines", "eta=+5d_10:00 lines"))

    assert story.due("PK1", at="11:00") == {"G31": "+2d 11:00"}


def test_g31_turns_on_the_package_being_declared_lost() -> None:
    story = told(SENT + "+8d 10:00 PK1 LOST_DECLARED -> unknown @BRK")

    assert "G31 PK1 11:00 P1" in story.gaps("+8d 09:59")
    assert "G31 PK1 11:00 P1" not in story.gaps("+8d 10:00")


def test_g31_turns_on_an_explanation_until_its_time_and_no_longer() -> None:
    story = told(f"""{SENT.replace("lines", "#release lines")}
    +2d 12:00 PK1 EXPLAINED rule=G31 entry=#release until=+3d_11:00 reason=storm
    """)

    assert story.gaps("+2d 11:59") == ["G31 PK1 release P3"]
    assert story.gaps("+3d 10:59:59") == []
    assert story.gaps("+3d 11:00") == ["G31 PK1 release P2"]


# On the dock, unopened


def test_g32_speaks_when_a_package_lies_on_the_dock_unopened() -> None:
    story = told(SENT + ARRIVED)

    assert story.due("PK1", at="15:00") == {"G32": "19:00"}
    assert story.gaps("19:00") == ["G32 PK1 15:00 P2"]
    assert spoken(story.gap("G32", "PK1", at="+2d 19:00").at) == "19:00"
    assert story.last_known("PK1", at="19:00") == "unit:BB1/dock, seen 15:00"


def test_g32_speaks_after_one_hour_when_it_is_frozen() -> None:
    story = told(FROZEN + ARRIVED)

    assert story.due("PK1", at="15:00") == {"G32": "16:00"}
    assert story.gaps("16:00") == ["G32 PK1 15:00 P2"]


def test_g32_is_silent_when_it_was_opened() -> None:
    story = told(SENT + ARRIVED + OPENED)

    assert "G32" not in story.due("PK1", at="16:00")
    assert story.gaps("19:59") == []


@pytest.mark.parametrize(
    ("arrived", "gap"), [(ARRIVED, "G32 PK1 15:00 P2"), ("", "G31 PK1 11:00 P3")]
)
def test_what_was_closed_out_and_never_opened_is_still_overdue(arrived: str, gap: str) -> None:
    story = told(SENT + arrived + "16:00 PK1 PACKAGE_CLOSED_OUT @BB1")

    assert gap in story.gaps("+2d 11:00")
    assert gap not in told(SENT + arrived + OPENED + "16:05 PK1 PACKAGE_CLOSED_OUT @BB1").gaps(
        "+2d 11:00"
    )


def test_g32_turns_on_the_last_second_of_four_hours() -> None:
    assert told(SENT + ARRIVED).gaps("18:59:59") == []
    assert told(SENT + ARRIVED).gaps("19:00") == ["G32 PK1 15:00 P2"]


def test_g32_turns_on_the_receipt_that_was_recorded_late() -> None:
    story = told(SENT + ARRIVED + OPENED.replace("/dock\n", "/dock ~offline rec +4h"))

    assert story.gaps("19:59") == ["G32 PK1 15:00 P2"]
    assert story.gaps("20:00") == ["G43 TB1 16:00 P2"]


# Checked in and not put away


def test_g33_speaks_when_a_box_is_checked_in_and_left_on_the_bench() -> None:
    story = told(SENT + ARRIVED + OPENED + CHECKED_IN)

    assert story.due("BX1", at="16:11") == {"G33": "+1d 16:10"}
    assert story.gaps("+1d 16:10") == ["G33 BX1 16:10 P2"]
    assert spoken(story.gap("G33", "BX1", at="+5d 16:10").at) == "+1d 16:10"
    assert story.last_known("BX1", at="+1d 16:10") == "unit:BB1/dock, seen 16:10"


def test_g33_speaks_of_a_box_that_arrived_and_stayed_in_its_package() -> None:
    story = told(f"""{SENT}{ARRIVED}{OPENED}
    16:11 TB1 CHECKED_IN unit:BB1/dock -> unit:BB1/dock pkg PK1
    """)

    assert story.due("BX1", at="16:11") == {"G33": "+1d 16:00"}
    assert story.gaps("+1d 16:00") == ["G33 BX1 16:00 P2"]


def test_g33_speaks_of_a_tube_checked_in_without_a_box() -> None:
    story = told(f"""{SENT}{ARRIVED}{OPENED}
    16:10 BX1 STORED -> unit:BB1/store at FZ1 S1
    16:11 TB1 CHECKED_IN unit:BB1/dock -> unit:BB1/dock pkg PK1 at FZ9
    """)

    assert story.due("TB1", at="16:11") == {"G33": "+1d 16:11"}
    assert "G33 TB1 16:11 P2" in story.gaps("+1d 16:11")
    assert story.last_known("TB1", at="+1d 16:11") == "unit:BB1/dock, seen 16:11"


def test_g33_speaks_of_a_loose_tube_checked_in_and_left_in_its_package() -> None:
    story = told(f"""{DRAWN}
    10:10 TB1 PACKED -> unit:BRK/collection in PK1
    10:20 PK1 SEALED -> unit:BRK/collection
    11:00 PK1 RELEASED unit:BRK/collection -> courier:FX destination=BB1 lines=TB1
    {ARRIVED}{OPENED}
    16:11 TB1 CHECKED_IN unit:BB1/dock -> unit:BB1/dock pkg PK1
    """)

    assert story.due("TB1", at="16:11") == {"G33": "+1d 16:11"}
    assert story.gaps("+1d 16:11") == ["G33 TB1 16:11 P2"]


def test_g33_speaks_of_a_box_moved_into_a_rack_without_being_stored() -> None:
    story = told(f"""{SENT}{ARRIVED}{OPENED}{CHECKED_IN}
    17:00 RK1 STORED -> unit:BB1/store at FZ1 S1
    17:10 BX1 MOVED -> unit:BB1/store in RK1 1
    """)

    assert story.gaps("+1d 16:10") == ["G33 BX1 16:10 P2"]
    assert story.last_known("BX1", at="+1d 16:10") == "unit:BB1/store, seen 17:10"


def test_g33_speaks_after_half_an_hour_when_it_is_frozen() -> None:
    story = told(FROZEN + ARRIVED + "15:30 PK1 RECEIVED unit:BB1/dock -> unit:BB1/dock")

    assert story.due("BX1", at="15:30") == {"G33": "16:00"}
    assert story.gaps("16:00") == ["G33 BX1 15:30 P2"]


@pytest.mark.parametrize("deed", ["STORED", "QUARANTINED"])
def test_g33_is_silent_when_the_box_was_put_away(deed: str) -> None:
    story = told(f"""{SENT}{ARRIVED}{OPENED}{CHECKED_IN}
    17:00 BX1 {deed} unit:BB1/dock -> unit:BB1/store at FZ1 S1
    """)

    assert story.gaps("+9d 10:00") == []
    assert story.due("TB1", at="17:00") == story.due("BX1", at="17:00") == {}


def test_g33_turns_on_the_last_second_of_a_day() -> None:
    story = told(SENT + ARRIVED + OPENED + CHECKED_IN)

    assert story.gaps("+1d 16:09:59") == []
    assert story.gaps("+1d 16:10") == ["G33 BX1 16:10 P2"]


def test_g33_turns_on_the_box_being_declared_lost() -> None:
    story = told(f"""{SENT}{ARRIVED}{OPENED}{CHECKED_IN}
    +2d 10:00 BX1 LOST_DECLARED unit:BB1/dock -> unknown @BB1
    """)

    assert story.gaps("+2d 09:59") == ["G33 BX1 16:10 P2"]
    assert story.gaps("+2d 10:00") == []


# Handed over by hand


def test_g35_speaks_when_a_tube_is_handed_out_and_nobody_took_it() -> None:
    story = told(BY_HAND)

    assert story.due("TB1", at="11:00") == {"G35": "+2d 11:00"}
    assert story.gaps("+2d 11:00") == ["G35 TB1 11:00 P2"]
    assert spoken(story.gap("G35", "TB1", at="+2d 11:00").settles_at) == "+2d 11:15"
    assert story.last_known("TB1", at="+2d 11:00") == "courier:FX, seen 11:00"


def test_g35_speaks_when_the_time_of_the_lane_is_over() -> None:
    story = told(BY_HAND.strip() + " due_by=18:00")

    assert story.due("TB1", at="11:00") == {"G35": "18:00"}
    assert story.gaps("18:00") == ["G35 TB1 11:00 P2"]


def test_g35_is_silent_when_the_other_side_took_it() -> None:
    story = told(BY_HAND + "15:00 TB1 RECEIVED courier:FX -> unit:BB1/dock")

    assert "G35" not in story.due("TB1", at="15:00")
    assert story.gaps("+2d 12:00") == []


def test_g35_is_silent_where_a_package_is_involved() -> None:
    assert "G35" not in told(SENT).due("TB1", at="11:00")
    assert told(SENT).gaps("+2d 11:00") == ["G31 PK1 11:00 P3"]


def test_g35_turns_on_the_last_second_of_the_lane() -> None:
    story = told(BY_HAND.strip() + " due_by=18:00")

    assert story.gaps("17:59:59") == []
    assert story.gaps("18:00") == ["G35 TB1 11:00 P2"]


def test_g35_turns_on_the_other_half_recorded_late() -> None:
    story = told(f"""{BY_HAND.strip()} due_by=18:00
    15:00 TB1 RECEIVED courier:FX -> unit:BB1/dock ~offline rec +4h
    """)

    assert story.gaps("18:59") == ["G35 TB1 11:00 P2"]
    assert story.gaps("19:00") == []
