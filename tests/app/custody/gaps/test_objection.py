"""What an objection goes back to, where the end of a wait is said to have come before it began."""

import pytest

from tests.builders.ledger_text import told

PACKED = """
tube TB1 of PN1
09:00 TB1 COLLECTED participant:PN1 -> unit:BRK/collection
09:30 TB1 PACKED -> unit:BRK/collection in BX1 A1
10:00 BX1 PACKED -> unit:BRK/collection in PK1
"""
SENT = """
11:00 PK1 SEALED -> unit:BRK/collection
11:05 PK1 RELEASED unit:BRK/collection -> courier:FX destination=BB1 lines=TB1 #out
"""
DELIVERED = "15:00 PK1 DELIVERED courier:FX -> unit:BB1/dock #dock\n"
CHECKED_IN = """
15:40 BX1 CHECKED_IN unit:BB1/dock -> unit:BB1/dock pkg PK1 at FZ9 #box
15:41 TB1 CHECKED_IN unit:BB1/dock -> unit:BB1/dock pkg PK1 in BX1 A1
"""
OPENED_EARLY = "10:30 PK1 RECEIVED courier:FX -> unit:BB1/dock #early rec +5h\n"
STORED_EARLY = "14:30 BX1 STORED unit:BB1/dock -> unit:BB1/store at FZ1 S1 #early rec +5h\n"


@pytest.mark.parametrize(
    ("story", "rule", "code"),
    [
        (PACKED + OPENED_EARLY + SENT + CHECKED_IN, "G31", "PK1"),
        (PACKED + OPENED_EARLY + SENT + DELIVERED + CHECKED_IN, "G32", "PK1"),
        (PACKED + SENT + DELIVERED + STORED_EARLY + CHECKED_IN, "G33", "BX1"),
    ],
    ids=["on the road", "at the dock", "not put away"],
)
def test_a_wait_goes_back_to_its_end_said_too_early(story: str, rule: str, code: str) -> None:
    text = told(story)
    gap = text.gap(rule, code, at="+5d 12:00")

    early = next(id_ for id_, name in text.names.items() if name == "early")
    causes = {g.cause for g in text.projections("+5d 12:00")[code].gaps if g.entry_id == early}
    assert gap.cause in {early, *causes}


@pytest.mark.parametrize(
    ("story", "rule"),
    [
        (PACKED + OPENED_EARLY + SENT + CHECKED_IN, "G34"),
        (PACKED + OPENED_EARLY + SENT + DELIVERED + CHECKED_IN, "G18"),
    ],
    ids=["released", "delivered"],
)
def test_what_is_taken_out_goes_back_to_the_arrival_said_too_early(story: str, rule: str) -> None:
    text = told(story)
    gap = text.gap(rule, "BX1", at="15:40")

    assert text.names[gap.entry_id] == "box"
    assert text.names[gap.cause] == "early"


def test_one_that_ended_an_earlier_journey_is_not_why_this_one_is_late() -> None:
    text = told(f"""{PACKED}{SENT}
    15:00 PK1 RECEIVED courier:FX -> unit:BB1/dock
    15:40 BX1 CHECKED_IN unit:BB1/dock -> unit:BB1/dock pkg PK1 at FZ9
    +1d 09:00 PK1 SEALED -> unit:BB1/dock
    +1d 09:30 PK1 RELEASED unit:BB1/dock -> courier:FX destination=BRK lines= #back
    """)
    gap = text.gap("G31", "PK1", at="+5d 12:00")

    assert text.names[gap.entry_id] == text.names[gap.cause] == "back"


REPACKED = """
tube TB1 of PN1
09:00 TB1 COLLECTED participant:PN1 -> unit:BRK/collection by D1/1
14:10 TB1 PACKED -> unit:BRK/collection in BX1 A1 by D1/2
14:15 TB1 UNPACKED -> unit:BRK/collection by D1/3
{again} TB1 PACKED -> unit:BRK/collection in BX1 A2 ~offline by {by} rec +6h #again
14:30 BX1 PACKED -> unit:BRK/collection in PK1
15:00 PK1 SEALED -> unit:BRK/collection
15:05 PK1 RELEASED unit:BRK/collection -> courier:FX destination=BB1 lines=TB1
20:00 PK1 DELIVERED courier:FX -> unit:BB1/dock
20:40 BX1 CHECKED_IN unit:BB1/dock -> unit:BB1/dock pkg PK1 at FZ9
20:41 TB1 CHECKED_IN unit:BB1/dock -> unit:BB1/dock pkg PK1 in BX1 A2 #in
"""


def test_what_a_device_counted_later_and_says_was_earlier_is_the_one_cause() -> None:
    """The time of its second packing is wrong: nothing else is, and all else goes back to it."""
    text = told(REPACKED.format(again="08:20", by="D1/4"))
    gaps = text.projections("+1d 09:00")["TB1"].gaps

    assert {"G18", "G34"} < {gap.rule for gap in gaps}
    assert {text.names[gap.cause] for gap in gaps} == {"again"}


def test_what_another_device_says_was_earlier_may_have_been() -> None:
    text = told(REPACKED.format(again="08:20", by="D2/4"))

    assert text.names[text.gap("G34", "TB1", at="+1d 09:00").cause] == "in"
