"""Putting the ledger right by writing more of it: undo, corrections, late entries, explanations."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from app.accounts.rights import demand, may
from app.custody import amending, gap_queries, queries, service
from app.custody.amending import NoSuchEntry
from app.custody.drafts import Draft
from app.custody.ledger import (
    CORRECTIONS,
    Entry,
    EntryId,
    Evidence,
    Facts,
    Json,
    Kind,
    Subject,
)
from app.custody.service import Written
from app.kernel.errors import Invalid, Missing, Refused
from app.kernel.work import Work
from app.scanning import journal
from app.scanning.rules import rule_words
from app.scanning.subjects import known_by_code

# Facts of a frozen manifest, and entries whose facts name entries or things by their number.
MANIFEST = frozenset({"lines", "count", "manifest_hash"})
NAMING = CORRECTIONS | {Kind.BOUND, Kind.IDENTIFIED}
# What can be said afterwards by hand; the others carry what only their own step can know.
LATE_KINDS = (
    Kind.COLLECTED,
    Kind.COLLECTION_FAILED,
    Kind.SPIN_STARTED,
    Kind.SPIN_ENDED,
    Kind.PACKED,
    Kind.UNPACKED,
    Kind.SEALED,
    Kind.STAGED,
    Kind.DELIVERED,
    Kind.RECEIVED,
    Kind.CHECKED_IN,
    Kind.CONDITION_NOTED,
    Kind.QUARANTINED,
    Kind.RELEASED_FROM_QUARANTINE,
    Kind.STORED,
    Kind.MOVED,
    Kind.CHECKED_OUT,
    Kind.RETURNED,
    Kind.INVENTORIED,
    Kind.FOUND,
)


class ScanMissing(Missing):
    """No scan with this id."""

    message = "There is no such scan"


class UndoneAlready(Refused):
    """What the scan did was taken back before, or it did nothing."""

    message = "There is nothing to undo"
    advice = "Look at the timeline"


class WhereUnknown(Invalid):
    """The caller works at no site, and named none."""

    message = "Say at which site it was"


class Fixed(Refused):
    """What a code is bound to, a manifest, or what names another thing: never changed in place."""

    message = "What this entry says is fixed, and cannot be replaced"
    advice = "Say that it did not happen, and write down what did"


class ReasonUnknown(Invalid):
    """A reason that this rule does not take."""

    message = "This reason does not answer that rule"
    advice = "Choose one of: %(reasons)s"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What an entry should have said; what is None was right."""

    occurred_at: datetime | None = None
    kind: str | None = None
    source: str | None = None
    target: str | None = None
    evidence: str | None = None
    site: str | None = None
    inside: str | None = None
    place: str | None = None
    position: str | None = None
    package: str | None = None
    facts: Facts | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """An entry that is wrong, why, and what it should have said; without that, it was not so."""

    entry: EntryId
    reason: str
    replacement: Change | None = None
    command: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LateEntry:
    """Something that happened, and that nobody wrote down at the time."""

    subject: str
    kind: str
    occurred_at: datetime
    reason: str
    site: str | None = None
    source: str | None = None
    target: str | None = None
    evidence: str | None = None
    inside: str | None = None
    place: str | None = None
    position: str | None = None
    package: str | None = None
    facts: Facts = field(default_factory=dict)
    command: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Why a gap is none, or is being seen to."""

    rule: str
    subject: str
    entry: EntryId
    reason: str
    comment: str = ""
    until: datetime | None = None
    command: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoWanted:
    """The wish to take back what a scan did."""

    reason: str = "undo"
    command: UUID | None = None


def undo_scan(work: Work, scan: UUID, wanted: UndoWanted) -> Written:
    """Take back everything one scan wrote.

    Raises ScanMissing, UndoneAlready, and what `demand` raises.
    """
    target = journal.undoable(work.session, scan)
    if target is None:
        raise ScanMissing
    site = target.site or work.actor.site or ""
    _demand_correction(work, site, own=target.actor == work.actor.person)
    if target.undone or not target.entries:
        raise UndoneAlready
    reading = service.by_hand(work, site=site or None, command=wanted.command)
    written = amending.undo(work, reading=reading, command=target.id, reason=wanted.reason)
    journal.mark_undone(work.session, target.id, by=reading.command)
    return written


def correct(work: Work, correction: Correction) -> Written:
    """Say that an entry is wrong, and what is right. Raises NoSuchEntry, SubjectMissing, Fixed."""
    entry = queries.entry(work.session, correction.entry)
    if entry is None:
        raise NoSuchEntry
    site = entry.site or work.actor.site or ""
    _demand_correction(work, site, own=entry.actor == work.actor.person)
    change = correction.replacement
    if entry.kind is Kind.REGISTERED or _is_fixed(entry, change):
        raise Fixed
    return amending.correct(
        work,
        reading=service.by_hand(work, site=site or None, command=correction.command),
        entry=correction.entry,
        reason=correction.reason,
        replacement=None if change is None else _replacement(work, change),
    )


def add_late(work: Work, late: LateEntry) -> Written:
    """Write down what happened earlier, with the reason why only now.

    Raises WhereUnknown, SubjectMissing, TimeAhead, and what `demand` raises.
    """
    site = late.site or work.actor.site
    if site is None:
        raise WhereUnknown
    demand(work, "late_entry.make", site=site)
    codes = [late.subject, late.inside, late.place, late.package]
    known = known_by_code(work, [code for code in codes if code is not None])
    reading = service.by_hand(work, site=site, command=late.command, at=late.occurred_at)
    return service.append(
        work,
        [
            Draft(
                subject=known[late.subject].id,
                kind=Kind(late.kind),
                reading=reading,
                source=late.source,
                target=late.target,
                evidence=Evidence(late.evidence) if late.evidence else None,
                inside=_id(known, late.inside),
                place=_id(known, late.place),
                position=late.position,
                package=_id(known, late.package),
                facts={**late.facts, "late_reason": late.reason},
            )
        ],
    )


def explain(work: Work, explanation: Explanation) -> Written:
    """Answer a gap with a reason.

    Raises SubjectMissing, ReasonUnknown, NoSuchGap, UntilUnfit, and what `demand` raises.
    """
    subject = known_by_code(work, [explanation.subject])[explanation.subject]
    site = _site_of_gap(work, subject, explanation) or work.actor.site or ""
    demand(work, "gap.explain", site=site)
    reasons = rule_words(work, explanation.rule, now=work.clock()).resolution_codes
    if explanation.reason not in reasons:
        raise ReasonUnknown(reasons=", ".join(reasons))
    return amending.explain(
        work,
        reading=service.by_hand(work, site=site or None, command=explanation.command),
        rule=explanation.rule,
        subject=subject.id,
        entry=explanation.entry,
        reason=explanation.reason,
        comment=explanation.comment,
        until=explanation.until,
    )


def _site_of_gap(work: Work, subject: Subject, explanation: Explanation) -> str | None:
    for gap in gap_queries.gaps_of(work.session, [subject.id]):
        if (gap.rule, gap.entry_id) == (explanation.rule, explanation.entry):
            return gap.site
    return None


def _is_fixed(entry: Entry, change: Change | None) -> bool:
    """Whether a change would touch facts that others were derived from when they were written."""
    if change is None or not change.facts:
        return False
    if entry.kind is Kind.RELEASED:
        return bool(MANIFEST & change.facts.keys())
    return entry.kind in NAMING


def may_correct(work: Work, site: str, *, own: bool) -> bool:
    """Everybody may put right what they did themselves; what others did, only a few."""
    rights = ("correction.make", "correction.make_own") if own else ("correction.make",)
    return any(may(work.actor, right, site=site) for right in rights)


def _demand_correction(work: Work, site: str, *, own: bool) -> None:
    if not may_correct(work, site, own=own):
        demand(work, "correction.make", site=site)


def _replacement(work: Work, change: Change) -> dict[str, Json]:
    """The change as the ledger keeps it: things by their number, times in words."""
    told: dict[str, Json] = {}
    for name in ("kind", "source", "target", "evidence", "site", "position"):
        value = getattr(change, name)
        if value is not None:
            told[name] = value
    named = {
        name: code for name in ("inside", "place", "package") if (code := getattr(change, name))
    }
    known = known_by_code(work, list(named.values()))
    told |= {name: known[code].id for name, code in named.items()}
    if change.occurred_at is not None:
        told["occurred_at"] = change.occurred_at.isoformat()
    if change.facts is not None:
        told["facts"] = dict(change.facts)
    return told


def _id(known: Mapping[str, Subject], code: str | None) -> int | None:
    return None if code is None else known[code].id
