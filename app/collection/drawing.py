"""Draws and spins, as scans report them; and why a tube must not be drawn into."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from app.collection.models import Order
from app.collection.ordering import consents_wanted
from app.collection.queries import order_of, order_of_kit, participant_of_order
from app.custody import parties
from app.custody.drafts import Draft, Reading
from app.custody.ledger import Evidence, Facts, Json, Kind, Subject
from app.custody.queries import label_generations, subjects
from app.custody.service import Written, append
from app.kernel.errors import Invalid, Missing
from app.kernel.work import Work
from app.participants.queries import ConsentState, consent_at, consent_entries, state_at

COLLECTION = "collection"
COMMISSIONED = 101  # an ordinal of the draw's own command, beside those of its other entries


class AnotherKitsTube(Missing):
    """A code that is not a tube of any kit."""

    message = "This tube belongs to no kit"
    advice = "Set it aside"


class ReasonUnfit(Invalid):
    """A reason that is not on the list, or lacks its comment."""

    message = "The reason is none of the list, or needs words"
    advice = "Choose a reason from the list"


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """One tube and the read that reports it; `typed` where its code was no scan of the label."""

    tube: Subject
    reading: Reading
    facts: Facts
    typed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """Why a tube must not be drawn into, said before the deed."""

    name: str
    values: Mapping[str, str]


def collect(work: Work, order: Order, draws: Sequence[Draw], evidence: Evidence | None) -> Written:
    """Tubes were drawn, from the participant of the order, into the hands of the site.

    Each keeps the consent known now for the moment of its draw. The scan that tells of it reads
    the label back: from then on that label is this tube's.
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
    return append(work, [*drafts, *_labels(work, order, draws)])


def _labels(work: Work, order: Order, draws: Sequence[Draw]) -> Iterator[Draft]:
    """Each label read on its tube: of the newest generation that is not void, where it has one."""
    generations = label_generations(work.session, [draw.tube.id for draw in draws])
    for draw in draws:
        yield Draft(
            subject=draw.tube.id,
            kind=Kind.TUBE_COMMISSIONED,
            reading=draw.reading,
            ordinal=COMMISSIONED,
            order=order.id,
            facts={"generation": generations.get(draw.tube.id), "scan_back": not draw.typed},
        )


def _told(consent: ConsentState) -> dict[str, Json]:
    told: dict[str, Json] = dict(consent.scopes)
    if consent.withdrawn_at is not None:
        told["withdrawn_at"] = consent.withdrawn_at.isoformat()
    return told


def not_collected(work: Work, draws: Sequence[Draw], *, order: Order) -> Written:
    """Tubes were not drawn; each draw's facts say why. Raises ReasonUnfit."""
    for draw in draws:
        check_reason(work, draw.facts)
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


def check_reason(work: Work, facts: Facts) -> None:
    """Go on with a reason of the list, and words where it asks for them. Raises ReasonUnfit."""
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
    if not state.active(consents_wanted(work)):
        return Stop(name="no_consent", values={})
    return None
