"""Ordering: a participant who agreed is confirmed, and what is to be drawn is said."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from app.accounts.queries import site_of
from app.accounts.rights import demand
from app.collection.models import Order
from app.custody.drafts import Draft
from app.custody.ledger import Json, Kind, Subject
from app.custody.queries import entries_by_command
from app.custody.service import append, by_hand
from app.kernel.errors import Invalid, Missing, Refused
from app.kernel.work import Work
from app.participants.once import take_turn
from app.participants.queries import consent_at, participant_of
from app.participants.service import CommandUsed
from config.protocols import Protocol


class NoConsent(Refused):
    """A deed that needs consent, without it."""

    message = "There is no active consent for this: %(scopes)s"
    advice = "Record the consent first. Do not draw"


class Withdrawn(Refused):
    """A deed after the participant withdrew."""

    message = "Consent was withdrawn. Do not draw"
    advice = "Call the site coordinator"


class NoSuchProtocol(Missing):
    """A protocol nobody has, or that is no longer used."""

    message = "There is no active protocol with this id"


class IdentifiersUnfit(Invalid):
    """Not two different kinds of identifier."""

    message = "Two different kinds of identifier must be compared"
    advice = "Compare two of them with the participant, then try again"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOrder:
    """What is to be drawn from whom; `identity` are the kinds of identifier compared."""

    participant: str
    protocol: str
    identity: tuple[str, ...]
    site: str | None = None
    command: UUID | None = None


def place_order(work: Work, wanted: NewOrder) -> Order:
    """Confirm a participant and say what is to be drawn; said again, the order of the first time.

    Raises NoConsent, Withdrawn, NoSuchProtocol, IdentifiersUnfit, UnknownParticipant,
    CommandUsed, SiteMissing.
    """
    subject = participant_of(work.session, wanted.participant)
    site = wanted.site or work.actor.site or ""
    programme = str(subject.facts.get("programme"))
    demand(work, "order.place", site=site, programme=programme)
    protocol = work.catalogue.protocols.get(wanted.protocol)
    if protocol is None or protocol.status == "retired":
        raise NoSuchProtocol
    take_turn(work, wanted.command)
    id_ = wanted.command or work.ids()
    if (known := work.session.get(Order, id_)) is not None:
        return _same(known, participant=subject.id, protocol=protocol.id, site=site)
    if entries_by_command(work.session, id_):
        raise CommandUsed
    site_of(work, site)
    _check_identity(work, wanted.identity)
    _check_consent(work, subject)
    append(work, _confirmed(work, subject, protocol, wanted.identity, order=id_, site=site))
    order = Order(
        id=id_,
        participant=subject.id,
        protocol=protocol.id,
        protocol_version=protocol.programme_version,
        programme=programme,
        site=site,
        placed_at=work.clock(),
        placed_by=work.actor.person,
    )
    work.session.add(order)
    work.session.flush()
    return order


def _same(known: Order, *, participant: int, protocol: str, site: str) -> Order:
    """An order that was placed already, if that is what is asked for; nobody else's."""
    if (known.participant, known.protocol, known.site) != (participant, protocol, site):
        raise CommandUsed
    return known


def _confirmed(
    work: Work,
    participant: Subject,
    protocol: Protocol,
    identity: Sequence[str],
    *,
    order: UUID,
    site: str,
) -> list[Draft]:
    """What a participant's chain says of an order: confirmed who it is, then ordered what."""
    reading = by_hand(work, site=site, command=order)
    facts: dict[str, Json] = {
        "order": str(order),
        "protocol": protocol.id,
        "tubes": [tube.code for tube in protocol.tubes],
    }
    return [
        Draft(
            subject=participant.id,
            kind=Kind.IDENTITY_CONFIRMED,
            reading=reading,
            order=order,
            facts={"identifiers": list(identity)},
        ),
        Draft(
            subject=participant.id,
            kind=Kind.ORDER_PLACED,
            reading=reading,
            ordinal=1,
            order=order,
            facts=facts,
        ),
    ]


def _check_identity(work: Work, kinds: Sequence[str]) -> None:
    known = work.catalogue.reasons["identifier_kind"].items
    if len(set(kinds)) < 2 or any(kind not in known for kind in kinds):
        raise IdentifiersUnfit


def _check_consent(work: Work, participant: Subject) -> None:
    now = work.clock()
    state = consent_at(work.session, participant, moment=now)
    wanted = consents_wanted(work)
    if state.withdrawn_at is not None:
        raise Withdrawn
    if not state.active(wanted):
        absent = [scope for scope in wanted if state.scopes.get(scope) != "yes"]
        raise NoConsent(scopes=", ".join(absent))


def consents_wanted(work: Work) -> tuple[str, ...]:
    """What a participant must have agreed to before anything is drawn (G09)."""
    return work.limits.at(work.clock()).words("G09", "consents_required")
