"""A subject's history as it is read: its own entries, and those of what it was inside.

`Stand` is where something stands at one moment; `Line` is one entry in a history, seen or
presumed, with the stand before and after it; `History` is what a rule is given.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

from app.custody.effective import Place
from app.custody.ledger import LOOKS, NOBODY, Entry, EntryId, Kind, Mode, Subject
from app.custody.steps import Phase, Spin


class Stand(NamedTuple):
    """Where something stands: in whose hands, at which site, in what, how far along.

    `within` is the container directly around it, `outermost` the one that is in somebody's hands
    (itself when it is in nothing). `to` is the site an open shipment is going to. `anchor` is the
    entry, of `anchor_subject`, that put it in these hands. `sealed`: something around it is sealed;
    `parcel`: the outermost is a package.
    """

    holder: str
    site: str | None
    place: int | None
    within: int | None
    position: str | None
    phase: Phase
    spin: Spin
    to: str | None
    anchor: EntryId | None
    anchor_subject: int
    sealed: bool
    outermost: int
    parcel: bool


class Line(NamedTuple):
    """One entry in a history. `own` means seen; otherwise it is presumed from a container.

    `into` is the stand of the container an entry names, before it; `ring` says the entry would
    have put the thing inside itself and is void for containment; `left` that it was taken to have
    left its container by being elsewhere; `closing` marks the end of a receipt it was not seen at.
    """

    entry: Entry
    own: bool
    before: Stand
    after: Stand
    into: Stand | None = None
    ring: bool = False
    left: bool = False
    closing: bool = False

    @property
    def seen(self) -> bool:
        """Somebody or something looked at the thing itself."""
        return self.own and self.entry.kind in LOOKS and self.entry.mode is not Mode.SYSTEM


class Claim(NamedTuple):
    """A report that a subject is at one position of a place or container, in event order."""

    location: int
    position: str
    order: Place
    subject: int
    entry_id: EntryId
    confirmed: datetime | None


class Content(NamedTuple):
    """The earliest of what is inside a container now: since when, and by which entry."""

    since: datetime
    entry_id: EntryId


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """One arrival of a package: what it was said to hold, when it was opened, when it closes."""

    package: int
    released: Entry | None
    received: Entry | None
    closes_at: datetime | None
    closed: bool
    lines: frozenset[int]


@dataclass(frozen=True, kw_only=True)
class History:
    """Everything a rule may look at, of one subject.

    `participant` (whoever the label or the first binding says) and `kit` are the effective entries
    of those subjects, in event order; `receipts`
    the packages that listed this tube or claim to have held it (of a package: its own receipts);
    `first_content` the earliest of what is inside now; `rivals` the other live claims on its
    present position, earliest first; `rings` the corrections among its entries that name each other
    in a ring; `entered` the entry that put it where it is inside; `alias_of` the subject it was
    later known to be.
    """

    subject: Subject
    lines: tuple[Line, ...]
    stand: Stand
    participant: tuple[Entry, ...] = ()
    participant_code: str | None = None
    kit: tuple[Entry, ...] = ()
    receipts: tuple[Receipt, ...] = ()
    first_content: Content | None = None
    claim: Claim | None = None
    rivals: tuple[Claim, ...] = ()
    rings: tuple[Entry, ...] = ()
    bookkeeping: tuple[Entry, ...] = ()
    entered: Entry | None = None
    alias_of: int | None = None

    @cached_property
    def own(self) -> tuple[Line, ...]:
        """What was said of the thing itself, bookkeeping left out."""
        return tuple(line for line in self.lines if line.own and line.entry.kind is not Kind.READ)


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """A set of subjects with every entry that bears on them.

    A complete book (all subjects) answers everything itself. A partial one, as loaded for a single
    scan, is told by `Replay.learn` what it would otherwise have to read hundreds of chains for.
    """

    subjects: Mapping[int, Subject]
    entries: Sequence[Entry]
    complete: bool = True


def nowhere(subject: int) -> Stand:
    """The stand of something nobody has said anything about."""
    return Stand(
        holder=NOBODY,
        site=None,
        place=None,
        within=None,
        position=None,
        phase=Phase.NONE,
        spin=Spin.NEVER,
        to=None,
        anchor=None,
        anchor_subject=subject,
        sealed=False,
        outermost=subject,
        parcel=False,
    )
