"""Manifest: what was said to be inside, against what was; and containers that disagree."""

from tests.builders.ledger_text import spoken, told

# Two tubes in a package, of which the manifest lists both; opened on the dock at noon.
OPENED = """
09:00 TB1 COLLECTED participant:PN1 -> unit:BRK/collection
09:01 TB2 COLLECTED participant:PN1 -> unit:BRK/collection
09:10 TB1 PACKED -> unit:BRK/collection in PK1
09:11 TB2 PACKED -> unit:BRK/collection in PK1
09:20 PK1 SEALED -> unit:BRK/collection
10:00 PK1 RELEASED unit:BRK/collection -> courier:FX destination=BB1 lines=TB1,TB2
12:00 PK1 RECEIVED courier:FX -> unit:BB1/dock
12:10 TB1 CHECKED_IN unit:BB1/dock -> unit:BB1/dock pkg PK1
"""
# The same with a third tube in it that the manifest forgot.
FORGOTTEN = """
09:00 TB1 COLLECTED participant:PN1 -> unit:BRK/collection
09:00 TB3 COLLECTED participant:PN1 -> unit:BRK/collection
09:10 TB1 PACKED -> unit:BRK/collection in PK1
09:11 TB3 PACKED -> unit:BRK/collection in PK1
09:20 PK1 SEALED -> unit:BRK/collection
10:00 PK1 RELEASED unit:BRK/collection -> courier:FX destination=BB1 lines=TB1 #release
"""
# One shipper on two journeys: at noon with the tube to BB1, the next day with it on to BB2.
THERE = """
09:00 TB1 COLLECTED participant:PN1 -> unit:BRK/collection
09:10 TB1 PACKED -> unit:BRK/collection in PK1
09:20 PK1 SEALED -> unit:BRK/collection
10:00 PK1 RELEASED unit:BRK/collection -> courier:FX destination=BB1 lines=TB1
12:00 PK1 RECEIVED courier:FX -> unit:BB1/dock
12:10 TB1 CHECKED_IN unit:BB1/dock -> unit:BB1/dock pkg PK1 at FZ9
12:20 PK1 PACKAGE_CLOSED_OUT @BB1
"""
THERE_AND_ON = f"""{THERE}
+1d 09:00 TB1 PACKED unit:BB1/dock -> unit:BB1/dock in PK1
+1d 09:20 PK1 SEALED -> unit:BB1/dock
+1d 10:00 PK1 RELEASED unit:BB1/dock -> courier:FX destination=BB2 lines=TB1
"""
BOXED = """
09:00 TB1 COLLECTED participant:PN1 -> unit:BRK/collection
09:10 TB1 PACKED -> unit:BRK/collection in BX1 A1
"""
SEALED = f"""{BOXED}
09:20 BX1 PACKED -> unit:BRK/collection in PK1
10:00 PK1 SEALED -> unit:BRK/collection
"""


def test_g43_speaks_of_a_line_not_seen_when_the_receipt_is_closed() -> None:
    story = told(OPENED + "12:30 PK1 PACKAGE_CLOSED_OUT @BB1")

    assert story.gaps("12:29") == []
    assert story.gaps("12:30") == ["G43 TB2 12:00 P2"]
    assert story.last_known("TB2", at="12:30") == "unit:BB1/dock, seen 09:11"


def test_g43_speaks_by_itself_four_hours_after_the_package_was_opened() -> None:
    story = told(OPENED)

    assert story.due("TB2", at="12:10") == {"G43": "16:00"}
    assert story.gaps("16:00") == ["G43 TB2 12:00 P2"]
    assert spoken(story.gap("G43", "TB2", at="+3d 10:00").at) == "16:00"


def test_g43_is_silent_when_every_line_was_seen() -> None:
    story = told(f"""{OPENED}
    12:11 TB2 CHECKED_IN unit:BB1/dock -> unit:BB1/dock pkg PK1
    12:30 PK1 PACKAGE_CLOSED_OUT @BB1
    """)

    assert story.gaps("17:00") == []


def test_g43_turns_on_the_last_second_of_the_four_hours() -> None:
    story = told(OPENED)

    assert story.gaps("15:59:59") == []
    assert story.gaps("16:00") == ["G43 TB2 12:00 P2"]


def test_g43_turns_on_which_package_the_tube_was_checked_in_from() -> None:
    story = told("""
    08:00 TB1 CHECKED_IN unit:RIV/dock -> unit:RIV/dock pkg PK2
    09:00 TB1 PACKED -> unit:RIV/dock in PK1
    09:20 PK1 SEALED -> unit:RIV/dock
    10:00 PK1 RELEASED unit:RIV/dock -> courier:FX destination=BB1 lines=TB1
    12:00 PK1 RECEIVED courier:FX -> unit:BB1/dock
    """)

    assert "G43 TB1 12:00 P2" in story.gaps("16:00")


def test_g43_turns_on_which_journey_of_a_package_the_tube_was_checked_in_from() -> None:
    story = told(f"""{THERE_AND_ON}
    +1d 12:00 PK1 RECEIVED courier:FX -> unit:BB2/dock #second
    """)

    assert story.gaps("+1d 15:59") == []
    assert story.gaps("+1d 16:00") == ["G43 TB1 second P2"]


def test_g43_turns_on_the_tube_being_seen_at_last() -> None:
    story = told(OPENED + "+1d 09:00 TB2 READ @BB1")

    assert "G43 TB2 12:00 P2" in story.gaps("+1d 08:59")
    assert "G43 TB2 12:00 P2" not in story.gaps("+1d 09:00")


def test_g43_turns_on_the_tube_being_declared_lost() -> None:
    story = told(OPENED + "+1d 09:00 TB2 LOST_DECLARED -> unknown @BB1")

    assert "G43 TB2 12:00 P2" in story.gaps("+1d 08:59")
    assert "G43 TB2 12:00 P2" not in story.gaps("+1d 09:00")


def test_g44_speaks_at_once_of_a_tube_that_leaves_without_being_on_the_list() -> None:
    assert told(FORGOTTEN).gaps("10:00") == ["G44 TB3 release P2"]


def test_g44_speaks_of_a_tube_checked_in_from_a_package_it_was_not_said_to_be_in() -> None:
    story = told(f"""{OPENED}
    12:11 TB2 CHECKED_IN unit:BB1/dock -> unit:BB1/dock pkg PK1
    09:00 TB3 COLLECTED participant:PN1 -> unit:BRK/collection
    12:12 TB3 CHECKED_IN unit:BB1/dock -> unit:BB1/dock pkg PK1 @BB1
    """)

    assert "G44 TB3 12:00 P2" in story.gaps("12:12")


def test_g44_is_silent_when_the_list_names_every_tube() -> None:
    assert told(OPENED).gaps("12:10") == []


def test_g44_speaks_once_of_a_tube_that_was_forgotten_and_then_checked_in() -> None:
    story = told(f"""{FORGOTTEN}
    12:00 PK1 RECEIVED courier:FX -> unit:BB1/dock
    12:10 TB1 CHECKED_IN unit:BB1/dock -> unit:BB1/dock pkg PK1
    12:11 TB3 CHECKED_IN unit:BB1/dock -> unit:BB1/dock pkg PK1
    """)

    assert story.gaps("17:00") == ["G44 TB3 release P2"]


def test_g43_is_silent_of_a_tube_that_was_on_no_list() -> None:
    story = told(f"""{FORGOTTEN}
    12:00 PK1 RECEIVED courier:FX -> unit:BB1/dock
    12:10 TB1 CHECKED_IN unit:BB1/dock -> unit:BB1/dock pkg PK1
    """)

    assert story.gaps("17:00") == ["G44 TB3 release P2"]


def test_g44_is_silent_where_there_was_no_list_because_nobody_sent_it() -> None:
    story = told("""
    11:00 TB1 COLLECTED participant:PN1 -> unit:BB1/collection
    12:00 PK1 RECEIVED courier:FX -> unit:BB1/dock
    12:10 TB1 CHECKED_IN unit:BB1/collection -> unit:BB1/dock pkg PK1
    """)

    assert story.gaps("12:10") == ["G36 PK1 12:00 P2"]


def test_g44_is_silent_of_the_other_journeys_of_a_package() -> None:
    empty_back = """
    13:00 PK1 SEALED -> unit:BB1/dock
    14:00 PK1 RELEASED unit:BB1/dock -> courier:FX destination=BRK lines=
    18:00 PK1 RECEIVED courier:FX -> unit:BRK/collection
    """
    again = """
    08:00 PK1 SEALED -> unit:BRK/collection
    08:10 PK1 RELEASED unit:BRK/collection -> courier:FX destination=BB1 lines=
    08:20 PK1 RECEIVED courier:FX -> unit:BB1/dock
    08:30 PK1 PACKAGE_CLOSED_OUT @BB1
    08:40 PK1 SEALED -> unit:BB1/dock
    08:50 PK1 RELEASED unit:BB1/dock -> courier:FX destination=BRK lines=
    08:55 PK1 RECEIVED courier:FX -> unit:BRK/collection
    """

    assert told(THERE + empty_back).gaps("18:00") == []
    assert told(again + THERE).gaps("12:30") == []


def test_g44_turns_on_a_check_in_that_names_the_package() -> None:
    extra = """
    09:00 TB3 COLLECTED participant:PN1 -> unit:BB1/collection
    12:12 TB3 CHECKED_IN unit:BB1/collection -> unit:BB1/dock
    """

    assert told(OPENED + extra).gaps("12:12") == []
    assert told(OPENED + extra + "12:13 TB3 MOVED -> unit:BB1/dock pkg PK1").gaps("12:13") == []
    assert told(OPENED + extra.replace("/dock", "/dock pkg PK1")).gaps("12:12") == [
        "G44 TB3 12:00 P2"
    ]


def test_g44_turns_on_the_second_at_which_the_tube_was_taken_out_before_release() -> None:
    def story(out: str) -> list[str]:
        return told(f"{FORGOTTEN}{out} TB3 UNPACKED -> unit:BRK/collection @BRK").gaps("10:01")

    assert "G44 TB3 release P2" not in story("09:59:59")
    assert "G44 TB3 release P2" in story("10:00:01")


def test_g44_turns_on_the_correction_of_the_contents() -> None:
    story = told(f"""{OPENED}
    12:11 TB2 CHECKED_IN unit:BB1/dock -> unit:BB1/dock pkg PK1
    09:00 TB3 COLLECTED participant:PN1 -> unit:BB1/collection
    12:12 TB3 CHECKED_IN unit:BB1/collection -> unit:BB1/dock pkg PK1 #slip
    12:20 TB3 UNDO undoes #slip
    """)

    assert story.gaps("12:19") == ["G44 TB3 12:00 P2"]
    assert story.gaps("12:20") == []


def test_g46_speaks_when_a_tube_is_put_into_a_second_box() -> None:
    story = told(BOXED + "09:20 TB1 PACKED -> unit:BRK/collection in BX2 A1")

    assert story.gaps("09:20") == ["G46 TB1 09:20 P2"]


def test_g46_speaks_when_a_box_is_put_into_what_is_inside_it() -> None:
    story = told("""
    09:00 BX1 PACKED -> unit:BRK/collection in BX2
    09:10 BX2 PACKED -> unit:BRK/collection in BX1
    """)

    assert "G46 BX2 09:10 P2" in story.gaps("09:10")


def test_g46_speaks_when_a_tube_lies_beside_the_sealed_package_it_is_in() -> None:
    story = told(SEALED + "10:30 TB1 READ @BRK")

    assert story.gaps("10:30") == ["G46 TB1 10:30 P2"]


def test_g46_speaks_when_something_is_put_into_a_package_that_has_left() -> None:
    story = told(f"""{SEALED}
    10:30 PK1 RELEASED unit:BRK/collection -> courier:FX destination=BB1 lines=TB1
    11:00 BX2 PACKED -> unit:BRK/collection in PK1
    """)

    assert "G46 BX2 11:00 P2" in story.gaps("11:00")


def test_g46_speaks_when_a_tube_is_read_on_the_dock_before_its_package_is_opened() -> None:
    story = told(f"""{SEALED}
    10:30 PK1 RELEASED unit:BRK/collection -> courier:FX destination=BB1 lines=TB1
    12:00 PK1 DELIVERED courier:FX -> unit:BB1/dock
    12:10 TB1 READ @BB1
    """)

    assert story.gaps("12:10") == ["G46 TB1 12:10 P2"]


def test_g46_is_silent_when_a_tube_is_taken_out_before_it_is_put_elsewhere() -> None:
    story = told(f"""{BOXED}
    09:15 TB1 UNPACKED -> unit:BRK/collection
    09:20 TB1 PACKED -> unit:BRK/collection in BX2 A1
    """)

    assert story.gaps("09:20") == []


def test_g46_is_silent_when_a_tube_is_moved_from_one_box_into_another() -> None:
    story = told(BOXED + "09:20 TB1 MOVED -> unit:BRK/collection in BX2 A1")

    assert story.gaps("09:20") == []


def test_g46_is_silent_when_a_tube_is_put_into_another_hole_of_its_box() -> None:
    story = told(BOXED + "09:20 TB1 PACKED -> unit:BRK/collection in BX1 A2")

    assert story.gaps("09:20") == []


def test_g46_is_silent_when_a_tube_is_read_beside_its_open_box() -> None:
    assert told(BOXED + "09:20 TB1 READ @BRK").gaps("09:20") == []


def test_g46_is_silent_when_it_is_unpacked_from_the_sealed_package_that_is_opened_again() -> None:
    story = told(f"""{SEALED}
    10:20 PK1 UNPACKED -> unit:BRK/collection
    10:30 TB1 READ @BRK
    """)

    assert story.gaps("10:30") == []


def test_g46_turns_on_the_second_at_which_the_package_was_sealed() -> None:
    def story(packed: str) -> list[str]:
        return told(f"{SEALED}{packed} BX2 PACKED -> unit:BRK/collection in PK1 #box").gaps("11:00")

    assert story("09:59:59") == []
    assert story("10:00:01") == ["G46 BX2 box P2"]


def test_g46_turns_on_the_opening_of_the_package_that_was_recorded_late() -> None:
    story = told(f"""{SEALED}
    10:30 PK1 RELEASED unit:BRK/collection -> courier:FX destination=BB1 lines=TB1
    12:00 PK1 RECEIVED courier:FX -> unit:BB1/dock ~offline rec +2h
    12:10 TB1 READ @BB1
    """)

    assert story.gaps("13:59") == ["G46 TB1 12:10 P2"]
    assert story.gaps("14:00") == []


def test_g46_turns_on_the_correction_of_the_contents() -> None:
    story = told(f"""{BOXED}
    09:20 TB1 PACKED -> unit:BRK/collection in BX2 A1 #slip
    09:30 TB1 UNDO undoes #slip
    """)

    assert story.gaps("09:29") == ["G46 TB1 slip P2"]
    assert story.gaps("09:30") == []


def test_g46_turns_on_the_correction_of_a_box_misread() -> None:
    story = told(f"""{BOXED}
    09:20 TB1 PACKED -> unit:BRK/collection in BX2 A1 #slip
    09:30 TB1 CORRECTION corrects #slip inside=BX1 reason=misread
    """)

    assert story.gaps("09:29") == ["G46 TB1 slip P2"]
    assert story.gaps("09:30") == []


def test_g46_turns_on_the_taking_out_that_was_recorded_late() -> None:
    story = told(f"""{BOXED}
    09:15 TB1 UNPACKED -> unit:BRK/collection ~offline rec +2h
    09:20 TB1 PACKED -> unit:BRK/collection in BX2 A1
    """)

    assert story.gaps("11:14") == ["G46 TB1 09:20 P2"]
    assert story.gaps("11:15") == []
