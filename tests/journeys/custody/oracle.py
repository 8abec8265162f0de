"""Where everything is, found the slow way: no trees, no lines, one dictionary to a question.

Written from ledger.md 1 alone, to be compared with `app.custody.replay`. It shares with it which
entries count and in what order (`effective`) and the step table (what has ended), nothing else.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from app.custody.effective import destination, effective
from app.custody.history import Book
from app.custody.ledger import BOOKKEEPING, NOBODY, UNKNOWN, Entry, EntryId, Kind, Sort
from app.custody.parties import site_of
from app.custody.steps import ENDED, FOLLOWED, Phase, after, presumed

CLOSES_AFTER = timedelta(hours=4)
AT_REST = frozenset(  # looks that do not say it was picked up
    {Kind.READ, Kind.INVENTORIED, Kind.TEMPERATURE, Kind.CONDITION_NOTED, Kind.STAGED}
    | {Kind.CARRIER_SCAN, Kind.SPIN_STARTED, Kind.SPIN_ENDED, Kind.SEALED, Kind.PACKAGE_CLOSED_OUT}
    | {Kind.COLLECTION_FAILED, Kind.RELEASED_FROM_QUARANTINE, Kind.DESTRUCTION_AUTHORISED}
    | {Kind.ORDER_DONE, Kind.ORDER_PLACED, Kind.IDENTITY_CONFIRMED}
    | {Kind.CONSENT_RECORDED, Kind.WITHDRAWAL_SET}
)


class Whereabouts(NamedTuple):
    """Where one thing is: in whose hands, at which site and place, in what, at which position."""

    holder: str
    site: str | None
    place: int | None
    within: int | None
    position: str | None


Telling = tuple[EntryId, bool]
Hands = tuple[str, str | None, str | None]  # holder, its site, the site it is going to


class Oracle:
    """Everything a book says by `now`: `whereabouts`, `timeline` (entry, seen), `occupants`."""

    def __init__(self, book: Book, *, now: datetime) -> None:
        told = [(place[0][0], entry) for place, entry in effective(book.entries).entries]
        self._subjects = book.subjects
        self._real = _real([entry for _, entry in told])
        self._inside: dict[int, int] = {}
        self._place: dict[int, int] = {}
        self._position: dict[int, str | None] = {}
        self._since: dict[int, int] = {}
        self._hands: dict[int, Hands] = defaultdict(lambda: (NOBODY, None, None))
        self._phase: dict[int, Phase] = defaultdict(lambda: Phase.NONE)
        self._looked: dict[int, int] = {}
        self._checked: set[tuple[int, int]] = set()
        self._open: dict[int, tuple[int, Entry]] = {}
        self.timeline: dict[int, list[Telling]] = {id_: [] for id_ in book.subjects}
        self._turn = 0
        for at, entry in told:
            self._close_until(at)
            self._tell(entry)
        self._close_until(now)

    def whereabouts(self, subject: int) -> Whereabouts:
        """Where it is in the end."""
        outermost = list(self._chain(subject))[-1]
        holder, site, _ = self._hands[outermost]
        return Whereabouts(
            holder,
            site,
            self._place.get(outermost),
            self._inside.get(subject),
            self._position.get(subject),
        )

    def occupants(self) -> dict[tuple[int, str], tuple[int, ...]]:
        """Who says to be at each position, the earliest first."""
        found = defaultdict(list)
        for id_ in self._subjects:
            where, position = self._inside.get(id_, self._place.get(id_)), self._position.get(id_)
            if where is not None and position and self._phase[id_] not in ENDED:
                found[where, position].append(id_)
        return {at: tuple(sorted(ids, key=self._since.__getitem__)) for at, ids in found.items()}

    def _chain(self, subject: int) -> Iterator[int]:
        yield subject
        while subject in self._inside:
            subject = self._inside[subject]
            yield subject

    def _within(self, container: int) -> list[int]:
        return [x for x in self._subjects if x != container and container in self._chain(x)]

    def _tell(self, entry: Entry) -> None:
        self._turn += 1
        me = self._real.get(entry.subject, entry.subject)
        if entry.kind in BOOKKEEPING and entry.kind is not Kind.READ:
            return
        contents = self._within(me) if entry.kind in FOLLOWED else []
        left = self._put(me, entry)
        self._hand_over(me, entry, left=left)
        self._phase[me] = after(self._subjects[me].sort, entry.kind, self._phase[me])
        self._looked[me] = self._turn
        self.timeline[me].append((entry.entry_id, True))
        for content in contents:
            if self._phase[content] not in ENDED:
                self._phase[content] = presumed(entry.kind, self._phase[content])
                self.timeline[content].append((entry.entry_id, False))
        self._receive(me, entry)

    def _put(self, me: int, entry: Entry) -> bool:
        """Put it where the entry says; whether being elsewhere took it out of its container."""
        if entry.inside is not None:
            container = self._real.get(entry.inside, entry.inside)
            if me not in self._chain(container):
                self._stand(me, inside=container, place=None, position=entry.position)
        elif entry.place is not None:
            self._take_out(me)
            self._stand(me, inside=None, place=entry.place, position=entry.position)
        elif me in self._inside:
            elsewhere = self._elsewhere(me, entry)
            if entry.kind is Kind.UNPACKED or elsewhere:
                self._take_out(me)
                return elsewhere and entry.kind is not Kind.UNPACKED
        elif entry.kind not in AT_REST:
            self._stand(me, inside=None, place=None, position=None)
        return False

    def _take_out(self, me: int) -> None:
        """Out of its container, in the hands that had that."""
        if me in self._inside:
            self._hands[me] = self._hands[list(self._chain(me))[-1]]
            self._stand(me, inside=None, place=None, position=None)

    def _stand(
        self, me: int, *, inside: int | None, place: int | None, position: str | None
    ) -> None:
        before = (self._inside.get(me), self._place.get(me), self._position.get(me))
        if before != (inside, place, position):
            self._since[me] = self._turn
        self._inside.pop(me, None)
        self._place.pop(me, None)
        if inside is not None:
            self._inside[me] = inside
        if place is not None:
            self._place[me] = place
        self._position[me] = position

    def _elsewhere(self, me: int, entry: Entry) -> bool:
        holder, site, going_to = self._hands[list(self._chain(me))[-1]]
        return holder != NOBODY and entry.site is not None and entry.site not in (site, going_to)

    def _hand_over(self, me: int, entry: Entry, *, left: bool) -> None:
        outermost = list(self._chain(me))[-1]
        if entry.target is not None:
            named = self._real.get(entry.inside or 0, entry.inside)
            put_in = named is not None and named == self._inside.get(me) == outermost
            if outermost == me or (put_in and self._hands[outermost][0] == NOBODY):
                released = entry.kind is Kind.RELEASED
                going_to = destination(entry) if released else None
                self._hands[outermost] = (entry.target, site_of(entry.target), going_to)
        elif outermost == me and (left or self._elsewhere(me, entry)):
            self._hands[me] = (UNKNOWN, entry.site, None)

    def _receive(self, me: int, entry: Entry) -> None:
        if entry.kind is Kind.CHECKED_IN and entry.package is not None:
            self._checked.add((me, entry.package))
        if self._subjects[me].sort is not Sort.PACKAGE:
            return
        if entry.kind is Kind.RELEASED:
            self._open.pop(me, None)
        elif entry.kind is Kind.RECEIVED:
            self._open[me] = (self._turn, entry)
        elif entry.kind is Kind.PACKAGE_CLOSED_OUT and me in self._open:
            self._close(me)

    def _close_until(self, at: datetime) -> None:
        over = [
            (received.occurred_at + CLOSES_AFTER, turn, package)
            for package, (turn, received) in self._open.items()
            if received.occurred_at + CLOSES_AFTER <= at
        ]
        for _, _, package in sorted(over):
            self._turn += 1
            self._close(package)
            del self._open[package]

    def _close(self, package: int) -> None:
        """What was directly in it and was not seen since it was opened is nowhere known."""
        opened, received = self._open[package]
        unseen = [
            x
            for x in self._subjects
            if self._inside.get(x) == package
            and (x, package) not in self._checked
            and self._looked.get(x, 0) <= opened
        ]
        for one in unseen:
            self._take_out(one)
            for told in (one, *self._within(one)):
                self.timeline[told].append((received.entry_id, False))


def _real(entries: list[Entry]) -> dict[int, int]:
    """Found subjects, and which one each was in the end known to be; a ring says nothing new."""
    said = {e.subject: e.facts["real"] for e in entries if e.kind is Kind.IDENTIFIED}
    known: dict[int, int] = {}
    for found in said:
        trail = [found]
        while isinstance(further := said.get(trail[-1]), int) and further not in trail:
            trail.append(further)
        known[found] = trail[-1]
    return known
