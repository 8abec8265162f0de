"""Questions about orders and kits: which tubes, how far each has come, what is late."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from app.collection.models import Order
from app.custody.effective import effective
from app.custody.ledger import Entry, Kind, Sort, Subject
from app.custody.queries import entries_of, phases, standings, subject_of, subjects, tubes_of_kit
from app.custody.steps import Phase
from app.kernel.errors import Invalid, Missing
from app.kernel.work import Work
from labels.code import CodeRefused, parse


class UnknownOrder(Missing):
    """No order has this id."""

    message = "There is no order with this id"
    advice = "Go back to the list of orders"


@dataclass(frozen=True, slots=True, kw_only=True)
class TubeSeen:
    """One tube of a kit: its story so far, as far as collection is concerned.

    `state`: wait, done, none (not collected). Times are when it happened. It may be spun from
    `spin_from` (`early`: it was before) until `spin_due` (`late`: it was not, or is not yet).
    """

    tube: Subject
    type: str
    position: int
    state: str
    drawn_at: datetime | None
    reason: str | None
    spin_started_at: datetime | None
    spin_ended_at: datetime | None
    spin_from: datetime | None
    spin_due: datetime | None
    early: bool
    late: bool


def order_of(session: Session, id_: UUID) -> Order:
    """The order with this id; raises UnknownOrder."""
    order = session.get(Order, id_)
    if order is None:
        raise UnknownOrder
    return order


def order_of_kit(session: Session, kit: int) -> Order | None:
    """The order a kit was opened for."""
    return session.scalar(select(Order).where(Order.kit == kit))


def draws(session: Session, tubes: Collection[int]) -> dict[int, tuple[UUID | None, int | None]]:
    """Of these tubes those that are drawn: for which order, and by which person."""
    far = phases(session, tubes).items()
    drawn = [tube for tube, phase in far if phase not in (Phase.NONE, Phase.FAILED)]
    found = {tube: _draw(session, tube) for tube in drawn}
    return {tube: (draw.order, draw.actor) for tube, draw in found.items() if draw is not None}


def _draw(session: Session, tube: int) -> Entry | None:
    """The draw of a tube that counts."""
    told = (entry for _, entry in effective(entries_of(session, tube)).entries)
    return next((entry for entry in told if entry.kind is Kind.COLLECTED), None)


def orders(
    session: Session,
    *,
    sites: Collection[str] | None,
    since: datetime,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[Order]:
    """Orders placed since a moment, the latest first. `sites` None means all."""
    wanted = select(Order).where(Order.placed_at >= since)
    if sites is not None:
        wanted = wanted.where(Order.site.in_(sites))
    if after is not None:
        wanted = wanted.where(tuple_(Order.placed_at, Order.id) < after)
    latest = wanted.order_by(Order.placed_at.desc(), Order.id.desc()).limit(limit)
    return list(session.scalars(latest))


def named(session: Session, text: str) -> Subject | None:
    """What a code of ours speaks of, as scanned or typed; None where it is no such code."""
    try:
        return subject_of(session, parse(text).text)
    except CodeRefused:
        return None


def participant_of_order(session: Session, order: Order) -> Subject:
    """Whose order it is."""
    return subjects(session, [order.participant])[order.participant]


def tubes_of(session: Session, order: Order) -> list[Subject]:
    """The tubes of an order's kit, in order of draw."""
    if order.kit is None:
        return []
    tubes = [s for s in tubes_of_kit(session, order.kit) if s.sort is Sort.TUBE]
    return sorted(tubes, key=position_of)


def label_copies(work: Work, order: Order) -> dict[int, int]:
    """How many labels each tube of the order gets, by its place in the order of draw."""
    tubes = work.catalogue.protocols[order.protocol].tubes
    return {tube.position: tube.label_copies for tube in tubes}


def position_of(tube: Subject) -> int:
    """A tube's place in the order of draw."""
    place = tube.facts.get("position")
    return place if isinstance(place, int) else 0


def progress(work: Work, order: Order) -> list[TubeSeen]:
    """Every tube of an order with its times against the limits."""
    return [_seen(work, tube) for tube in tubes_of(work.session, order)]


def _seen(work: Work, tube: Subject) -> TubeSeen:
    told = {entry.kind: entry for _, entry in effective(entries_of(work.session, tube.id)).entries}
    drawn, failed = told.get(Kind.COLLECTED), told.get(Kind.COLLECTION_FAILED)
    started, ended = told.get(Kind.SPIN_STARTED), told.get(Kind.SPIN_ENDED)
    spin_from, spin_due = _window(work, tube, drawn)
    moment = started.occurred_at if started else work.clock()
    return TubeSeen(
        tube=tube,
        type=str(tube.facts.get("tube_type")),
        position=position_of(tube),
        state="done" if drawn else "none" if failed else "wait",
        drawn_at=drawn.occurred_at if drawn else None,
        reason=str(failed.facts.get("reason")) if failed and not drawn else None,
        spin_started_at=started.occurred_at if started else None,
        spin_ended_at=ended.occurred_at if ended else None,
        spin_from=spin_from,
        spin_due=spin_due,
        early=bool(started and spin_from and started.occurred_at < spin_from),
        late=spin_due is not None and moment > spin_due,
    )


def _window(
    work: Work, tube: Subject, drawn: Entry | None
) -> tuple[datetime | None, datetime | None]:
    if drawn is None or not tube.facts.get("spin"):
        return None, None
    limits = work.limits.at(drawn.occurred_at)
    due = drawn.occurred_at + limits.span("G23", "spin_warn_minutes")
    if not tube.facts.get("clots"):
        return None, due
    return drawn.occurred_at + limits.span("G22", "clot_minutes_min"), due


def counts(session: Session, orders: Sequence[Order]) -> dict[UUID, tuple[int, int]]:
    """For each of these orders: how many of its tubes are accounted for, and how many it has."""
    tubes = {order.id: [tube.id for tube in tubes_of(session, order)] for order in orders}
    stands = standings(session, [id_ for ids in tubes.values() for id_ in ids])
    return {
        order: (sum(stands[id_].phase != Phase.NONE for id_ in ids), len(ids))
        for order, ids in tubes.items()
    }


def codes_of(session: Session, orders: Sequence[Order]) -> dict[int, str]:
    """The codes of the participants and kits of these orders, by their ids."""
    ids = {id_ for order in orders for id_ in (order.participant, order.kit) if id_ is not None}
    return {id_: subject.code for id_, subject in subjects(session, ids).items()}


class CursorOfAnother(Invalid):
    """A cursor that has the right shape and names no place in this list."""

    message = "The cursor is none that this list gave"
    advice = "Ask for the list from its beginning"


def cursor_of(key: tuple[str | int, ...] | None) -> tuple[datetime, UUID] | None:
    """The place in the list of orders that a cursor names; None for its beginning.

    Raises CursorOfAnother.
    """
    if key is None:
        return None
    try:
        moment, id_ = datetime.fromisoformat(str(key[0])), UUID(str(key[1]))
    except ValueError as error:
        raise CursorOfAnother from error
    if moment.tzinfo is None:
        raise CursorOfAnother
    return moment, id_
