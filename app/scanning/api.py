"""The door of every scan, and of the stations: their tasks and how they are."""

from flask import Blueprint, Response, jsonify
from flask.typing import ResponseReturnValue

from app.scanning import health, service, tasks
from app.scanning.door import sent
from app.scanning.live_api import news_at
from app.scanning.live_schemas import CLOSING
from app.scanning.results import results_of
from app.scanning.schemas import HEALTH, INTENT, RESULTS, SCANS, TASK
from app.web import guard
from app.web.openapi import takes
from app.web.schema import answer, body_as, query_as
from app.web.work import work

blueprint = Blueprint("scanning_api", __name__, url_prefix="/api/v1")


@blueprint.post("/scans")
@guard.known
@takes(SCANS)
def take_scans() -> ResponseReturnValue:
    """Take in one read, or a list of reads; each is answered, in the order they were sent."""
    reads, single = sent()
    answers = service.take(work(), reads)
    station, now = work().actor.station, work().clock()
    if station is not None:
        news_at(station)
    told = {"server_time": now.isoformat(), "results": results_of(work(), answers, now)}
    status = 409 if single and answers[0].conflict else 200
    return answer(RESULTS, told, status=status)


@blueprint.put("/stations/<station>/task")
@blueprint.post("/stations/<station>/task")
@guard.signed_in
def open_task(station: str) -> ResponseReturnValue:
    """Say what a station is at: its scanners' reads mean that from now on, made by the caller."""
    opened = tasks.open_task(work(), station=station, intent=body_as(INTENT))
    news_at(station)
    return answer(TASK, opened)


@blueprint.get("/stations/<station>/task")
@guard.signed_in
def task_now(station: str) -> ResponseReturnValue:
    """What a station is at."""
    return answer(TASK, tasks.task_now(work(), station=station))


@blueprint.delete("/stations/<station>/task")
@guard.signed_in
def close_task(station: str) -> ResponseReturnValue:
    """Say that a station is at nothing; with `opened_at`, unless it is at something else by now."""
    tasks.close_task(work(), station=station, opened_at=query_as(CLOSING).opened_at)
    news_at(station)
    return Response(status=204)


@blueprint.post("/stations/<station>/health")
@guard.station
def station_health(station: str) -> ResponseReturnValue:
    """What a station says of itself: what waits there, since when, and its devices."""
    health.hear(work(), station=station, said=body_as(HEALTH))
    return jsonify(server_time=work().clock().isoformat())
