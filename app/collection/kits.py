"""Kits: the codes of one order's tubes, their labels, and when a kit is done."""

from collections.abc import Iterator, Mapping, Sequence
from uuid import UUID

from app.accounts.rights import demand
from app.collection.drawing import check_reason
from app.collection.models import Order
from app.collection.queries import label_copies, order_of, position_of, progress, tubes_of
from app.custody.drafts import Draft, Reading
from app.custody.ledger import Facts, Kind, Mode, Sort, Subject
from app.custody.registry import New, register
from app.custody.service import Written, append, by_hand
from app.kernel.errors import Invalid, Refused
from app.kernel.work import Work
from config.protocols import ProtocolTube


class NoKitYet(Refused):
    """Labels or draws before the kit was opened."""

    message = "The kit has not been opened yet"
    advice = "Open the kit, then print its labels"


class TubesUnaccounted(Refused):
    """Done, with tubes neither drawn nor given up."""

    message = "These tubes have no scan: %(tubes)s"
    advice = "Scan each, or give a reason for each"


class NotOfThisKit(Invalid):
    """Reasons for tubes that the kit does not hold."""

    message = "These tubes are not of this kit: %(tubes)s"
    advice = "Look at the list of the kit again"


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
    (kit,) = register(
        work,
        [
            New(
                sort=Sort.KIT,
                reading=reading,
                namespace="KT",
                participant=order.participant,
                facts={**_bound(order), "protocol": order.protocol},
            )
        ],
    )
    register(work, [_tube(work, order, kit, tube, reading) for tube in protocol.tubes])
    order.kit = kit.id
    work.session.flush()
    return order


def _tube(work: Work, order: Order, kit: Subject, tube: ProtocolTube, reading: Reading) -> New:
    """What binds the code of one tube of the protocol for ever."""
    type_ = work.catalogue.tubes.types[tube.type]
    facts: Facts = {
        **_bound(order),
        "kit": kit.code,
        "protocol": order.protocol,
        "protocol_version": order.protocol_version,
        "tube_code": tube.code,
        "tube_type": tube.type,
        "position": tube.position,
        "spin": tube.processed_at_site and type_.is_spun,
        "clots": type_.spin_after_draw_min_minutes is not None,
    }
    return New(
        sort=Sort.TUBE,
        reading=reading,
        namespace="TB",
        ordinal=tube.position,
        participant=order.participant,
        kit=kit.id,
        facts=facts,
    )


def _bound(order: Order) -> Facts:
    return {"order": str(order.id), "programme": order.programme}


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
    named = _given_up(work, order, reasons or {}, offline=reading.mode is Mode.OFFLINE)
    done = Draft(
        subject=order.kit,
        kind=Kind.ORDER_DONE,
        reading=reading,
        order=order.id,
        facts={"order": str(order.id)},
    )
    written = append(work, [done, *_failed(work, order, named, reading)])
    order.done_at = order.done_at or reading.occurred_at
    work.session.flush()
    return written


def _given_up(
    work: Work, order: Order, reasons: Mapping[str, Facts], *, offline: bool
) -> list[tuple[Subject, Facts]]:
    """The tubes that wait for a scan and will get none, each with its reason."""
    seen_now = progress(work, order)
    waiting = [seen.tube for seen in seen_now if seen.state == "wait"]
    strange = reasons.keys() - {seen.tube.code for seen in seen_now}
    if strange:
        raise NotOfThisKit(tubes=", ".join(sorted(strange)))
    absent = [tube.code for tube in waiting if tube.code not in reasons]
    if absent and not offline:
        raise TubesUnaccounted(tubes=", ".join(absent))
    return [(tube, reasons[tube.code]) for tube in waiting if tube.code in reasons]


def _failed(
    work: Work, order: Order, named: Sequence[tuple[Subject, Facts]], reading: Reading
) -> Iterator[Draft]:
    for ordinal, (tube, facts) in enumerate(named, start=1):
        check_reason(work, facts)
        yield Draft(
            subject=tube.id,
            kind=Kind.COLLECTION_FAILED,
            reading=reading,
            ordinal=ordinal,
            order=order.id,
            facts=facts,
        )
