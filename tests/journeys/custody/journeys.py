"""Generated journeys in which everything is as it must be, for Hypothesis to vary and to break."""

from dataclasses import dataclass
from datetime import timedelta

from hypothesis import strategies as st

from app.custody.ledger import Kind, Sort, Subject
from tests.journeys.custody.teller import COLLECTION, DOCK, Journey, Teller


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What varies between one valid journey and another."""

    seed: int
    tubes: tuple[int, ...]  # for each participant
    spins: bool
    fails: bool
    boxes: int
    pauses: tuple[int, int, int]  # minutes before packing, before release, before put-away
    hours: int
    delivered: bool
    closed_out: bool
    singly: bool  # tubes stored by themselves instead of in their box
    undone: bool
    corrected: bool
    repacked: bool
    moved: bool
    rack_moved: bool
    late: bool
    offline: frozenset[str]


plans = st.builds(
    Plan,
    seed=st.integers(0, 2**32),
    tubes=st.lists(st.integers(1, 3), min_size=1, max_size=2).map(tuple),
    spins=st.booleans(),
    fails=st.booleans(),
    boxes=st.integers(1, 2),
    pauses=st.tuples(st.integers(1, 300), st.integers(1, 600), st.integers(1, 600)),
    hours=st.integers(2, 40),
    delivered=st.booleans(),
    closed_out=st.booleans(),
    singly=st.booleans(),
    undone=st.booleans(),
    corrected=st.booleans(),
    repacked=st.booleans(),
    moved=st.booleans(),
    rack_moved=st.booleans(),
    late=st.booleans(),
    offline=st.sets(st.sampled_from(["BRK", "BB1"]), max_size=1).map(frozenset),
)


def tell(plan: Plan) -> Journey:
    """The journey of a plan, to the freezer."""
    teller = Teller(seed=str(plan.seed), offline=plan.offline)
    teller.late = timedelta(hours=1 if plan.late else 0)
    tubes = _drawn(teller, plan)
    boxes = [teller.subject(Sort.BOX, "BX") for _ in range(plan.boxes)]
    package = teller.subject(Sort.PACKAGE, "PK")
    home = _packed(teller, plan, tubes, boxes)
    for box in boxes:
        if box in home.values():
            teller.packed(box, package)
    teller.wait(plan.pauses[1])
    teller.sent(package, tubes, hours=plan.hours, delivered=plan.delivered)
    _checked_in(teller, tubes, home, package)
    if plan.closed_out:
        teller.say(Kind.PACKAGE_CLOSED_OUT, package, site="BB1")
    teller.wait(plan.pauses[2])
    _stored(teller, plan, tubes, home)
    return teller.told()


def _drawn(teller: Teller, plan: Plan) -> list[Subject]:
    drawn = []
    for count in plan.tubes:
        participant = teller.subject(Sort.PARTICIPANT, "PN")
        kit = teller.subject(Sort.KIT, "KT", participant=participant)
        teller.consents(participant)
        made = [
            teller.subject(
                Sort.TUBE,
                "TB",
                participant=participant,
                kit=kit,
                facts={"spin": True, "clots": True} if plan.spins and number == 0 else {},
            )
            for number in range(count)
        ]
        for tube in made:
            teller.collected(tube, participant)
        if plan.fails:
            failed = teller.subject(Sort.TUBE, "TB", participant=participant, kit=kit)
            teller.say(
                Kind.COLLECTION_FAILED, failed, site="BRK", facts={"reason": "collapsed vein"}
            )
        teller.say(Kind.ORDER_DONE, kit, site="BRK")
        if plan.spins:
            teller.spun(made[0], clot=40, minutes=12)
        drawn += made
    return drawn


def _packed(
    teller: Teller, plan: Plan, tubes: list[Subject], boxes: list[Subject]
) -> dict[int, Subject]:
    teller.wait(plan.pauses[0])
    home = {}
    for number, tube in enumerate(tubes):
        box = boxes[number % len(boxes)]
        home[tube.id] = box
        if plan.undone and number == 0:
            wrong = teller.packed(tube, box, "Z9")
            teller.say(Kind.UNDO, tube, site="BRK", corrects=wrong.entry_id)
        entry = teller.packed(tube, box, f"A{number + 1}")
        if plan.corrected and number == 0:
            teller.say(
                Kind.CORRECTION,
                tube,
                site="BRK",
                corrects=entry.entry_id,
                facts={"replacement": {"position": "C1"}, "reason": "misread"},
            )
        if plan.repacked and number == 0:
            teller.say(Kind.UNPACKED, tube, site="BRK", target=COLLECTION)
            teller.packed(tube, box, "B1")
    return home


def _checked_in(
    teller: Teller, tubes: list[Subject], home: dict[int, Subject], package: Subject
) -> None:
    dock = teller.subject(Sort.PLACE, "place")
    seen: set[int] = set()
    for number, tube in enumerate(tubes):
        box = home[tube.id]
        if box.id not in seen:
            seen.add(box.id)
            teller.checked_in(box, package, place=dock)
        teller.checked_in(tube, package, inside=box, position=f"A{number + 1}")


def _stored(teller: Teller, plan: Plan, tubes: list[Subject], home: dict[int, Subject]) -> None:
    freezer, other = teller.subject(Sort.PLACE, "FZ"), teller.subject(Sort.PLACE, "FZ")
    rack = teller.subject(Sort.RACK, "RK")
    teller.put(Kind.STORED, rack, place=freezer, position="1")
    boxes = list({box.id: box for box in home.values()}.values())
    for number, box in enumerate(boxes):
        teller.put(Kind.STORED, box, source=DOCK, inside=rack, position=str(number + 1))
    if plan.singly:
        for number, tube in enumerate(tubes):
            teller.put(
                Kind.STORED, tube, source=DOCK, inside=home[tube.id], position=f"A{number + 1}"
            )
    if plan.moved:
        teller.put(Kind.MOVED, boxes[0], inside=rack, position="20", after=30)
    if plan.rack_moved:
        teller.put(Kind.MOVED, rack, place=other, position="2", after=60)


journeys = plans.map(tell)
