"""The story told once from the start: entries in event order, each changing where things stand.

Containment is resolved here and nowhere else (ledger.md 1): a container's entry is part of the
story of everything inside it at that moment, and nothing is ever written for what nobody saw.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast
from uuid import UUID

from app.custody import parties
from app.custody.effective import Place, destination, effective
from app.custody.history import Book, Claim, Content, History, Line, Receipt, Stand
from app.custody.ledger import (
    BOOKKEEPING,
    LOOKS,
    NOBODY,
    UNKNOWN,
    Entry,
    EntryId,
    Kind,
    Mode,
    Sort,
    Subject,
)
from app.custody.steps import ENDED, FOLLOWED, Phase, Spin, after, presumed, spun
from app.kernel.limits import LimitsInForce

_LAST = EntryId(UUID(int=2**128 - 1), 0)
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


@dataclass(slots=True)
class _Node:
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


class Replay:
    """One telling of a book, up to `now`. Ask it for histories afterwards."""

    def __init__(self, book: Book, *, limits: LimitsInForce, now: datetime) -> None:
        self._book = book
        self._limits = limits
        self._now = now
        told = effective(book.entries)
        self._rings: dict[int, list[Entry]] = defaultdict(list)
        if told.rings:
            for entry in book.entries:
                if entry.entry_id in told.rings:
                    self._rings[entry.subject].append(entry)
        self._alias = _identified([entry for _, entry in told.entries])
        self._nodes = {
            id_: _Node(subject, anchor_subject=id_) for id_, subject in book.subjects.items()
        }
        self._by_subject: dict[int, list[Entry]] = defaultdict(list)
        self._receipts: dict[int, list[Receipt]] = defaultdict(list)
        for place, entry in self._with_closings(told.entries):
            if place[1] == 2:
                self._close(entry.subject, entry)
            else:
                self._tell(place, entry)
        self._claims = self._live_claims() if book.complete else {}
        self._contents_told: dict[int, Content | None] = {}

    def history(self, subject: int) -> History:
        """The history of one subject; raises KeyError for one the book does not hold."""
        node = self._nodes[subject]
        about = node.subject
        kin = self._book.subjects.get(about.participant) if about.participant else None
        whose = about.participant or _bound_to(node) or 0
        claim = self._claim(node)
        return History(
            subject=about,
            lines=tuple(node.lines),
            stand=self._stand(node),
            participant=tuple(self._by_subject.get(whose, ())),
            participant_code=kin.code if kin else None,
            kit=tuple(self._by_subject.get(about.kit or 0, ())),
            receipts=self._receipts_of(node),
            first_content=self._first_content(node),
            claim=claim,
            rivals=self._rivals(claim),
            rings=tuple(self._rings.get(subject, ())),
            bookkeeping=tuple(node.bookkeeping),
            entered=node.entered,
            alias_of=self._alias.get(subject),
        )

    def histories(self, subjects: Collection[int] | None = None) -> Iterator[History]:
        """Histories of the subjects asked for, or of all, by id."""
        for subject in sorted(self._nodes if subjects is None else subjects):
            yield self.history(subject)

    def claims(self, subjects: Collection[int]) -> list[Claim]:
        """The live claims of these subjects on positions."""
        claims = [self._claim(self._nodes[subject]) for subject in subjects]
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
        node = self._nodes.get(subject)
        if node is None:
            return
        if entry.kind in BOOKKEEPING and entry.kind is not Kind.READ:
            node.bookkeeping.append(entry)
            return
        followers = list(self._contents(node)) if entry.kind in FOLLOWED else []
        earlier = [self._stand(follower) for follower in followers]
        before = self._stand(node)
        into, ring, left = self._contain(node, place, entry, before)
        self._hand_over(node, entry, before, put_in=into is not None and not ring, left=left)
        node.phase = after(node.subject.sort, entry.kind, node.phase)
        node.spin = spun(entry.kind, node.spin)
        self._note(node, place, entry)
        node.lines.append(
            Line(entry, True, before, self._stand(node), into=into, ring=ring, left=left)
        )
        for follower, was in zip(followers, earlier, strict=True):
            self._follow(follower, entry, was)

    def _contain(
        self, node: _Node, place: Place, entry: Entry, before: Stand
    ) -> tuple[Stand | None, bool, bool]:
        """Put it in, take it out, or leave it where it is: (container's stand, ring, left)."""
        if entry.mode is Mode.SYSTEM or entry.kind not in LOOKS:
            return None, False, False
        inside = self._alias.get(entry.inside, entry.inside) if entry.inside else None
        if inside is not None and (container := self._nodes.get(inside)) is not None:
            into = self._stand(container)
            if node.subject.id in self._around(container):
                return into, True, False
            moved = inside != node.within
            claims = moved or entry.position != node.position
            if moved:
                self._leave(node, before)
                node.within, node.entered = inside, entry
                container.children.add(node.subject.id)
            if claims:
                node.claimed = (place, entry)
                node.confirmed = None
            node.place, node.position = None, entry.position
            return into, False, False
        if entry.place is not None:
            self._leave(node, before)
            if (entry.place, entry.position) != (node.place, node.position):
                node.claimed = (place, entry)
                node.confirmed = None
            node.place, node.position = entry.place, entry.position
            return None, False, False
        if entry.kind is Kind.UNPACKED and node.within is not None:
            self._leave(node, before)
            return None, False, False
        if node.within is not None and _elsewhere(entry, before):
            self._leave(node, before)
            return None, False, True
        if node.within is None and entry.kind in _PICKED_UP:
            node.place = node.position = node.claimed = None
        return None, False, False

    def _leave(self, node: _Node, before: Stand) -> None:
        if node.within is None:
            return
        self._nodes[node.within].children.discard(node.subject.id)
        node.within = node.place = node.position = node.claimed = node.entered = None
        node.holder, node.site, node.to = before.holder, before.site, before.to
        node.anchor, node.anchor_subject = before.anchor, before.anchor_subject

    def _hand_over(
        self, node: _Node, entry: Entry, before: Stand, *, put_in: bool, left: bool
    ) -> None:
        if node.within is not None:
            container = self._nodes[node.within]
            unheld = container.within is None and container.holder == NOBODY
            if put_in and unheld and entry.target is not None:
                self._hold(container, entry)
            return
        if entry.target is not None:
            self._hold(node, entry)
        elif left or (entry.kind in LOOKS and _elsewhere(entry, before)):
            node.holder, node.site, node.to = UNKNOWN, entry.site, None
            node.anchor, node.anchor_subject = entry.entry_id, entry.subject

    def _hold(self, node: _Node, entry: Entry) -> None:
        node.holder = cast(str, entry.target)
        node.site = parties.site_of(entry.target)
        node.to = destination(entry) if entry.kind is Kind.RELEASED else None
        node.anchor, node.anchor_subject = entry.entry_id, entry.subject

    def _note(self, node: _Node, place: Place, entry: Entry) -> None:
        if entry.kind in LOOKS and entry.mode is not Mode.SYSTEM:
            node.looked = place
        if entry.kind is Kind.CHECKED_IN and entry.package is not None:
            node.checked_for.add(entry.package)
        if entry.kind is Kind.INVENTORIED:
            node.confirmed = entry.occurred_at
        if node.subject.sort is Sort.PACKAGE:
            self._keep_receipt(node, place, entry)

    def _follow(self, node: _Node, entry: Entry, before: Stand) -> None:
        if node.phase in ENDED:
            return
        node.phase = presumed(entry.kind, node.phase)
        node.lines.append(Line(entry, False, before, self._stand(node)))

    # Receipts

    def _keep_receipt(self, node: _Node, place: Place, entry: Entry) -> None:
        kept = self._receipts[node.subject.id]
        if entry.kind is Kind.RELEASED:
            node.receipt = None
            kept.append(
                Receipt(
                    package=node.subject.id,
                    released=entry,
                    received=None,
                    closes_at=None,
                    closed=False,
                    lines=manifest_lines(entry),
                )
            )
        elif entry.kind is Kind.RECEIVED:
            released = kept.pop() if kept and kept[-1].received is None else None
            node.receipt = (place, entry)
            kept.append(
                Receipt(
                    package=node.subject.id,
                    released=released.released if released else None,
                    received=entry,
                    closes_at=self._closes_at(entry),
                    closed=False,
                    lines=released.lines if released else frozenset(),
                )
            )
        elif entry.kind is Kind.PACKAGE_CLOSED_OUT and node.receipt is not None:
            self._close(node.subject.id, node.receipt[1], at=entry.occurred_at)

    def _closes_at(self, received: Entry) -> datetime:
        limits = self._limits.at(received.occurred_at)
        return received.occurred_at + limits.span("G43", "close_out_hours_max")

    def _with_closings(self, told: tuple[tuple[Place, Entry], ...]) -> list[tuple[Place, Entry]]:
        """The story with the moments at which receipts end by themselves."""
        closings = []
        for _, entry in told:
            if entry.kind is Kind.RECEIVED and entry.subject in self._nodes:
                limit = self._closes_at(entry)
                if limit <= self._now:
                    closings.append((((limit, "", 0, _LAST), 2), entry))
        return sorted([*told, *closings], key=lambda pair: pair[0]) if closings else list(told)

    def _close(self, package: int, received: Entry, *, at: datetime | None = None) -> None:
        """The contents of a package not seen by now stop following it; a box keeps its contents."""
        node = self._nodes[package]
        if node.receipt is None or node.receipt[1] is not received:
            return
        opened = node.receipt[0]
        kept = self._receipts[package]
        last = kept[-1]
        if not last.closed:
            kept[-1] = Receipt(
                package=package,
                released=last.released,
                received=received,
                closes_at=at or last.closes_at,
                closed=True,
                lines=last.lines,
            )
        for child in sorted(node.children):
            content = self._nodes[child]
            if _seen_since(content, opened, package):
                continue
            inner = [content, *self._contents(content)]
            earlier = [self._stand(one) for one in inner]
            self._leave(content, earlier[0])
            for one, was in zip(inner, earlier, strict=True):
                one.lines.append(Line(received, False, was, self._stand(one), closing=True))

    def _receipts_of(self, node: _Node) -> tuple[Receipt, ...]:
        if node.subject.sort is Sort.PACKAGE:
            return tuple(self._receipts.get(node.subject.id, ()))
        if node.subject.sort is not Sort.TUBE:
            return ()
        through = {
            line.entry.subject
            for line in node.lines
            if not line.own and line.entry.kind in (Kind.RELEASED, Kind.RECEIVED)
        }
        through |= node.checked_for
        return tuple(
            receipt
            for package in sorted(self._receipts)
            for receipt in self._receipts[package]
            if node.subject.id in receipt.lines or package in through
        )

    # Where things stand

    def _root(self, node: _Node) -> _Node:
        while node.within is not None:
            node = self._nodes[node.within]
        return node

    def _around(self, node: _Node) -> Iterator[int]:
        """A container and everything around it."""
        yield node.subject.id
        while node.within is not None:
            node = self._nodes[node.within]
            yield node.subject.id

    def _contents(self, node: _Node) -> Iterator[_Node]:
        for child in sorted(node.children):
            content = self._nodes[child]
            yield content
            yield from self._contents(content)

    def _stand(self, node: _Node) -> Stand:
        root, sealed = node, node.phase is Phase.SEALED
        while root.within is not None:
            root = self._nodes[root.within]
            sealed = sealed or root.phase is Phase.SEALED
        return Stand(
            root.holder,
            root.site,
            root.place,
            node.within,
            node.position,
            node.phase,
            node.spin,
            root.to,
            root.anchor,
            root.anchor_subject,
            sealed,
            root.subject.id,
            root.subject.sort is Sort.PACKAGE,
        )

    # Claims and contents

    def _claim(self, node: _Node) -> Claim | None:
        location = node.within if node.within is not None else node.place
        if node.claimed is None or location is None or not node.position or node.phase in ENDED:
            return None
        place, entry = node.claimed
        return Claim(
            location, node.position, place, node.subject.id, entry.entry_id, node.confirmed
        )

    def _live_claims(self) -> dict[tuple[int, str], tuple[Claim, ...]]:
        claims: dict[tuple[int, str], list[Claim]] = defaultdict(list)
        for node in self._nodes.values():
            if (claim := self._claim(node)) is not None:
                claims[claim.location, claim.position].append(claim)
        return {at: tuple(sorted(live, key=lambda c: c.order)) for at, live in claims.items()}

    def _rivals(self, claim: Claim | None) -> tuple[Claim, ...]:
        if claim is None:
            return ()
        live = self._claims.get((claim.location, claim.position), ())
        return tuple(other for other in live if other.subject != claim.subject)

    def _first_content(self, node: _Node) -> Content | None:
        if not self._book.complete:
            return self._contents_told.get(node.subject.id)
        entered = [
            Content(child.entered.occurred_at, child.entered.entry_id)
            for child in (self._nodes[id_] for id_ in node.children)
            if child.entered is not None and child.phase not in ENDED
        ]
        return min(entered, default=None)


def manifest_lines(released: Entry) -> frozenset[int]:
    """The tubes a RELEASED says are inside: the frozen lines in its facts."""
    lines = released.facts.get("lines")
    if not isinstance(lines, list):
        return frozenset()
    return frozenset(cast(int, cast(list[object], line)[0]) for line in lines)


def _bound_to(node: _Node) -> int | None:
    """The participant whom a tube with a foreign code was first bound to."""
    bound = (e.facts.get("participant_subject") for e in node.bookkeeping if e.kind is Kind.BOUND)
    first = next(bound, None)
    return first if isinstance(first, int) else None


def _seen_since(node: _Node, opened: Place, package: int) -> bool:
    return package in node.checked_for or (node.looked is not None and node.looked > opened)


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
