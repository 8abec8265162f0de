"""What came against what was said to be inside."""

from app.receiving.reconcile import Seen, reconcile
from app.shipping.manifest import Line

LINES = (Line(1, "T1", "B1", "A1"), Line(2, "T2", "B1", "A2"), Line(3, "T3", "B2", "A1"))


def states(*seen: Seen, closed: bool = False, boxes_closed: tuple[str, ...] = ()) -> list[str]:
    compared = reconcile(LINES, seen, closed=closed, boxes_closed=boxes_closed)
    return [line.state for line in compared.lines]


def test_nothing_is_missing_before_it_was_looked_for() -> None:
    assert states() == ["due", "due", "due"]
    assert states(boxes_closed=("B1",)) == ["missing", "missing", "due"]
    assert states(closed=True) == ["missing"] * 3


def test_what_came_is_in_and_what_came_damaged_is_held() -> None:
    came = (Seen(id=1, code="T1", box="B1"), Seen(id=2, code="T2", box="B1", codes=("leaked",)))

    assert states(*came, closed=True) == ["in", "hold", "missing"]


def test_a_tube_at_another_place_of_its_box_is_told() -> None:
    came = [
        Seen(id=1, code="T1", box="B1", position="C3"),
        Seen(id=2, code="T2", box="B1", position="A2"),
        Seen(id=3, code="T3", box="B2"),
    ]

    odd = reconcile(LINES, came, closed=True).oddities

    assert [(one.kind, one.code, one.place) for one in odd] == [("other_place", "T1", "A1")]


def test_what_is_not_as_the_list_says() -> None:
    compared = reconcile(
        LINES,
        [
            Seen(id=1, code="T1", box="B2"),
            Seen(id=2, code="T2", box="B1", codes=("leaked",)),
            Seen(id=9, code="T9", box="B1"),
            Seen(id=8, code="T8", found=True),
        ],
        [Seen(id=20, code="B1"), Seen(id=21, code="B7")],
        closed=True,
    )

    odd = {(one.kind, one.code) for one in compared.oddities}
    assert odd == {
        ("other_box", "T1"),
        ("leaked", "T2"),
        ("missing", "T3"),
        ("extra", "T9"),
        ("unlabelled", "T8"),
        ("extra_box", "B7"),
    }
    counts = (compared.expected, compared.scanned, compared.missing, compared.extra)
    assert counts == (3, 4, 1, 2)
    assert compared.damaged == 1
