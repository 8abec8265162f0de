"""What is done to the base ledger while it is measured: dealt out before, so that it can be redone.

Half are tubes packed into a box at a clinic, half are conditions noted of tubes in store. No two
hands ever get the same tube, or the same box to fill.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.custody.drafts import Draft, Reading
from app.custody.ledger import Kind, Mode
from app.custody.parties import unit
from app.kernel.ids import IdSource
from tests.builders.people import DOCK, NORTH

PLACES = [f"{row}{column}" for row in "ABCDEFGH" for column in range(1, 13)]
RACK_OF = len(PLACES)  # 96
FILLED = 80


@dataclass(frozen=True, slots=True)
class Tube:
    """A tube of the base ledger."""

    id: int
    code: str


@dataclass(frozen=True, slots=True)
class Box:
    """A box of the base ledger."""

    id: int
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """What there is: tubes just drawn and empty boxes at the clinic, tubes and boxes in store."""

    fresh: tuple[Tube, ...] = ()
    empty: tuple[Box, ...] = ()
    stored: tuple[Tube, ...] = ()
    full: tuple[Box, ...] = ()
    entries: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """One scan: of a tube, into a box or (without one) of its condition."""

    command: UUID
    tube: Tube
    box: Box | None
    position: str | None
    device: str
    turn: int

    @property
    def step(self) -> str:
        return "pack" if self.box is not None else "note_condition"

    @property
    def site(self) -> str:
        return NORTH if self.box is not None else DOCK

    def draft(self, at: datetime) -> Draft:
        """The same as custody is told it."""
        reading = Reading(
            command=self.command,
            occurred_at=at,
            site=self.site,
            actor=1,
            mode=Mode.SCAN,
            device_id=self.device,
            device_seq=self.turn,
            device_time=at,
        )
        if self.box is None:
            facts = {"codes": ["good"]}
            return Draft(
                subject=self.tube.id, kind=Kind.CONDITION_NOTED, reading=reading, facts=facts
            )
        return Draft(
            subject=self.tube.id,
            kind=Kind.PACKED,
            reading=reading,
            target=unit(NORTH, "collection"),
            inside=self.box.id,
            position=self.position,
        )

    def body(self, at: datetime) -> dict[str, object]:
        """The same as a page sends it."""
        intent: dict[str, object] = {"step": self.step}
        if self.box is None:
            intent["facts"] = {"codes": ["good"]}
        else:
            intent |= {"box": self.box.code, "position": self.position}
        return {
            "id": str(self.command),
            "raw": self.tube.code,
            "symbology": "code128",
            "method": "scan",
            "device_id": self.device,
            "device_seq": self.turn,
            "device_time": at.isoformat(),
            "offset_ms": 0,
            "uncertainty_ms": 50,
            "queued": False,
            "intent": intent,
        }


class Dealer:
    """Deals out deeds, each tube once; boxes are filled one after the other."""

    def __init__(self, stock: Stock, ids: IdSource) -> None:
        self._fresh, self._empty = iter(stock.fresh), iter(stock.empty)
        # From all over the ledger, so that no page of it is warm by chance.
        self._stored = iter(_spread(stock.stored))
        self._ids = ids
        self._turn = 0
        self._filling: dict[str, tuple[Box | None, int]] = {}

    def hand(self, device: str, count: int) -> list[Deed]:
        """`count` single scans of one hand."""
        deeds: list[Deed] = []
        box, filled = self._filling.get(device, (None, FILLED))
        for number in range(count):
            if number % 2:
                deeds.append(self._deed(device, next(self._stored), None, None))
                continue
            if filled == FILLED:
                box, filled = next(self._empty), 0
            deeds.append(self._deed(device, next(self._fresh), box, PLACES[filled]))
            filled += 1
        self._filling[device] = box, filled
        return deeds

    def rack(self, device: str) -> list[Deed]:
        """A whole rack put into a box at once."""
        box = next(self._empty)
        return [self._deed(device, next(self._fresh), box, place) for place in PLACES]

    def _deed(self, device: str, tube: Tube, box: Box | None, position: str | None) -> Deed:
        self._turn += 1
        return Deed(
            command=self._ids(),
            tube=tube,
            box=box,
            position=position,
            device=device,
            turn=self._turn,
        )


def _spread(tubes: Sequence[Tube]) -> list[Tube]:
    step = 997  # a prime: walks through all of them in an order far from their own
    return [tubes[place * step % len(tubes)] for place in range(len(tubes))] if tubes else []
