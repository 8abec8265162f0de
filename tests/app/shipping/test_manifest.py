"""The list that goes with a package: its order, its hash, the files made of it."""

from datetime import UTC, datetime

from app.custody.ledger import Sort, Subject
from app.custody.queries import Inside
from app.shipping.manifest import Line, Manifest, as_csv, frozen, hash_of, lines_of

MOMENT = datetime(2026, 11, 25, 15, 0, tzinfo=UTC)


def inside(id_: int, sort: Sort, container: int, position: str | None = None) -> Inside:
    subject = Subject(id=id_, sort=sort, code=f"{sort[0].upper()}{id_}", namespace="TB")
    return Inside(subject, container, position, "packed", None)


def test_tubes_are_listed_by_box_and_place_and_boxes_are_not() -> None:
    content = [
        inside(1, Sort.BOX, 99),
        inside(12, Sort.TUBE, 1, "A10"),
        inside(11, Sort.TUBE, 1, "A2"),
        inside(13, Sort.TUBE, 1, "B1"),
        inside(14, Sort.TUBE, 99),
    ]

    lines = lines_of(content)

    assert [(line.code, line.box, line.position) for line in lines] == [
        ("T14", None, None),
        ("T11", "B1", "A2"),
        ("T12", "B1", "A10"),
        ("T13", "B1", "B1"),
    ]


def test_the_hash_changes_with_every_part_of_a_line() -> None:
    line = Line(1, "T1", "B1", "A1")
    others = [
        line._replace(tube=2),
        line._replace(code="T2"),
        line._replace(box=None),
        line._replace(position="A2"),
    ]

    hashes = {hash_of(frozen([one])) for one in (line, *others)}

    assert len(hashes) == 5
    assert hash_of(frozen([])) == hash_of([])


def test_no_cell_of_the_file_is_a_formula() -> None:
    manifest = Manifest(
        package="PK1",
        lines=(Line(1, "=1+1", "@box", "-1"),),
        hash="00",
        destination="BB1",
        released_at=MOMENT,
    )

    row = as_csv(manifest).splitlines()[1]

    assert row == "1,'=1+1,'@box,'-1,PK1,2026-11-25T15:00:00+00:00,00"
