"""Deeds about participants: create one, record what they agreed to, record that they withdrew."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from app.accounts.models import Programme
from app.accounts.people import ProgrammeMissing
from app.accounts.queries import site_of
from app.accounts.rights import demand
from app.custody.drafts import Draft
from app.custody.ledger import Json, Kind, Sort, Subject
from app.custody.queries import entries_by_command
from app.custody.registry import New, register
from app.custody.service import Written, append, by_hand
from app.kernel.errors import Invalid, Refused
from app.kernel.work import Work
from app.participants.models import LinkRead, ParticipantLink
from app.participants.once import take_turn
from app.participants.queries import link_of, participant_of


class PseudonymTaken(Refused):
    """Another participant has it already."""

    message = "Another participant already has this id"
    advice = "Look the participant up instead of creating a second one"


class CommandUsed(Refused):
    """The id of one action was given to another."""

    message = "This was said before, and otherwise"
    advice = "Give each new action an id of its own"


class ExpiresTooEarly(Invalid):
    """A consent that ends before it begins."""

    message = "The consent would expire before it takes effect"
    advice = "Correct the dates"


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
    """A participant with a code of ours; said again, the one of the first time.

    Raises PseudonymTaken, CommandUsed, SiteMissing, ProgrammeMissing.
    """
    demand(work, "participant.create", site=wanted.site, programme=wanted.programme)
    take_turn(work, wanted.command)
    site_of(work, wanted.site)
    if work.session.get(Programme, wanted.programme) is None:
        raise ProgrammeMissing(programme=wanted.programme)
    _refuse_taken(work, wanted)
    reading = by_hand(work, site=wanted.site, command=wanted.command)
    new = New(
        sort=Sort.PARTICIPANT,
        reading=reading,
        namespace="PN",
        facts={"programme": wanted.programme, "site": wanted.site},
    )
    (subject,) = register(work, [new])
    if subject.sort is not Sort.PARTICIPANT:
        raise CommandUsed
    _link(work, subject, wanted)
    return subject


def _refuse_taken(work: Work, wanted: NewParticipant) -> None:
    """Refuse a pseudonym somebody has, but for a command that gave it to them itself."""
    owners = _owners(work, wanted)
    said = entries_by_command(work.session, wanted.command) if wanted.command else ()
    if not owners <= {entry.subject for entry in said}:
        raise PseudonymTaken


def _owners(work: Work, wanted: NewParticipant) -> set[int]:
    pseudonyms = (
        (ParticipantLink.participant_id, wanted.participant_id),
        (ParticipantLink.biobank_id, wanted.biobank_id),
    )
    here = select(ParticipantLink.subject_id).where(ParticipantLink.programme == wanted.programme)
    asked = [here.where(column == value) for column, value in pseudonyms if value is not None]
    return {owner for one in asked for owner in work.session.scalars(one)}


def _link(work: Work, subject: Subject, wanted: NewParticipant) -> None:
    """Keep the pseudonyms. Two people may give one to two participants at once: one is refused."""
    told = {
        "programme": wanted.programme,
        "site": wanted.site,
        "participant_id": wanted.participant_id,
        "biobank_id": wanted.biobank_id,
    }
    row = insert(ParticipantLink).values(subject_id=subject.id, **told)
    work.session.execute(row.on_conflict_do_nothing())
    kept = work.session.get(ParticipantLink, subject.id)
    if kept is None:
        raise PseudonymTaken
    if any(getattr(kept, name) != value for name, value in told.items()):
        raise CommandUsed


def record_consent(work: Work, code: str, consent: Consent) -> Written:
    """Write down what a participant answered, from when it holds.

    It is said where the person who writes it works: participants go to any site. Raises
    UnknownParticipant, ExpiresTooEarly, TimeAhead, CommandUsed.
    """
    subject = participant_of(work.session, code)
    site = link_of(work.session, subject).site
    demand(work, "consent.record", site=work.actor.site or site, programme=_programme(subject))
    begins = consent.effective_at or work.clock()
    if consent.expires_at is not None and consent.expires_at <= begins:
        raise ExpiresTooEarly
    facts: dict[str, Json] = {
        "scope": consent.scope,
        "status": consent.status,
        "version": consent.version,
        "language": consent.language,
        "expires_at": consent.expires_at.isoformat() if consent.expires_at else None,
    }
    return _say(work, subject, Kind.CONSENT_RECORDED, consent.command, consent.effective_at, facts)


def withdraw(work: Work, code: str, withdrawal: Withdrawal) -> Written:
    """Write down that a participant withdrew; what was done since is found by the rules.

    Raises UnknownParticipant, TimeAhead, CommandUsed.
    """
    subject = participant_of(work.session, code)
    site = link_of(work.session, subject).site
    demand(work, "withdrawal.record", site=work.actor.site or site, programme=_programme(subject))
    facts: dict[str, Json] = {
        "no_further_use": withdrawal.no_further_use,
        "data": withdrawal.data,
        "ceremony": withdrawal.ceremony,
    }
    return _say(
        work, subject, Kind.WITHDRAWAL_SET, withdrawal.command, withdrawal.effective_at, facts
    )


def _programme(subject: Subject) -> str:
    return str(subject.facts.get("programme"))


def _say(
    work: Work,
    subject: Subject,
    kind: Kind,
    command: UUID | None,
    at: datetime | None,
    facts: dict[str, Json],
) -> Written:
    take_turn(work, command)
    reading = by_hand(
        work, site=work.actor.site or str(subject.facts.get("site")), command=command, at=at
    )
    written = append(work, [Draft(subject=subject.id, kind=kind, reading=reading, facts=facts)])
    if any(entry.subject != subject.id or entry.kind is not kind for entry in written.entries):
        raise CommandUsed
    return written


def read_link(work: Work, code: str) -> ParticipantLink:
    """A participant's pseudonyms; that somebody asked is kept."""
    subject = participant_of(work.session, code)
    link = link_of(work.session, subject)
    demand(work, "link.read", site=link.site, programme=link.programme)
    work.session.add(
        LinkRead(id=work.ids(), subject_id=subject.id, person=work.actor.person, at=work.clock())
    )
    return link
