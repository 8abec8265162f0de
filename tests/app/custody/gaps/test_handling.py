"""Handling: spun when its maker says it must be."""

import pytest

from tests.builders.ledger_text import Told, spoken, told

SERUM = """
tube TB1 spin clots
tube TB2
09:00 TB1 COLLECTED participant:PN1 -> unit:BRK/collection
09:00 TB2 COLLECTED participant:PN1 -> unit:BRK/collection
"""


def spun(started: str, ended: str = "+1d 08:00", *, tube: str = "TB1") -> Told:
    return told(f"""{SERUM}
    {started} {tube} SPIN_STARTED @BRK #start
    {ended} {tube} SPIN_ENDED @BRK
    """)


def test_g22_speaks_when_serum_is_spun_before_it_clotted() -> None:
    assert spun("09:10").gaps("09:20") == ["G22 TB1 start P3"]


def test_g22_is_silent_when_it_stood_long_enough() -> None:
    assert spun("09:45").gaps("09:50") == []


@pytest.mark.parametrize("kind", ["SPIN_STARTED", "SPIN_ENDED"])
def test_g22_is_silent_of_a_spin_without_a_draw_which_is_out_of_order(kind: str) -> None:
    assert told(f"tube TB1 spin clots\n09:10 TB1 {kind} @BRK").gaps("20:00") == ["G18 TB1 09:10 P2"]


def test_g22_is_silent_of_a_tube_that_does_not_clot() -> None:
    assert spun("09:10", tube="TB2").gaps("09:20") == []


@pytest.mark.parametrize(
    ("started", "gaps"),
    [("09:00", ["G22 TB1 start P3"]), ("09:29:59", ["G22 TB1 start P3"]), ("09:30", [])],
)
def test_g22_turns_on_thirty_minutes(started: str, gaps: list[str]) -> None:
    assert spun(started).gaps("09:35") == gaps


def test_g22_turns_on_the_correction_of_the_time_of_the_draw() -> None:
    story = told("""
    tube TB1 spin clots
    09:00 TB1 COLLECTED participant:PN1 -> unit:BRK/collection #draw
    09:20 TB1 SPIN_STARTED @BRK
    09:40 TB1 CORRECTION corrects #draw occurred_at=08:45 reason=watch_was_slow
    """)

    assert story.gaps("09:39") == ["G22 TB1 09:20 P3"]
    assert story.gaps("09:40") == []


def test_g23_speaks_when_gel_is_spun_late() -> None:
    assert spun("11:30", "11:45").gaps("11:45") == ["G23 TB1 start P3"]
    assert spun("13:30", "13:45").gaps("13:45") == ["G23 TB1 start P2"]


def test_g23_speaks_when_gel_is_never_spun() -> None:
    story = told(SERUM)

    assert story.due("TB1", at="09:00")["G23"] == "11:00"
    assert story.gaps("11:00") == ["G23 TB1 09:00 P3"]
    assert story.last_known("TB1", at="11:00") == "unit:BRK/collection, seen 09:00"
    assert story.due("TB1", at="11:00")["G23"] == "13:00"
    assert story.gaps("13:00") == ["G23 TB1 09:00 P2"]
    assert spoken(story.gap("G23", "TB1", at="13:00").at) == "11:00"


def test_g23_speaks_of_gel_never_spun_also_when_it_has_been_sent() -> None:
    story = told(f"""{SERUM}
    09:30 TB1 PACKED -> unit:BRK/collection in PK1
    09:40 PK1 SEALED -> unit:BRK/collection
    09:50 PK1 RELEASED unit:BRK/collection -> courier:FX destination=BB1 lines=TB1
    """)

    assert story.gaps("11:00") == ["G23 TB1 09:00 P3"]
    assert story.last_known("TB1", at="11:00") == "courier:FX, seen 09:30"


def test_g23_speaks_when_gel_is_never_taken_out_of_the_centrifuge() -> None:
    story = told(SERUM + "09:40 TB1 SPIN_STARTED @BRK")

    assert story.due("TB1", at="09:40")["G23"] == "11:40"
    assert story.gaps("11:40") == ["G23 TB1 09:40 P3"]
    assert story.gaps("13:40") == ["G23 TB1 09:40 P2"]
    assert story.last_known("TB1", at="11:40") == "unit:BRK/collection, seen 09:40"


def test_g23_speaks_when_nobody_says_that_the_biobank_s_centrifuge_was_emptied() -> None:
    story = told("""
    tube TB1 spin
    09:00 TB1 COLLECTED participant:PN1 -> unit:BB1/collection
    09:20 TB1 CHECKED_IN unit:BB1/collection -> unit:BB1/processing
    09:40 TB1 SPIN_STARTED @BB1
    10:00 TB1 STORED unit:BB1/processing -> unit:BB1/store at FZ1 S1
    """)

    assert story.gaps("11:40") == ["G23 TB1 09:40 P3"]


def test_g23_is_silent_when_it_is_spun_in_time_and_taken_out() -> None:
    assert spun("09:40", "09:55").gaps("20:00") == []


def test_g23_is_silent_of_a_spin_whose_start_nobody_said_which_is_out_of_order() -> None:
    story = told("""
    tube TB1 spin
    09:00 TB1 COLLECTED participant:PN1 -> unit:BRK/collection
    09:55 TB1 SPIN_ENDED @BRK
    """)

    assert story.gaps("20:00") == ["G18 TB1 09:55 P2"]


def test_g23_is_silent_of_a_tube_without_gel() -> None:
    assert (
        told("tube TB1\n09:00 TB1 COLLECTED participant:PN1 -> unit:BRK/collection").gaps("20:00")
        == []
    )


def test_g23_is_silent_of_gel_that_was_used_up_or_lost_before() -> None:
    story = told(SERUM + "10:00 TB1 LOST_DECLARED -> unknown @BRK")

    assert "G23 TB1 09:00 P3" not in story.gaps("11:00")


@pytest.mark.parametrize(
    ("started", "gaps"),
    [
        ("11:00", []),
        ("11:00:01", ["G23 TB1 start P3"]),
        ("13:00", ["G23 TB1 start P3"]),
        ("13:00:01", ["G23 TB1 start P2"]),
    ],
)
def test_g23_turns_on_two_hours_and_graver_on_four(started: str, gaps: list[str]) -> None:
    assert spun(started, "13:10").gaps("13:10") == gaps


def test_g23_turns_on_the_second_at_which_it_is_due() -> None:
    assert told(SERUM).gaps("10:59:59") == []
    assert told(SERUM).gaps("11:00") == ["G23 TB1 09:00 P3"]


def test_g23_turns_on_the_spin_of_an_offline_station_that_arrives_late() -> None:
    story = told(f"""{SERUM}
    09:40 TB1 SPIN_STARTED @BRK ~offline rec +3h
    09:55 TB1 SPIN_ENDED @BRK ~offline rec +3h
    """)

    assert story.gaps("12:39") == ["G23 TB1 09:00 P3"]
    assert story.gaps("12:55") == []


def test_g23_turns_on_an_explanation_until_its_time_and_no_longer() -> None:
    story = told("""
    tube TB1 spin
    09:00 TB1 COLLECTED participant:PN1 -> unit:BRK/collection #draw
    11:30 TB1 EXPLAINED rule=G23 entry=#draw until=12:30 reason=centrifuge_in_use
    """)

    assert story.gaps("11:29") == ["G23 TB1 draw P3"]
    assert story.gaps("12:29:59") == []
    assert story.due("TB1", at="12:00")["G23"] == "12:30"
    assert story.gaps("12:30") == ["G23 TB1 draw P3"]
