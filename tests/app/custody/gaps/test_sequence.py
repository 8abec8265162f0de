"""Sequence: the order of steps, and the honesty of clocks."""

import pytest

from tests.builders.ledger_text import Told, spoken, told

DRAWN = """
09:00 TB1 COLLECTED participant:PN1 -> unit:BRK/collection
"""


# Out of order


def test_g18_speaks_when_a_tube_is_packed_that_was_never_drawn() -> None:
    story = told("09:40 TB1 PACKED -> unit:BRK/collection in BX1 A1")

    assert story.gaps("09:40") == ["G18 TB1 09:40 P2"]


def test_g18_speaks_when_a_tube_is_drawn_twice() -> None:
    story = told(DRAWN + "09:10 TB1 COLLECTED participant:PN1 -> unit:BRK/collection")

    assert story.gaps("09:10") == ["G18 TB1 09:10 P2"]


def test_g18_speaks_when_a_package_leaves_unsealed() -> None:
    story = told("10:00 PK1 RELEASED unit:BRK/collection -> courier:FX destination=BB1")

    assert story.gaps("10:00") == ["G18 PK1 10:00 P2"]


def test_g18_speaks_when_a_tube_is_packed_out_of_the_running_centrifuge() -> None:
    story = told(f"""{DRAWN}
    09:40 TB1 SPIN_STARTED @BRK
    09:45 TB1 PACKED -> unit:BRK/collection in BX1 A1
    """)

    assert story.gaps("09:45") == ["G18 TB1 09:45 P2"]


def test_g18_speaks_when_something_is_done_to_what_was_used_up() -> None:
    story = told(f"""{DRAWN}
    09:30 TB1 CONSUMED unit:BRK/collection -> nobody @BRK
    10:00 TB1 STORED -> unit:BRK/store at FZ1 S1
    """)

    assert story.gaps("10:00") == ["G18 TB1 10:00 P2"]


def test_g18_is_silent_when_the_steps_follow_each_other() -> None:
    story = told(f"""{DRAWN}
    09:40 TB1 SPIN_STARTED @BRK
    09:50 TB1 SPIN_ENDED @BRK
    10:00 TB1 PACKED -> unit:BRK/collection in PK1
    10:10 PK1 SEALED -> unit:BRK/collection
    11:00 PK1 RELEASED unit:BRK/collection -> courier:FX destination=BB1 lines=TB1
    15:00 PK1 DELIVERED courier:FX -> unit:BB1/dock
    15:10 PK1 RECEIVED unit:BB1/dock -> unit:BB1/dock
    15:20 TB1 CHECKED_IN unit:BB1/dock -> unit:BB1/dock pkg PK1 at FZ9
    16:00 TB1 STORED unit:BB1/dock -> unit:BB1/store at FZ1 S1
    """)

    assert story.gaps("17:00") == []


def test_g18_is_silent_of_bookkeeping_wherever_it_stands() -> None:
    story = told("08:00 TB1 LABEL_PRINTED\n08:10 TB1 READ @BRK")

    assert story.gaps("08:10") == []


def test_g18_turns_on_the_step_that_was_missing_recorded_late() -> None:
    story = told("""
    09:00 TB1 COLLECTED participant:PN1 -> unit:BRK/collection ~offline rec +3h
    09:40 TB1 PACKED -> unit:BRK/collection in BX1 A1
    """)

    assert story.gaps("11:59") == ["G18 TB1 09:40 P2"]
    assert story.gaps("12:00") == []


def test_g18_turns_on_the_order_of_what_one_device_said_in_one_second() -> None:
    def story(drawn: int, packed: int) -> Told:
        return told(f"""
        09:00 TB1 COLLECTED participant:PN1 -> unit:BRK/collection by D1/{drawn}
        09:00 TB1 PACKED -> unit:BRK/collection in BX1 A1 by D1/{packed} #packing
        """)

    assert story(1, 2).gaps("09:00") == []
    assert "G18 TB1 packing P2" in story(2, 1).gaps("09:00")


def test_g18_turns_on_its_settle_time_only_when_it_may_be_raised() -> None:
    story = told("09:40 TB1 PACKED -> unit:BRK/collection in BX1 A1 ~offline rec +1h")

    assert spoken(story.gap("G18", "TB1", at="10:40").settles_at) == "10:55"


def test_g18_speaks_of_corrections_that_name_each_other_and_none_of_them_counts() -> None:
    story = told(f"""{DRAWN}
    10:00 TB1 UNDO undoes #other #one
    10:01 TB1 UNDO undoes #one #other
    """)

    assert story.gaps("10:01") == ["G18 TB1 one P2", "G18 TB1 other P2"]


def test_g18_is_silent_of_a_correction_that_is_itself_corrected() -> None:
    story = told("""
    09:00 TB1 COLLECTED participant:PN1 -> unit:BRK/collection #draw
    10:00 TB1 UNDO undoes #draw #slip
    10:01 TB1 UNDO undoes #slip
    """)

    assert story.gaps("10:01") == []
    assert story.last_known("TB1", at="10:00") == "nobody, seen never"
    assert story.last_known("TB1", at="10:01") == "unit:BRK/collection, seen draw"


# Said to be later than now


def test_g19_speaks_when_it_is_said_to_happen_after_it_was_recorded() -> None:
    story = told("10:00 TB1 COLLECTED participant:PN1 -> unit:BRK/collection rec -1h")

    assert story.gaps("09:00") == ["G19 TB1 10:00 P2"]


def test_g19_speaks_when_a_time_is_typed_later_than_its_device_was_offline() -> None:
    story = told(
        "11:00 TB1 COLLECTED participant:PN1 -> unit:BRK/collection ~offline rec +5h"
        " clock 10:00 offset_ms=0"
    )

    assert story.gaps("16:00") == ["G19 TB1 11:00 P2"]


def test_g19_is_silent_of_what_is_recorded_as_it_happens() -> None:
    assert told(DRAWN).gaps("09:00") == []


def test_g19_is_silent_of_a_slow_clock_whose_offset_is_known() -> None:
    story = told(
        "11:00 TB1 COLLECTED participant:PN1 -> unit:BRK/collection ~offline rec +5h"
        " clock 10:00 offset_ms=3600000"
    )

    assert story.gaps("16:00") == []


@pytest.mark.parametrize(("recorded", "gaps"), [("-300s", []), ("-301s", ["G19 TB1 10:00 P2"])])
def test_g19_turns_on_five_minutes(recorded: str, gaps: list[str]) -> None:
    story = told(f"10:00 TB1 COLLECTED participant:PN1 -> unit:BRK/collection rec {recorded}")

    assert story.gaps("10:00") == gaps


@pytest.mark.parametrize(("clock", "gaps"), [("09:55", []), ("09:54:59", ["G19 TB1 10:00 P2"])])
def test_g19_turns_on_five_minutes_since_capture_when_offline(clock: str, gaps: list[str]) -> None:
    story = told(
        "10:00 TB1 COLLECTED participant:PN1 -> unit:BRK/collection ~offline rec +5h"
        f" clock {clock} offset_ms=0"
    )

    assert story.gaps("15:00") == gaps


def test_g19_turns_on_the_correction_of_the_time() -> None:
    story = told("""
    10:00 TB1 COLLECTED participant:PN1 -> unit:BRK/collection rec -1h #draw
    09:10 TB1 CORRECTION corrects #draw occurred_at=09:00 reason=typed_wrong
    """)

    assert story.gaps("09:09") == ["G19 TB1 draw P2"]
    assert story.gaps("09:10") == []


# Said long afterwards


def test_g20_speaks_when_it_is_written_down_long_afterwards_without_a_reason() -> None:
    story = told("09:00 TB1 COLLECTED participant:PN1 -> unit:BRK/collection ~manual rec +2h")

    assert story.gaps("11:00") == ["G07 TB1 09:00 P2", "G20 TB1 09:00 P3"]


def test_g20_speaks_beyond_a_day_although_there_is_a_reason() -> None:
    story = told(
        "09:00 TB1 COLLECTION_FAILED @BRK ~manual rec +25h late_reason=paper reason=collapsed_vein"
    )

    assert story.gaps("+1d 10:00") == ["G20 TB1 09:00 P2"]


def test_g20_is_silent_when_a_reason_is_given() -> None:
    story = told(
        "09:00 TB1 COLLECTED participant:PN1 -> unit:BRK/collection rec +2h late_reason=paper"
    )

    assert story.gaps("11:00") == []


def test_g20_is_silent_of_a_station_that_was_offline() -> None:
    story = told("09:00 TB1 COLLECTED participant:PN1 -> unit:BRK/collection ~offline rec +5h")

    assert story.gaps("14:00") == []


@pytest.mark.parametrize(
    ("recorded", "gaps"),
    [
        ("+900s", []),
        ("+901s", ["G20 TB1 09:00 P3"]),
        ("+86400s", ["G20 TB1 09:00 P3"]),
        ("+86401s", ["G20 TB1 09:00 P2"]),
    ],
)
def test_g20_turns_on_fifteen_minutes_and_graver_on_a_day(recorded: str, gaps: list[str]) -> None:
    story = told(f"09:00 TB1 COLLECTION_FAILED @BRK reason=collapsed_vein rec {recorded}")

    assert story.gaps("+1d 10:00") == gaps


def test_g20_turns_on_the_reason_given_by_a_correction() -> None:
    story = told("""
    09:00 TB1 COLLECTED participant:PN1 -> unit:BRK/collection rec +2h #draw
    11:30 TB1 CORRECTION corrects #draw reason=reader_was_charging
    """)

    assert story.gaps("11:29") == ["G20 TB1 draw P3"]
    assert story.gaps("11:30") == []


def test_g20_turns_on_the_approval_of_the_manager_beyond_a_day() -> None:
    story = told("""
    09:00 TB1 COLLECTION_FAILED @BRK reason=collapsed_vein rec +25h #failed
    +1d 11:00 TB1 CORRECTION corrects #failed reason=paper
    +1d 12:00 TB1 CORRECTION corrects #failed reason=paper facts={"late_approved_by":7}
    """)

    assert story.gaps("+1d 11:59") == ["G20 TB1 failed P2"]
    assert story.gaps("+1d 12:00") == []


# A station's clock


def test_g21_speaks_of_the_first_report_of_a_clock_that_is_apart() -> None:
    story = told("""
    09:00 ST1 QUEUE_STATE offset_ms=90000
    09:05 ST1 QUEUE_STATE offset_ms=91000
    """)

    assert story.gaps("09:05") == ["G21 ST1 09:00 P3"]


def test_g21_speaks_of_a_clock_that_is_behind_as_of_one_that_is_ahead() -> None:
    assert told("09:00 ST1 QUEUE_STATE offset_ms=-90000").gaps("09:00") == ["G21 ST1 09:00 P3"]


def test_g21_is_silent_of_a_clock_that_goes_right() -> None:
    assert told("09:00 ST1 QUEUE_STATE offset_ms=1500").gaps("09:00") == []


def test_g21_is_silent_of_a_station_that_does_not_say() -> None:
    assert told("09:00 ST1 QUEUE_STATE state=empty").gaps("09:00") == []


@pytest.mark.parametrize(
    ("offset", "gaps"),
    [
        (60_000, []),
        (60_001, ["G21 ST1 09:00 P3"]),
        (300_000, ["G21 ST1 09:00 P3"]),
        (300_001, ["G21 ST1 09:00 P2"]),
    ],
)
def test_g21_turns_on_a_minute_and_graver_on_five(offset: int, gaps: list[str]) -> None:
    assert told(f"09:00 ST1 QUEUE_STATE offset_ms={offset}").gaps("09:00") == gaps


def test_g21_turns_on_a_later_report_that_it_goes_right_again() -> None:
    story = told("""
    09:00 ST1 QUEUE_STATE offset_ms=90000
    10:00 ST1 QUEUE_STATE offset_ms=100
    11:00 ST1 QUEUE_STATE offset_ms=-70000
    """)

    assert story.gaps("09:59") == ["G21 ST1 09:00 P3"]
    assert story.gaps("10:59") == []
    assert story.gaps("11:00") == ["G21 ST1 11:00 P3"]


def test_g21_turns_on_a_later_report_that_it_is_graver() -> None:
    story = told("""
    09:00 ST1 QUEUE_STATE offset_ms=90000
    10:00 ST1 QUEUE_STATE offset_ms=400000
    """)

    assert story.gaps("09:59") == ["G21 ST1 09:00 P3"]
    assert story.gaps("10:00") == ["G21 ST1 09:00 P2"]
