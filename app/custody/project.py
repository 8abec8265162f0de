"""What follows from a history: the state to store, the gaps of this moment, the wake-ups to set."""

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from app.custody.chain import effective_hash
from app.custody.gaps.objection import Objection
from app.custody.gaps.table import FOR_SORT, PRECEDENCE, Rule
from app.custody.history import History, Line
from app.custody.ledger import Entry, EntryId, Kind, Sort, parse_entry_id
from app.kernel.limits import LimitsInForce

CLOSING = "close"  # the wake-up of an open receipt; no rule of its own

_WRONG_TIME = frozenset({"G19", "G20"})
_OUT_OF_ORDER = _WRONG_TIME | {"G18"}


class Gap(NamedTuple):
    """What a rule objects to now. The first three fields are its identity.

    `at` is when it became one (the deadline, for what did not happen), `cause` the entry it goes
    back to, which gaps of other subjects may share; `settles_at` when it may be raised;
    `next_step` when it becomes graver;
    `explained` the EXPLAINED entry that answers it, `silent_until` how long that keeps it quiet.
    """

    rule: str
    subject: int
    entry_id: EntryId
    at: datetime
    priority: str
    cause: EntryId
    cause_subject: int
    site: str | None
    settles_at: datetime
    explained: EntryId | None = None
    silent_until: datetime | None = None
    next_step: datetime | None = None

    @property
    def key(self) -> tuple[str, int, EntryId]:
        return (self.rule, self.subject, self.entry_id)

    def silent(self, now: datetime) -> bool:
        """Explained, and still covered by the explanation."""
        return self.explained is not None and (self.silent_until is None or self.silent_until > now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Projection:
    """What is stored of one subject; equal histories, limits and now give equal projections."""

    history: History
    gaps: tuple[Gap, ...]
    wake_ups: tuple[tuple[str, datetime], ...]


def project(history: History, *, limits: LimitsInForce, now: datetime) -> Projection:
    """Run every rule that reads this sort of subject."""
    objections = [
        (rule, objection)
        for rule in FOR_SORT[history.subject.sort]
        for objection in rule.check(history, limits, now)
    ]
    present = [(r, o) for r, o in objections if o.steps[0][0] <= now]
    wake_ups: dict[str, datetime] = {}
    for rule, objection in objections:
        ahead = [at for at, _ in objection.steps if at > now]
        if ahead:
            wake_ups[rule.code] = min(ahead[0], wake_ups.get(rule.code, ahead[0]))
    if (closing := _closing(history)) is not None and closing > now:
        wake_ups[CLOSING] = closing
    gaps = list(_explained(_gaps(history, present, limits, now), history, present))
    for gap in gaps:
        if gap.silent_until is not None and gap.silent_until > now:
            wake_ups[gap.rule] = min(gap.silent_until, wake_ups.get(gap.rule, gap.silent_until))
    return Projection(history=history, gaps=tuple(gaps), wake_ups=tuple(sorted(wake_ups.items())))


def _closing(history: History) -> datetime | None:
    """When the open receipt of a package ends by itself, and what was not seen stops following."""
    if history.subject.sort is not Sort.PACKAGE or not history.receipts:
        return None
    last = history.receipts[-1]
    return None if last.received is None or last.closed else last.closes_at


def _gaps(
    history: History,
    present: Sequence[tuple[Rule, Objection]],
    limits: LimitsInForce,
    now: datetime,
) -> Iterator[Gap]:
    causes = _causes(history, present)
    for rule, objection in present:
        reached = [step for step in objection.steps if step[0] <= now]
        ahead = [at for at, _ in objection.steps if at > now]
        cause, cause_subject, site = causes[objection.entry_id]
        yield Gap(
            rule=rule.code,
            subject=history.subject.id,
            entry_id=objection.entry_id,
            at=objection.steps[0][0],
            priority=reached[-1][1],
            cause=cause,
            cause_subject=cause_subject,
            site=site,
            settles_at=_settles_at(rule, objection, limits),
            next_step=ahead[0] if ahead else None,
        )


def _settles_at(rule: Rule, objection: Objection, limits: LimitsInForce) -> datetime:
    """RAISED waits, for rules that an entry still under way may cure, from the later of the two."""
    at = objection.steps[0][0]
    if objection.entry is not None:
        at = max(at, objection.entry.recorded_at)
    return at + limits.at(at).span("alarm", "settle_minutes") if rule.settles else at


Cause = tuple[EntryId, int, str | None]


def _causes(history: History, present: Sequence[tuple[Rule, Objection]]) -> dict[EntryId, Cause]:
    """One cause speaks once: which entry each objected entry goes back to.

    Rules that object to one entry share the cause of the first by precedence. Entries out of
    order, and objections to neighbouring entries about hands and order, are one disorder.
    """
    causes: dict[EntryId, Cause] = {}
    disorder: dict[EntryId, set[str]] = {}
    for rule, objection in sorted(present, key=lambda pair: PRECEDENCE[pair[0].code]):
        own = (objection.entry_id, _owner(history, objection))
        cause = objection.cause or own[0]
        owner = own[1] if objection.cause_subject is None else objection.cause_subject
        causes.setdefault(objection.entry_id, (cause, owner, objection.site))
        if rule.disorder:
            disorder.setdefault(objection.entry_id, set()).add(rule.code)
    first_disorder: Cause | None = None
    previous: Cause | None = None
    displaced = _displaced(history.own, disorder)
    told: set[EntryId] = set()
    for line in history.own:
        codes = disorder.get(line.entry.entry_id)
        if codes is None:
            previous = None
            continue
        here = causes[line.entry.entry_id]
        if previous is not None:
            here = previous
        elif first_disorder is not None and codes & _OUT_OF_ORDER:
            here = first_disorder
        elif (moved := displaced.get(line.entry.entry_id)) is not None and (
            moved.entry_id in told or here[0] == line.entry.entry_id
        ):
            here = causes.get(moved.entry_id, (moved.entry_id, moved.subject, moved.site))
        causes[line.entry.entry_id] = previous = here
        told.add(line.entry.entry_id)
        first_disorder = first_disorder or here
    return {entry_id: _first_cause(cause, causes) for entry_id, cause in causes.items()}


def _displaced(own: Sequence[Line], disorder: Mapping[EntryId, Set[str]]) -> dict[EntryId, Entry]:
    """Lines that an entry said at a wrong time jumped over, and the first after: to that entry."""
    found: dict[EntryId, Entry] = {}
    if not disorder:
        return found
    out_of_turn = _out_of_turn(own)
    for moved in (line.entry for line in own):
        if disorder.get(moved.entry_id, set()) & _WRONG_TIME:
            start, end = sorted((moved.occurred_at, moved.recorded_at))
        elif moved.entry_id in out_of_turn:
            start, end = moved.occurred_at, out_of_turn[moved.entry_id]
        else:
            continue
        after = [line.entry for line in own if line.entry.occurred_at >= start]
        over = [entry for entry in after if entry.occurred_at <= end]
        for entry in after[: len(over) + 1]:
            found.setdefault(entry.entry_id, moved)
    return found


def _out_of_turn(own: Sequence[Line]) -> dict[EntryId, datetime]:
    """Entries said to be earlier than what their own device had counted before them: up to when."""
    found: dict[EntryId, datetime] = {}
    later: dict[str, list[Entry]] = {}  # of each device, from the last on, each counted lower
    for entry in (line.entry for line in reversed(own)):
        lower = later.setdefault(entry.device_id, [])
        if not lower or entry.device_seq <= lower[-1].device_seq:
            lower.append(entry)
        else:
            passed = next(e for e in lower if e.device_seq < entry.device_seq)
            found[entry.entry_id] = passed.occurred_at
    return found


def _first_cause(cause: Cause, causes: Mapping[EntryId, Cause]) -> Cause:
    """Where the entry gone back to is itself objected to, what that goes back to."""
    followed = {cause[0]}
    while (further := causes.get(cause[0])) is not None and further[0] not in followed:
        cause = further
        followed.add(cause[0])
    return cause


def _owner(history: History, objection: Objection) -> int:
    return history.subject.id if objection.entry is None else objection.entry.subject


def _explained(
    gaps: Iterator[Gap], history: History, present: Sequence[tuple[Rule, Objection]]
) -> Iterator[Gap]:
    answers = _answers(history.bookkeeping)
    entries = {o.entry_id: o.entry for _, o in present if o.entry is not None}
    for gap in gaps:
        answer = answers.get((gap.rule, gap.entry_id))
        if answer is None or not _still_about(answer, entries.get(gap.entry_id)):
            yield gap
            continue
        until = answer.facts.get("until")
        silent = datetime.fromisoformat(until) if isinstance(until, str) else None
        yield gap._replace(explained=answer.entry_id, silent_until=silent)


def _answers(bookkeeping: Sequence[Entry]) -> dict[tuple[str, EntryId], Entry]:
    return {
        (str(entry.facts.get("rule")), parse_entry_id(str(entry.facts.get("entry")))): entry
        for entry in bookkeeping
        if entry.kind is Kind.EXPLAINED
    }


def _still_about(answer: Entry, entry: Entry | None) -> bool:
    told = answer.facts.get("hash")
    return entry is None or told == effective_hash(entry).hex()


def explained_hash(history: History, entry_id: EntryId) -> str:
    """The hash an explanation of this entry must carry: of what the entry says now, if known."""
    entry = objected(history, entry_id)
    return "" if entry is None else effective_hash(entry).hex()


def objected(history: History, entry_id: EntryId) -> Entry | None:
    """The effective entry of this id in a history, wherever in it that stands."""
    for line in history.lines:
        if line.entry.entry_id == entry_id:
            return line.entry
    others = [*history.kit, *history.bookkeeping, *history.rings]
    others += [r.received for r in history.receipts if r.received is not None]
    return next((entry for entry in others if entry.entry_id == entry_id), None)


def speaking(gaps: Sequence[Gap]) -> tuple[Gap, ...]:
    """Of the gaps that share a cause on one subject, the first by precedence."""
    first: dict[EntryId, Gap] = {}
    for gap in sorted(gaps, key=lambda g: PRECEDENCE[g.rule]):
        first.setdefault(gap.cause, gap)
    return tuple(first.values())


def last_seen(history: History) -> Line | None:
    """The last time somebody looked at the thing itself."""
    return next((line for line in reversed(history.lines) if line.seen), None)
