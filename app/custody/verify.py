"""Is the ledger what was written? Every chain walked, everything derived from it derived again.

Names what it finds: a changed bit, a deleted or exchanged entry, an edited state, gap, wake-up or
slot; with a seal also a last entry deleted together with its state, or a whole subject.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy.orm import Session

from app.custody import bearing, gap_rows, projected, store
from app.custody.chain import GENESIS, encode, facts_hash, link
from app.custody.history import Book
from app.custody.ledger import CONTAINERS, Entry, Kind, Origin, Subject
from app.custody.project import Projection, project
from app.custody.receipts import manifest_lines
from app.custody.replay import Replay
from app.custody.rows import EVENT_COLUMNS, SUBJECT_COLUMNS, entry_of, subject_of_row
from app.custody.seals import Seal
from app.kernel.limits import LimitsInForce
from app.kernel.sql import Row, ask

WHOLE_MAX = 400_000  # entries told in one replay; a larger ledger is told in parts
PART = 2_000
_SAID = frozenset({Kind.RAISED, Kind.CURED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a verification looked at, and what it found: sentences that name the subject."""

    subjects: int
    entries: int
    as_of: datetime
    findings: tuple[str, ...]

    @property
    def ok(self) -> bool:
        return not self.findings


Progress = Callable[[int], None]


def verify(
    session: Session,
    *,
    limits: LimitsInForce,
    now: datetime,
    seal: Seal | None = None,
    progress: Progress = lambda entries: None,
) -> Report:
    """Walk every chain, then derive states, wake-ups, gaps and slots again and compare.

    `now` is used where no sweep has looked yet. Reads one snapshot; takes no lock.
    """
    session.connection().exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    known = {
        s.id: s
        for s in map(
            subject_of_row,
            ask(session, f"SELECT {SUBJECT_COLUMNS} FROM subject"),  # noqa: S608 - constant
        )
    }
    chains = _Chains(session, known, seal)
    findings = list(chains.walk(progress))
    swept = ask(session, "SELECT swept_at FROM sweep WHERE id = 1")
    as_of = cast(datetime, swept[0][0]) if swept else now
    if not findings:
        findings += _derived(session, known, chains, limits=limits, as_of=as_of)
    return Report(subjects=len(known), entries=chains.count, as_of=as_of, findings=tuple(findings))


class _Chains:
    """One pass over the ledger in the order of its chains."""

    def __init__(self, session: Session, known: Mapping[int, Subject], seal: Seal | None) -> None:
        self._session = session
        self._known = known
        self._sealed = dict(seal.heads) if seal is not None else {}
        self._states = {
            cast(int, r[0]): (cast(int, r[1]), bytes(cast(bytes, r[2])))
            for r in ask(session, "SELECT subject_id, seq, head FROM subject_state")
        }
        self.count = 0
        self.latest: datetime | None = None

    def walk(self, progress: Progress) -> Iterator[str]:
        walked: dict[int, int] = {}
        subject, seq, head = -1, 0, GENESIS
        for row in self._rows():
            entry, kept_facts, kept_hash = row
            if entry.subject != subject:
                if subject >= 0:
                    yield from self._end(subject, seq, head)
                subject, seq, head = entry.subject, 0, GENESIS
            seq += 1
            if entry.seq != seq:
                yield f"{self._name(subject)}: entry {seq} is missing"
                seq = entry.seq
            if seq == 1:
                yield from self._genesis(entry)
            digest = facts_hash(entry.facts)
            if digest != kept_facts:
                yield f"{self._name(subject)}: the facts of entry {seq} ({entry.kind}) were changed"
            head = link(head, encode(entry, facts_digest=digest))
            if head != kept_hash:
                yield f"{self._name(subject)}: entry {seq} ({entry.kind}) is not what was written"
                head = kept_hash
            yield from self._against_seal(subject, seq, head)
            walked[subject] = seq
            self.count += 1
            self.latest = max(self.latest or entry.recorded_at, entry.recorded_at)
            if self.count % 10_000 == 0:
                progress(self.count)
        if subject >= 0:
            yield from self._end(subject, seq, head)
        for id_ in sorted(self._known.keys() - walked.keys()):
            yield f"{self._name(id_)}: it has no entries"
        for id_ in sorted(self._states.keys() - self._known.keys()):
            yield f"subject {id_}: it has a state and is not known"
        for id_ in sorted(self._sealed):
            last = self._sealed[id_][0]
            yield f"{self._name(id_)}: entries up to {last} were sealed and are gone"

    def _rows(self) -> Iterator[tuple[Entry, bytes, bytes]]:
        result = (
            self._session.connection()
            .execution_options(yield_per=2_000)
            .exec_driver_sql(
                f"SELECT {EVENT_COLUMNS}, facts_hash, hash FROM custody_event"  # noqa: S608 - constant
                " ORDER BY subject_id, seq"
            )
        )
        for row in result:
            yield entry_of(tuple(row[:-2])), bytes(row[-2]), bytes(row[-1])

    def _genesis(self, entry: Entry) -> Iterator[str]:
        subject = self._known.get(entry.subject)
        if subject is None:
            yield f"subject {entry.subject}: it has entries and is not known"
        elif entry.kind is not Kind.REGISTERED:
            yield f"{subject.code}: entry 1 is not its registration"
        elif not _as_registered(subject, entry):
            yield f"{subject.code}: it is not what its registration says"

    def _end(self, subject: int, seq: int, head: bytes) -> Iterator[str]:
        state = self._states.get(subject)
        if state is None:
            yield f"{self._name(subject)}: it has no state"
        elif state[0] > seq:
            yield f"{self._name(subject)}: entry {state[0]} is missing at the end"
        elif state != (seq, head):
            yield f"{self._name(subject)}: its state names another last entry"

    def _against_seal(self, subject: int, seq: int, head: bytes) -> Iterator[str]:
        sealed = self._sealed.get(subject)
        if sealed is not None and sealed[0] == seq:
            del self._sealed[subject]
            if sealed[1] != head:
                yield f"{self._name(subject)}: entry {seq} is not the one that was sealed"

    def _name(self, subject: int) -> str:
        known = self._known.get(subject)
        return known.code if known else f"subject {subject}"


def _as_registered(subject: Subject, entry: Entry) -> bool:
    facts = entry.facts
    same = (facts.get("code"), facts.get("namespace"), facts.get("origin"), facts.get("sort")) == (
        subject.code,
        subject.namespace,
        subject.origin,
        subject.sort,
    )
    if subject.origin is not Origin.MINTED:
        return same
    bound = {
        name: value
        for name, value in facts.items()
        if name not in ("code", "namespace", "origin", "sort", "participant_subject", "kit_subject")
    }
    return (
        same
        and bound == dict(subject.facts)
        and facts.get("participant_subject") == subject.participant
        and facts.get("kit_subject") == subject.kit
    )


# What follows from the chains


def _derived(
    session: Session,
    known: Mapping[int, Subject],
    chains: _Chains,
    *,
    limits: LimitsInForce,
    as_of: datetime,
) -> Iterator[str]:
    latest = max(as_of, chains.latest or as_of)
    kept, rechecks, overslept = _Kept(session), _rechecks(session), _overslept(session, as_of)
    for book, ids in _books(session, known, whole=chains.count <= WHOLE_MAX):
        then = _projections(session, book, ids, limits=limits, now=as_of)
        compared = {id_: list(kept.compare(then[id_])) for id_ in ids}
        faults = {id_: found for id_, found in compared.items() if found and id_ not in rechecks}
        # What was written since the sweep was judged when it was written.
        today = _projections(session, book, list(faults), limits=limits, now=latest)
        for id_, found in faults.items():
            if list(kept.compare(today[id_])) and not (
                id_ in overslept and _as_before(session, kept, id_, overslept[id_], limits)
            ):
                yield from (f"{known[id_].code}: {fault}" for fault in found)
        yield from kept.compare_gap_story(book, ids, known)
    yield from kept.left(known)


def _rechecks(session: Session) -> set[int]:
    """Whoever the watcher has still to compute again."""
    return {cast(int, row[0]) for row in ask(session, "SELECT subject_id FROM recheck")}


def _overslept(session: Session, as_of: datetime) -> dict[int, datetime]:
    """The first wake-up of each subject whose time has come and that no sweep has answered yet."""
    rows = ask(
        session,
        "SELECT subject_id, min(due_at) FROM expectation WHERE due_at <= %(as_of)s"
        " GROUP BY subject_id",
        as_of=as_of,
    )
    return {cast(int, id_): cast(datetime, due) for id_, due in rows}


def _as_before(
    session: Session, kept: "_Kept", id_: int, due: datetime, limits: LimitsInForce
) -> bool:
    """Whether a subject is stored as it had to be until its wake-up was due."""
    book, before = bearing.load(session, [id_]), due - timedelta(microseconds=1)
    then = _projections(session, book, [id_], limits=limits, now=before)
    return not list(kept.compare(then[id_]))


def _books(
    session: Session, known: Mapping[int, Subject], *, whole: bool
) -> Iterator[tuple[Book, list[int]]]:
    ids = sorted(known)
    if whole:
        yield bearing.load_all(session), ids
        return
    for start in range(0, len(ids), PART):
        part = ids[start : start + PART]
        yield bearing.load(session, part), part


def _projections(
    session: Session, book: Book, ids: Collection[int], *, limits: LimitsInForce, now: datetime
) -> dict[int, Projection]:
    if not ids:
        return {}
    replay = Replay(book, limits=limits, now=now)
    if not book.complete:
        claims = replay.claims(list(ids))
        replay.learn(
            contents=projected.first_contents(
                session, [i for i in ids if book.subjects[i].sort in CONTAINERS]
            ),
            rivals=projected.claims_at(session, {(c.location, c.position) for c in claims}),
        )
    return {i: project(replay.history(i), limits=limits, now=now) for i in ids}


class _Kept:
    """What is stored of every subject, to be crossed off."""

    def __init__(self, session: Session) -> None:
        rows = ask(session, "SELECT subject_id FROM subject_state")
        self._states = store.states(session, [cast(int, row[0]) for row in rows])
        self._wake_ups: dict[int, set[tuple[str, datetime]]] = defaultdict(set)
        for id_, rule, at in ask(session, "SELECT subject_id, rule, due_at FROM expectation"):
            self._wake_ups[cast(int, id_)].add((cast(str, rule), cast(datetime, at)))
        self._gaps: dict[int, set[Row]] = defaultdict(set)
        self._said: dict[tuple[object, ...], Row] = {}
        for row in gap_rows.all_gaps(session):
            *gap, raised, vanished, cured = row
            if cured is None and not vanished:
                self._gaps[cast(int, gap[0])].add(tuple(gap))
            if raised is not None:
                self._said[tuple(gap[:3])] = (raised, cured)
        self._slots = {
            (cast(int, at), cast(str, position)): (occupant, disputed)
            for at, position, occupant, disputed in ask(
                session,
                "SELECT location, position, occupant, disputed FROM slot"
                " WHERE occupant IS NOT NULL",
            )
        }
        self._claimed: set[tuple[int, str]] = set()
        self._lines = {
            (cast(int, tube), cast(int, package))
            for tube, package in ask(session, "SELECT subject_id, package FROM manifest_line")
        }

    def compare(self, projection: Projection) -> Iterator[str]:
        """What of this subject is not stored as it should be."""
        id_ = projection.history.subject.id
        state = self._states.get(id_)
        if state is None or projected.comparable(state) != projected.state_values(
            projection.history
        ):
            yield "its state does not follow from its entries"
        if self._wake_ups[id_] != set(projection.wake_ups):
            yield "what is due does not follow from its entries"
        if self._gaps[id_] != {gap_rows.gap_values(gap) for gap in projection.gaps}:
            yield "its gaps do not follow from its entries"
        claim = projection.history.claim
        if claim is not None:
            live = sorted((claim, *projection.history.rivals), key=lambda c: c.order)
            at = (claim.location, claim.position)
            self._claimed.add(at)
            if self._slots.get(at) != (live[0].subject, len(live) > 1):
                yield "the place it is in is not shown as it should be"

    def compare_gap_story(
        self, book: Book, ids: Iterable[int], known: Mapping[int, Subject]
    ) -> Iterator[str]:
        """Raised and cured gaps against RAISED and CURED; manifests against RELEASED."""
        wanted = set(ids)
        said: dict[tuple[object, ...], list[Entry]] = defaultdict(list)
        for entry in sorted(book.entries, key=lambda e: (e.subject, e.seq)):
            if entry.subject in wanted and entry.kind in _SAID:
                gap = (entry.subject, entry.facts.get("rule"), entry.facts.get("entry"))
                said[gap].append(entry)
            if entry.subject in wanted and entry.kind is Kind.RELEASED:
                for tube in manifest_lines(entry):
                    if (tube, entry.subject) not in self._lines:
                        yield f"{known[entry.subject].code}: a line of its manifest is not found"
        for key, entries in said.items():
            last = entries[-1]
            raised = next(e for e in reversed(entries) if e.kind is Kind.RAISED)
            cured = last.recorded_at if last.kind is Kind.CURED else None
            if self._said.pop(key, None) != (raised.recorded_at, cured):
                yield f"{known[last.subject].code}: gap {key[1]} is not as it was raised and cured"

    def left(self, known: Mapping[int, Subject]) -> Iterator[str]:
        """What is stored and follows from nothing."""
        for location, position in sorted(self._slots.keys() - self._claimed):
            name = known[location].code if location in known else f"subject {location}"
            yield f"{name}: position {position} is shown taken and nothing is there"
        for key in self._said:
            name = known[cast(int, key[0])].code if key[0] in known else f"subject {key[0]}"
            yield f"{name}: gap {key[1]} was never raised"
        for id_ in sorted((self._wake_ups.keys() | self._gaps.keys()) - known.keys()):
            yield f"subject {id_}: something is due and it is not known"
