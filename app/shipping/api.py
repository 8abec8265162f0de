"""The doors of sending: boxes, packages, seal, release, delivery, and the list that goes along."""

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue
from flask_babel import format_datetime, gettext, ngettext

from app.accounts.rights import ANY, demand_somewhere, sites_where
from app.shipping import manifest as paper
from app.shipping import queries, service
from app.shipping.manifest import Manifest, Words
from app.shipping.queries import PackageSeen
from app.shipping.schemas import (
    BOXES,
    DELIVERY,
    LIST_ASKED,
    MANIFEST,
    NEW_BOXES,
    NEW_PACKAGE,
    PACKAGE,
    PACKAGE_LINE,
    RELEASE,
    SEALING,
)
from app.storage.units import add_boxes
from app.web import guard
from app.web.paging import page_answer, page_wanted
from app.web.schema import answer, body_as, query_as
from app.web.work import work

blueprint = Blueprint("shipping_api", __name__, url_prefix="/api/v1")


@blueprint.post("/boxes")
@guard.signed_in
def make_boxes() -> ResponseReturnValue:
    """Make codes for empty boxes."""
    asked = body_as(NEW_BOXES)
    made = add_boxes(
        work(),
        site=asked.site,
        count=asked.count,
        rows=asked.rows,
        columns=asked.columns,
        command=asked.command,
    )
    boxes = [
        {"code": box.code, "site": asked.site, "rows": asked.rows, "columns": asked.columns}
        for box in made
    ]
    return answer(BOXES, {"boxes": boxes}, status=201)


@blueprint.post("/packages")
@guard.signed_in
def make_package() -> ResponseReturnValue:
    """Make a package that goes from one site to another."""
    package = service.add_package(work(), body_as(NEW_PACKAGE))
    return answer(PACKAGE, queries.package_seen(work(), package), status=201)


@blueprint.get("/packages")
@guard.signed_in
def packages() -> ResponseReturnValue:
    """Packages from and to the sites you may read, the latest first; by site and state."""
    unit, asked = work(), query_as(LIST_ASKED)
    demand_somewhere(unit, "subject.read")
    allowed = sites_where(unit.actor, "subject.read")
    page = page_wanted(kinds=(str, str))
    rows = queries.packages(
        unit.session,
        sites=_sites(allowed, asked.site),
        state=asked.state,
        after=queries.cursor_of(unit.session, page.after),
        limit=page.limit + 1,
    )
    return page_answer(PACKAGE_LINE, rows, page, key=lambda row: (str(row.made_at), row.code))


def _sites(allowed: frozenset[str], wanted: str | None) -> list[str] | None:
    if wanted is not None:
        return [wanted] if ANY in allowed or wanted in allowed else []
    return None if ANY in allowed else sorted(allowed)


@blueprint.get("/packages/<code>")
@guard.signed_in
def package(code: str) -> ResponseReturnValue:
    """A package, and what is in it."""
    return answer(PACKAGE, queries.package_for(work(), code))


@blueprint.post("/packages/<code>/seal")
@guard.signed_in
def seal(code: str) -> ResponseReturnValue:
    """Close a package."""
    service.seal_package(work(), code, body_as(SEALING))
    return answer(PACKAGE, _as_it_is(code))


@blueprint.post("/packages/<code>/release")
@guard.signed_in
def release(code: str) -> ResponseReturnValue:
    """Hand a package to a courier; the list of what is in it is frozen."""
    service.release(work(), code, body_as(RELEASE))
    return answer(PACKAGE, _as_it_is(code))


@blueprint.post("/packages/<code>/deliver")
@guard.signed_in
def deliver(code: str) -> ResponseReturnValue:
    """Say that a courier left a package at the dock."""
    service.deliver(work(), code, body_as(DELIVERY))
    return answer(PACKAGE, _as_it_is(code))


@blueprint.get("/packages/<code>/manifest")
@guard.signed_in
def manifest(code: str) -> ResponseReturnValue:
    """The list of a package as it was frozen at its release."""
    return answer(MANIFEST, _manifest(code))


@blueprint.get("/packages/<code>/manifest.csv")
@guard.signed_in
def manifest_csv(code: str) -> ResponseReturnValue:
    """The same list as a file for a spreadsheet."""
    return _file(paper.as_csv(_manifest(code)), code, "csv", "text/csv; charset=utf-8")


@blueprint.get("/packages/<code>/manifest.pdf")
@guard.signed_in
def manifest_pdf(code: str) -> ResponseReturnValue:
    """The same list as a sheet to put into the package."""
    found = _manifest(code)
    return _file(paper.as_pdf(found, _words(found)), code, "pdf", "application/pdf")


def _as_it_is(code: str) -> PackageSeen:
    """The package after a deed; of one that is not theirs to read, people learn nothing more."""
    return queries.package_seen(work(), queries.package_of(work().session, code))


def _manifest(code: str) -> Manifest:
    return queries.manifest_for(work(), code)


def _file(body: str | bytes, code: str, ending: str, mimetype: str) -> Response:
    name = f'attachment; filename="manifest-{code}.{ending}"'
    return Response(body, mimetype=mimetype, headers={"Content-Disposition": name})


def _words(found: Manifest) -> Words:
    """What is printed around the list, in the language of the one who asks."""
    tubes = len(found.lines)
    return Words(
        title=gettext("Package"),
        about=(
            f"{gettext('To')}: {found.destination}",
            f"{gettext('Released')}: {format_datetime(found.released_at)}",
        ),
        heads=(gettext("No."), gettext("Tube"), gettext("Box"), gettext("Place")),
        tally=ngettext("%(num)s tube", "%(num)s tubes", tubes),
    )
