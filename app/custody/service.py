"""Writing the ledger: the one way in. Whatever happened is written; what disagrees is a gap.

One transaction, the caller's: lock from the outside in, read what bears on it, append, compute
again everybody it touches. Nothing here refuses a fact for what it says about the world.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from app.custody import chain, store
from app.custody.drafts import Draft, Reading
from app.custody.gaps.table import BY_CODE
from app.custody.ledger import (
    Entry,
    EntryId,
    Facts,
    Json,
    Kind,
    Mode,
    Origin,
    Sort,
    Subject,
)
from app.custody.project import Gap, explained_hash, speaking
from app.custody.recompute import recompute
from app.custody.replay import Replay
from app.custody.touched import touched
from app.kernel.errors import Invalid, Missing, Unavailable
from app.kernel.work import Work
from labels import code as codes

TOUCHED_MAX = 500  # more are computed again after the commit, by the watcher
TYPED_AHEAD_MAX = timedelta(minutes=5)
FACTS_BYTES_MAX = 1_000_000
EXACT_MAX = 2**53 - 1
LOCK_TRIES = 5


class UnknownSubject(Missing):
    """An entry speaks of something that has no chain."""

    message = "There is no such tube, box or package"


class TimeAhead(Invalid):
    """A typed time lies in the future."""

    message = "The time lies ahead of the clock"
    advice = "Correct the time"


class FactsUnfit(Invalid):
    """Facts that cannot be written down for ever."""

    message = "What was sent cannot be written down"
    advice = "Leave out what is not text, a number or a list"


class NoSuchEntry(Missing):
    """A correction of something that was never written."""

    message = "There is no such entry"


class NoSuchGap(Missing):
    """An explanation of something no rule objects to."""

    message = "No rule objects to that entry now"
    advice = "Look at the timeline again"


class UntilUnfit(Invalid):
    """An explanation of something overdue needs an end, and not one beyond its next step."""

    message = "Say until when; at most until %(latest)s"
    advice = "It stays open until evidence ends it"


class InTheWay(Unavailable):
    """Somebody moved it while it was being written."""

    message = "Somebody else is moving it right now"
    advice = "Scan it again"


@dataclass(frozen=True, slots=True, kw_only=True)
class New:
    """A subject to be registered; `facts` bind for ever."""

    sort: Sort
    reading: Reading
    namespace: str
    code: str | None = None
    origin: Origin = Origin.MINTED
    participant: int | None = None
    kit: int | None = None
    facts: Facts = field(default_factory=dict)
    ordinal: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What was written, and what rules say to it so far (provisional, first by precedence)."""

    entries: tuple[Entry, ...]
    findings: tuple[Gap, ...]
    replayed: bool = False


def register(work: Work, news: Sequence[New]) -> tuple[Subject, ...]:
    """Give things their chains: a code minted where none is given, and the genesis entry.

    A code that is known already is answered with the subject it has; nothing is written for it.
    """
    said = _said_before(work, news)
    if said is not None:
        return said
    ids = store.numbers(work.session, "subject_number", len(news))
    minted = _mint(work, [new.namespace for new in news if new.code is None])
    wanted = [
        Subject(
            id=id_,
            sort=new.sort,
            code=new.code or next(minted[new.namespace]),
            namespace=new.namespace,
            origin=new.origin,
            participant=new.participant,
            kit=new.kit,
            facts=_fit(new.facts),
        )
        for id_, new in zip(ids, news, strict=True)
    ]
    store.add_subjects(work.session, wanted)
    known = {
        (s.namespace, s.code): s
        for s in store.subjects_by_code(work.session, [s.code for s in wanted])
    }
    pairs = zip(wanted, news, strict=True)
    _begin(work, [(s, new) for s, new in pairs if known[s.namespace, s.code].id == s.id])
    return tuple(known[s.namespace, s.code] for s in wanted)


def _said_before(work: Work, news: Sequence[New]) -> tuple[Subject, ...] | None:
    """The subjects of the same command, if it was said before."""
    minting = [new for new in news if new.code is None]
    if not minting:
        return None
    entries = {
        entry.entry_id: entry.subject
        for entry in store.entries_of_commands(
            work.session, {new.reading.command for new in minting}
        )
        if entry.kind is Kind.REGISTERED
    }
    keys = [EntryId(new.reading.command, new.ordinal) for new in news]
    if not all(key in entries for key in keys):
        return None
    known = store.subjects(work.session, entries.values())
    return tuple(known[entries[key]] for key in keys)


def _mint(work: Work, namespaces: Sequence[str]) -> dict[str, "Codes"]:
    return {
        namespace: Codes(work, namespace, namespaces.count(namespace))
        for namespace in set(namespaces)
    }


class Codes:
    """Codes of one namespace, minted from its sequence; unfit numbers are passed over."""

    def __init__(self, work: Work, namespace: str, count: int) -> None:
        self._work, self._namespace = work, namespace
        self._ready = self._numbers(count)

    def _numbers(self, count: int) -> list[int]:
        """Numbers whose code nobody has seen: one that was found unminted is passed over."""
        sequence = f"code_{self._namespace.lower()}_number"
        fit = [
            number
            for number in store.numbers(self._work.session, sequence, count)
            if codes.mintable(self._namespace, number)
        ]
        made = {codes.make(self._namespace, number): number for number in fit}
        for found in store.subjects_by_code(self._work.session, list(made)):
            made.pop(found.code, None)
        return list(made.values())

    def __next__(self) -> str:
        while not self._ready:
            self._ready = self._numbers(1)
        return codes.make(self._namespace, self._ready.pop(0))


def _begin(work: Work, fresh: Sequence[tuple[Subject, New]]) -> None:
    now = work.clock()
    sop = work.limits.at(now).sop_version
    entries = [
        replace(
            _entry(
                Draft(
                    subject=subject.id,
                    kind=Kind.REGISTERED,
                    reading=new.reading,
                    ordinal=new.ordinal,
                    facts=_genesis(subject),
                ),
                now=now,
                sop=sop,
            ),
            seq=1,
        )
        for subject, new in fresh
    ]
    heads = store.insert_entries(work.session, entries, {})
    store.begin_states(work.session, [subject for subject, _ in fresh], heads)


def _genesis(subject: Subject) -> Facts:
    """What entry 1 carries for ever: for minted codes everything, for others only the code."""
    bare: dict[str, Json] = {
        "code": subject.code,
        "namespace": subject.namespace,
        "origin": subject.origin,
        "sort": subject.sort,
    }
    if subject.origin is not Origin.MINTED:
        return bare
    return {
        **subject.facts,
        **bare,
        "participant_subject": subject.participant,
        "kit_subject": subject.kit,
    }


def append(work: Work, drafts: Sequence[Draft]) -> Written:
    """Write entries down and compute again whatever they touch.

    Saying the same command again writes nothing and answers with the entries of the first time.
    Raises UnknownSubject, TimeAhead (typed times only), FactsUnfit.
    """
    if not drafts:
        return Written(entries=(), findings=())
    now = work.clock()
    sop = work.limits.at(now).sop_version
    entries = [_entry(draft, now=now, sop=sop) for draft in drafts]
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
            store.write_manifest(session, entry)
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
    store.want_recheck(session, over | touch.left, now)
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
        numbered.append(replace(entry, seq=seq))
    return numbered, seqs


def _entry(draft: Draft, *, now: datetime, sop: str) -> Entry:
    reading = draft.reading
    typed = reading.mode is Mode.MANUAL and reading.device_time is None
    if typed and reading.occurred_at > now + TYPED_AHEAD_MAX:
        raise TimeAhead
    return Entry(
        subject=draft.subject,
        entry_id=draft.entry_id,
        kind=draft.kind,
        occurred_at=reading.occurred_at,
        recorded_at=now,
        source=draft.source,
        target=draft.target,
        evidence=draft.evidence,
        actor=reading.actor,
        on_behalf_of=reading.on_behalf_of,
        station=reading.station,
        site=reading.site,
        place=draft.place,
        inside=draft.inside,
        position=draft.position,
        order=draft.order,
        package=draft.package,
        request=draft.request,
        tz_minutes=reading.tz_minutes,
        uncertainty_ms=reading.uncertainty_ms,
        device_id=reading.device_id,
        device_time=reading.device_time,
        device_seq=reading.device_seq,
        mode=reading.mode,
        corrects=draft.corrects,
        sop_version=sop,
        facts=_fit(draft.facts),
    )


def _fit(facts: Facts) -> Facts:
    if not facts:
        return facts
    try:
        chain.facts_hash(facts)
    except chain.NotCanonical as error:
        raise FactsUnfit from error
    if len(str(facts)) > FACTS_BYTES_MAX or not all(map(_keeps, facts.items())):
        raise FactsUnfit
    return facts


def _keeps(value: object) -> bool:
    """Whether the database gives it back as it was: no NUL, no number beyond exact ones."""
    if isinstance(value, str):
        return "\0" not in value
    if isinstance(value, int | float):
        return abs(value) <= EXACT_MAX
    if isinstance(value, dict):
        return all(map(_keeps, value.items()))
    return not isinstance(value, list | tuple) or all(map(_keeps, value))


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


def correct(
    work: Work,
    *,
    reading: Reading,
    entry: EntryId,
    reason: str,
    replacement: dict[str, Json] | None = None,
) -> Written:
    """Say that an entry is wrong: it did not happen, or it was otherwise. Nothing is edited."""
    named = _named(work, entry)
    facts: dict[str, Json] = {"reason": reason}
    if replacement is not None:
        facts["replacement"] = replacement
    draft = Draft(
        subject=named.subject,
        kind=Kind.CORRECTION,
        reading=reading,
        corrects=entry,
        facts=facts,
    )
    return append(work, [draft])


def undo(work: Work, *, reading: Reading, command: UUID, reason: str = "undo") -> Written:
    """Take back everything one command wrote, in one transaction. Raises NoSuchEntry."""
    entries = [
        entry
        for entry in store.entries_of_commands(work.session, [command])
        if entry.kind is not Kind.REGISTERED
    ]
    if not entries:
        raise NoSuchEntry
    drafts = [
        Draft(
            subject=entry.subject,
            kind=Kind.UNDO,
            reading=reading,
            ordinal=ordinal,
            corrects=entry.entry_id,
            facts={"reason": reason},
        )
        for ordinal, entry in enumerate(entries)
    ]
    return append(work, drafts)


def identify(work: Work, *, reading: Reading, found: int, real: int) -> Written:
    """Say which known subject a found one is; its entries count as the known one's own."""
    draft = Draft(subject=found, kind=Kind.IDENTIFIED, reading=reading, facts={"real": real})
    return append(work, [draft])


def explain(
    work: Work,
    *,
    reading: Reading,
    rule: str,
    subject: int,
    entry: EntryId,
    reason: str,
    comment: str,
    until: datetime | None,
    ordinal: int = 0,
) -> Written:
    """Answer a gap with a reason. What is overdue is silenced until a time and stays open.

    Raises NoSuchGap, UntilUnfit.
    """
    now = work.clock()
    book = store.load(work.session, [subject])
    history = Replay(book, limits=work.limits, now=now).history(subject)
    gap = store.open_gap(work.session, rule, subject, entry)
    if gap is None:
        raise NoSuchGap
    if BY_CODE[rule].ages:
        latest = max_silence(work, rule, subject, now)
        if until is None or until > latest or until <= now:
            raise UntilUnfit(latest=latest.isoformat(timespec="minutes"))
    facts: dict[str, Json] = {
        "rule": rule,
        "entry": str(entry),
        "hash": explained_hash(history, entry),
        "reason": reason,
        "comment": comment,
        "until": None if until is None else until.isoformat(),
    }
    draft = Draft(
        subject=subject, kind=Kind.EXPLAINED, reading=reading, facts=facts, ordinal=ordinal
    )
    return append(work, [draft])


def max_silence(work: Work, rule: str, subject: int, now: datetime) -> datetime:
    """Until when an explanation may silence what is overdue: its next step, or a day."""
    step = store.next_step(work.session, rule, subject)
    return step if step is not None and step > now else now + timedelta(days=1)


def _named(work: Work, entry: EntryId) -> Entry:
    for written in store.entries_of_commands(work.session, {entry.command}):
        if written.entry_id == entry:
            return written
    raise NoSuchEntry
