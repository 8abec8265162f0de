"""Continuity: from whose hands into whose, without a hole."""

import pytest

from tests.builders.ledger_text import spoken, told

# A package that has reached the road as it must.
ON_THE_ROAD = """
09:00 PK1 SEALED -> unit:BRK/collection
10:00 PK1 RELEASED unit:BRK/collection -> courier:FX destination=BB1
"""
# A box that the collection of one clinic has put together.
AT_BRK = """
09:00 BX1 PACKED -> unit:BRK/collection in PK1
09:10 BX1 UNPACKED -> unit:BRK/collection
"""


def test_g34_speaks_when_another_courier_brings_it_than_took_it() -> None:
    story = told(ON_THE_ROAD + "12:00 PK1 RECEIVED courier:UP -> unit:BB1/dock")

    assert story.gaps("12:00") == ["G34 PK1 12:00 P1"]


def test_g34_speaks_when_nobody_could_say_who_brought_it() -> None:
    story = told(ON_THE_ROAD + "12:00 PK1 RECEIVED unknown -> unit:BB1/dock")

    assert story.gaps("12:00") == ["G34 PK1 12:00 P1"]


def test_g34_speaks_when_one_clinic_hands_out_what_another_has() -> None:
    story = told(AT_BRK + "10:00 BX1 RELEASED unit:RIV/collection -> courier:FX @BRK")

    assert story.gaps("10:00") == ["G34 BX1 10:00 P1"]


def test_g34_is_silent_when_the_courier_who_took_it_brings_it() -> None:
    story = told(ON_THE_ROAD + "12:00 PK1 RECEIVED courier:FX -> unit:BB1/dock")

    assert story.gaps("12:00") == []


def test_g34_is_silent_when_the_dock_opens_what_the_dock_was_brought() -> None:
    story = told(f"""{ON_THE_ROAD}
    12:00 PK1 DELIVERED courier:FX -> unit:BB1/dock
    12:10 PK1 RECEIVED unit:BB1/dock -> unit:BB1/dock
    """)

    assert story.gaps("12:10") == []


def test_g34_is_silent_between_the_units_of_one_site() -> None:
    story = told(f"""{AT_BRK}
    10:00 BX1 STORED -> unit:BRK/store at FZ1 S1
    11:00 BX1 CHECKED_OUT unit:BRK/processing -> unit:BRK/processing
    """)

    assert story.gaps("11:00") == []


def test_g34_turns_on_the_courier_s_turn_being_recorded_late() -> None:
    story = told("""
    09:00 PK1 SEALED -> unit:BRK/collection
    10:00 PK1 RELEASED unit:BRK/collection -> courier:FX destination=BB1 ~offline rec +5h
    12:00 PK1 DELIVERED courier:FX -> unit:BB1/dock
    """)

    assert "G34 PK1 12:00 P1" in story.gaps("14:59")
    assert story.gaps("15:00") == []


def test_g34_turns_on_the_correction_of_the_hands_it_came_from() -> None:
    story = told(f"""{ON_THE_ROAD}
    12:00 PK1 RECEIVED courier:UP -> unit:BB1/dock #arrival
    12:30 PK1 CORRECTION corrects #arrival source=courier:FX reason=misread
    """)

    assert story.gaps("12:29") == ["G34 PK1 arrival P1"]
    assert story.gaps("12:30") == []


def test_g34_turns_on_its_settle_time_only_when_it_may_be_raised() -> None:
    story = told(ON_THE_ROAD + "12:00 PK1 RECEIVED unknown -> unit:BB1/dock rec +5m")

    gap = story.gap("G34", "PK1", at="12:05")
    assert (spoken(gap.at), spoken(gap.settles_at)) == ("12:00", "12:20")


def test_g34_turns_on_an_explanation_while_what_it_explains_stays_the_same() -> None:
    story = told(f"""{ON_THE_ROAD}
    12:00 PK1 RECEIVED unknown -> unit:BB1/dock #arrival
    13:00 PK1 EXPLAINED rule=G34 entry=#arrival reason=courier_left
    14:00 PK1 CORRECTION corrects #arrival source=courier:UP reason=label_found
    """)

    assert story.gaps("12:59") == ["G34 PK1 arrival P1"]
    assert story.gaps("13:00") == []
    assert story.gaps("14:00") == ["G34 PK1 arrival P1"]


def test_g36_speaks_when_a_package_arrives_that_nobody_sent_there() -> None:
    story = told("""
    09:00 PK1 SEALED -> unit:BRK/collection
    10:00 PK1 RELEASED unit:BRK/collection -> courier:FX destination=BB2
    12:00 PK1 DELIVERED courier:FX -> unit:BB1/dock
    """)

    assert "G36 PK1 12:00 P2" in story.gaps("12:00")


def test_g36_speaks_of_the_first_arrival_only() -> None:
    story = told("""
    09:00 PK1 SEALED -> unit:BRK/collection
    12:00 PK1 DELIVERED courier:FX -> unit:BB1/dock
    12:10 PK1 RECEIVED unit:BB1/dock -> unit:BB1/dock
    """)

    assert [gap for gap in story.gaps("13:00") if gap.startswith("G36")] == ["G36 PK1 12:00 P2"]


@pytest.mark.parametrize(
    "before",
    [
        "09:00 PK1 SEALED -> unit:BRK/collection",
        "09:00 PK1 STAGED -> unit:BRK/collection",
        "08:50 PK1 SEALED -> unit:BRK/collection\n09:00 PK1 UNPACKED -> unit:BRK/collection",
    ],
    ids=["sealed", "open", "opened again"],
)
def test_g36_speaks_when_what_never_left_is_received_at_home(before: str) -> None:
    story = told(f"{before}\n10:00 PK1 RECEIVED unit:BRK/collection -> unit:BRK/collection")

    assert story.gaps("10:00") == ["G36 PK1 10:00 P2"]


def test_g36_is_silent_when_one_unit_of_a_site_takes_a_box_from_another() -> None:
    story = told(AT_BRK + "10:00 BX1 RECEIVED unit:BRK/collection -> unit:BRK/processing")

    assert story.gaps("10:00") == []


def test_g36_is_silent_when_it_arrives_where_it_was_sent() -> None:
    story = told(ON_THE_ROAD + "12:00 PK1 DELIVERED courier:FX -> unit:BB1/dock")

    assert story.gaps("12:00") == []


def test_g36_is_silent_when_it_was_sent_there_whatever_else_is_out_of_order() -> None:
    story = told(f"""{ON_THE_ROAD}
    12:00 PK1 SEALED @BB1
    12:10 PK1 RECEIVED courier:FX -> unit:BB1/dock
    """)

    assert story.gaps("12:10") == ["G18 PK1 12:00 P2"]


def test_g36_is_silent_when_it_was_undeliverable_and_is_sent_home() -> None:
    story = told(f"""{ON_THE_ROAD}
    12:00 PK1 RECEIVED courier:FX -> unit:BB1/dock
    13:00 PK1 SEALED -> unit:BB1/dock
    14:00 PK1 RELEASED unit:BB1/dock -> courier:FX destination=BRK
    18:00 PK1 RECEIVED courier:FX -> unit:BRK/collection
    """)

    assert story.gaps("18:00") == []


def test_g36_turns_on_the_release_recorded_late() -> None:
    story = told("""
    09:00 PK1 SEALED -> unit:BRK/collection
    10:00 PK1 RELEASED unit:BRK/collection -> courier:FX destination=BB1 ~offline rec +4h
    12:00 PK1 RECEIVED courier:FX -> unit:BB1/dock
    """)

    assert "G36 PK1 12:00 P2" in story.gaps("13:59")
    assert story.gaps("14:00") == []


def test_g36_turns_on_how_far_two_clocks_may_be_apart() -> None:
    def story(released: str) -> list[str]:
        return told(f"""
        09:00 PK1 SEALED -> unit:BRK/collection by D1
        {released} PK1 RELEASED unit:BRK/collection -> courier:FX destination=BB1 by D1 unc 20
        12:00 PK1 RECEIVED courier:FX -> unit:BB1/dock by D2 unc 10 #arrival
        """).gaps("13:00")

    assert story("12:00:30") == []
    assert "G36 PK1 arrival P2" in story("12:00:31")


def test_g37_speaks_when_a_box_of_one_clinic_is_looked_at_in_another() -> None:
    story = told(AT_BRK + "10:00 BX1 STAGED @RIV")

    assert story.gaps("10:00") == ["G37 BX1 10:00 P2"]


def test_g37_speaks_when_it_is_only_read_there() -> None:
    story = told(AT_BRK + "10:00 BX1 READ @RIV")

    assert story.gaps("10:00") == ["G37 BX1 10:00 P2"]


def test_g37_speaks_when_a_unit_is_named_that_is_not_of_the_site() -> None:
    story = told(AT_BRK + "10:00 BX1 MOVED -> unit:RIV/store @BRK")

    assert "G37 BX1 10:00 P2" in story.gaps("10:00")


def test_g37_speaks_when_it_is_put_into_a_box_of_another_clinic() -> None:
    story = told(f"""{AT_BRK}
    10:00 TB1 COLLECTED participant:PN1 -> unit:RIV/collection
    10:10 TB1 PACKED -> unit:RIV/collection in BX1 A1
    """)

    assert story.gaps("10:10") == ["G37 TB1 10:10 P2"]


def test_g37_speaks_of_a_failed_draw_at_another_site_than_its_kit_was_done_at() -> None:
    def story(site: str) -> list[str]:
        return told(f"""
        tube TB1 of PN1 kit KT1
        09:00 TB1 COLLECTION_FAILED @{site} reason=vein
        09:10 KT1 ORDER_DONE @BRK
        """).gaps("09:10")

    assert story("RIV") == ["G37 TB1 09:00 P2"]
    assert story("BRK") == []


def test_g37_is_silent_at_its_own_site() -> None:
    assert told(AT_BRK + "10:00 BX1 STAGED @BRK").gaps("10:00") == []


def test_g37_is_silent_when_a_release_names_a_unit_elsewhere() -> None:
    story = told(AT_BRK + "10:00 BX1 RELEASED unit:BRK/collection -> unit:BB1/dock @BRK")

    assert story.gaps("10:00") == []


def test_g37_turns_on_an_open_shipment_to_the_site() -> None:
    assert told(ON_THE_ROAD + "12:00 PK1 READ @BB1").gaps("12:00") == []
    assert told(ON_THE_ROAD + "12:00 PK1 READ @BB2").gaps("12:00") == ["G37 PK1 12:00 P2"]


def test_g37_turns_on_the_second_at_which_the_shipment_was_opened() -> None:
    def story(read: str) -> list[str]:
        return told(f"""{AT_BRK}
        10:00 BX1 RELEASED unit:BRK/collection -> courier:FX destination=BB1
        {read} BX1 READ @BB1 #look
        """).gaps("10:01")

    assert story("10:00") == []
    assert "G37 BX1 look P2" in story("09:59:59")


def test_g37_turns_on_the_missing_release_recorded_late() -> None:
    story = told(f"""{AT_BRK}
    10:00 BX1 RELEASED unit:BRK/collection -> courier:FX destination=BB1 ~offline rec +3h
    12:00 BX1 STAGED @BB1
    """)

    assert story.gaps("12:59") == ["G37 BX1 12:00 P2"]
    assert story.gaps("13:00") == []
