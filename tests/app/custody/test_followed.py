"""What is stored is what follows from the ledger, however far a correction reaches."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from app.custody import amending, parties, service, sweep
from app.custody.drafts import Draft
from app.custody.ledger import Facts, Json, Kind, Mode, Origin, Sort, Subject
from app.custody.verify import verify
from labels.code import make, next_mintable, parse
from tests.app.custody.test_service import Bench
from tests.builders.work import the_limits
from tests.conftest import FreshDatabase, TestDatabase

UNIT, DOCK, COURIER = parties.unit("BRK", "collection"), parties.unit("BB1", "dock"), "courier:FX"


@pytest.fixture(scope="module")
def place(database: TestDatabase) -> None:
    """The server must run before a database can be cloned."""


@pytest.fixture
def bench(fresh_database: FreshDatabase) -> Iterator[Bench]:
    engine = create_engine(fresh_database().runtime_url)
    with Session(engine) as session:
        yield Bench(session)
    engine.dispose()


def found(bench: Bench) -> tuple[str, ...]:
    """What `verify` finds in what has been written so far."""
    bench.session.commit()
    report = verify(bench.session, limits=the_limits(), now=bench.clock())
    bench.session.rollback()
    return report.findings


def drawn(bench: Bench) -> Subject:
    tube = bench.register(Sort.TUBE, "TB")
    bench.say(Kind.COLLECTED, tube, source="participant:PN1", target=UNIT)
    return tube


def test_a_box_packed_by_mistake_again_and_again_is_in_the_hands_that_packed_it(
    bench: Bench,
) -> None:
    box = bench.register(Sort.BOX, "BX")
    for number in range(1, 7):
        packed = bench.say(
            Kind.PACKED, drawn(bench), target=UNIT, inside=box.id, position=f"A{number}"
        )
        bench.clock.wait(minutes=1)
        wrong = packed.entries[0].entry_id.command
        amending.undo(bench.work, reading=bench.reading(), command=wrong)
    bench.say(Kind.PACKED, drawn(bench), target=UNIT, inside=box.id, position="B1")

    bench.say(Kind.READ, box)

    assert found(bench) == ()


def test_what_is_in_a_found_box_goes_with_the_box_it_turns_out_to_be(bench: Bench) -> None:
    real, freezer = bench.register(Sort.BOX, "BX"), bench.register(Sort.PLACE, "FZ")
    code = make("BX", next_mintable("BX", parse(real.code).number + 50))
    other = bench.register(Sort.BOX, "BX", code=code, origin=Origin.FOUND)
    bench.say(Kind.PACKED, drawn(bench), target=UNIT, inside=other.id, position="A1")
    bench.clock.wait(minutes=1)
    amending.identify(bench.work, reading=bench.reading(), found=other.id, real=real.id)

    bench.say(Kind.STORED, real, target=UNIT, place=freezer.id, position="1")

    assert found(bench) == ()


def test_a_tube_is_followed_into_the_package_that_a_correction_names(bench: Bench) -> None:
    tube, box = drawn(bench), bench.register(Sort.BOX, "BX")
    bench.say(Kind.PACKED, tube, target=UNIT, inside=box.id, position="A1")
    said, meant = (bench.register(Sort.PACKAGE, "PK") for _ in range(2))
    _arrive(bench, said, [[tube.id, tube.code, box.code, "A1"]])
    checked_in = bench.say(
        Kind.CHECKED_IN, tube, site="BB1", source=DOCK, target=DOCK, package=said.id
    )
    bench.clock.wait(minutes=1)
    amending.correct(
        bench.work,
        reading=bench.reading(site="BB1"),
        entry=checked_in.entries[0].entry_id,
        reason="misread",
        replacement={"package": meant.id},
    )
    assert found(bench) == ()

    _arrive(bench, meant, [])

    assert found(bench) == ()


def _arrive(bench: Bench, package: Subject, lines: list[Json]) -> None:
    facts: Facts = {"destination": "BB1", "lines": lines}
    bench.say(Kind.RELEASED, package, source=UNIT, target=COURIER, facts=facts)
    bench.say(Kind.RECEIVED, package, site="BB1", source=COURIER, target=DOCK)


def test_what_is_said_late_between_the_legs_of_a_package_is_followed_to_its_tubes(
    bench: Bench,
) -> None:
    """Two clocks put a release after its receipt; what the first said between them forbids that
    it be taken to have come before it (ledger.md 4)."""
    tube, package = drawn(bench), bench.register(Sort.PACKAGE, "PK")
    start = bench.clock()
    bench.clock.wait(hours=8)

    def say(kind: Kind, *, minutes: int, device: str, seq: int, **more: object) -> None:
        reading = replace(
            bench.reading(site="BB1" if kind is Kind.RECEIVED else "BRK", mode=Mode.OFFLINE),
            occurred_at=start + timedelta(minutes=minutes),
            uncertainty_ms=3_600_000,
            device_id=device,
            device_seq=seq,
        )
        draft = Draft(subject=package.id, kind=kind, reading=reading, **more)  # type: ignore[arg-type] # as given
        service.append(bench.work, [draft])

    facts: Facts = {"destination": "BB1", "lines": [[tube.id, tube.code, None, None]]}
    say(Kind.RELEASED, minutes=120, device="D1", seq=1, target=COURIER, facts=facts)
    say(Kind.RECEIVED, minutes=60, device="D2", seq=1, source=COURIER, target=DOCK)
    bench.clock.wait(hours=80)
    while sweep.due(bench.work):
        pass
    sweep.raise_settled(bench.work)
    assert found(bench) == ()

    say(Kind.QUARANTINED, minutes=90, device="D1", seq=2)

    assert found(bench) == ()


def test_what_moved_on_and_was_destroyed_before_is_in_no_box(bench: Bench) -> None:
    """Its first box is said late to have been destroyed with all in it; the next is empty then."""
    first, second = (bench.register(Sort.BOX, "BX") for _ in range(2))
    tube = drawn(bench)
    bench.say(Kind.PACKED, tube, target=UNIT, inside=first.id, position="A1")
    destroyed_at = bench.clock() + timedelta(minutes=1)
    bench.say(Kind.INVENTORIED, tube, inside=second.id, position="A1", minutes=30)
    bench.say(Kind.READ, first)
    bench.clock.wait(hours=1)

    reading = replace(bench.reading(mode=Mode.OFFLINE), occurred_at=destroyed_at)
    draft = Draft(subject=first.id, kind=Kind.DESTROYED, reading=reading)
    service.append(bench.work, [draft])

    assert found(bench) == ()
