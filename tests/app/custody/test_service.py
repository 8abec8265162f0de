"""Entries written and answered, on a real database that is rolled back."""

from datetime import UTC, datetime
from uuid import NAMESPACE_OID, uuid5

import pytest
from sqlalchemy.orm import Session

from app.custody import parties, queries, registry, service
from app.custody.drafts import Draft, Reading
from app.custody.ledger import Kind, Mode, Origin, Sort, Subject
from app.kernel.work import Actor
from labels.code import make, next_mintable, parse
from tests.builders.work import make_work
from tests.fakes.clock import SetClock

START = datetime(2026, 3, 2, 9, tzinfo=UTC)


class Bench:
    """A day at the bench: things registered, and said to happen, minute by minute."""

    def __init__(self, session: Session) -> None:
        self.clock = SetClock(START)
        self.work = make_work(session, clock=self.clock, actor=Actor(system=True))
        self.session = session
        self.said = 0

    def reading(self, *, site: str = "BRK", mode: Mode = Mode.SCAN) -> Reading:
        self.said += 1
        return Reading(
            command=uuid5(NAMESPACE_OID, str(self.said)),
            occurred_at=self.clock(),
            site=site,
            mode=mode,
            actor=1,
        )

    def register(self, sort: Sort, namespace: str, **more: object) -> Subject:
        new = registry.New(sort=sort, reading=self.reading(), namespace=namespace, **more)  # type: ignore[arg-type] # as given
        return registry.register(self.work, [new])[0]

    def say(
        self, kind: Kind, subject: Subject, *, minutes: int = 1, site: str = "BRK", **more: object
    ) -> service.Written:
        self.clock.wait(minutes=minutes)
        draft = Draft(subject=subject.id, kind=kind, reading=self.reading(site=site), **more)  # type: ignore[arg-type] # as given
        return service.append(self.work, [draft])


@pytest.fixture
def bench(session: Session) -> Bench:
    return Bench(session)


def test_a_tube_goes_into_a_box_and_the_box_has_its_holder(bench: Bench) -> None:
    tube = bench.register(Sort.TUBE, "TB")
    box = bench.register(Sort.BOX, "BX")
    unit = parties.unit("BRK", "collection")
    bench.say(Kind.COLLECTED, tube, source="participant:PN1", target=unit)
    written = bench.say(Kind.PACKED, tube, target=unit, inside=box.id, position="A1")

    assert written.findings == ()
    standing = queries.standing(bench.session, tube.id)
    assert (standing.holder, standing.within, standing.position) == (unit, box, "A1")
    assert [i.subject for i in queries.contents(bench.session, box.id)] == [tube]


def test_putting_something_in_is_a_look_at_the_container(bench: Bench) -> None:
    tube = bench.register(Sort.TUBE, "TB")
    box = bench.register(Sort.BOX, "BX")
    unit = parties.unit("BRK", "collection")
    bench.say(Kind.COLLECTED, tube, source="participant:PN1", target=unit)
    assert queries.standing(bench.session, box.id).last_seen is None
    (packed,) = bench.say(Kind.PACKED, tube, target=unit, inside=box.id).entries

    standing = queries.standing(bench.session, box.id)

    assert (standing.last_seen, standing.last_seen_at) == (packed.entry_id, packed.occurred_at)


def test_a_code_that_was_found_unminted_is_passed_over(bench: Bench) -> None:
    known = bench.register(Sort.TUBE, "TB")
    number = parse(known.code).number
    following = make("TB", next_mintable("TB", number + 1))
    found = bench.register(Sort.TUBE, "TB", code=following, origin=Origin.FOUND)

    assert bench.register(Sort.TUBE, "TB").code not in (known.code, found.code)


def test_one_entry_said_twice_in_one_breath_is_written_once(bench: Bench) -> None:
    tube = bench.register(Sort.TUBE, "TB")
    draft = Draft(subject=tube.id, kind=Kind.CONDITION_NOTED, reading=bench.reading())

    written = service.append(bench.work, [draft, draft])

    assert len(written.entries) == 1
    assert len(queries.entries_of(bench.session, tube.id)) == 2


def test_the_same_command_said_again_writes_nothing(bench: Bench) -> None:
    tube = bench.register(Sort.TUBE, "TB")
    draft = Draft(subject=tube.id, kind=Kind.CONDITION_NOTED, reading=bench.reading())

    first = service.append(bench.work, [draft])
    again = service.append(bench.work, [draft])

    assert again.replayed
    assert again.entries == first.entries
    assert len(queries.entries_of(bench.session, tube.id)) == 2
