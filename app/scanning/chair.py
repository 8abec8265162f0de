"""What is scanned where tubes are drawn and spun: handed to collection, and stopped in time."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from uuid import UUID

from app.collection import service
from app.collection.models import Order
from app.collection.queries import UnknownOrder, order_of_kit
from app.collection.service import AnotherKitsTube, Draw
from app.custody.ledger import Evidence, Json, Origin, Subject
from app.custody.service import Written
from app.kernel.work import Work
from app.scanning.outcomes import outcomes_of
from app.scanning.scan import Deed, Outcome, Say, Stop

_STOPS: Mapping[str, Say] = {
    "wrong_participant": Say.WRONG_PARTICIPANT,
    "wrong_kit": Say.WRONG_KIT,
    "withdrawn": Say.WITHDRAWN,
    "no_consent": Say.NO_CONSENT,
}


def collect(work: Work, deeds: Sequence[Deed]) -> list[Outcome]:
    """Tubes were drawn."""
    return _by_order(
        work,
        deeds,
        lambda order, group: service.collect(work, order, _draws(group), _evidence(group[0])),
    )


def not_collected(work: Work, deeds: Sequence[Deed]) -> list[Outcome]:
    """Tubes were not drawn, for a reason."""
    return _by_order(
        work, deeds, lambda order, group: service.not_collected(work, _draws(group), order=order)
    )


def spin_start(work: Work, deeds: Sequence[Deed]) -> list[Outcome]:
    """Tubes went into the centrifuge."""
    return outcomes_of(work, deeds, service.spin(work, _draws(deeds), started=True))


def spin_end(work: Work, deeds: Sequence[Deed]) -> list[Outcome]:
    """Tubes came out of the centrifuge."""
    return outcomes_of(work, deeds, service.spin(work, _draws(deeds), started=False))


def finish(work: Work, deed: Deed) -> Outcome:
    """The kit is finished."""
    order = service.order_for(work, order=deed.intent.order, tube=None)
    return outcomes_of(work, [deed], service.finish(work, order, deed.reading))[0]


def why_stop(work: Work, deeds: Sequence[Deed]) -> Mapping[UUID, Stop]:
    """Why these tubes must not be drawn into. A code nobody issued is recorded, not stopped."""
    stops = {deed.scan.id: _why_stop(work, deed) for deed in deeds}
    return {id_: stop for id_, stop in stops.items() if stop is not None}


def _why_stop(work: Work, deed: Deed) -> Stop | None:
    tube = deed.subject
    if tube is None or tube.origin is Origin.FOUND:
        return None
    try:
        order = _order(work, deed)
    except (UnknownOrder, AnotherKitsTube):
        return None
    stop = service.why_stop(work, tube, order)
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
        return service.order_for(work, order=deed.intent.order, tube=deed.subject)
    except UnknownOrder:
        return service.order_for(work, order=None, tube=deed.subject)


def _draws(deeds: Sequence[Deed]) -> list[Draw]:
    return [
        Draw(tube=deed.subject, reading=deed.reading, facts=deed.intent.facts)
        for deed in deeds
        if deed.subject is not None
    ]


def _evidence(deed: Deed) -> Evidence | None:
    return Evidence(deed.intent.evidence) if deed.intent.evidence else None
