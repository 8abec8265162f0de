"""Rules about the stations themselves."""

from tests.builders.ledger_text import told


def test_g65_speaks_of_reads_that_have_waited_too_long() -> None:
    story = told("""
    09:00 ST1 QUEUE_STATE state=waiting
    09:10 ST1 QUEUE_STATE state=waiting
    """)

    assert story.gaps("09:29") == []
    assert story.gaps("09:30") == ["G65 ST1 09:00 P3"]


def test_g65_speaks_at_once_of_reads_that_contradict_each_other() -> None:
    story = told("09:00 ST1 QUEUE_STATE state=empty conflicts=2")

    assert story.gaps("09:00") == ["G65 ST1 09:00 P2"]


def test_g65_is_silent_of_a_station_that_has_sent_everything() -> None:
    story = told("""
    09:00 ST1 QUEUE_STATE state=waiting
    09:20 ST1 QUEUE_STATE state=empty
    """)

    assert story.gaps("12:00") == []


def test_g65_turns_on_the_queue_being_empty_and_the_conflict_being_over() -> None:
    story = told("""
    09:00 ST1 QUEUE_STATE state=waiting conflicts=1
    09:10 ST1 QUEUE_STATE state=waiting
    09:45 ST1 QUEUE_STATE state=empty
    """)

    assert story.gaps("09:00") == ["G65 ST1 09:00 P2"]
    assert story.gaps("09:10") == []
    assert story.gaps("09:31") == ["G65 ST1 09:00 P3"]
    assert story.gaps("09:45") == []
