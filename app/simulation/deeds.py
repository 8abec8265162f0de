"""What the simulated phlebotomist does: order, draw, spin; through the services, as everybody."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

from app.collection import drawing, kits, ordering
from app.collection.drawing import Draw
from app.collection.models import Order
from app.collection.ordering import NewOrder
from app.collection.queries import tubes_of
from app.custody.drafts import Reading
from app.custody.ledger import Evidence, Facts, Mode, Subject
from app.kernel.work import Work
from app.simulation.cast import Cast, StationKey

PROTOCOL = "adult_v3_1"  # the adult full kit of eight tubes
SCAN = timedelta(seconds=7)
NOT_DRAWN = 0.03


@dataclass(slots=True, kw_only=True)
class Kit:
    """A visit: an order, its kit, and the tubes that were really drawn."""

    order: Order
    tubes: list[Subject]
    drawn: list[Subject] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Load:
    """What leaves a site on one day: kits, then the box and the package they go in."""

    site: str
    kits: list[Kit] = field(default_factory=list)
    box: Subject | None = None
    package: Subject | None = None

    @property
    def tubes(self) -> list[Subject]:
        return [tube for kit in self.kits for tube in kit.drawn]


@dataclass(slots=True, kw_only=True)
class Hands:
    """The people and scanners; `random` decides what nobody decides."""

    cast: Cast
    random: Random
    _scans: dict[str, int] = field(default_factory=dict)

    def scans(
        self, work: Work, station: StationKey, count: int, *, role: str
    ) -> Callable[[int], Reading]:
        """The readings of some scans one after another, the last of them now."""
        person = self.cast.who(role).person
        first = self._scans.get(station.code, 0) + 1
        self._scans[station.code] = first + count - 1
        begun = work.clock() - SCAN * (count - 1)

        def reading(number: int) -> Reading:
            at = begun + SCAN * number
            return Reading(
                command=work.ids(),
                occurred_at=at,
                site=station.site,
                station=station.code,
                actor=person,
                mode=Mode.SCAN,
                device_id=f"{station.code}-world",
                device_seq=first + number,
                device_time=at,
            )

        return reading

    def order(self, work: Work, load: Load, participant: str) -> None:
        """A participant is confirmed, an order placed, a kit opened."""
        wanted = NewOrder(
            participant=participant,
            protocol=PROTOCOL,
            identity=("card_scanned", "birth_date"),
            site=load.site,
        )
        order = kits.open_kit(work, ordering.place_order(work, wanted).id)
        load.kits.append(Kit(order=order, tubes=tubes_of(work.session, order)))

    def draw(self, work: Work, kit: Kit) -> None:
        """Each tube is scanned as it is drawn; now and then one is not."""
        station = self.cast.station(kit.order.site)
        failed = [tube for tube in kit.tubes if self.random.random() < NOT_DRAWN]
        kit.drawn = [tube for tube in kit.tubes if tube not in failed]
        reading = self.scans(work, station, len(kit.drawn) + 1, role="phlebotomist")
        draws = [
            Draw(tube=tube, reading=reading(number), facts={})
            for number, tube in enumerate(kit.drawn)
        ]
        drawing.collect(work, kit.order, draws, Evidence.STATED)
        reasons: dict[str, Facts] = {tube.code: {"reason": "short_draw"} for tube in failed}
        kits.finish(work, kit.order, reading(len(kit.drawn)), reasons)

    def spin(self, work: Work, kits: Sequence[Kit], *, started: bool) -> None:
        """The tubes with gel go into the centrifuge together, or come out."""
        gel = [tube for kit in kits for tube in kit.drawn if tube.facts.get("spin")]
        station = self.cast.station(kits[0].order.site)
        reading = self.scans(work, station, len(gel), role="phlebotomist")
        draws = [Draw(tube=tube, reading=reading(n), facts={}) for n, tube in enumerate(gel)]
        drawing.spin(work, draws, started=started)
