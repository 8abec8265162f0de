"""The doors of print jobs: people ask for labels, agents take them and tell what became of each."""

from uuid import UUID

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue

from app.accounts.rights import demand
from app.collection.queries import order_of
from app.printing import leasing, service, things
from app.printing.queries import job_seen, programme_of
from app.printing.schemas import (
    HEARD,
    JOB,
    JOB_WANTED,
    LABELS_WANTED,
    LEASED,
    LOOKED,
    PRINTER_HERE,
    REPORT,
)
from app.web import guard
from app.web.schema import answer, body_as
from app.web.work import work

blueprint = Blueprint("printing_api", __name__, url_prefix="/api/v1")


@blueprint.post("/orders/<uuid:order>/print-jobs")
@guard.signed_in
def print_kit(order: UUID) -> ResponseReturnValue:
    """Have the labels of a kit printed by the printer of a station."""
    unit = work()
    found = order_of(unit.session, order)
    return answer(JOB, service.print_kit(unit, found, body_as(JOB_WANTED)), status=201)


@blueprint.post("/print-jobs")
@guard.signed_in
def print_labels() -> ResponseReturnValue:
    """Have labels of things printed: boxes, places, packages, kits, tubes, stations, commands."""
    return answer(JOB, things.print_labels(work(), body_as(LABELS_WANTED)), status=201)


@blueprint.get("/print-jobs/<uuid:job>")
@guard.signed_in
def job(job: UUID) -> ResponseReturnValue:
    """A print job, and what is known of each of its labels."""
    seen = job_seen(work().session, job)
    programme = programme_of(work().session, seen.job)
    demand(work(), "subject.read", site=seen.job.site, programme=programme)
    return answer(JOB, seen)


@blueprint.post("/print-jobs/<uuid:job>/labels/<int:number>/look")
@guard.signed_in
def look(job: UUID, number: int) -> ResponseReturnValue:
    """Say that a label is in your hand, or that there is none: then another is printed."""
    return answer(JOB, service.look(work(), job, number, body_as(LOOKED)))


@blueprint.post("/print-jobs/<uuid:job>/give-up")
@guard.signed_in
def give_up(job: UUID) -> ResponseReturnValue:
    """Print no more of a job: what was not begun is void, what is on its way is unknown."""
    return answer(JOB, service.give_up(work(), job))


@blueprint.post("/stations/<station>/print-jobs/lease")
@guard.station
def lease(station: str) -> ResponseReturnValue:
    """Take the next job for this station's printer; nothing where there is none."""
    leased = leasing.lease(work(), station, body_as(PRINTER_HERE))
    return Response(status=204) if leased is None else answer(LEASED, leased)


@blueprint.post("/stations/<station>/print-jobs/<uuid:job>/outcomes")
@guard.station
def outcomes(station: str, job: UUID) -> ResponseReturnValue:
    """Tell what became of labels, and that the job is still being worked on."""
    return answer(HEARD, leasing.hear(work(), station, job, body_as(REPORT)))
