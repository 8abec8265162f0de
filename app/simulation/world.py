"""A small programme as it would be after a week, told by its people from the first day to now.

The same seed and start time give the same world, whatever the machine: everything happens at a
moment of the past, in order, and is recorded then.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from app.custody.drafts import Draft
from app.custody.ledger import Json, Kind
from app.custody.queries import occupied, subject_of, subjects
from app.custody.service import append, by_hand
from app.kernel.ids import EPOCH
from app.kernel.limits import LimitsInForce
from app.kernel.work import Actor, Work, run_tx
from app.participants import service as participants
from app.participants.service import NewParticipant, Withdrawal
from app.simulation import road
from app.simulation.cast import BB1, BOXES, COLLECTION, PROGRAMME, SHELVES, Cast, furnish
from app.simulation.deeds import Hands, Load
from app.storage import grid
from config.catalogue import Catalogue

Answer = TypeVar("Answer")

DAYS = 7
CONSENTS = ("primary", "biospecimen")
GROUP = 15  # who consents on one occasion
SPANISH = 0.25
FIRST_VISIT = timedelta(hours=-4, minutes=-20)
SPUN_TOGETHER = 3  # visits
BETWEEN_VISITS, SLOTS = timedelta(minutes=30), 9
AT_THE_SITE = 3  # of the steps of the way
POSITIONS = tuple(grid.positions(SHELVES, BOXES))
# Sites begin at different times of the day, so that every stage is under way at once.
SHIFT = {
    "BRK": timedelta(hours=-3),
    "RIV": timedelta(hours=-1),
    "MTN": timedelta(minutes=15),
    "BUS": timedelta(minutes=-30),
}
ON_THE_ROAD = {"BRK": 20, "RIV": 20, "MTN": 44.75, "BUS": 21.7}  # hours
# What went wrong, as (site, days ago): the last thing that was done.
FORGOTTEN, LATE, MISSING, WITHDRAWN = ("BUS", 2), ("RIV", 3), ("BRK", 2), ("MTN", 5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """How much of it: participants in all, and visits a site has each day."""

    participants: int = 300
    visits: int = 9


FULL, SMALL = Scale(), Scale(participants=30, visits=1)


@dataclass(slots=True)
class MovingClock:
    """Tells the time of the story: it stands where it was put last, and never goes back."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now

    def go_to(self, moment: datetime) -> None:
        """It is then."""
        self.now = max(self.now, moment)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Something that people of one role do at one site, in one transaction."""

    at: datetime
    site: str
    role: str
    do: Callable[[Work], None]


@dataclass(slots=True, kw_only=True)
class World:
    """Plays the programme's first week on a session. `now` is the moment at which it ends."""

    session: Session
    catalogue: Catalogue
    limits: LimitsInForce
    now: datetime
    seed: int = 1
    scale: Scale = FULL
    clock: MovingClock = field(init=False)
    random: Random = field(init=False)
    waiting: dict[str, list[str]] = field(init=False)
    stored: int = field(init=False, default=0)
    hands: Hands | None = field(init=False, default=None)
    loads: dict[tuple[str, int], Load] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.random = Random(self.seed)  # noqa: S311 - repeatable is the point
        self.waiting = {site: [] for site in COLLECTION}
        self.clock = MovingClock(self.now - timedelta(days=DAYS + 1))

    def begin(self) -> Cast:
        """What is there before the first participant comes. Raises what signing in would."""
        cast = self._transact(Actor(system=True), furnish)
        self.hands = Hands(cast=cast, random=self.random)
        return cast

    def play(self, told: Callable[[int, int], None] = lambda done, scenes: None) -> None:
        """Everything since, up to now; `told` hears how many of the scenes are over."""
        hands = self.hands
        if hands is None:
            raise ValueError("a world begins before it is played")
        scenes = [*self._arrivals(), *self._days(hands)]
        over = sorted((s for s in scenes if s.at <= self.now), key=lambda scene: scene.at)
        for number, scene in enumerate(over, start=1):
            self.clock.go_to(scene.at)
            person = hands.cast.who(scene.role).person
            self._transact(Actor(person=person, site=scene.site, system=True), scene.do)
            told(number, len(over))

    def _arrivals(self) -> Iterator[Scene]:
        """Everybody consents in the first days, some at each site."""
        begun, occasion = self.now - timedelta(days=DAYS, hours=20), 0
        for number, site in enumerate(COLLECTION):
            left = (self.scale.participants + number) // len(COLLECTION)
            while left:
                size, occasion = min(GROUP, left), occasion + 1
                left -= size
                yield Scene(
                    at=begun + timedelta(minutes=5 * occasion),
                    site=site,
                    role="phlebotomist",
                    do=partial(self._enrol, site=site, count=size),
                )

    def _enrol(self, work: Work, *, site: str, count: int) -> None:
        new = NewParticipant(site=site, programme=PROGRAMME)
        arrived = [participants.create(work, new) for _ in range(count)]
        self.waiting[site] += [subject.code for subject in arrived]
        reading = by_hand(work, site=site)
        said = [(subject, scope) for subject in arrived for scope in CONSENTS]
        append(
            work,
            [
                Draft(
                    subject=subject.id,
                    kind=Kind.CONSENT_RECORDED,
                    reading=reading,
                    ordinal=ordinal,
                    facts=self._consent(scope),
                )
                for ordinal, (subject, scope) in enumerate(said)
            ],
        )

    def _consent(self, scope: str) -> dict[str, Json]:
        language = "es" if self.random.random() < SPANISH else "en"
        return {"scope": scope, "status": "yes", "version": "1", "language": language}

    def _days(self, hands: Hands) -> Iterator[Scene]:
        for site in COLLECTION:
            for ago in range(DAYS):
                begin = self.now - timedelta(days=ago) + FIRST_VISIT + SHIFT[site]
                load = self.loads[site, ago] = Load(site=site)
                yield from self._visits(hands, load, begin)
                yield from self._way(hands, load, begin, (site, ago))
                if (site, ago) == WITHDRAWN:
                    yield from self._withdrawal(hands, load)

    def _visits(self, hands: Hands, load: Load, begin: datetime) -> Iterator[Scene]:
        first = SLOTS - self.scale.visits
        for place in range(self.scale.visits):
            at = begin + (first + place) * BETWEEN_VISITS
            steps: list[tuple[int, Callable[[Work], None]]] = [
                (0, partial(self._order, hands=hands, load=load)),
                (8, partial(self._draw, hands=hands, load=load, place=place)),
            ]
            full = (place + 1) % SPUN_TOGETHER == 0
            if full or place + 1 == self.scale.visits:
                run = slice(place // SPUN_TOGETHER * SPUN_TOGETHER, place + 1)
                spin = partial(self._spin, hands=hands, load=load, run=run)
                steps += [(48, partial(spin, started=True)), (63, partial(spin, started=False))]
            for minutes, do in steps:
                moment = at + timedelta(minutes=minutes)
                yield Scene(at=moment, site=load.site, role="phlebotomist", do=do)

    def _order(self, work: Work, *, hands: Hands, load: Load) -> None:
        hands.order(work, load, self.waiting[load.site].pop(0))

    def _draw(self, work: Work, *, hands: Hands, load: Load, place: int) -> None:
        hands.draw(work, load.kits[place])

    def _spin(self, work: Work, *, hands: Hands, load: Load, run: slice, started: bool) -> None:
        hands.spin(work, load.kits[run], started=started)

    def _way(
        self, hands: Hands, load: Load, begin: datetime, which: tuple[str, int]
    ) -> Iterator[Scene]:
        """From the chair to a freezer; a day on which something went wrong stops short."""
        arrives = 7 + ON_THE_ROAD[load.site]
        missing = (3,) if which == MISSING else ()
        steps: tuple[tuple[float, Callable[[Work], None]], ...] = (
            (6, lambda work: road.pack(work, hands, load)),
            (6.5, lambda work: road.close(work, hands, load)),
            (7, lambda work: road.release(work, hands, load)),
            (arrives, lambda work: road.deliver(work, hands, load)),
            (arrives + 0.25, lambda work: road.receive(work, hands, load)),
            (arrives + 0.75, lambda work: road.check_in(work, hands, load, missing=missing)),
            (arrives + 3, lambda work: self._store(work, hands, load)),
        )
        last = {FORGOTTEN: 1, LATE: 3}.get(which, len(steps))
        for place, (hours, do) in enumerate(steps[:last]):
            there = place < AT_THE_SITE
            yield Scene(
                at=begin + timedelta(hours=hours),
                site=load.site if there else BB1,
                role="phlebotomist" if there else "technician",
                do=do,
            )

    def _store(self, work: Work, hands: Hands, load: Load) -> None:
        """Boxes go into freezer after freezer, rack after rack."""
        number, freezers = self.stored, hands.cast.freezers
        self.stored += 1
        freezer = subject_of(work.session, freezers[number % len(freezers)])
        if freezer is None:
            raise ValueError("a freezer of the cast is unknown to the ledger")
        there = subjects(work.session, occupied(work.session, freezer.id).values())
        racks = sorted(there.values(), key=lambda rack: rack.code)
        number //= len(freezers)
        position = POSITIONS[number // len(racks) % len(POSITIONS)]
        road.store(work, hands, load, rack=racks[number % len(racks)], position=position)

    def _withdrawal(self, hands: Hands, load: Load) -> Iterator[Scene]:
        """A participant withdraws, and afterwards somebody moves one of the tubes."""

        def withdraw(work: Work) -> None:
            (owner,) = subjects(work.session, [load.kits[0].order.participant]).values()
            participants.withdraw(work, owner.code, Withdrawal(ceremony="N"))

        yield Scene(
            at=self.now - timedelta(hours=30), site=load.site, role="site_coordinator", do=withdraw
        )
        yield Scene(
            at=self.now - timedelta(hours=20),
            site=BB1,
            role="technician",
            do=lambda work: road.move(work, hands, load, load.kits[0].drawn[0], "I9"),
        )

    def _transact(self, actor: Actor, do: Callable[[Work], Answer]) -> Answer:
        work = Work(
            session=self.session,
            clock=self.clock,
            ids=self._id,
            actor=actor,
            catalogue=self.catalogue,
            limits=self.limits,
        )
        return run_tx(self.session, lambda: do(work))

    def _id(self) -> UUID:
        milliseconds = (self.clock() - EPOCH) // timedelta(milliseconds=1)
        bits = milliseconds << 80 | self.random.getrandbits(80)
        bits = bits & ~(0xF << 76) | 0x7 << 76
        bits = bits & ~(0x3 << 62) | 0x2 << 62
        return UUID(int=bits)
