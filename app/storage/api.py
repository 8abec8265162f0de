"""The doors of storage: places and what is in them, proposals, reservations."""

import csv
import io
from uuid import UUID

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue

from app.accounts.rights import demand
from app.custody.queries import standing, subjects
from app.storage import queries, service, units
from app.storage.models import Reservation
from app.storage.queries import PlaceSeen
from app.storage.schemas import (
    NEW_RESERVATION,
    NEW_UNIT,
    PLACE,
    PROPOSAL_ASKED,
    RESERVATION,
)
from app.web import guard
from app.web.schema import answer, body_as
from app.web.work import work

# What a spreadsheet takes for the beginning of a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")

blueprint = Blueprint("storage_api", __name__, url_prefix="/api/v1")


@blueprint.post("/places")
@guard.signed_in
def add_place() -> ResponseReturnValue:
    """Add a freezer, a rack or a box."""
    made = units.add_unit(work(), body_as(NEW_UNIT))
    subject, unit = units.unit_of(work(), made.code)
    return answer(PLACE, queries.place_seen(work(), subject, unit), status=201)


@blueprint.get("/places/<code>")
@guard.signed_in
def place(code: str) -> ResponseReturnValue:
    """A place: each position, who is there, what is promised."""
    return answer(PLACE, _seen(code))


@blueprint.get("/boxes/<code>")
@guard.signed_in
def box(code: str) -> ResponseReturnValue:
    """A box: each position and the tube in it."""
    return answer(PLACE, _seen(code))


@blueprint.get("/boxes/<code>.csv")
@guard.signed_in
def box_file(code: str) -> ResponseReturnValue:
    """The same as a file for a spreadsheet."""
    seen = _seen(code)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(("box", "position", "state", "subject"))
    rows = ((seen.subject.code, s.position, s.state, s.subject or "") for s in seen.spots)
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    return Response(
        out.getvalue(),
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{seen.subject.code}.csv"'},
    )


@blueprint.post("/places/proposals")
@guard.signed_in
def propose() -> ResponseReturnValue:
    """Propose a place for something, and promise it to you for half an hour."""
    asked = body_as(PROPOSAL_ASKED)
    found, held = service.propose_for(work(), asked.subject, site=asked.site)
    path = [around.code for around in found.path] + ([found.place.code] if found.place else [])
    return answer(RESERVATION, {**_promise(held), "path": path}, status=201)


@blueprint.post("/reservations")
@guard.signed_in
def reserve() -> ResponseReturnValue:
    """Promise yourself a position for half an hour."""
    return answer(
        RESERVATION, _promise(service.reserve(work(), body_as(NEW_RESERVATION))), status=201
    )


@blueprint.delete("/reservations/<uuid:reservation>")
@guard.signed_in
def give_back(reservation: UUID) -> ResponseReturnValue:
    """Give a promise of yours back."""
    service.give_back(work(), reservation)
    return Response(status=204)


def _seen(code: str) -> PlaceSeen:
    subject, unit = units.unit_of(work(), code)
    here = standing(work().session, subject.id).site or unit.site
    demand(work(), "subject.read", site=here)
    return queries.place_seen(work(), subject, unit)


def _harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula; others' codes may begin like one."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def _promise(held: Reservation) -> dict[str, object]:
    location = subjects(work().session, [held.location])[held.location]
    return {
        "id": held.id,
        "location": location.code,
        "position": held.position,
        "until": held.until,
        "path": [],
    }
