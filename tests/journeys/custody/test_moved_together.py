"""What is inside moves with what it is in: one entry, and every tube's story right."""

from dataclasses import dataclass, field

import pytest
from sqlalchemy.orm import Session

from app.custody import queries, registry, service
from app.custody.drafts import Draft, Reading
from app.custody.history import History
from app.custody.ledger import Kind, Sort, Subject
from app.kernel.sql import ask
from app.kernel.work import Actor
from tests.builders.ledger_text import Told, told
from tests.builders.work import make_work
from tests.fakes.clock import SetClock
from tests.journeys.custody.judging import projections
from tests.journeys.custody.oracle import Whereabouts
from tests.journeys.custody.teller import COLLECTION, COURIER, DOCK, Journey, Teller
from tests.journeys.custody.test_containment import agree, agree_at_every_moment

BOXES, TUBES = 4, 81


@dataclass
class Shipment:
    """Four full boxes in a sealed package, and whoever tells what happens to it."""

    teller: Teller = field(default_factory=Teller)

    def __post_init__(self) -> None:
        self.package = self.teller.subject(Sort.PACKAGE, "PK")
        self.boxes = [self.teller.subject(Sort.BOX, "BX") for _ in range(BOXES)]
        self.home: dict[int, Subject] = {}
        for box in self.boxes:
            for number in range(TUBES):
                tube = self.teller.subject(Sort.TUBE, "TB")
                self.teller.packed(tube, box, f"A{number}", after=0.01)
                self.home[tube.id] = box
            self.teller.packed(box, self.package)
        self.tubes = list(self.home)
        self.teller.say(Kind.SEALED, self.package, site="BRK", target=COLLECTION)

    def released(self) -> None:
        self.teller.say(
            Kind.RELEASED,
            self.package,
            site="BRK",
            source=COLLECTION,
            target=COURIER,
            facts={"destination": "BB1", "lines": [[tube, "", None, None] for tube in self.tubes]},
        )

    def histories(self) -> dict[int, History]:
        """Every history as it stands now, which brute force must tell the same."""
        book = self.teller.told().book
        agree(book, self.teller.now)
        return {id_: p.history for id_, p in projections(book, self.teller.now).items()}

    def due(self) -> dict[int, set[str]]:
        """What is awaited of whom."""
        found = projections(self.teller.told().book, self.teller.now)
        return {id_: {rule for rule, _ in p.wake_ups} for id_, p in found.items() if p.wake_ups}

    def everywhere(self) -> dict[int, Whereabouts]:
        return {
            id_: Whereabouts(s.holder, s.site, s.place, s.within, s.position)
            for id_, s in ((id_, h.stand) for id_, h in self.histories().items())
        }


def test_one_entry_moves_every_tube_of_a_package_and_nobody_has_seen_one() -> None:
    shipment = Shipment()
    before, written = shipment.everywhere(), len(shipment.teller.entries)
    assert {before[tube].holder for tube in shipment.tubes} == {COLLECTION}
    assert shipment.due() == {shipment.package.id: {"G29"}}

    shipment.released()

    during, histories = shipment.everywhere(), shipment.histories()
    assert len(shipment.teller.entries) == written + 1
    for tube in shipment.tubes:
        assert during[tube] == before[tube]._replace(holder=COURIER, site=None)
        assert [line.seen for line in histories[tube].lines] == [True, False, False]
    assert shipment.due() == {shipment.package.id: {"G31"}}


def test_what_was_seen_elsewhere_on_the_way_does_not_arrive_with_its_box() -> None:
    shipment = Shipment()
    shipment.released()
    strayed, *others = shipment.tubes
    during = shipment.everywhere()
    subject = next(s for s in shipment.teller.subjects if s.id == strayed)
    shipment.teller.say(Kind.READ, subject, site="RIV", after=60)
    assert shipment.everywhere()[strayed] == Whereabouts("unknown", "RIV", None, None, None)
    delivered = shipment.teller.say(
        Kind.DELIVERED, shipment.package, site="BB1", source=COURIER, target=DOCK, after=60
    )

    after, histories = shipment.everywhere(), shipment.histories()
    assert after[strayed] == Whereabouts("unknown", "RIV", None, None, None)
    assert histories[strayed].lines[-1].entry.kind is Kind.READ
    for tube in others:
        assert after[tube] == during[tube]._replace(holder=DOCK, site="BB1")
        assert histories[tube].lines[-1].entry == delivered
    assert shipment.due() == {shipment.package.id: {"G32"}}


def test_boxes_not_taken_out_of_an_opened_package_are_somewhere_at_the_dock() -> None:
    shipment = Shipment()
    shipment.released()
    seen, *unseen = shipment.boxes
    shipment.teller.say(
        Kind.RECEIVED, shipment.package, site="BB1", source=COURIER, target=DOCK, after=60
    )
    shipment.teller.checked_in(seen, shipment.package)
    assert {p.within for p in (shipment.everywhere()[box.id] for box in unseen)} == {
        shipment.package.id
    }
    shipment.teller.wait(4 * 60)

    after = shipment.everywhere()
    for box in shipment.boxes:
        expected = shipment.package.id if box is seen else None
        assert after[box.id] == Whereabouts(DOCK, "BB1", None, expected, None)
    for tube, box in shipment.home.items():
        assert (after[tube].holder, after[tube].within) == (DOCK, box.id)


@pytest.mark.slow
def test_one_entry_is_written_and_every_tube_is_kept_where_it_went(session: Session) -> None:
    clock = SetClock()
    work = make_work(session, clock=clock, actor=Actor(system=True))

    def register(sort: Sort, namespace: str, count: int) -> list[Subject]:
        reading = Reading(command=work.ids(), occurred_at=clock())
        news = [
            registry.New(sort=sort, reading=reading, namespace=namespace, ordinal=n)
            for n in range(count)
        ]
        return list(registry.register(work, news))

    def say(kind: Kind, things: list[Subject], **more: object) -> service.Written:
        clock.wait(minutes=1)
        reading = Reading(command=work.ids(), occurred_at=clock(), site="BRK")
        drafts = [
            Draft(subject=thing.id, kind=kind, reading=reading, ordinal=n, **more)  # type: ignore[arg-type] # as given
            for n, thing in enumerate(things)
        ]
        return service.append(work, drafts)

    (package,), boxes = register(Sort.PACKAGE, "PK", 1), register(Sort.BOX, "BX", BOXES)
    tubes = register(Sort.TUBE, "TB", BOXES * TUBES)
    for number, box in enumerate(boxes):
        mine = tubes[number * TUBES : (number + 1) * TUBES]
        say(Kind.PACKED, mine, target=COLLECTION, inside=box.id)
    say(Kind.PACKED, boxes, target=COLLECTION, inside=package.id)
    before = ask(session, "SELECT count(*) FROM custody_event")
    say(Kind.RELEASED, [package], source=COLLECTION, target=COURIER, facts={"destination": "BB1"})

    assert ask(session, "SELECT count(*) FROM custody_event")[0][0] == before[0][0] + 1
    for number in (0, TUBES, len(tubes) - 1):
        standing = queries.standing(session, tubes[number].id)
        assert (standing.holder, standing.within) == (COURIER, boxes[number // TUBES])
    due = ask(session, "SELECT subject_id, rule FROM expectation")
    assert (package.id, "G31") in due
    assert not {row[0] for row in due} & {thing.id for thing in (*tubes, *boxes)}


# Small ones, told as text


def test_a_ring_ends_and_is_named() -> None:
    story = _agreed("""
    09:00 BX1 PACKED -> unit:BRK/collection in BX2
    09:10 BX2 PACKED -> unit:BRK/collection in BX1
    09:20 BX1 PACKED -> unit:BRK/collection in BX1
    09:30 BX2 MOVED -> unit:BRK/collection at FZ1 S1
    """)

    named = [gap for gap in story.gaps("09:30") if gap.startswith("G46")]
    assert named == ["G46 BX1 09:20 P2", "G46 BX2 09:10 P2"]
    assert _within(story, "BX1") == "BX2"
    assert _within(story, "BX2") is None


def test_a_tube_in_two_boxes_is_in_the_later_and_is_named() -> None:
    story = _agreed("""
    08:50 TB1 COLLECTED -> unit:BRK/collection
    09:00 TB1 PACKED -> unit:BRK/collection in BX1 A1
    09:10 TB1 PACKED -> unit:BRK/collection in BX2 A1
    09:20 BX1 MOVED -> unit:BRK/store at FZ1 S1
    """)

    assert "G46 TB1 09:10 P2" in story.gaps("09:20")
    assert _within(story, "TB1") == "BX2"
    assert story.projections("09:20")["TB1"].history.stand.holder == "unit:BRK/collection"


def test_a_read_beside_its_box_leaves_it_inside() -> None:
    story = _agreed("""
    08:50 TB1 COLLECTED -> unit:BRK/collection
    09:00 TB1 PACKED -> unit:BRK/collection in BX1 A1
    09:10 TB1 READ @BRK
    09:20 BX1 MOVED -> unit:BRK/store at FZ1 S1
    """)

    assert _within(story, "TB1") == "BX1"
    assert story.projections("09:20")["TB1"].history.stand.holder == "unit:BRK/store"
    assert not [gap for gap in story.gaps("09:20") if "09:10" in gap]


def test_a_read_at_another_site_takes_it_out_into_unknown_hands() -> None:
    story = _agreed("""
    08:50 TB1 COLLECTED -> unit:BRK/collection
    09:00 TB1 PACKED -> unit:BRK/collection in BX1 A1
    09:10 TB1 READ @RIV
    09:20 BX1 MOVED -> unit:BRK/store at FZ1 S1
    """)

    assert _within(story, "TB1") is None
    assert story.projections("09:20")["TB1"].history.stand.holder == "unknown"


def test_what_goes_from_box_to_box_takes_its_position_there() -> None:
    story = _agreed("""
    09:00 TB1 PACKED -> unit:BRK/collection in BX1 A1
    09:10 TB1 PACKED -> unit:BRK/collection in BX2 A1
    09:20 TB2 PACKED -> unit:BRK/collection in BX2 A1
    09:30 TB3 PACKED -> unit:BRK/collection in BX1 A1
    """)

    named = [gap for gap in story.gaps("09:30") if gap.startswith("G56")]
    assert named == ["G56 TB2 09:20 P2"]


def test_what_is_taken_out_of_its_place_is_not_there_any_more() -> None:
    story = _agreed("""
    09:00 BX1 STORED -> unit:BB1/store at FZ1 S1
    09:10 BX1 UNPACKED -> unit:BB1/store
    09:20 BX2 STORED -> unit:BB1/store at FZ1 S1
    """)

    assert story.projections("09:20")["BX1"].history.stand.place is None
    assert not [gap for gap in story.gaps("09:20") if gap.startswith("G56")]


def test_hands_come_to_a_container_by_what_is_put_directly_into_it() -> None:
    story = _agreed("""
    09:00 BX1 READ @BRK in BX2
    09:10 TB1 PACKED -> unit:BRK/collection in BX1
    09:20 BX2 READ @BRK
    09:30 TB2 PACKED -> unit:BRK/collection in BX2
    """)

    assert story.projections("09:20")["BX2"].history.stand.holder == "nobody"
    assert story.projections("09:30")["TB1"].history.stand.holder == "unit:BRK/collection"


def test_an_empty_shipper_sent_back_takes_nothing_along() -> None:
    story = _agreed("""
    09:00 TB1 PACKED -> unit:BRK/collection in BX1 A1
    09:10 BX1 PACKED -> unit:BRK/collection in PK1
    09:20 PK1 SEALED -> unit:BRK/collection
    09:30 PK1 RELEASED unit:BRK/collection -> courier:FX destination=BB1 lines=TB1
    11:00 PK1 RECEIVED courier:FX -> unit:BB1/dock
    11:10 BX1 CHECKED_IN unit:BB1/dock -> unit:BB1/dock pkg PK1 at FZ1 S1
    11:20 TB1 CHECKED_IN unit:BB1/dock -> unit:BB1/dock pkg PK1 in BX1 A1
    11:30 PK1 PACKAGE_CLOSED_OUT @BB1
    12:00 PK1 SEALED -> unit:BB1/dock
    12:10 PK1 RELEASED unit:BB1/dock -> courier:FX destination=BRK lines=
    15:00 PK1 RECEIVED courier:FX -> unit:BRK/collection
    """)

    found = story.projections("20:00")
    assert found["TB1"].history.stand.holder == "unit:BB1/dock"
    assert found["PK1"].history.stand.holder == "unit:BRK/collection"
    assert [line.entry.kind for line in found["TB1"].history.lines if not line.own] == [
        Kind.PACKED,
        Kind.RELEASED,
        Kind.RECEIVED,
        Kind.CHECKED_IN,
    ]
    assert [gap for gap in story.gaps("20:00") if "G18 TB1 09:00" not in gap] == []


def test_a_shipper_that_comes_a_second_time_is_not_checked_by_what_came_the_first_time() -> None:
    story = _agreed("""
    08:00 TB1 COLLECTED participant:PN1 -> unit:BRK/collection
    08:10 TB1 PACKED -> unit:BRK/collection in PK1
    08:20 PK1 SEALED -> unit:BRK/collection
    08:30 PK1 RELEASED unit:BRK/collection -> courier:FX destination=BB1 lines=TB1
    09:00 PK1 RECEIVED courier:FX -> unit:BB1/dock
    09:10 TB1 CHECKED_IN unit:BB1/dock -> unit:BB1/dock pkg PK1 at FZ1 S1
    09:20 PK1 PACKAGE_CLOSED_OUT @BB1
    10:00 TB1 PACKED -> unit:BB1/dock in PK1
    10:10 PK1 SEALED -> unit:BB1/dock
    10:20 PK1 RELEASED unit:BB1/dock -> courier:FX destination=BRK lines=TB1
    12:00 PK1 RECEIVED courier:FX -> unit:BRK/collection
    """)

    assert "G43 TB1 12:00 P2" in story.gaps("16:00")
    assert not [gap for gap in story.gaps("16:00") if gap.startswith("G44")]


def test_what_is_taken_out_before_release_stays_and_is_awaited_again() -> None:
    text = """
    participant PN1
    tube TB1 of PN1
    08:00 PN1 CONSENT_RECORDED scope=primary status=yes
    08:00 PN1 CONSENT_RECORDED scope=biospecimen status=yes
    08:50 TB1 COLLECTED participant:PN1 -> unit:BRK/collection
    09:00 TB1 PACKED -> unit:BRK/collection in BX1 A1
    09:01 TB2 PACKED -> unit:BRK/collection in BX1 A2
    09:10 TB1 UNPACKED @BRK -> unit:BRK/collection
    09:20 BX1 PACKED -> unit:BRK/collection in PK1
    09:30 PK1 SEALED -> unit:BRK/collection
    09:40 PK1 RELEASED unit:BRK/collection -> courier:FX destination=BB1 lines=TB2
    """
    story = _agreed(text)

    found = story.projections("09:40")
    assert found["TB1"].history.stand.holder == "unit:BRK/collection"
    assert found["TB2"].history.stand.holder == "courier:FX"
    assert story.due("TB1", at="09:05") == {}
    assert story.due("TB1", at="09:40") == {"G28": "21:10"}
    assert story.gaps("21:10") == ["G18 TB2 09:01 P2", "G28 TB1 09:10 P3"]


def _agreed(text: str) -> Told:
    """The story, once brute force has told it the same at every moment."""
    story = told(text)
    agree_at_every_moment(
        Journey(subjects=tuple(story.subjects.values()), entries=story.entries).book
    )
    return story


def _within(story: Told, code: str) -> str | None:
    """The code of what it is inside in the end."""
    names = {subject.id: name for name, subject in story.subjects.items()}
    within = story.projections("23:00")[code].history.stand.within
    return None if within is None else names[within]
