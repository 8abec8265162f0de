"""Consent: given before the needle went in, and not withdrawn before anything done since."""

import pytest

from tests.builders.ledger_text import told

CONSENTED = """
08:00 PN1 CONSENT_RECORDED scope=primary status=yes
08:00 PN1 CONSENT_RECORDED scope=biospecimen status=yes
tube TB1 of PN1
tube TB2 of PN1
"""
DRAWN = f"""{CONSENTED}
09:00 TB1 COLLECTED participant:PN1 -> unit:BRK/collection
"""


def test_g09_speaks_when_one_of_the_two_consents_was_never_given() -> None:
    story = told("""
    tube TB1 of PN1
    08:00 PN1 CONSENT_RECORDED scope=primary status=yes
    09:00 TB1 COLLECTED participant:PN1 -> unit:BRK/collection
    """)

    assert story.gaps("09:00") == ["G09 TB1 09:00 P1"]


def test_g09_speaks_when_the_last_word_before_the_draw_was_no() -> None:
    story = told(f"""{CONSENTED}
    08:30 PN1 CONSENT_RECORDED scope=biospecimen status=no
    09:00 TB1 COLLECTED participant:PN1 -> unit:BRK/collection
    09:30 PN1 CONSENT_RECORDED scope=biospecimen status=yes
    """)

    assert story.gaps("10:00") == ["G09 TB1 09:00 P1"]


def test_g09_is_silent_when_both_were_given_before() -> None:
    assert told(DRAWN).gaps("10:00") == []


def test_g09_is_silent_when_the_no_came_after_the_draw() -> None:
    story = told(DRAWN + "09:00:01 PN1 CONSENT_RECORDED scope=biospecimen status=no")

    assert story.gaps("10:00") == []


def test_g09_turns_on_the_paper_that_arrives_late() -> None:
    story = told("""
    tube TB1 of PN1
    08:00 PN1 CONSENT_RECORDED scope=primary status=yes
    08:10 PN1 CONSENT_RECORDED scope=biospecimen status=yes ~manual rec +4h
    09:00 TB1 COLLECTED participant:PN1 -> unit:BRK/collection
    """)

    assert story.gaps("12:09") == ["G09 TB1 09:00 P1"]
    assert story.gaps("12:10") == []


def test_g09_turns_on_the_second_at_which_consent_was_given() -> None:
    story = told("""
    tube TB1 of PN1
    tube TB2 of PN1
    08:00 PN1 CONSENT_RECORDED scope=primary status=yes
    08:59:59 TB1 COLLECTED participant:PN1 -> unit:BRK/collection #early
    09:00 PN1 CONSENT_RECORDED scope=biospecimen status=yes
    09:00 TB2 COLLECTED participant:PN1 -> unit:BRK/collection
    """)

    assert story.gaps("09:00") == ["G09 TB1 early P1"]


def test_g09_turns_on_the_second_at_which_consent_expires() -> None:
    story = told("""
    tube TB1 of PN1
    tube TB2 of PN1
    08:00 PN1 CONSENT_RECORDED scope=primary status=yes
    08:00 PN1 CONSENT_RECORDED scope=biospecimen status=yes expires_at=09:00
    08:59:59 TB1 COLLECTED participant:PN1 -> unit:BRK/collection
    09:00 TB2 COLLECTED participant:PN1 -> unit:BRK/collection
    """)

    assert story.gaps("09:00") == ["G09 TB2 09:00 P1"]


def test_g11_speaks_of_the_first_deed_after_the_withdrawal_and_of_no_other() -> None:
    story = told(f"""{DRAWN}
    10:00 PN1 WITHDRAWAL_SET
    10:30 TB1 PACKED -> unit:BRK/collection in BX1 A1
    10:40 TB1 MOVED -> unit:BRK/collection in BX1 A2
    """)

    assert story.gaps("11:00") == ["G11 TB1 10:30 P1"]


def test_g11_speaks_of_what_was_done_to_the_container() -> None:
    story = told(f"""{DRAWN}
    09:30 TB1 PACKED -> unit:BRK/collection in BX1 A1
    10:00 PN1 WITHDRAWAL_SET
    10:30 BX1 PACKED -> unit:BRK/collection in PK1
    """)

    assert story.gaps("11:00") == ["G11 TB1 10:30 P1"]


def test_g11_speaks_of_all_tubes_of_a_participant_with_one_cause() -> None:
    story = told(f"""{DRAWN}
    09:01 TB2 COLLECTED participant:PN1 -> unit:BRK/collection
    10:00 PN1 WITHDRAWAL_SET
    10:30 TB1 PACKED -> unit:BRK/collection in BX1 A1
    10:31 TB2 PACKED -> unit:BRK/collection in BX1 A2
    """)

    causes = {story.gap("G11", code, at="11:00").cause for code in ("TB1", "TB2")}
    assert [story.names[cause] for cause in causes] == ["10:00"]


def test_g11_is_silent_on_the_way_into_quarantine_and_to_destruction() -> None:
    story = told(f"""{DRAWN}
    09:30 TB1 PACKED -> unit:BRK/collection in BX1 A1
    10:00 PN1 WITHDRAWAL_SET
    10:30 TB1 UNPACKED -> unit:BRK/collection
    10:40 TB1 QUARANTINED -> unit:BRK/collection
    10:50 TB1 MOVED -> unit:BRK/collection at FZ1 Q1 quarantine=true
    11:00 TB1 DESTRUCTION_AUTHORISED
    11:30 TB1 DESTROYED unit:BRK/collection -> nobody @BRK
    """)

    assert story.gaps("12:00") == []


def test_g11_is_silent_when_what_was_on_the_road_arrives_and_is_set_apart() -> None:
    story = told(f"""{DRAWN}
    09:30 TB1 PACKED -> unit:BRK/collection in PK1
    09:40 PK1 SEALED -> unit:BRK/collection
    09:50 PK1 RELEASED unit:BRK/collection -> courier:FX destination=BB1 lines=TB1
    10:00 PN1 WITHDRAWAL_SET
    12:00 PK1 DELIVERED courier:FX -> unit:BB1/dock
    12:10 PK1 RECEIVED unit:BB1/dock -> unit:BB1/dock
    12:20 TB1 CHECKED_IN unit:BB1/dock -> unit:BB1/dock pkg PK1
    12:30 TB1 QUARANTINED -> unit:BB1/store at FZ1 Q1
    """)

    assert story.gaps("13:00") == []


@pytest.mark.parametrize(
    ("deed", "gaps"),
    [
        ("MOVED -> unit:BRK/collection at FZ1 Q1 quarantine=true", []),
        ("MOVED -> unit:BRK/collection at FZ1 Q1", ["G11 TB1 10:30 P1"]),
        ("PACKED -> unit:BRK/collection in BX1 A1 quarantine=true", ["G11 TB1 10:30 P1"]),
    ],
)
def test_g11_turns_on_its_being_a_move_into_quarantine(deed: str, gaps: list[str]) -> None:
    story = told(f"{DRAWN}10:00 PN1 WITHDRAWAL_SET\n10:30 TB1 {deed}")

    assert story.gaps("11:00") == gaps


def test_g11_turns_on_the_second_at_which_the_withdrawal_takes_effect() -> None:
    story = told(f"""{DRAWN}
    09:01 TB2 COLLECTED participant:PN1 -> unit:BRK/collection
    10:00 TB1 PACKED -> unit:BRK/collection in BX1 A1
    10:00 PN1 WITHDRAWAL_SET
    10:00:01 TB2 PACKED -> unit:BRK/collection in BX1 A2 #after
    """)

    assert story.gaps("10:01") == ["G11 TB2 after P1"]


def test_g11_turns_on_the_withdrawal_that_arrives_late_and_finds_a_draw() -> None:
    story = told(f"""{CONSENTED}
    08:30 PN1 WITHDRAWAL_SET rec +1h
    09:00 TB1 COLLECTED participant:PN1 -> unit:BRK/collection
    """)

    assert story.gaps("09:29") == []
    assert story.gaps("09:30") == ["G11 TB1 09:00 P1"]


def test_g11_turns_on_the_withdrawal_being_taken_back_as_a_mistake() -> None:
    story = told(f"""{DRAWN}
    10:00 PN1 WITHDRAWAL_SET #slip
    10:30 TB1 PACKED -> unit:BRK/collection in BX1 A1
    11:00 PN1 UNDO undoes #slip
    """)

    assert story.gaps("10:59") == ["G11 TB1 10:30 P1"]
    assert story.gaps("11:00") == []


BOUND = """
08:00 PN1 CONSENT_RECORDED scope=primary status=yes
09:00 FT1 COLLECTED participant:PN1 -> unit:BRK/collection
09:00:01 FT1 BOUND participant=PN1 participant_subject=PN1
"""


def test_g09_speaks_of_a_foreign_code_by_whom_it_was_bound_to() -> None:
    said = told(BOUND).gaps("10:00")

    assert "G09 FT1 09:00 P1" in said
    assert not any(
        gap.startswith("G09") for gap in told(BOUND.replace("BOUND", "READ")).gaps("10:00")
    )


def test_g11_speaks_of_a_foreign_code_by_whom_it_was_bound_to() -> None:
    story = told(f"""{BOUND}
    10:00 PN1 WITHDRAWAL_SET
    11:00 FT1 PACKED -> unit:BRK/collection in BX1 A1
    """)

    assert "G11 FT1 11:00 P1" in story.gaps("12:00")
