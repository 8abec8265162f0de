"""The doors of receiving: a package opened, what came in it, what was found, the receipt closed."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from app.accounts.rights import ANY, demand_somewhere, sites_where
from app.receiving import queries, service
from app.receiving.queries import ReceiptSeen, ReceiptTold
from app.receiving.schemas import (
    CLOSING,
    FOUND,
    FOUND_SEEN,
    LIST_ASKED,
    OPENING,
    RECEIPT,
    RECEIPT_LINE,
)
from app.web import guard
from app.web.paging import page_answer, page_wanted
from app.web.schema import answer, body_as, query_as
from app.web.work import work

blueprint = Blueprint("receiving_api", __name__, url_prefix="/api/v1")


@blueprint.post("/packages/<code>/receipt")
@guard.signed_in
def receive(code: str) -> ResponseReturnValue:
    """Open a package: who had it, its seal, its condition, its temperature."""
    package = service.receive(work(), code, body_as(OPENING))
    return answer(RECEIPT, _told(queries.receipt_seen(work(), package)), status=201)


@blueprint.get("/packages/<code>/receipt")
@guard.signed_in
def receipt(code: str) -> ResponseReturnValue:
    """What came in a package, line by line against its list, and what is open."""
    return answer(RECEIPT, _told(queries.receipt_for(work(), code)))


@blueprint.post("/packages/<code>/receipt/close")
@guard.signed_in
def close(code: str) -> ResponseReturnValue:
    """End a receipt; what is open stays open, as a gap that somebody has."""
    return answer(RECEIPT, _told(service.close_by_hand(work(), code, body_as(CLOSING))))


@blueprint.get("/receipts")
@guard.signed_in
def receipts() -> ResponseReturnValue:
    """Receipts at the sites you may read, the latest first; the open ones, or the closed."""
    unit, asked = work(), query_as(LIST_ASKED)
    demand_somewhere(unit, "subject.read")
    allowed = sites_where(unit.actor, "subject.read")
    page = page_wanted(kinds=(str, str))
    rows = queries.receipts(
        unit.session,
        sites=_sites(allowed, asked.site),
        state=asked.state,
        after=queries.cursor_of(page.after),
        limit=page.limit + 1,
    )
    return page_answer(
        RECEIPT_LINE, rows, page, key=lambda row: (row.received_at.isoformat(), str(row.id))
    )


@blueprint.post("/found")
@guard.signed_in
def found() -> ResponseReturnValue:
    """Register a tube without a readable label; its new code goes onto it."""
    tube = service.register_found_by_hand(work(), body_as(FOUND))
    return answer(FOUND_SEEN, tube, status=201)


def _sites(allowed: frozenset[str], wanted: str | None) -> list[str] | None:
    if wanted is not None:
        return [wanted] if ANY in allowed or wanted in allowed else []
    return None if ANY in allowed else sorted(allowed)


def _told(seen: ReceiptSeen) -> ReceiptTold:
    return queries.with_gaps(work().session, seen)
