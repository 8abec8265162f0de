"""A package of twenty tubes at the dock: what is found of it, and what is not."""

from collections.abc import Sequence

from app.custody.ledger import Kind, Sort, Subject
from app.custody.parties import courier, unit
from app.jobs import sweep_once
from tests.app.alarms.bench import UNIT, Bench
from tests.builders.people import DOCK

FX, AT_DOCK = courier("FX"), unit(DOCK, "dock")
LISTED = 20


def opened(bench: Bench) -> tuple[Subject, list[Subject]]:
    """A package of 20 tubes in one box that has arrived and been opened."""
    box, tubes = bench.box_of(LISTED)
    package = bench.register(Sort.PACKAGE, "PK")
    bench.say(Kind.PACKED, box, target=UNIT, inside=package.id)
    bench.say(Kind.SEALED, package, target=UNIT, facts={"seal": "S1"})
    lines = [[tube.id, tube.code, box.code, f"A{n}"] for n, tube in enumerate(tubes, start=1)]
    facts = {"destination": DOCK, "lines": lines, "count": len(lines)}
    more = {"source": UNIT, "target": FX, "package": package.id, "facts": facts}
    bench.say(Kind.RELEASED, package, **more)
    bench.say(Kind.RECEIVED, package, minutes=600, site=DOCK, source=FX, target=AT_DOCK)
    checked_in(bench, package, [box])
    return package, tubes


def checked_in(bench: Bench, package: Subject, things: Sequence[Subject]) -> None:
    more = {"source": AT_DOCK, "target": AT_DOCK, "package": package.id}
    bench.say(Kind.CHECKED_IN, *things, site=DOCK, **more)


def received(bench: Bench, package: Subject, tubes: Sequence[Subject]) -> None:
    """These are found, put into quarantine, and the receipt is closed."""
    if tubes:
        checked_in(bench, package, tubes)
        bench.say(Kind.QUARANTINED, *tubes, site=DOCK, target=unit(DOCK, "store"))
    bench.say(Kind.PACKAGE_CLOSED_OUT, package, site=DOCK)
    sweep_once(bench.open_work)
