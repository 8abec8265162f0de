"""Consent: was it given when the needle went in, and was it still, at every step since?"""

from collections.abc import Iterator
from datetime import datetime

from app.custody.gaps.objection import Objection, at_once
from app.custody.history import History, Line
from app.custody.ledger import BOOKKEEPING, Entry, Kind
from app.kernel.limits import LimitsInForce


def no_consent(history: History, limits: LimitsInForce, now: datetime) -> Iterator[Objection]:
    """G09: collected without the consents required at that time. 45 CFR 46.116."""
    if history.subject.participant is None and not history.participant:
        return
    for line in history.own:
        if line.entry.kind is not Kind.COLLECTED:
            continue
        wanted = limits.at(line.entry.occurred_at).words("G09", "consents_required")
        absent = [s for s in wanted if not consented(history.participant, s, line.entry)]
        if absent:
            first = history.participant[0] if history.participant else line.entry
            yield at_once(
                line.entry,
                "P1",
                cause=first.entry_id,
                cause_subject=first.subject,
            )


def consented(participant: tuple[Entry, ...], scope: str, drawn: Entry) -> bool:
    """Whether the last word on a scope, by the time of the draw, was yes and had not expired."""
    said = [
        entry
        for entry in participant
        if entry.kind is Kind.CONSENT_RECORDED
        and entry.facts.get("scope") == scope
        and entry.occurred_at <= drawn.occurred_at
    ]
    if not said or said[-1].facts.get("status") != "yes":
        return False
    expires = said[-1].facts.get("expires_at")
    return not isinstance(expires, str) or datetime.fromisoformat(expires) > drawn.occurred_at


def movement_after_withdrawal(
    history: History, limits: LimitsInForce, now: datetime
) -> Iterator[Objection]:
    """G11: the first thing done to it after the withdrawal took effect, destruction apart."""
    withdrawals = [e for e in history.participant if e.kind is Kind.WITHDRAWAL_SET]
    if not withdrawals:
        return
    withdrawal = withdrawals[0]
    for line in history.lines:
        if line.entry.kind in BOOKKEEPING or line.closing:
            continue
        if line.entry.occurred_at > withdrawal.occurred_at and not _allowed(line, limits):
            yield at_once(
                line.entry,
                "P1",
                cause=withdrawal.entry_id,
                cause_subject=withdrawal.subject,
                at=max(withdrawal.occurred_at, min(line.entry.occurred_at, now)),
            )
            return


def _allowed(line: Line, limits: LimitsInForce) -> bool:
    here = limits.at(line.entry.occurred_at)
    if line.entry.kind in here.words("G11", "allowed_after"):
        return True
    quarantined = line.entry.facts.get("quarantine") is True
    return quarantined and line.entry.kind in here.words("G11", "allowed_into_quarantine")
