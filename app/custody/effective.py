"""What counts: corrections applied, and the order in which things happened.

An entry counts unless a counting correction names it; of several the last in event order wins;
corrections in a ring count for nothing; one whose target is unknown waits without effect
(ledger.md 4). A replacement keeps the identity of what it replaces.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from app.custody import parties
from app.custody.ledger import (
    CORRECTIONS,
    LEGS,
    Entry,
    EntryId,
    EventKey,
    Evidence,
    Facts,
    Json,
    Kind,
    event_key,
)

Place = tuple[EventKey, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Effective:
    """The entries that count, in event order, with their places in it; and the rings found."""

    entries: tuple[tuple[Place, Entry], ...]
    rings: frozenset[EntryId]
    void: frozenset[EntryId]


def effective(entries: Iterable[Entry]) -> Effective:
    """Apply the corrections among `entries` (of any subjects) and put the rest in event order."""
    everything = list(entries)
    corrections = {e.entry_id: e for e in everything if e.kind in CORRECTIONS and e.corrects}
    if corrections:
        kept, rings, void = _corrected(everything, corrections)
    else:
        kept, rings, void = everything, frozenset[EntryId](), frozenset[EntryId]()
    return Effective(entries=tuple(_in_order(kept)), rings=rings, void=void)


def _corrected(
    everything: Sequence[Entry], corrections: Mapping[EntryId, Entry]
) -> tuple[list[Entry], frozenset[EntryId], frozenset[EntryId]]:
    rings = _rings(corrections)
    naming: dict[EntryId, list[Entry]] = defaultdict(list)
    for correction in sorted(corrections.values(), key=event_key):
        if correction.entry_id not in rings and correction.corrects is not None:
            naming[correction.corrects].append(correction)
    fates: dict[EntryId, Entry | None] = {}

    def fate(entry: Entry) -> Entry | None:
        if entry.entry_id not in fates:
            counting = [c for c in map(fate, naming[entry.entry_id]) if c is not None]
            fates[entry.entry_id] = corrected(entry, by=counting[-1]) if counting else entry
        return fates[entry.entry_id]

    kept = [counted for counted in map(fate, everything) if counted is not None]
    void = frozenset(e.entry_id for e in everything if fate(e) is None)
    return kept, rings, void


def _rings(corrections: Mapping[EntryId, Entry]) -> frozenset[EntryId]:
    found: set[EntryId] = set()
    done: set[EntryId] = set()
    for start in corrections:
        path: list[EntryId] = []
        here: EntryId | None = start
        while here is not None and here in corrections and here not in done and here not in path:
            path.append(here)
            here = corrections[here].corrects
        if here is not None and here in path:
            found.update(path[path.index(here) :])
        done.update(path)
    return frozenset(found)


def corrected(entry: Entry, *, by: Entry) -> Entry | None:
    """The entry as a counting correction leaves it; None when it says it did not happen."""
    wanted = by.facts.get("replacement")
    if not isinstance(wanted, dict):
        return None
    changes: dict[str, object] = {
        name: read(wanted[name]) for name, read in _REPLACEABLE.items() if name in wanted
    }
    facts: Facts = {**entry.facts, **cast(Facts, changes.pop("facts", {}))}
    facts = {**facts, "late_reason": by.facts.get("reason")}
    return entry._replace(facts=facts, **changes)  # type: ignore[arg-type] # read by _REPLACEABLE


def _moment(value: Json) -> datetime:
    return datetime.fromisoformat(str(value))


def _maybe(read: Callable[[Json], object]) -> Callable[[Json], object]:
    return lambda value: None if value is None else read(value)


_REPLACEABLE: Mapping[str, Callable[[Json], object]] = {
    "kind": lambda value: Kind(str(value)),
    "source": _maybe(str),
    "target": _maybe(str),
    "evidence": _maybe(lambda value: Evidence(str(value))),
    "site": _maybe(str),
    "place": _maybe(lambda value: int(cast(int, value))),
    "inside": _maybe(lambda value: int(cast(int, value))),
    "position": _maybe(str),
    "package": _maybe(lambda value: int(cast(int, value))),
    "occurred_at": _moment,
    "facts": lambda value: value,
}
REPLACEABLE = frozenset(_REPLACEABLE)


def destination(entry: Entry) -> str | None:
    """The site a RELEASED sends to."""
    to = entry.facts.get("destination")
    return to if isinstance(to, str) else parties.site_of(entry.target)


def _in_order(entries: Sequence[Entry]) -> list[tuple[Place, Entry]]:
    places = {entry.entry_id: (event_key(entry), 1) for entry in entries}
    arrivals: dict[int, list[Entry]] = defaultdict(list)
    for entry in entries:
        if entry.kind in LEGS:
            arrivals[entry.subject].append(entry)
    for legs in arrivals.values():
        places.update(_pulled(sorted(legs, key=event_key), entries))
    return sorted(((places[e.entry_id], e) for e in entries), key=lambda pair: pair[0])


def _pulled(legs: Sequence[Entry], everything: Sequence[Entry]) -> dict[EntryId, Place]:
    """RELEASED entries that two clocks put after their arrival: placed directly before it.

    One pass from the start (ledger.md 4). "Between" looks at the package's own entries, so that
    the answer does not depend on what else happens to be loaded.
    """
    moved: dict[EntryId, Place] = {}
    open_to: set[str | None] = set()
    for index, leg in enumerate(legs):
        if leg.kind is Kind.RELEASED:
            if leg.entry_id not in moved:
                open_to.add(destination(leg))
            continue
        if leg.site not in open_to:
            late = _late_release(leg, legs[index + 1 :], moved, everything)
            if late is not None:
                moved[late.entry_id] = (event_key(leg), 0)
                open_to.add(leg.site)
        if leg.kind is Kind.RECEIVED:
            open_to.discard(leg.site)
    return moved


def _late_release(
    arrival: Entry,
    later: Sequence[Entry],
    moved: Mapping[EntryId, Place],
    everything: Sequence[Entry],
) -> Entry | None:
    for leg in later:
        if leg.kind is not Kind.RELEASED or destination(leg) != arrival.site:
            continue
        if leg.entry_id in moved or leg.device_id == arrival.device_id:
            continue
        if leg.occurred_at - arrival.occurred_at > leg.uncertainty + arrival.uncertainty:
            return None
        between = any(
            other.device_id == leg.device_id
            and event_key(arrival) < event_key(other) < event_key(leg)
            for other in everything
            if other.subject == leg.subject
        )
        return None if between else leg
    return None
