"""What is scanned where tubes are drawn and spun: handed to collection, and stopped in time."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from app.accounts.rights import demand
from app.collection import drawing, kits
from app.collection.drawing import AnotherKitsTube, Draw
from app.collection.models import Order
from app.collection.queries import UnknownOrder, draws, order_of_kit, participant_of_order
from app.custody.drafts import Draft
from app.custody.ledger import Evidence, Facts, Json, Kind, Origin, Subject
from app.custody.service import Written, append
from app.kernel.work import Work
from app.scanning.outcomes import outcomes_of
from app.scanning.scan import TYPED, Deed, Outcome, Say, Stop

# Of the draw's own command; far from the ordinals that draws count from 0.
BOUND_ORDINAL = 100
_STOPS: Mapping[str, Say] = {
    "wrong_participant": Say.WRONG_PARTICIPANT,
    "wrong_kit": Say.WRONG_KIT,
    "withdrawn": Say.WITHDRAWN,
    "no_consent": Say.NO_CONSENT,
}


def collect(work: Work, deeds: Sequence[Deed]) -> list[Outcome]:
    """Tubes were drawn; one that the same person has drawn already is only read again."""
    repeated = _repeated(work, deeds)
    drawn = [deed for deed in deeds if deed.scan.id not in repeated]
    looked = [deed for deed in deeds if deed.scan.id in repeated]
    outcomes = _by_order(work, drawn, lambda order, group: _collect(work, order, group))
    done = {deed.scan.id: told for deed, told in zip(drawn, outcomes, strict=True)}
    done |= {deed.scan.id: told for deed, told in zip(looked, _again(work, looked), strict=True)}
    return [done[deed.scan.id] for deed in deeds]


def _repeated(work: Work, deeds: Sequence[Deed]) -> frozenset[UUID]:
    """The scans that only say again what the same person said of a tube and an order before.

    What comes too late to be answered while the person still stands there is written as it is told.
    """
    asked = [deed for deed in deeds if not deed.late and deed.reading.actor is not None]
    said = draws(work.session, {deed.subject.id for deed in asked if deed.subject is not None})
    repeated: set[UUID] = set()
    for deed in sorted(asked, key=lambda deed: deed.scan.device_seq):
        if deed.subject is None:
            continue
        order, actor = said.get(deed.subject.id, (None, None))
        if actor == deed.reading.actor and deed.intent.order in (None, order):
            repeated.add(deed.scan.id)
        said.setdefault(deed.subject.id, (deed.intent.order, deed.reading.actor))
    return frozenset(repeated)


def _again(work: Work, deeds: Sequence[Deed]) -> list[Outcome]:
    """A second look at tubes that are drawn: they were here, and nothing was done."""
    if not deeds:
        return []
    facts: Facts = {"meant": "collect", "not_done": "already"}
    drafts = [
        Draft(subject=deed.subject.id, kind=Kind.READ, reading=deed.reading, facts=facts)
        for deed in deeds
        if deed.subject is not None
    ]
    return outcomes_of(work, deeds, append(work, drafts), say=Say.ALREADY)


def _collect(work: Work, order: Order, deeds: Sequence[Deed]) -> Written:
    """The draw; and for a tube with a code of somebody else's, whose it is from now on."""
    written = drawing.collect(work, order, _draws(deeds), _evidence(deeds[0]))
    others = [deed for deed in deeds if deed.subject and deed.subject.origin is Origin.FOREIGN]
    if not others:
        return written
    participant = participant_of_order(work.session, order)
    facts: Facts = {
        "participant": participant.code,
        "participant_subject": participant.id,
        "order": str(order.id),
    }
    bound = append(
        work,
        [
            Draft(
                subject=deed.subject.id,
                kind=Kind.BOUND,
                reading=deed.reading,
                ordinal=BOUND_ORDINAL,
                order=order.id,
                facts=facts,
            )
            for deed in others
            if deed.subject is not None
        ],
    )
    return replace(written, findings=(*written.findings, *bound.findings))


def not_collected(work: Work, deeds: Sequence[Deed]) -> list[Outcome]:
    """Tubes were not drawn, for a reason."""
    return _by_order(
        work, deeds, lambda order, group: drawing.not_collected(work, _draws(group), order=order)
    )


def spin_start(work: Work, deeds: Sequence[Deed]) -> list[Outcome]:
    """Tubes went into the centrifuge."""
    return outcomes_of(work, deeds, drawing.spin(work, _draws(deeds), started=True))


def spin_end(work: Work, deeds: Sequence[Deed]) -> list[Outcome]:
    """Tubes came out of the centrifuge."""
    return outcomes_of(work, deeds, drawing.spin(work, _draws(deeds), started=False))


def finish(work: Work, deed: Deed) -> Outcome:
    """The kit is finished."""
    order = drawing.order_for(work, order=deed.intent.order, tube=None)
    demand(work, "scan.collect", site=deed.site)
    return outcomes_of(work, [deed], kits.finish(work, order, deed.reading))[0]


def why_stop(work: Work, deeds: Sequence[Deed]) -> Mapping[UUID, Stop]:
    """Why these tubes must not be drawn into. Codes that are not ours are recorded, not stopped."""
    stops = {deed.scan.id: _why_stop(work, deed) for deed in deeds}
    return {id_: stop for id_, stop in stops.items() if stop is not None}


def _why_stop(work: Work, deed: Deed) -> Stop | None:
    tube = deed.subject
    if tube is None or (tube.origin is not Origin.MINTED and tube.kit is None):
        return None
    try:
        order = _order(work, deed)
    except (UnknownOrder, AnotherKitsTube):
        return None
    stop = drawing.why_stop(work, tube, order)
    if stop is None:
        return None
    return Stop(say=_STOPS[stop.name], values=_tellable(work, tube, deed, stop.values))


def _tellable(
    work: Work, tube: Subject, deed: Deed, values: Mapping[str, str]
) -> Mapping[str, Json]:
    """Which kit a tube is of is told at the site of that kit alone."""
    other = order_of_kit(work.session, tube.kit) if tube.kit is not None else None
    return dict(values) if other is not None and other.site == deed.site else {}


def _by_order(
    work: Work, deeds: Sequence[Deed], do: Callable[[Order, Sequence[Deed]], Written]
) -> list[Outcome]:
    orders: dict[UUID, Order] = {}
    groups: dict[UUID, list[Deed]] = defaultdict(list)
    for deed in deeds:
        order = _order(work, deed)
        orders[order.id] = order
        groups[order.id].append(deed)
    done: dict[UUID, Outcome] = {}
    for id_, group in groups.items():
        outcomes = outcomes_of(work, group, do(orders[id_], group))
        done |= {deed.scan.id: outcome for deed, outcome in zip(group, outcomes, strict=True)}
    return [done[deed.scan.id] for deed in deeds]


def _order(work: Work, deed: Deed) -> Order:
    """The order that was named; where nobody knows it, the one the tube's own kit is for."""
    try:
        return drawing.order_for(work, order=deed.intent.order, tube=deed.subject)
    except UnknownOrder:
        return drawing.order_for(work, order=None, tube=deed.subject)


def _draws(deeds: Sequence[Deed]) -> list[Draw]:
    return [
        Draw(
            tube=deed.subject,
            reading=deed.reading,
            facts=deed.intent.facts,
            typed=deed.scan.method == TYPED,
        )
        for deed in deeds
        if deed.subject is not None
    ]


def _evidence(deed: Deed) -> Evidence | None:
    return Evidence(deed.intent.evidence) if deed.intent.evidence else None
