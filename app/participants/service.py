"""Deeds about participants: create one, record what they agreed to, record that they withdrew."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from app.accounts.rights import demand
from app.custody.drafts import Draft
from app.custody.ledger import Json, Kind, Sort, Subject
from app.custody.service import New, Written, append, by_hand, register
from app.kernel.errors import Refused
from app.kernel.work import Work
from app.participants.models import LinkRead, ParticipantLink
from app.participants.queries import link_of, participant_of


class PseudonymTaken(Refused):
    """Another participant has it already."""

    message = "Another participant already has this id"
    advice = "Look the participant up instead of creating a second one"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewParticipant:
    """A participant to create: pseudonyms only."""

    site: str
    programme: str
    participant_id: str | None = None
    biobank_id: str | None = None
    command: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """One answer, to one scope, from a moment on."""

    scope: str
    status: str
    version: str
    language: str
    effective_at: datetime | None = None
    expires_at: datetime | None = None
    command: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal:
    """A participant withdraws: no further use of samples, and what becomes of data used."""

    effective_at: datetime | None = None
    no_further_use: bool = True
    data: str = "keep"
    ceremony: str = "U"
    command: UUID | None = None


def create(work: Work, wanted: NewParticipant) -> Subject:
    """A participant with a code of ours. Raises PseudonymTaken."""
    demand(work, "participant.create", site=wanted.site, programme=wanted.programme)
    if _taken(work, wanted):
        raise PseudonymTaken
    reading = by_hand(work, site=wanted.site, command=wanted.command)
    (subject,) = register(
        work,
        [
            New(
                sort=Sort.PARTICIPANT,
                reading=reading,
                namespace="PN",
                facts={"programme": wanted.programme, "site": wanted.site},
            )
        ],
    )
    if work.session.get(ParticipantLink, subject.id) is None:
        work.session.add(
            ParticipantLink(
                subject_id=subject.id,
                programme=wanted.programme,
                site=wanted.site,
                participant_id=wanted.participant_id,
                biobank_id=wanted.biobank_id,
            )
        )
        work.session.flush()
    return subject


def _taken(work: Work, wanted: NewParticipant) -> bool:
    for column, value in (
        (ParticipantLink.participant_id, wanted.participant_id),
        (ParticipantLink.biobank_id, wanted.biobank_id),
    ):
        if value is None:
            continue
        same = select(ParticipantLink.subject_id).where(
            ParticipantLink.programme == wanted.programme, column == value
        )
        if work.session.scalar(same) is not None:
            return True
    return False


def record_consent(work: Work, code: str, consent: Consent) -> Written:
    """Write down what a participant answered, from when it holds."""
    subject = participant_of(work.session, code)
    site = link_of(work.session, subject).site
    demand(work, "consent.record", site=work.actor.site or site)
    facts: dict[str, Json] = {
        "scope": consent.scope,
        "status": consent.status,
        "version": consent.version,
        "language": consent.language,
        "expires_at": consent.expires_at.isoformat() if consent.expires_at else None,
    }
    return _say(work, subject, Kind.CONSENT_RECORDED, consent.command, consent.effective_at, facts)


def withdraw(work: Work, code: str, withdrawal: Withdrawal) -> Written:
    """Write down that a participant withdrew; what was done since is found by the rules."""
    subject = participant_of(work.session, code)
    site = link_of(work.session, subject).site
    demand(work, "withdrawal.record", site=work.actor.site or site)
    facts: dict[str, Json] = {
        "no_further_use": withdrawal.no_further_use,
        "data": withdrawal.data,
        "ceremony": withdrawal.ceremony,
    }
    return _say(
        work, subject, Kind.WITHDRAWAL_SET, withdrawal.command, withdrawal.effective_at, facts
    )


def _say(
    work: Work,
    subject: Subject,
    kind: Kind,
    command: UUID | None,
    at: datetime | None,
    facts: dict[str, Json],
) -> Written:
    reading = by_hand(work, site=work.actor.site, command=command, at=at)
    return append(work, [Draft(subject=subject.id, kind=kind, reading=reading, facts=facts)])


def read_link(work: Work, code: str) -> ParticipantLink:
    """A participant's pseudonyms; that somebody asked is kept."""
    subject = participant_of(work.session, code)
    link = link_of(work.session, subject)
    demand(work, "link.read", site=link.site, programme=link.programme)
    work.session.add(
        LinkRead(id=work.ids(), subject_id=subject.id, person=work.actor.person, at=work.clock())
    )
    return link
