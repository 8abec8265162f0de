"""Whom an entry touches: every subject whose history, manifest or place it may change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from app.custody import store
from app.custody.ledger import CONTAINERS, CORRECTIONS, NOBODY, Entry, Kind, Sort, Subject
from app.custody.steps import FOLLOWED

_RECEIPTS = frozenset({Kind.RELEASED, Kind.RECEIVED, Kind.PACKAGE_CLOSED_OUT})


@dataclass(slots=True)
class Touched:
    """`own` are written to, `others` computed again, `around` only locked, `left` seen to later."""

    own: set[int] = field(default_factory=set)
    others: set[int] = field(default_factory=set)
    around: set[int] = field(default_factory=set)
    left: set[int] = field(default_factory=set)


def touched(
    session: Session,
    entries: Sequence[Entry],
    subjects: Mapping[int, Subject],
    kept: Mapping[int, store.Kept],
) -> Touched:
    """Whom these new entries touch, given their subjects and the state rows as they stand."""
    found = Touched(own={entry.subject for entry in entries})
    receipts: set[int] = set()
    kin: set[int] = set()
    followed: set[int] = set()
    moved: set[int] = set()
    full = store.holding(session, {e.inside for e in entries if e.inside is not None})
    for entry in entries:
        subject = subjects[entry.subject]
        late = _late(entry, kept.get(entry.subject))
        _note_container(found, entry, kept, full, followed, late=late)
        if subject.participant is not None:
            found.around.add(subject.participant)
        if subject.kit is not None:
            found.around.add(subject.kit)
        if late or entry.kind in CORRECTIONS:
            moved.add(entry.subject)
        if subject.sort in CONTAINERS and (entry.kind in FOLLOWED or late):
            followed.add(entry.subject)
        if subject.sort is Sort.PACKAGE and entry.kind in _RECEIPTS:
            receipts.add(entry.subject)
        if subject.sort in (Sort.PARTICIPANT, Sort.KIT):
            kin.add(entry.subject)
        if isinstance(real := entry.facts.get("real"), int):
            found.others.add(real)
            moved |= {real, entry.subject}
    _note_corrected(session, entries, found, followed, receipts, kin, moved)
    if moved:
        found.others |= store.ever_around(session, moved)
        followed |= found.others
    if followed:
        found.others |= store.ever_inside(session, followed)
    if receipts:
        found.others |= store.of_packages(session, receipts)
    if kin:
        found.others |= store.of_kin(session, kin)
    found.others -= found.own
    found.around -= found.own | found.others
    return found


def _late(entry: Entry, kept: store.Kept | None) -> bool:
    """Not at the end of what is known of its subject."""
    return (
        kept is not None and kept.event_time is not None and (entry.occurred_at <= kept.event_time)
    )


def _note_container(
    found: Touched,
    entry: Entry,
    kept: Mapping[int, store.Kept],
    full: Mapping[int, datetime],
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
        if leaves or elsewhere or entry.kind is Kind.UNPACKED:
            found.others.add(was.location)
            found.left.add(was.location)
    if entry.inside is None:
        return
    container = kept.get(entry.inside)
    held = container is not None and (container.within or container.holder not in (None, NOBODY))
    since = full.get(entry.inside)
    if held and not late and since is not None and since <= entry.occurred_at:
        found.around.add(entry.inside)
        return
    found.others.add(entry.inside)
    if since is not None:
        followed.add(entry.inside)


def _site(row: store.Kept, kept: Mapping[int, store.Kept]) -> str | None:
    """The site of whatever is outermost around a subject."""
    around = {row.subject}
    while row.within and row.location is not None and row.location in kept:
        if row.location in around:
            break
        row = kept[row.location]
        around.add(row.subject)
    return row.site


def _note_corrected(
    session: Session,
    entries: Sequence[Entry],
    found: Touched,
    followed: set[int],
    receipts: set[int],
    kin: set[int],
    moved: set[int],
) -> None:
    """A correction touches whatever the corrected entry touched; so does a waiting one."""
    targets = [e.corrects for e in entries if e.kind in CORRECTIONS and e.corrects is not None]
    if not targets:
        return
    named = {
        entry.entry_id: entry
        for entry in store.entries_of_commands(session, {target.command for target in targets})
    }
    chain = [named[target] for target in targets if target in named]
    seen = set()
    while chain:
        entry = chain.pop()
        if entry.entry_id in seen:
            continue
        seen.add(entry.entry_id)
        found.others.add(entry.subject)
        moved.add(entry.subject)
        followed.add(entry.subject)
        receipts.add(entry.subject)
        kin.add(entry.subject)
        if entry.corrects is not None:
            chain += [
                other
                for other in store.entries_of_commands(session, {entry.corrects.command})
                if other.entry_id == entry.corrects
            ]
