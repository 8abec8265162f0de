"""The doors of collection: orders, kits, labels, and being done."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from uuid import UUID

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from app.accounts.queries import site_of
from app.accounts.rights import ANY, demand, demand_somewhere, sites_where
from app.collection import kits, ordering, queries
from app.collection.labels import TEMPLATE, Sheet, kit_labels
from app.collection.models import Order
from app.collection.schemas import DONE, LABELS_ASKED, NEW_ORDER, ORDER
from app.custody.ledger import Facts
from app.custody.service import by_hand
from app.kernel.work import Work
from app.web import guard
from app.web.paging import page_answer, page_wanted
from app.web.schema import answer, body_as, query_as
from app.web.work import work

blueprint = Blueprint("collection_api", __name__, url_prefix="/api/v1")

LISTED = timedelta(days=30)


@blueprint.post("/orders")
@guard.signed_in
def place_order() -> ResponseReturnValue:
    """Place an order: what is to be drawn, after comparing two identifiers."""
    return answer(ORDER, _seen(ordering.place_order(work(), body_as(NEW_ORDER))), status=201)


@blueprint.get("/orders")
@guard.signed_in
def orders() -> ResponseReturnValue:
    """Orders of the last thirty days, the latest first: at `site`, or wherever you may read."""
    unit = work()
    demand_somewhere(unit, "subject.read")
    page = page_wanted(kinds=(str, str))
    rows = queries.orders(
        unit.session,
        sites=_sites(unit),
        since=unit.clock() - LISTED,
        after=queries.cursor_of(page.after),
        limit=page.limit + 1,
    )
    return page_answer(
        ORDER,
        _lines(rows),
        page,
        key=lambda row: (str(row["placed_at"]), str(row["id"])),
    )


@blueprint.get("/orders/<uuid:order>")
@guard.signed_in
def order(order: UUID) -> ResponseReturnValue:
    """An order, and how far each of its tubes has come."""
    found = queries.order_of(work().session, order)
    demand(work(), "subject.read", site=found.site, programme=found.programme)
    return answer(ORDER, _seen(found))


@blueprint.post("/orders/<uuid:order>/kit")
@guard.signed_in
def open_kit(order: UUID) -> ResponseReturnValue:
    """Open the kit of an order: its code, and one for each tube."""
    return answer(ORDER, _seen(kits.open_kit(work(), order)), status=201)


@blueprint.get("/orders/<uuid:order>/labels.pdf")
@guard.signed_in
def labels(order: UUID) -> ResponseReturnValue:
    """The labels of a kit, as a document to print."""
    unit, asked = work(), query_as(LABELS_ASKED)
    found = queries.order_of(unit.session, order)
    kits.note_labels(unit, found, template=TEMPLATE)
    start = int(asked.start) if asked.start.isdigit() and asked.start.isascii() else 0
    sheet = Sheet(stock=asked.stock, start=start, language=asked.language or unit.actor.language)
    document = kit_labels(unit, found, sheet)
    return Response(
        document,
        mimetype="application/pdf",
        headers={"Content-Disposition": f'inline; filename="labels-{order}.pdf"'},
    )


@blueprint.post("/orders/<uuid:order>/done")
@guard.signed_in
def done(order: UUID) -> ResponseReturnValue:
    """Say that the kit is done; each tube not drawn needs a reason."""
    unit, said = work(), body_as(DONE)
    found = queries.order_of(unit.session, order)
    demand(unit, "scan.collect", site=found.site, programme=found.programme)
    reasons: dict[str, Facts] = {
        why.tube: {"reason": why.reason, "comment": why.comment} for why in said.reasons
    }
    reading = by_hand(unit, site=found.site, command=said.command)
    kits.finish(unit, found, reading, reasons)
    return answer(ORDER, _seen(found))


def _sites(unit: Work) -> Collection[str] | None:
    """The site asked for, or all that the caller may read; None where that is every one."""
    asked = request.args.get("site")
    if asked is not None:
        demand(unit, "subject.read", site=asked)
        return [site_of(unit, asked).code]
    sites = sites_where(unit.actor, "subject.read")
    return None if ANY in sites else sites


def _lines(orders: Sequence[Order]) -> list[dict[str, object]]:
    codes = queries.codes_of(work().session, orders)
    return [
        {
            "id": order.id,
            "participant": codes[order.participant],
            "protocol": order.protocol,
            "protocol_version": order.protocol_version,
            "programme": order.programme,
            "site": order.site,
            "kit": codes[order.kit] if order.kit is not None else None,
            "placed_at": order.placed_at,
            "done_at": order.done_at,
        }
        for order in orders
    ]


def _seen(order: Order) -> dict[str, object]:
    (line,) = _lines([order])
    return {**line, "tubes": queries.progress(work(), order)}
