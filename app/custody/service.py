"""Writing the ledger: the one way in. Whatever happened is written; what disagrees is a gap.

One transaction, the caller's: lock from the outside in, read what bears on it, append, compute
again everybody it touches. Nothing here refuses a fact for what it says about the world.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.custody import projected, store
from app.custody.drafts import Draft, Reading
from app.custody.ledger import Entry, EntryId, Kind, Mode, Subject
from app.custody.project import Gap, speaking
from app.custody.recompute import recompute
from app.custody.stamping import stamped
from app.custody.touched import touched
from app.kernel.errors import Missing, Unavailable
from app.kernel.work import Work

TOUCHED_MAX = 500  # more are computed again after the commit, by the watcher
LOCK_TRIES = 5


class UnknownSubject(Missing):
    """An entry speaks of something that has no chain."""

    message = "There is no such tube, box or package"


class InTheWay(Unavailable):
    """Somebody moved it while it was being written."""

    message = "Somebody else is moving it right now"
    advice = "Scan it again"


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What was written, and what rules say to it so far (provisional, first by precedence)."""

    entries: tuple[Entry, ...]
    findings: tuple[Gap, ...]
    replayed: bool = False


def append(work: Work, drafts: Sequence[Draft]) -> Written:
    """Write entries down and compute again whatever they touch.

    Saying the same command again writes nothing and answers with the entries of the first time.
    Raises UnknownSubject, TimeAhead (typed times only), FactsUnfit.
    """
    if not drafts:
        return Written(entries=(), findings=())
    now = work.clock()
    sop = work.limits.at(now).sop_version
    stamps = {draft.entry_id: stamped(draft, now=now, sop=sop) for draft in drafts}
    entries = list(stamps.values())
    subjects = store.subjects(work.session, {entry.subject for entry in entries})
    if any(entry.subject not in subjects for entry in entries):
        raise UnknownSubject
    return _write(work, entries, subjects, now=now)


def _write(
    work: Work, entries: list[Entry], subjects: dict[int, Subject], *, now: datetime
) -> Written:
    session = work.session
    for _ in range(LOCK_TRIES):
        named = {e.subject for e in entries} | {e.inside for e in entries if e.inside is not None}
        seen = store.states_outward(session, named)
        outward = named | seen.keys()
        touch = touched(session, entries, subjects, seen)
        over = _beyond(touch.others)
        others = touch.others - over
        shared = (touch.around | outward) - touch.own - others
        store.lock(session, shared, shared=True)
        kept = store.lock(session, touch.own | others)
        if _unmoved(seen, kept):
            break
    else:
        raise InTheWay
    # Looked up under the lock: of two who say the same at once, the second finds it said.
    already = _said(session, entries)
    if already:
        entries = [entry for entry in entries if entry.entry_id not in already]
        if not entries:
            return Written(entries=tuple(already.values()), findings=(), replayed=True)
    numbered, seqs = _numbered(entries, kept)
    heads = store.insert_entries(session, numbered, {id_: row.head for id_, row in kept.items()})
    for entry in numbered:
        if entry.kind is Kind.RELEASED:
            projected.write_manifest(session, entry)
            others |= _listed(entry) - touch.own
    kept |= store.lock(session, others - set(kept))
    ends = {id_: (seq, heads[id_]) for id_, seq in seqs.items()}
    done = recompute(
        session,
        touch.own | others,
        kept=kept,
        heads=ends,
        limits=work.limits,
        now=now,
        near=shared,
    )
    projected.want_recheck(session, over | touch.left, now)
    found = [gap for id_ in sorted(touch.own) for gap in speaking(done[id_].gaps)] if done else []
    return Written(entries=tuple(numbered), findings=tuple(found))


def _said(session: Session, entries: Sequence[Entry]) -> dict[EntryId, Entry]:
    """Those of these entries that were written before."""
    wanted = {entry.entry_id for entry in entries}
    commands = {entry.entry_id.command for entry in entries}
    known = store.entries_of_commands(session, commands)
    return {entry.entry_id: entry for entry in known if entry.entry_id in wanted}


def _listed(released: Entry) -> set[int]:
    from_facts = released.facts.get("lines")
    return (
        {int(str(line[0])) for line in from_facts if isinstance(line, list)}
        if isinstance(from_facts, list)
        else set()
    )


def _beyond(ids: Collection[int]) -> set[int]:
    return set(sorted(ids)[TOUCHED_MAX:])


def _unmoved(seen: dict[int, store.Kept], kept: dict[int, store.Kept]) -> bool:
    """Whether everything locked is still inside what it was inside when that was looked up."""
    return all(
        id_ not in seen or (row.location, row.within) == (seen[id_].location, seen[id_].within)
        for id_, row in kept.items()
    )


def _numbered(
    entries: Sequence[Entry], kept: dict[int, store.Kept]
) -> tuple[list[Entry], dict[int, int]]:
    seqs: dict[int, int] = {}
    numbered = []
    for entry in entries:
        seq = seqs.get(entry.subject, kept[entry.subject].seq) + 1
        seqs[entry.subject] = seq
        numbered.append(entry._replace(seq=seq))
    return numbered, seqs


def by_hand(
    work: Work, *, site: str | None, command: UUID | None = None, at: datetime | None = None
) -> Reading:
    """How something typed or pressed by the person asking came to be known: now, unless `at`."""
    now = work.clock()
    return Reading(
        command=command or work.ids(),
        occurred_at=at or now,
        site=site,
        station=work.actor.station,
        actor=work.actor.person,
        mode=Mode.IMPORT if work.actor.system and work.actor.person is None else Mode.MANUAL,
    )


def lock(work: Work, ids: Collection[int]) -> None:
    """Have these subjects to oneself until the transaction ends: before reading what is inside."""
    store.lock(work.session, ids)
