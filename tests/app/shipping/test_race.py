"""A package is handed over while somebody still packs into it: listed, or a gap; never neither."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from app.custody import queries as custody
from app.custody.ledger import Mode, Subject
from app.custody.service import by_hand
from app.kernel.work import Work, run_tx
from app.shipping import service as shipping
from app.shipping.queries import manifest_for
from app.shipping.service import NewPackage, Release
from app.storage.units import add_boxes
from tests.app.shipping.conftest import drawn, put_in, read_at
from tests.builders.people import DOCK, NORTH, make_places, system_work
from tests.conftest import FreshDatabase
from tests.counts import SOAK
from tests.fakes.clock import SetClock

ROUNDS = 1_000 if SOAK else 25


@pytest.mark.slow
def test_what_is_packed_during_a_release_is_on_the_list_or_a_gap(
    fresh_database: FreshDatabase,
) -> None:
    engine, clock = create_engine(fresh_database().runtime_url), SetClock()
    neither = []

    def within(do: Callable[[Work], object]) -> object:
        with Session(engine) as session:
            return run_tx(session, lambda: do(system_work(session, clock)))

    within(make_places)
    with ThreadPoolExecutor(2) as hands:
        for _ in range(ROUNDS):
            box, package, late = _ready(within, clock)
            together = Barrier(2)

            def release(package: Subject = package, together: Barrier = together) -> None:
                together.wait()
                said = Release(source="unit:NOR/collection", courier="FX", evidence="badge")
                within(lambda work: shipping.release(work, package.code, said))

            def pack(late: Subject = late, box: Subject = box, start: Barrier = together) -> None:
                start.wait()
                within(lambda work: shipping.pack_tubes(work, [(late, "B1", read_at(work))], box))

            for done in [hands.submit(release), hands.submit(pack)]:
                done.result()
            if not within(lambda work, p=package, t=late: _told(work, p, t)):
                neither.append(late.code)
    engine.dispose()
    assert neither == []


def _ready(
    within: Callable[[Callable[[Work], object]], object], clock: SetClock
) -> tuple[Subject, Subject, Subject]:
    """A sealed package with a box and a tube in it, and a tube that somebody forgot."""
    made: list[Subject] = []

    def make(work: Work) -> None:
        made.clear()
        (box,) = add_boxes(work, site=NORTH)
        package = shipping.add_package(work, NewPackage(site=NORTH, destination=DOCK))
        first, late = drawn(work, 2)
        clock.wait(minutes=1)
        put_in(work, [first], box.code, package.code)
        clock.wait(minutes=1)
        how = replace(by_hand(work, site=NORTH), mode=Mode.SCAN)
        shipping.seal(work, [(package, "S", how)])
        made.extend((box, package, late))

    within(make)
    clock.wait(minutes=1)
    box, package, late = made
    return box, package, late


def _told(work: Work, package: Subject, tube: Subject) -> bool:
    """Whether the tube is on the frozen list, or some rule speaks of it."""
    listed = any(line.tube == tube.id for line in manifest_for(work, package.code).lines)
    return listed or bool(custody.gaps_of(work.session, [tube.id]))
