"""The story told once from the start: entries in event order, each changing where things stand.

Containment is resolved here and nowhere else (ledger.md 1): a container's entry is part of the
story of everything inside it at that moment, and nothing is ever written for what nobody saw.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime

from app.custody.effective import Place, effective
from app.custody.history import Book, Claim, Content, History, Line, Stand
from app.custody.ledger import BOOKKEEPING, LOOKS, NOBODY, UNKNOWN, Entry, Kind, Mode, Sort
from app.custody.receipts import Receipts, is_closing
from app.custody.steps import ENDED, FOLLOWED, after, presumed, spun
from app.custody.things import Thing, Things
from app.kernel.limits import LimitsInForce

# Without a place of their own, these say it is no longer where it was put.
_PICKED_UP = frozenset(
    {
        Kind.COLLECTED,
        Kind.PACKED,
        Kind.UNPACKED,
        Kind.RELEASED,
        Kind.DELIVERED,
        Kind.RECEIVED,
        Kind.CHECKED_IN,
        Kind.CHECKED_OUT,
        Kind.STORED,
        Kind.MOVED,
        Kind.RETURNED,
        Kind.QUARANTINED,
        Kind.FOUND,
        Kind.DISTRIBUTED,
        Kind.CONSUMED,
        Kind.DESTROYED,
        Kind.LOST_DECLARED,
    }
)


class Replay:
    """One telling of a book, up to `now`. Ask it for histories afterwards."""

    def __init__(self, book: Book, *, limits: LimitsInForce, now: datetime) -> None:
        self._book = book
        self._things = Things(book.subjects)
        self._receipts = Receipts(self._things, limits=limits)
        self._by_subject: dict[int, list[Entry]] = defaultdict(list)
        told = effective(book.entries)
        self._rings: dict[int, list[Entry]] = defaultdict(list)
        if told.rings:
            for entry in book.entries:
                if entry.entry_id in told.rings:
                    self._rings[entry.subject].append(entry)
        self._alias = _identified([entry for _, entry in told.entries])
        for place, entry in self._receipts.with_closings(told.entries, now=now):
            if is_closing(place):
                self._receipts.close(entry)
            else:
                self._tell(place, entry)
        self._claims = self._live_claims() if book.complete else {}
        self._contents_told: dict[int, Content | None] = {}

    def history(self, subject: int) -> History:
        """The history of one subject; raises KeyError for one the book does not hold."""
        thing = self._things[subject]
        about = thing.subject
        kin = self._book.subjects.get(about.participant) if about.participant else None
        whose = about.participant or _bound_to(thing) or 0
        claim = thing.claim
        return History(
            subject=about,
            lines=tuple(thing.lines),
            stand=self._things.stand(thing),
            participant=tuple(self._by_subject.get(whose, ())),
            participant_code=kin.code if kin else None,
            kit=tuple(self._by_subject.get(about.kit or 0, ())),
            receipts=self._receipts.of(thing),
            first_content=self._first_content(thing),
            claim=claim,
            rivals=self._rivals(claim),
            rings=tuple(self._rings.get(subject, ())),
            bookkeeping=tuple(thing.bookkeeping),
            entered=thing.entered,
            alias_of=self._alias.get(subject),
        )

    def histories(self, subjects: Collection[int] | None = None) -> Iterator[History]:
        """Histories of the subjects asked for, or of all, by id."""
        for subject in sorted(self._things if subjects is None else subjects):
            yield self.history(subject)

    def claims(self, subjects: Collection[int]) -> list[Claim]:
        """The live claims of these subjects on positions."""
        claims = [self._things[subject].claim for subject in subjects]
        return [claim for claim in claims if claim is not None]

    def learn(
        self,
        *,
        contents: Mapping[int, Content | None] | None = None,
        rivals: Mapping[tuple[int, str], tuple[Claim, ...]] | None = None,
    ) -> None:
        """Tell a partial book what it does not hold: see `Book`."""
        if contents is not None:
            self._contents_told = {**self._contents_told, **contents}
        if rivals is not None:
            self._claims = {**self._claims, **rivals}

    # One entry

    def _tell(self, place: Place, entry: Entry) -> None:
        subject = self._alias.get(entry.subject, entry.subject)
        self._by_subject[entry.subject].append(entry)
        thing = self._things.get(subject)
        if thing is None:
            return
        if entry.kind in BOOKKEEPING and entry.kind is not Kind.READ:
            thing.bookkeeping.append(entry)
            return
        followers = list(self._things.contents(thing)) if entry.kind in FOLLOWED else []
        earlier = [self._things.stand(follower) for follower in followers]
        before = self._things.stand(thing)
        into, ring, left = self._contain(thing, place, entry, before)
        self._hand_over(thing, entry, before, put_in=into is not None and not ring, left=left)
        thing.phase = after(thing.subject.sort, entry.kind, thing.phase)
        thing.spin = spun(entry.kind, thing.spin)
        self._note(thing, place, entry)
        stand = self._things.stand(thing)
        thing.lines.append(Line(entry, True, before, stand, into=into, ring=ring, left=left))
        for follower, was in zip(followers, earlier, strict=True):
            self._follow(follower, entry, was)

    def _contain(
        self, thing: Thing, place: Place, entry: Entry, before: Stand
    ) -> tuple[Stand | None, bool, bool]:
        """Put it in, take it out, or leave it where it is: (container's stand, ring, left)."""
        if entry.mode is Mode.SYSTEM or entry.kind not in LOOKS:
            return None, False, False
        inside = self._alias.get(entry.inside, entry.inside) if entry.inside else None
        if inside is not None and (container := self._things.get(inside)) is not None:
            into = self._things.stand(container)
            ring = thing.subject.id in self._things.around(container)
            if not ring:
                self._put_in(thing, container, place, entry, before)
            return into, ring, False
        if entry.place is not None:
            self._things.leave(thing, before)
            if (entry.place, entry.position) != (thing.place, thing.position):
                thing.claim_by(place, entry)
            thing.put_at(entry.position, place=entry.place)
            return None, False, False
        if entry.kind is Kind.UNPACKED and thing.within is not None:
            self._things.leave(thing, before)
            return None, False, False
        if thing.within is not None and _elsewhere(entry, before):
            self._things.leave(thing, before)
            return None, False, True
        if thing.within is None and entry.kind in _PICKED_UP:
            thing.picked_up()
        return None, False, False

    def _put_in(
        self, thing: Thing, container: Thing, place: Place, entry: Entry, before: Stand
    ) -> None:
        moved = container.subject.id != thing.within
        claims = moved or entry.position != thing.position
        if moved:
            self._things.leave(thing, before)
            self._things.put_in(thing, container, by=entry)
        if claims:
            thing.claim_by(place, entry)
        thing.put_at(entry.position)

    def _hand_over(
        self, thing: Thing, entry: Entry, before: Stand, *, put_in: bool, left: bool
    ) -> None:
        if thing.within is not None:
            container = self._things[thing.within]
            unheld = container.within is None and container.holder == NOBODY
            if put_in and unheld and entry.target is not None:
                container.hold(entry)
            return
        if entry.target is not None:
            thing.hold(entry)
        elif left or (entry.kind in LOOKS and _elsewhere(entry, before)):
            thing.holder, thing.site, thing.to = UNKNOWN, entry.site, None
            thing.anchor, thing.anchor_subject = entry.entry_id, entry.subject

    def _note(self, thing: Thing, place: Place, entry: Entry) -> None:
        if entry.kind in LOOKS and entry.mode is not Mode.SYSTEM:
            thing.looked = place
        if entry.kind is Kind.CHECKED_IN and entry.package is not None:
            thing.checked_for.add(entry.package)
        if entry.kind is Kind.INVENTORIED:
            thing.confirmed = entry.occurred_at
        if thing.subject.sort is Sort.PACKAGE:
            self._receipts.keep(thing, place, entry)

    def _follow(self, thing: Thing, entry: Entry, before: Stand) -> None:
        if thing.phase in ENDED:
            return
        thing.phase = presumed(entry.kind, thing.phase)
        thing.lines.append(Line(entry, False, before, self._things.stand(thing)))

    # Claims and contents

    def _live_claims(self) -> dict[tuple[int, str], tuple[Claim, ...]]:
        claims: dict[tuple[int, str], list[Claim]] = defaultdict(list)
        for claim in self.claims(list(self._things)):
            claims[claim.location, claim.position].append(claim)
        return {at: tuple(sorted(live, key=lambda c: c.order)) for at, live in claims.items()}

    def _rivals(self, claim: Claim | None) -> tuple[Claim, ...]:
        if claim is None:
            return ()
        live = self._claims.get((claim.location, claim.position), ())
        return tuple(other for other in live if other.subject != claim.subject)

    def _first_content(self, thing: Thing) -> Content | None:
        if not self._book.complete:
            return self._contents_told.get(thing.subject.id)
        entered = [
            Content(child.entered.occurred_at, child.entered.entry_id)
            for child in (self._things[id_] for id_ in thing.children)
            if child.entered is not None and child.phase not in ENDED
        ]
        return min(entered, default=None)


def _bound_to(thing: Thing) -> int | None:
    """The participant whom a tube with a foreign code was first bound to."""
    bound = (e.facts.get("participant_subject") for e in thing.bookkeeping if e.kind is Kind.BOUND)
    first = next(bound, None)
    return first if isinstance(first, int) else None


def _elsewhere(entry: Entry, stand: Stand) -> bool:
    """Made at a site other than where it stands, nor where an open shipment is taking it."""
    if entry.site is None or stand.holder == NOBODY:
        return False
    return entry.site not in (stand.site, stand.to)


def _identified(entries: list[Entry]) -> dict[int, int]:
    """Found subjects known by now to be another, whose entries count as the other's own."""
    alias: dict[int, int] = {}
    for entry in entries:
        if entry.kind is Kind.IDENTIFIED and isinstance(real := entry.facts.get("real"), int):
            alias[entry.subject] = real
    for found in list(alias):
        trail = [found]
        while alias.get(trail[-1], found) not in trail:
            trail.append(alias[trail[-1]])
        alias[found] = trail[-1]
    return {found: real for found, real in alias.items() if found != real}
