"""The things of a story while it is told: what is inside what, in whose hands, at which place."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

from app.custody import parties
from app.custody.effective import Place, destination
from app.custody.history import Claim, Line, Stand
from app.custody.ledger import NOBODY, Entry, EntryId, Kind, Sort, Subject
from app.custody.steps import ENDED, Phase, Spin


@dataclass(slots=True)
class Thing:
    """One subject as the story has left it so far, and its lines in it."""

    subject: Subject
    within: int | None = None
    place: int | None = None
    position: str | None = None
    holder: str = NOBODY
    site: str | None = None
    to: str | None = None
    phase: Phase = Phase.NONE
    spin: Spin = Spin.NEVER
    anchor: EntryId | None = None
    anchor_subject: int = 0
    claimed: tuple[Place, Entry] | None = None
    entered: Entry | None = None
    confirmed: datetime | None = None
    children: set[int] = field(default_factory=set)
    lines: list[Line] = field(default_factory=list)
    bookkeeping: list[Entry] = field(default_factory=list)
    looked: Place | None = None
    checked_for: set[int] = field(default_factory=set)
    receipt: tuple[Place, Entry] | None = None

    def hold(self, entry: Entry) -> None:
        """It is in the hands that an entry names as its target."""
        self.holder = cast(str, entry.target)
        self.site = parties.site_of(entry.target)
        self.to = destination(entry) if entry.kind is Kind.RELEASED else None
        self.anchor, self.anchor_subject = entry.entry_id, entry.subject

    def put_at(self, position: str | None, *, place: int | None = None) -> None:
        """It is at this position of its container, or of a place."""
        self.place, self.position = place, position

    def claim_by(self, place: Place, entry: Entry) -> None:
        """It says since this entry to be where it is; nobody has counted it there."""
        self.claimed, self.confirmed = (place, entry), None

    def picked_up(self) -> None:
        """It is no longer where it was put."""
        self.place = self.position = self.claimed = None

    @property
    def claim(self) -> Claim | None:
        """Its live claim on the position where it is."""
        location = self.within if self.within is not None else self.place
        if self.claimed is None or location is None or not self.position or self.phase in ENDED:
            return None
        place, entry = self.claimed
        return Claim(
            location, self.position, place, self.subject.id, entry.entry_id, self.confirmed
        )


class Things(dict[int, Thing]):
    """Every thing a book speaks of, by its subject's id; one inside another moves with it."""

    def __init__(self, subjects: Mapping[int, Subject]) -> None:
        super().__init__({id_: Thing(one, anchor_subject=id_) for id_, one in subjects.items()})

    def around(self, thing: Thing) -> Iterator[int]:
        """A container and everything around it."""
        yield thing.subject.id
        while thing.within is not None:
            thing = self[thing.within]
            yield thing.subject.id

    def contents(self, thing: Thing) -> Iterator[Thing]:
        """Everything inside, however deep, each container before what it holds."""
        for child in sorted(thing.children):
            content = self[child]
            yield content
            yield from self.contents(content)

    def put_in(self, thing: Thing, container: Thing, *, by: Entry) -> None:
        """It is inside the container since this entry."""
        thing.within, thing.entered = container.subject.id, by
        container.children.add(thing.subject.id)

    def leave(self, thing: Thing, before: Stand) -> None:
        """Out of its container, in the hands which that was in."""
        if thing.within is None:
            return
        self[thing.within].children.discard(thing.subject.id)
        thing.within = thing.place = thing.position = thing.claimed = thing.entered = None
        thing.holder, thing.site, thing.to = before.holder, before.site, before.to
        thing.anchor, thing.anchor_subject = before.anchor, before.anchor_subject

    def stand(self, thing: Thing) -> Stand:
        """Where it stands: what is outermost around it decides whose hands it is in, and where."""
        root, sealed = thing, thing.phase is Phase.SEALED
        while root.within is not None:
            root = self[root.within]
            sealed = sealed or root.phase is Phase.SEALED
        return Stand(
            root.holder,
            root.site,
            root.place,
            thing.within,
            thing.position,
            thing.phase,
            thing.spin,
            root.to,
            root.anchor,
            root.anchor_subject,
            sealed,
            root.subject.id,
            root.subject.sort is Sort.PACKAGE,
        )
