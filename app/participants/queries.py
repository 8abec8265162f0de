"""Questions about participants: who is it, and what did they agree to."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.custody.effective import effective
from app.custody.ledger import Entry, Kind, Sort, Subject
from app.custody.queries import entries_of, entries_of_each, subject_of
from app.kernel.errors import Missing
from app.participants.models import ParticipantLink
from labels.code import CodeRefused, parse


class UnknownParticipant(Missing):
    """No participant has this code."""

    message = "There is no participant with this code"
    advice = "Scan the participant's card, or create the participant first"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentState:
    """What counts at one moment: the last word on each scope, and a withdrawal in effect."""

    scopes: dict[str, str]
    withdrawn_at: datetime | None

    def active(self, wanted: tuple[str, ...]) -> bool:
        """Every scope wanted was agreed to, and nothing was withdrawn."""
        return self.withdrawn_at is None and all(self.scopes.get(s) == "yes" for s in wanted)


def participant_of(session: Session, code: str) -> Subject:
    """The participant with this code; raises UnknownParticipant."""
    try:
        subject = subject_of(session, parse(code).text)
    except CodeRefused as error:
        raise UnknownParticipant from error
    if subject is None or subject.sort is not Sort.PARTICIPANT:
        raise UnknownParticipant
    return subject


def link_of(session: Session, subject: Subject) -> ParticipantLink:
    """A participant's pseudonyms."""
    link = session.get(ParticipantLink, subject.id)
    if link is None:
        raise UnknownParticipant
    return link


def consent_at(session: Session, subject: Subject, *, moment: datetime) -> ConsentState:
    """What had been agreed to, and withdrawn, by a moment; corrections applied."""
    return state_at(consent_entries(session, subject), moment=moment)


def state_at(said: Iterable[Entry], *, moment: datetime) -> ConsentState:
    """The same of entries that are known already."""
    scopes: dict[str, str] = {}
    withdrawn: datetime | None = None
    for entry in said:
        if entry.occurred_at > moment:
            continue
        if entry.kind is Kind.WITHDRAWAL_SET:
            withdrawn = withdrawn or entry.occurred_at
        else:
            scopes[str(entry.facts.get("scope"))] = _status(entry, moment)
    return ConsentState(scopes=scopes, withdrawn_at=withdrawn)


def consent_entries(session: Session, subject: Subject) -> list[Entry]:
    """What a participant said, in the order in which it took effect."""
    return _consents(entries_of(session, subject.id))


def withdrawn_among(session: Session, people: Collection[int], *, moment: datetime) -> set[int]:
    """Those of these participants whose withdrawal was in effect at a moment."""
    return {
        person
        for person, chain in entries_of_each(session, people).items()
        if state_at(_consents(chain), moment=moment).withdrawn_at is not None
    }


def _consents(chain: Sequence[Entry]) -> list[Entry]:
    kinds = (Kind.CONSENT_RECORDED, Kind.WITHDRAWAL_SET)
    return [entry for _, entry in effective(chain).entries if entry.kind in kinds]


def _status(entry: Entry, moment: datetime) -> str:
    expires = entry.facts.get("expires_at")
    if isinstance(expires, str) and datetime.fromisoformat(expires) <= moment:
        return "expired"
    return str(entry.facts.get("status"))
