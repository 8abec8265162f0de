"""Saying that something written was wrong, or is explained: by writing more, never by editing."""

from datetime import datetime, timedelta
from uuid import UUID

from app.custody import bearing, gap_rows, store
from app.custody.drafts import Draft, Reading
from app.custody.gaps.table import BY_CODE
from app.custody.ledger import Entry, EntryId, Json, Kind
from app.custody.project import explained_hash
from app.custody.replay import Replay
from app.custody.service import Written, append
from app.kernel.errors import Invalid, Missing
from app.kernel.work import Work


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
    book = bearing.load(work.session, [subject])
    history = Replay(book, limits=work.limits, now=now).history(subject)
    gap = gap_rows.open_gap(work.session, rule, subject, entry)
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
    step = gap_rows.next_step(work.session, rule, subject)
    return step if step is not None and step > now else now + timedelta(days=1)


def _named(work: Work, entry: EntryId) -> Entry:
    for written in store.entries_of_commands(work.session, {entry.command}):
        if written.entry_id == entry:
            return written
    raise NoSuchEntry
