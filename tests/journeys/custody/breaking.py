"""Every way to break a valid journey in one place, and where a rule may then object."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

from app.custody.effective import effective
from app.custody.history import Line
from app.custody.ledger import BOOKKEEPING, Entry, EntryId, EventKey, Kind, Sort, event_key
from app.custody.steps import REQUIRED
from tests.journeys.custody.judging import projections
from tests.journeys.custody.teller import COLLECTION, DOCK, Journey

SIX_HOURS = timedelta(hours=6)
ELSEWHERE = ("RIV", "BRK", "BB1")
OTHERS = ("unit:RIV/collection", COLLECTION, DOCK, "unknown")
PATHS = frozenset((Sort.TUBE, Sort.BOX, Sort.PACKAGE, Sort.RACK))


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """A journey with one thing wrong: the entries that were touched, as they were and as they are.

    Of an entry left out there is nothing that it has become.
    """

    what: str
    whole: Journey
    journey: Journey
    was: tuple[Entry, ...]
    becomes: tuple[Entry, ...]

    def __str__(self) -> str:
        codes = self.whole.book.subjects
        touched = ", ".join(f"{e.kind} {codes[e.subject].code}/{e.seq}" for e in self.was)
        return f"{self.what}: {touched}"


def counting(journey: Journey) -> list[Entry]:
    """The entries that count, in event order."""
    return [entry for _, entry in effective(journey.entries).entries]


def left_out(journey: Journey) -> Iterator[Broken]:
    """Each required entry removed."""
    for gone in required(journey):
        kept = (e for e in journey.entries if e.entry_id != gone.entry_id)
        yield Broken(
            what="left out",
            whole=journey,
            journey=journey.with_entries(kept),
            was=(gone,),
            becomes=(),
        )


def exchanged(journey: Journey) -> Iterator[Broken]:
    """The times of two required neighbours of one chain exchanged, where they are told apart."""
    wanted = required(journey)
    for subject in sorted({e.subject for e in wanted}):
        for a, b in pairwise([e for e in wanted if e.subject == subject]):
            apart = b.occurred_at - a.occurred_at > a.uncertainty + b.uncertainty
            if apart and a.kind is not b.kind:
                yield _changed(
                    journey,
                    "exchanged",
                    (a, a._replace(occurred_at=b.occurred_at)),
                    (b, b._replace(occurred_at=a.occurred_at)),
                )


def shifted(journey: Journey) -> Iterator[Broken]:
    """Each entry six hours later, or earlier where that was recorded too late or passes something.

    What is said offline, or late with a reason, may well have been earlier: it is wrong only on
    the other side of a neighbour or a limit.
    """
    for entry in plain(journey):
        for by in (-SIX_HOURS, SIX_HOURS):
            moved = entry._replace(occurred_at=entry.occurred_at + by)
            prompt = entry.online and "late_reason" not in entry.facts
            if by > timedelta() or prompt or _passes(journey, entry, moved):
                what = f"shifted {by / timedelta(hours=1):+.0f} h"
                yield _changed(journey, what, (entry, moved))


def at_another_site(journey: Journey) -> Iterator[Broken]:
    """Each entry said to have been made at another site."""
    for entry in plain(journey):
        for site in ELSEWHERE:
            if site != entry.site:
                yield _changed(journey, f"at {site}", (entry, entry._replace(site=site)))


def from_another(journey: Journey) -> Iterator[Broken]:
    """Each entry that names a source given another one."""
    for entry in plain(journey):
        for source in OTHERS if entry.source else ():
            if source != entry.source:
                yield _changed(journey, f"from {source}", (entry, entry._replace(source=source)))


WAYS: Mapping[str, Callable[[Journey], Iterator[Broken]]] = {
    "left out": left_out,
    "exchanged": exchanged,
    "shifted": shifted,
    "site": at_another_site,
    "source": from_another,
}


def required(journey: Journey) -> list[Entry]:
    """Entries whose absence must be noticed: for every subject those its steps require."""
    subjects = journey.book.subjects
    story = counting(journey)
    stored = {e.subject for e in story if e.kind is Kind.STORED}
    return [
        entry
        for entry in story
        if entry.kind in REQUIRED.get(sort := subjects[entry.subject].sort, ())
        # Its box is stored, and it in it: its own is a second word.
        and not (sort is Sort.TUBE and entry.kind is Kind.STORED)
        and not (sort is Sort.BOX and entry.subject not in stored)
    ]


def plain(journey: Journey) -> list[Entry]:
    """Entries about specimens and what they are in that no correction names."""
    subjects = journey.book.subjects
    corrected = {e.corrects for e in journey.entries if e.corrects}
    return [
        e
        for e in counting(journey)
        if e.kind not in BOOKKEEPING
        and e.entry_id not in corrected
        and subjects[e.subject].sort in PATHS
    ]


def may_object_at(broken: Broken) -> frozenset[EntryId]:
    """The entries touched, and the next after each of the subject and of what it was in."""
    touched = {e.entry_id for e in (*broken.was, *broken.becomes)}
    return frozenset(touched | {e.entry_id for e in _beside(broken, _next)})


def may_wait_at(broken: Broken) -> frozenset[EntryId]:
    """The entries after which one left out is missed: the last before it."""
    return may_object_at(broken) | {e.entry_id for e in _beside(broken, _previous)}


def _changed(journey: Journey, what: str, *changes: tuple[Entry, Entry]) -> Broken:
    by_id = {was.entry_id: becomes for was, becomes in changes}
    return Broken(
        what=what,
        whole=journey,
        journey=journey.with_entries(by_id.get(e.entry_id, e) for e in journey.entries),
        was=tuple(was for was, _ in changes),
        becomes=tuple(becomes for _, becomes in changes),
    )


def _passes(journey: Journey, entry: Entry, moved: Entry) -> bool:
    """Whether a required step passes another of its chain, or a draw the consents to it."""
    if entry.kind is Kind.COLLECTED:
        return True
    steps = [other for other in required(journey) if other.subject == entry.subject]
    start, end = sorted((event_key(entry), event_key(moved)))
    return entry in steps and any(start < event_key(other) < end for other in steps)


Beside = Callable[[Iterable[Entry], EventKey], Entry | None]


def _beside(broken: Broken, which: Beside) -> Iterator[Entry]:
    moments = {event_key(e) for e in (*broken.was, *broken.becomes)}
    touched = {e.entry_id for e in broken.was}
    story = [
        e
        for e in counting(broken.journey)
        if e.kind not in BOOKKEEPING and e.entry_id not in touched
    ]
    for subject in _around(broken):
        own = [e for e in story if e.subject == subject]
        for moment in moments:
            if (found := which(own, moment)) is not None:
                yield found


def _next(own: Iterable[Entry], moment: EventKey) -> Entry | None:
    return next((e for e in own if event_key(e) > moment), None)


def _previous(own: Iterable[Entry], moment: EventKey) -> Entry | None:
    return next((e for e in reversed(list(own)) if event_key(e) < moment), None)


def _around(broken: Broken) -> set[int]:
    """Everything whose story what was touched is part of, and whatever that was in then."""
    touched = {e.entry_id for e in broken.was}
    found = {e.package for e in broken.was if e.package is not None}
    for journey in (broken.whole, broken.journey):
        end = max(e.recorded_at for e in journey.entries)
        for told in projections(journey.book, end).values():
            for line in told.history.lines:
                if line.entry.entry_id in touched:
                    found |= {told.history.subject.id, *_containers(line)}
    return found


def _containers(line: Line) -> set[int]:
    stands = (line.before, line.after)
    named = {line.entry.inside} if line.entry.inside else set()
    return (
        named | {s.within for s in stands if s.within is not None} | {s.outermost for s in stands}
    )
