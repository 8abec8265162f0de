"""Giving things their chains: a code, and the genesis entry that binds for ever."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from app.custody import projected, store
from app.custody.drafts import Draft, Reading
from app.custody.ledger import EntryId, Facts, Json, Kind, Origin, Sort, Subject
from app.custody.stamping import fit, stamped
from app.kernel.work import Work
from labels import code as codes


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
            facts=fit(new.facts),
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
        stamped(
            Draft(
                subject=subject.id,
                kind=Kind.REGISTERED,
                reading=new.reading,
                ordinal=new.ordinal,
                facts=_genesis(subject),
            ),
            now=now,
            sop=sop,
        )._replace(seq=1)
        for subject, new in fresh
    ]
    heads = store.insert_entries(work.session, entries, {})
    projected.begin_states(work.session, [subject for subject, _ in fresh], heads)


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
