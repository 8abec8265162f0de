"""A few days at the bench: things are registered, said to happen, and the watcher looks."""

from collections.abc import Callable
from uuid import NAMESPACE_OID, UUID, uuid5

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.custody import amending, parties, registry, service
from app.custody.drafts import Draft, Reading
from app.custody.ledger import Kind, Mode, Sort, Subject
from app.jobs import WorkFactory
from app.kernel.clock import Clock
from app.kernel.work import Actor, Work
from tests.builders.people import NORTH
from tests.builders.work import make_work
from tests.fakes.clock import SetClock

UNIT = parties.unit(NORTH, "collection")


def works_on(session: Session, clock: Clock) -> WorkFactory:
    """The system's work, on the session of the test, which is closed by nobody."""
    return lambda: make_work(session, clock=clock, actor=Actor(system=True))


def works_of(engine: Engine, clock: Clock) -> WorkFactory:
    """The system's work, each on a session of its own."""
    return lambda: make_work(Session(engine), clock=clock, actor=Actor(system=True))


class Bench:
    """What happens at North clinic, minute by minute."""

    def __init__(self, open_work: Callable[[], Work], clock: SetClock) -> None:
        self.clock = clock
        self.open_work = open_work
        self.said = 0

    def register(self, sort: Sort, namespace: str, **more: object) -> Subject:
        reading = self._reading(NORTH)
        new = registry.New(sort=sort, reading=reading, namespace=namespace, **more)  # type: ignore[arg-type] # as given
        work = self.open_work()
        [subject] = registry.register(work, [new])
        work.session.commit()
        return subject

    def say(
        self, kind: Kind, *subjects: Subject, minutes: float = 1, site: str = NORTH, **more: object
    ) -> None:
        self.clock.wait(minutes=minutes)
        reading = self._reading(site)
        work = self.open_work()
        service.append(
            work,
            [
                Draft(subject=subject.id, kind=kind, reading=reading, ordinal=ordinal, **more)  # type: ignore[arg-type] # as given
                for ordinal, subject in enumerate(subjects)
            ],
        )
        work.session.commit()

    def drawn(self) -> Subject:
        """A tube that has been drawn, and is to be packed within twelve hours."""
        tube = self.register(Sort.TUBE, "TB")
        self.say(Kind.COLLECTED, tube, source=parties.participant("PN1"), target=UNIT)
        return tube

    def box_of(self, count: int) -> tuple[Subject, list[Subject]]:
        """A box with so many tubes in it."""
        box = self.register(Sort.BOX, "BX")
        tubes = [self.drawn() for _ in range(count)]
        for place, tube in enumerate(tubes):
            self.pack(tube, box, f"A{place + 1}")
        return box, tubes

    def pack(self, tube: Subject, box: Subject, position: str = "A1") -> None:
        self.say(Kind.PACKED, tube, target=UNIT, inside=box.id, position=position)

    def take_back(self) -> None:
        """Undo what was said last."""
        command = self._command()
        work = self.open_work()
        amending.undo(work, reading=self._reading(NORTH), command=command)
        work.session.commit()

    def _command(self) -> UUID:
        return uuid5(NAMESPACE_OID, f"bench {self.said}")

    def _reading(self, site: str) -> Reading:
        self.said += 1
        return Reading(
            command=self._command(),
            occurred_at=self.clock(),
            site=site,
            mode=Mode.SCAN,
        )
