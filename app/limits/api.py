"""The doors of the limits: every version and what it changed, and one more."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from app.limits import queries, service
from app.limits.schemas import NEW_VERSION, VERSION, WHOLE_VERSION
from app.web import guard
from app.web.paging import page_answer, page_wanted
from app.web.schema import answer, body_as
from app.web.work import work

blueprint = Blueprint("limits_api", __name__, url_prefix="/api/v1")


@blueprint.get("/limits")
@guard.signed_in
def versions() -> ResponseReturnValue:
    """Every version, the last first, with what it changed of the one before."""
    page = page_wanted(kinds=(int,))
    before = page.after[0] if page.after else None
    seen = queries.versions(work())
    rows = [each for each in seen if before is None or each.version < int(before)]
    return page_answer(VERSION, rows[: page.limit + 1], page, key=lambda each: (each.version,))


@blueprint.get("/limits/<int:version>")
@guard.signed_in
def version(version: int) -> ResponseReturnValue:
    """One version with all its values."""
    return answer(WHOLE_VERSION, queries.version(work(), version))


@blueprint.post("/limits")
@guard.signed_in
def add() -> ResponseReturnValue:
    """Add a version that takes effect later; those before it stay as they are."""
    return answer(VERSION, service.add(work(), body_as(NEW_VERSION)), status=201)
