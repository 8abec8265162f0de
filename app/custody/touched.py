"""Whom an entry touches: every subject whose history, manifest or place it may change."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from app.custody import bearing, store
from app.custody.effective import corrected
from app.custody.ledger import (
    BOOKKEEPING,
    CONTAINERS,
    CORRECTIONS,
    NOBODY,
    TERMINAL,
    Entry,
    EntryId,
    Kind,
    Sort,
    Subject,
)
from app.custody.steps import ENDED, FOLLOWED

_RECEIPTS = frozenset({Kind.RELEASED, Kind.RECEIVED, Kind.PACKAGE_CLOSED_OUT})
_QUIET = BOOKKEEPING - CORRECTIONS - {Kind.READ, Kind.IDENTIFIED}
_FRESH = timedelta(minutes=1)


@dataclass(slots=True)
class Touched:
    """`own` are written to, `others` computed again, `around` only locked, `left` seen to later."""

    own: set[int] = field(default_factory=set)
    others: set[int] = field(default_factory=set)
    around: set[int] = field(default_factory=set)
    left: set[int] = field(default_factory=set)


@dataclass(slots=True)
class _Reach:
    """How far it goes: `moved` is whose story changes before its end, `followed` whose contents'
    stories change with it; packages whose receipts, and people and kits whose tubes, do."""

    moved: set[int] = field(default_factory=set)
    followed: set[int] = field(default_factory=set)
    receipts: set[int] = field(default_factory=set)
    kin: set[int] = field(default_factory=set)


def touched(
    session: Session,
    entries: Sequence[Entry],
    subjects: Mapping[int, Subject],
    kept: Mapping[int, store.Kept],
) -> Touched:
    """Whom these new entries touch, given their subjects and the state rows as they stand."""
    found = Touched(own={entry.subject for entry in entries})
    reach = _Reach()
    full = bearing.holding(session, {e.inside for e in entries if e.inside is not None})
    packages = [e.subject for e in entries if subjects[e.subject].sort is Sort.PACKAGE]
    legs = bearing.last_legs(session, packages)
    unsettled = []
    for entry in entries:
        subject, late = subjects[entry.subject], _late(entry, kept)
        _note_container(found, entry, kept, full, reach.followed, late=late)
        kin = (subject.participant, subject.kit, entry.facts.get("participant_subject"))
        found.around |= {id_ for id_ in kin if isinstance(id_, int)}
        _note(reach, entry, subject, legs)
        if late:
            reach.moved.add(entry.subject)
        if late or not _settled(entry, kept):
            unsettled.append(entry)
    if unsettled:
        _note_unsettled(session, unsettled, found, reach, legs)
    _widen(session, found, reach)
    found.others -= found.own
    found.around -= found.own | found.others
    return found


def _note(reach: _Reach, entry: Entry, subject: Subject, legs: Mapping[int, datetime]) -> None:
    """What an entry at the end of its subject's story takes with it."""
    if subject.sort in CONTAINERS and entry.kind not in _QUIET:
        fresh = entry.online and entry.recorded_at - entry.occurred_at < _FRESH
        if entry.kind in FOLLOWED or not fresh:
            reach.followed.add(subject.id)
    if subject.sort is Sort.PACKAGE and (entry.kind in _RECEIPTS or _between(entry, legs)):
        reach.receipts.add(subject.id)
    if subject.sort in (Sort.PARTICIPANT, Sort.KIT):
        reach.kin.add(subject.id)


def _between(entry: Entry, legs: Mapping[int, datetime]) -> bool:
    """What lies between the legs of a package decides in which order those count (ledger.md 4)."""
    last = legs.get(entry.subject)
    return last is not None and entry.occurred_at <= last


def _late(entry: Entry, kept: Mapping[int, store.Kept]) -> bool:
    """Not at the end of what is known of its subject."""
    row = kept.get(entry.subject)
    return row is not None and row.event_time is not None and entry.occurred_at <= row.event_time


def _settled(entry: Entry, kept: Mapping[int, store.Kept]) -> bool:
    """Nobody else's story, and nothing that came before it, can hang on what it is about."""
    row = kept.get(entry.subject)
    if entry.kind in CORRECTIONS or entry.kind is Kind.IDENTIFIED or not entry.online:
        return False
    return row is None or row.alias_of is None


def _note_container(
    found: Touched,
    entry: Entry,
    kept: Mapping[int, store.Kept],
    full: Mapping[int, tuple[datetime, datetime | None]],
    followed: set[int],
    *,
    late: bool,
) -> None:
    """What it goes into or comes out of: computed again where that may change something there.

    Putting one more thing into a container that has something in it and is in somebody's hands
    changes nothing of the container, so that many can pack one box without waiting in turn. One
    who takes something out meanwhile has the container looked at once more (`left`).
    """
    was = kept.get(entry.subject)
    if was is not None and was.within and was.location is not None:
        leaves = entry.inside not in (None, was.location) or entry.place is not None
        elsewhere = entry.inside is None and entry.site not in (None, _site(was, kept))
        ends = entry.kind in TERMINAL or was.phase in ENDED
        overtaken = any(_behind(entry, around) for around in _outward(was, kept))
        if leaves or elsewhere or ends or overtaken or entry.kind is Kind.UNPACKED:
            found.others.add(was.location)
            found.left.add(was.location)
    if entry.inside is None:
        return
    container = kept.get(entry.inside)
    held = container is not None and (container.within or container.holder not in (None, NOBODY))
    since, given = full.get(entry.inside, (None, None))
    behind = container is not None and _behind(entry, container)
    first = since is None or given is None or entry.occurred_at <= max(since, given)
    if held and not late and not behind and not first:
        found.around.add(entry.inside)
        return
    found.others.add(entry.inside)
    followed.add(entry.inside)


def _behind(entry: Entry, container: store.Kept) -> bool:
    return container.event_time is not None and entry.occurred_at <= container.event_time


def _site(row: store.Kept, kept: Mapping[int, store.Kept]) -> str | None:
    """The site of whatever is outermost around a subject."""
    return [row, *_outward(row, kept)][-1].site


def _outward(row: store.Kept, kept: Mapping[int, store.Kept]) -> Iterator[store.Kept]:
    """The containers around a subject, from the inside out."""
    seen = {row.subject}
    while row.within and row.location is not None and row.location not in seen:
        if row.location not in kept:
            return
        row = kept[row.location]
        seen.add(row.subject)
        yield row


def _note_unsettled(
    session: Session,
    entries: Sequence[Entry],
    found: Touched,
    reach: _Reach,
    legs: Mapping[int, datetime],
) -> None:
    """What is corrected, now or by what has waited for it; and what turns out to be another."""
    told = _with_corrections(session, entries)
    versions = [*told.values(), *_corrected(told)]
    about = {entry.subject for entry in versions}
    known = store.subjects(session, about)
    for entry in versions:
        _note(reach, entry, known[entry.subject], legs)
    if len(versions) > len(entries):
        reach.moved |= about
        found.others |= {entry.inside for entry in versions if entry.inside is not None}
    real = {id_ for entry in versions if isinstance(id_ := entry.facts.get("real"), int)}
    alike = bearing.same_things(session, about | real)
    if alike - about:
        reach.moved |= alike


def _with_corrections(session: Session, entries: Sequence[Entry]) -> dict[EntryId, Entry]:
    """These entries, those they correct, and every correction of any of them."""
    told = {entry.entry_id: entry for entry in entries}
    asked: set[EntryId] = set()
    while wanted := {e.corrects for e in told.values() if e.corrects is not None} - asked:
        asked |= wanted
        for entry in store.entries_of_commands(session, {target.command for target in wanted}):
            if entry.entry_id in wanted:
                told.setdefault(entry.entry_id, entry)
    naming: Collection[Entry] = told.values()
    while naming:
        corrections = bearing.corrections_of(session, {e.entry_id.command for e in naming})
        naming = [c for c in corrections if c.corrects in told and c.entry_id not in told]
        told.update((c.entry_id, c) for c in naming)
    return told


def _corrected(told: Mapping[EntryId, Entry]) -> list[Entry]:
    """What corrected entries say instead, by any of their corrections."""
    instead = [
        corrected(told[correction.corrects], by=correction)
        for correction in told.values()
        if correction.corrects is not None
        and correction.corrects in told
        and correction.kind in CORRECTIONS
    ]
    return [entry for entry in instead if entry is not None]


def _widen(session: Session, found: Touched, reach: _Reach) -> None:
    """From whom it moves to everything around that, and to everything inside that again."""
    if reach.moved:
        found.others |= reach.moved | _ever_around(session, reach.moved)
        reach.followed |= found.others
    if reach.followed:
        inside = bearing.ever_inside(session, reach.followed)
        found.others |= inside
        if reach.moved:  # what was inside has moved on since, and counts there only while it is
            found.others |= bearing.ever_around(session, inside)
    if reach.receipts:
        found.others |= bearing.of_packages(session, reach.receipts)
    if reach.kin:
        found.others |= bearing.of_kin(session, reach.kin)


def _ever_around(session: Session, moved: Collection[int]) -> set[int]:
    """What was ever directly around these; of containers also what was around that, and so on:
    something further out may have been put into what was inside it."""
    found = bearing.ever_around(session, moved)
    known = store.subjects(session, moved)
    wave = {id_ for id_ in moved if id_ in known and known[id_].sort in CONTAINERS}
    seen = set(wave)
    while wave := bearing.ever_around(session, wave) - seen if wave else set():
        seen |= wave
    return found | seen
