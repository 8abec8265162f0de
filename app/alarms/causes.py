"""Which gaps are one alarm: where what a gap goes back to is itself objected to, on it goes."""

from collections.abc import Iterable, Mapping
from typing import Protocol, TypeVar

from app.alarms.states import precedence
from app.custody.ledger import EntryId


class Objected(Protocol):
    """A gap, as far as its cause goes."""

    @property
    def rule(self) -> str: ...
    @property
    def subject(self) -> int: ...
    @property
    def entry_id(self) -> EntryId: ...
    @property
    def cause(self) -> EntryId: ...


G = TypeVar("G", bound=Objected)


def by_entry(gaps: Iterable[G]) -> dict[EntryId, G]:
    """For each entry objected to one gap: that which goes back further, else the first to speak."""
    found: dict[EntryId, G] = {}
    for gap in sorted(gaps, key=_furthest):
        found.setdefault(gap.entry_id, gap)
    return found


def first_of(gap: G, objected: Mapping[EntryId, G]) -> G:
    """The gap that this one goes back to in the end; itself, where its cause is nobody's gap."""
    followed = {gap.entry_id}
    while (further := objected.get(gap.cause)) is not None and further.entry_id not in followed:
        followed.add(further.entry_id)
        gap = further
    return gap


def _furthest(gap: Objected) -> tuple[bool, int, int, str]:
    return (gap.cause == gap.entry_id, precedence(gap.rule), gap.subject, str(gap.cause))
