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


def test_g64_speaks_of_a_device_that_has_not_answered_for_two_polls() -> None:
    story = told("""
    09:00 ST1 DEVICE_STATE device=chair state=unplugged
    09:00 ST1 DEVICE_STATE device=labels state=well
    """)

    assert story.gaps("09:00") == []
    assert story.gaps("09:01") == ["G64 ST1 09:00 P3"]


def test_g64_speaks_at_once_of_a_station_that_was_waited_for_already() -> None:
    story = told("""
    09:00 ST1 DEVICE_STATE device=station:agent state=silent
    09:00 ST1 DEVICE_STATE device=station:print_jobs state=waiting
    """)

    assert story.gaps("09:00") == ["G64 ST1 09:00 P3", "G64 ST1 09:00 P3"]


def test_g64_is_silent_of_a_plug_that_was_only_moved() -> None:
    story = told("""
    09:00:00 ST1 DEVICE_STATE device=chair state=unplugged
    09:00:40 ST1 DEVICE_STATE device=chair state=well
    """)

    assert story.gaps("12:00") == []


def test_g64_turns_on_the_device_being_heard_again_and_counts_from_when_it_was_lost() -> None:
    story = told("""
    09:00 ST1 DEVICE_STATE device=chair state=unplugged
    09:30 ST1 DEVICE_STATE device=chair state=busy
    10:00 ST1 DEVICE_STATE device=chair state=well
    """)

    assert story.gaps("09:59") == ["G64 ST1 09:00 P3"]
    assert story.gaps("10:00") == []


FAILING = "09:00 ST1 DEVICE_STATE device=station:reads state=failing failures="


def test_g03_speaks_of_a_station_that_fails_to_read() -> None:
    assert told(FAILING + "3").gaps("09:00") == ["G03 ST1 09:00 P3"]


def test_g03_is_silent_of_fewer_failures_than_its_limit() -> None:
    assert told(FAILING + "2").gaps("09:00") == []


def test_g03_turns_on_the_station_reading_well_again() -> None:
    story = told(f"""{FAILING}5
    09:20 ST1 DEVICE_STATE device=station:reads state=well
    """)

    assert story.gaps("09:19") == ["G03 ST1 09:00 P3"]
    assert story.gaps("09:20") == []
