"""Deeds of collection: place an order, open its kit, and what scans report: draws and spins."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from app.accounts.queries import site_of
from app.accounts.rights import demand
from app.collection.models import Order
from app.collection.queries import (
    label_copies,
    order_of,
    order_of_kit,
    participant_of_order,
    position_of,
    progress,
    tubes_of,
)
from app.custody import parties
from app.custody.drafts import Draft, Reading
from app.custody.ledger import Evidence, Facts, Json, Kind, Sort, Subject
from app.custody.queries import entries_by_command, subjects
from app.custody.registry import New, register
from app.custody.service import Written, append, by_hand
from app.kernel.errors import Invalid, Missing, Refused
from app.kernel.work import Work
from app.participants.once import take_turn
from app.participants.queries import (
    ConsentState,
    consent_at,
    consent_entries,
    participant_of,
    state_at,
)
from app.participants.service import CommandUsed

COLLECTION = "collection"


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


class TubesUnaccounted(Refused):
    """Done, with tubes neither drawn nor given up."""

    message = "These tubes have no scan: %(tubes)s"
    advice = "Scan each, or give a reason for each"


class NotOfThisKit(Invalid):
    """Reasons for tubes that the kit does not hold."""

    message = "These tubes are not of this kit: %(tubes)s"
    advice = "Look at the list of the kit again"


class NoKitYet(Refused):
    """Labels or draws before the kit was opened."""

    message = "The kit has not been opened yet"
    advice = "Open the kit, then print its labels"


class AnotherKitsTube(Missing):
    """A code that is not a tube of any kit."""

    message = "This tube belongs to no kit"
    advice = "Set it aside"


class ReasonUnfit(Invalid):
    """A reason that is not on the list, or lacks its comment."""

    message = "The reason is none of the list, or needs words"
    advice = "Choose a reason from the list"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOrder:
    """What is to be drawn from whom; `identity` are the kinds of identifier compared."""

    participant: str
    protocol: str
    identity: tuple[str, ...]
    site: str | None = None
    command: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """Why a tube must not be drawn into, said before the deed."""

    name: str
    values: Mapping[str, str]


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
    reading = by_hand(work, site=site, command=id_)
    facts: dict[str, Json] = {
        "order": str(id_),
        "protocol": protocol.id,
        "tubes": [tube.code for tube in protocol.tubes],
    }
    append(
        work,
        [
            Draft(
                subject=subject.id,
                kind=Kind.IDENTITY_CONFIRMED,
                reading=reading,
                order=id_,
                facts={"identifiers": list(wanted.identity)},
            ),
            Draft(
                subject=subject.id,
                kind=Kind.ORDER_PLACED,
                reading=reading,
                ordinal=1,
                order=id_,
                facts=facts,
            ),
        ],
    )
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


def _check_identity(work: Work, kinds: Sequence[str]) -> None:
    known = work.catalogue.reasons["identifier_kind"].items
    if len(set(kinds)) < 2 or any(kind not in known for kind in kinds):
        raise IdentifiersUnfit


def _check_consent(work: Work, participant: Subject) -> None:
    now = work.clock()
    state = consent_at(work.session, participant, moment=now)
    wanted = _scopes(work)
    if state.withdrawn_at is not None:
        raise Withdrawn
    if not state.active(wanted):
        absent = [scope for scope in wanted if state.scopes.get(scope) != "yes"]
        raise NoConsent(scopes=", ".join(absent))


def _scopes(work: Work) -> tuple[str, ...]:
    return work.limits.at(work.clock()).words("G09", "consents_required")


def open_kit(work: Work, order_id: UUID) -> Order:
    """Mint a kit and a code for each tube of the protocol; again: the kit it has."""
    order = order_of(work.session, order_id)
    demand(work, "kit.open", site=order.site, programme=order.programme)
    # Two who press at once must not open two kits.
    work.session.refresh(order, with_for_update=True)
    if order.kit is not None:
        return order
    protocol = work.catalogue.protocols[order.protocol]
    reading = by_hand(work, site=order.site)
    bound: Facts = {"order": str(order.id), "programme": order.programme}
    (kit,) = register(
        work,
        [
            New(
                sort=Sort.KIT,
                reading=reading,
                namespace="KT",
                participant=order.participant,
                facts={**bound, "protocol": order.protocol},
            )
        ],
    )
    types = work.catalogue.tubes.types
    register(
        work,
        [
            New(
                sort=Sort.TUBE,
                reading=reading,
                namespace="TB",
                ordinal=tube.position,
                participant=order.participant,
                kit=kit.id,
                facts={
                    **bound,
                    "kit": kit.code,
                    "protocol": order.protocol,
                    "protocol_version": order.protocol_version,
                    "tube_code": tube.code,
                    "tube_type": tube.type,
                    "position": tube.position,
                    "spin": tube.processed_at_site and types[tube.type].is_spun,
                    "clots": types[tube.type].spin_after_draw_min_minutes is not None,
                },
            )
            for tube in protocol.tubes
        ],
    )
    order.kit = kit.id
    work.session.flush()
    return order


def note_labels(work: Work, order: Order, *, template: str) -> None:
    """Write down, the first time, that the labels of a kit were made as a document.

    Nothing here says that they exist on paper: only a scan or a printer's counter can.
    """
    demand(work, "labels.print", site=order.site, programme=order.programme)
    if order.kit is None:
        raise NoKitYet
    work.session.refresh(order, with_for_update=True)
    if order.labels_at is not None:
        return
    reading = by_hand(work, site=order.site)
    copies = label_copies(work, order)
    append(
        work,
        [
            Draft(
                subject=tube.id,
                kind=Kind.LABEL_PRINTED,
                reading=reading,
                ordinal=ordinal,
                order=order.id,
                facts={
                    "generation": 1,
                    "copies": copies[position_of(tube)],
                    "status": "handed over",
                    "template": template,
                },
            )
            for ordinal, tube in enumerate(tubes_of(work.session, order))
        ],
    )
    order.labels_at = work.clock()
    work.session.flush()


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """One tube and the read that reports it."""

    tube: Subject
    reading: Reading
    facts: Facts


def collect(work: Work, order: Order, draws: Sequence[Draw], evidence: Evidence | None) -> Written:
    """Tubes were drawn, from the participant of the order, into the hands of the site.

    Each keeps the consent known now for the moment of its draw.
    """
    participant = participant_of_order(work.session, order)
    said = consent_entries(work.session, participant)
    drafts = [
        Draft(
            subject=draw.tube.id,
            kind=Kind.COLLECTED,
            reading=draw.reading,
            source=parties.participant(participant.code),
            target=parties.unit(draw.reading.site or order.site, COLLECTION),
            evidence=evidence,
            order=order.id,
            facts={
                **draw.facts,
                "consent": _told(state_at(said, moment=draw.reading.occurred_at)),
            },
        )
        for draw in draws
    ]
    return append(work, drafts)


def _told(consent: ConsentState) -> dict[str, Json]:
    told: dict[str, Json] = dict(consent.scopes)
    if consent.withdrawn_at is not None:
        told["withdrawn_at"] = consent.withdrawn_at.isoformat()
    return told


def not_collected(work: Work, draws: Sequence[Draw], *, order: Order) -> Written:
    """Tubes were not drawn; each draw's facts say why. Raises ReasonUnfit."""
    for draw in draws:
        _check_reason(work, draw.facts)
    return append(
        work,
        [
            Draft(
                subject=draw.tube.id,
                kind=Kind.COLLECTION_FAILED,
                reading=draw.reading,
                order=order.id,
                facts=draw.facts,
            )
            for draw in draws
        ],
    )


def _check_reason(work: Work, facts: Facts) -> None:
    reason = work.catalogue.reasons["not_collected"].items.get(str(facts.get("reason")))
    if reason is None or (reason.comment_required and not facts.get("comment")):
        raise ReasonUnfit


def spin(work: Work, draws: Sequence[Draw], *, started: bool) -> Written:
    """Tubes went into the centrifuge, or came out of it."""
    kind = Kind.SPIN_STARTED if started else Kind.SPIN_ENDED
    return append(
        work,
        [
            Draft(subject=draw.tube.id, kind=kind, reading=draw.reading, facts=draw.facts)
            for draw in draws
        ],
    )


def finish(
    work: Work,
    order: Order,
    reading: Reading,
    reasons: Mapping[str, Facts] | None = None,
) -> Written:
    """The kit is done: every tube was drawn, or was not, with a reason.

    A reason for a tube that was accounted for meanwhile changes nothing. Raises NoKitYet,
    TubesUnaccounted (online; what is reported later is written), NotOfThisKit, ReasonUnfit.
    """
    if order.kit is None:
        raise NoKitYet
    seen_now = progress(work, order)
    waiting = [seen for seen in seen_now if seen.state == "wait"]
    given = reasons or {}
    strange = given.keys() - {seen.tube.code for seen in seen_now}
    if strange:
        raise NotOfThisKit(tubes=", ".join(sorted(strange)))
    named = [seen.tube for seen in waiting if seen.tube.code in given]
    if len(named) < len(waiting) and reading.mode != "offline":
        absent = [s.tube.code for s in waiting if s.tube.code not in given]
        raise TubesUnaccounted(tubes=", ".join(absent))
    drafts = []
    for ordinal, tube in enumerate(named, start=1):
        _check_reason(work, given[tube.code])
        drafts.append(
            Draft(
                subject=tube.id,
                kind=Kind.COLLECTION_FAILED,
                reading=reading,
                ordinal=ordinal,
                order=order.id,
                facts=given[tube.code],
            )
        )
    done = Draft(
        subject=order.kit,
        kind=Kind.ORDER_DONE,
        reading=reading,
        order=order.id,
        facts={"order": str(order.id)},
    )
    written = append(work, [done, *drafts])
    order.done_at = order.done_at or reading.occurred_at
    work.session.flush()
    return written


def order_for(work: Work, *, order: UUID | None, tube: Subject | None) -> Order:
    """The order a scan speaks of: the one named, or that of the tube's own kit.

    Raises UnknownOrder, AnotherKitsTube.
    """
    if order is not None:
        return order_of(work.session, order)
    if tube is not None and tube.kit is not None:
        found = order_of_kit(work.session, tube.kit)
        if found is not None:
            return found
    raise AnotherKitsTube


def why_stop(work: Work, tube: Subject, order: Order) -> Stop | None:
    """Why this tube must not be drawn into for this order; None when it may."""
    if tube.kit != order.kit:
        kits = subjects(work.session, [tube.kit]) if tube.kit is not None else {}
        kit = kits[tube.kit].code if tube.kit in kits else "-"
        wrong = tube.participant != order.participant
        return Stop(name="wrong_participant" if wrong else "wrong_kit", values={"kit": kit})
    participant = participant_of_order(work.session, order)
    state = consent_at(work.session, participant, moment=work.clock())
    if state.withdrawn_at is not None:
        return Stop(name="withdrawn", values={})
    if not state.active(_scopes(work)):
        return Stop(name="no_consent", values={})
    return None
