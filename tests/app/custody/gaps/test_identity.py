"""Identity: the tube of this participant, under a label that somebody issued."""

import pytest

from tests.builders.ledger_text import told

CONSENTED = """
08:00 PN1 CONSENT_RECORDED scope=primary status=yes
08:00 PN1 CONSENT_RECORDED scope=biospecimen status=yes
tube TB1 of PN1
"""


def test_g08_speaks_when_a_tube_of_one_participant_is_drawn_from_another() -> None:
    story = told(CONSENTED + "09:00 TB1 COLLECTED participant:PN2 -> unit:BRK/collection")

    assert story.gaps("09:00") == ["G08 TB1 09:00 P1"]


def test_g08_speaks_when_nobody_read_whose_arm_it_was() -> None:
    story = told(CONSENTED + "09:00 TB1 COLLECTED -> unit:BRK/collection")

    assert story.gaps("09:00") == ["G08 TB1 09:00 P1"]


def test_g08_is_silent_when_label_and_participant_agree() -> None:
    story = told(CONSENTED + "09:00 TB1 COLLECTED participant:PN1 -> unit:BRK/collection")

    assert story.gaps("09:00") == []


def test_g08_turns_on_the_correction_of_a_participant_misread() -> None:
    story = told(f"""{CONSENTED}
    09:00 TB1 COLLECTED participant:PN2 -> unit:BRK/collection #draw
    09:30 TB1 CORRECTION corrects #draw source=participant:PN1 reason=misread
    """)

    assert story.gaps("09:29") == ["G08 TB1 draw P1"]
    assert story.gaps("09:30") == []


def test_g08_speaks_when_a_foreign_tube_is_drawn_from_another_than_it_was_bound_to() -> None:
    story = told("""
    08:00 TB1 BOUND participant=PN1 order=O1
    09:00 TB1 COLLECTED participant:PN2 -> unit:BRK/collection
    """)

    assert story.gaps("09:00") == ["G08 TB1 09:00 P1"]


@pytest.mark.parametrize("other", ["participant=PN1 order=O2", "participant=PN2 order=O1"])
def test_g08_speaks_when_a_foreign_tube_is_bound_a_second_time_to_another(other: str) -> None:
    story = told(f"""
    08:00 TB1 BOUND participant=PN1 order=O1
    08:30 TB1 BOUND {other}
    """)

    assert story.gaps("08:30") == ["G08 TB1 08:30 P1"]


def test_g08_is_silent_when_a_foreign_tube_is_bound_twice_alike() -> None:
    story = told("""
    08:00 TB1 BOUND participant=PN1 order=O1
    08:30 TB1 BOUND participant=PN1 order=O1
    09:00 TB1 COLLECTED participant:PN1 -> unit:BRK/collection
    """)

    assert story.gaps("09:00") == []


def test_g08_turns_on_which_binding_happened_first_and_not_which_was_recorded_first() -> None:
    story = told("""
    08:30 TB1 BOUND participant=PN1 order=O1
    08:00 TB1 BOUND participant=PN2 order=O2 ~offline rec +2h
    """)

    assert story.gaps("08:30") == []
    assert story.gaps("10:00") == ["G08 TB1 08:30 P1"]


def test_g02_speaks_of_the_first_look_at_a_tube_with_no_known_label() -> None:
    story = told("""
    10:00 FT1 CHECKED_IN unit:BB1/dock -> unit:BB1/dock #found
    10:30 FT1 QUARANTINED -> unit:BB1/dock at FZ1 Q1
    """)

    assert [gap for gap in story.gaps("11:00") if gap.startswith("G02")] == ["G02 FT1 found P2"]


def test_g02_is_silent_of_a_label_that_was_issued() -> None:
    story = told("09:00 TB1 COLLECTED participant:PN1 -> unit:BRK/collection")

    assert story.gaps("09:00") == []


def test_g02_is_silent_of_a_new_label_until_somebody_looks_at_what_bears_it() -> None:
    story = told("10:00 FT1 LABEL_PRINTED")

    assert story.gaps("10:00") == []


def test_g02_turns_on_the_tube_being_identified() -> None:
    story = told("""
    09:00 TB1 COLLECTED participant:PN1 -> unit:BB1/collection
    10:00 FT1 READ @BB1
    11:00 FT1 IDENTIFIED real=TB1 #known
    11:30 FT1 UNDO undoes #known
    """)

    assert story.gaps("10:59") == ["G02 FT1 10:00 P2"]
    assert story.gaps("11:00") == []
    assert story.gaps("11:30") == ["G02 FT1 10:00 P2"]


PRINTED = "08:00 TB1 LABEL_PRINTED generation=1 status=printed\n"


def test_g04_speaks_of_a_second_label_while_the_first_may_still_be_used() -> None:
    story = told(PRINTED + "09:00 TB1 LABEL_PRINTED generation=2 status=unknown")

    assert story.gaps("08:59") == []
    assert story.gaps("09:00") == ["G04 TB1 09:00 P2"]


def test_g04_is_silent_of_copies_and_of_what_was_never_printed() -> None:
    story = told(f"""{PRINTED}
    08:01 TB1 LABEL_PRINTED generation=1 status=printed
    09:00 TB1 LABEL_PRINTED generation=2 status=refused
    """)

    assert story.gaps("10:00") == []


def test_g04_turns_on_the_voiding_of_the_label_before() -> None:
    story = told(f"""{PRINTED}
    09:00 TB1 LABEL_PRINTED generation=2 status=printed #second
    09:30 TB1 LABEL_VOIDED generation=1 reason=reprinted
    """)

    assert story.gaps("09:29") == ["G04 TB1 second P2"]
    assert story.gaps("09:30") == []


DRAWN = "09:00 TB1 COLLECTED participant:PN1 -> unit:BRK/collection\n"
LABEL_READ = "09:00 TB1 TUBE_COMMISSIONED generation=1 scan_back=true\n"


def test_g01_speaks_of_the_second_draw_under_one_label() -> None:
    story = told("""
    09:00 TB1 TUBE_COMMISSIONED generation=1
    09:05 TB1 TUBE_COMMISSIONED generation=1
    """)

    assert story.gaps("09:04") == []
    assert story.gaps("09:05") == ["G01 TB1 09:05 P1"]


def test_g01_is_silent_of_a_label_that_was_void_when_the_next_was_read() -> None:
    story = told(f"""{DRAWN}{LABEL_READ}
    09:01 TB1 LABEL_VOIDED generation=1 reason=torn
    09:02 TB1 TUBE_COMMISSIONED generation=2
    """)

    assert story.gaps("10:00") == []


def test_g01_is_silent_of_what_the_same_person_says_again_of_the_same_order() -> None:
    story = told("""
    09:00 TB1 TUBE_COMMISSIONED generation=1 who 7 for O1
    09:05 TB1 TUBE_COMMISSIONED generation=1 who 7 for O1
    """)

    assert story.gaps("10:00") == []


@pytest.mark.parametrize("other", ["who 8 for O1", "who 7 for O2"])
def test_g01_speaks_of_another_person_or_another_order(other: str) -> None:
    story = told(f"""
    09:00 TB1 TUBE_COMMISSIONED generation=1 who 7 for O1
    09:05 TB1 TUBE_COMMISSIONED generation=1 {other}
    """)

    assert story.gaps("10:00") == ["G01 TB1 09:05 P1"]


def test_g01_turns_on_the_second_reading_being_undone() -> None:
    story = told("""
    09:00 TB1 TUBE_COMMISSIONED generation=1
    09:05 TB1 TUBE_COMMISSIONED generation=1 #again
    09:10 TB1 UNDO undoes #again
    """)

    assert story.gaps("09:09") == ["G01 TB1 again P1"]
    assert story.gaps("09:10") == []


ASKED = """
08:50 PN1 IDENTITY_CONFIRMED for O1 identifiers=["name","birth_date"]
tube TB1 of PN1
"""
FOR_ORDER = "09:00 TB1 COLLECTED participant:PN1 -> unit:BRK/collection for O1"
CONSENTS = CONSENTED.replace("tube TB1 of PN1\n", "")


def test_g07_speaks_of_a_draw_before_two_identifiers_were_asked_for() -> None:
    none = told(f"{CONSENTED}{FOR_ORDER}")
    one = told(CONSENTS + ASKED.replace(',"birth_date"', "") + FOR_ORDER)
    later = told(CONSENTS + ASKED.replace("08:50", "09:10") + FOR_ORDER)
    another = told(CONSENTS + ASKED.replace("O1", "O2") + FOR_ORDER)

    for story in (none, one, later, another):
        assert story.gaps("09:30") == ["G07 TB1 09:00 P2"]


def test_g07_speaks_of_a_draw_told_by_hand_of_a_tube_whose_label_nobody_read() -> None:
    story = told(f"{CONSENTED}09:00 TB1 COLLECTED participant:PN1 -> unit:BRK/collection ~manual")

    assert story.gaps("09:00") == ["G07 TB1 09:00 P2"]


def test_g07_speaks_of_a_label_that_was_read_at_another_station() -> None:
    story = told(f"""{CONSENTED}
    09:00 TB1 TUBE_COMMISSIONED generation=1 station ST1
    09:01 TB1 COLLECTED participant:PN1 -> unit:BRK/collection station ST2
    """)

    assert story.gaps("09:01") == ["G07 TB1 09:01 P2"]


def test_g07_is_silent_of_a_tube_whose_label_was_read_at_the_chair() -> None:
    story = told(f"""{CONSENTS}{ASKED}
    {FOR_ORDER} station ST1
    09:05 TB1 TUBE_COMMISSIONED generation=1 station ST1
    """)

    assert story.gaps("10:00") == []


def test_g07_turns_on_the_draw_being_said_to_be_of_another_time() -> None:
    story = told(f"""{CONSENTED}
    09:00 TB1 TUBE_COMMISSIONED generation=1
    09:00 TB1 COLLECTED participant:PN1 -> unit:BRK/collection #draw
    10:00 TB1 CORRECTION corrects #draw occurred_at=08:55:00 reason=misread
    11:00 TB1 CORRECTION corrects #draw occurred_at=08:54:59 reason=misread
    """)

    assert story.gaps("10:00") == []
    assert story.gaps("11:00") == ["G07 TB1 draw P2"]
