"""The door of every scan, and of the stations: their tasks and how they are."""

from collections.abc import Sequence
from datetime import datetime

from flask import Blueprint, Response, jsonify
from flask.typing import ResponseReturnValue

from app.kernel.work import Work
from app.scanning import health, service, tasks
from app.scanning.door import sent
from app.scanning.scan import Answer
from app.scanning.schemas import HEALTH, INTENT, RESULTS, SCANS, TASK
from app.scanning.words import finding, said
from app.web import guard
from app.web.openapi import takes
from app.web.schema import answer, body_as
from app.web.work import work

blueprint = Blueprint("scanning_api", __name__, url_prefix="/api/v1")


@blueprint.post("/scans")
@guard.known
@takes(SCANS)
def take_scans() -> ResponseReturnValue:
    """Take in one read, or a list of reads; each is answered, in the order they were sent."""
    reads, single = sent()
    answers = service.take(work(), reads)
    now = work().clock()
    told = {"server_time": now.isoformat(), "results": _results(work(), answers, now)}
    status = 409 if single and answers[0].conflict else 200
    return answer(RESULTS, told, status=status)


@blueprint.put("/stations/<station>/task")
@blueprint.post("/stations/<station>/task")
@guard.signed_in
def open_task(station: str) -> ResponseReturnValue:
    """Say what a station is at: its scanners' reads mean that from now on, made by the caller."""
    return answer(TASK, tasks.open_task(work(), station=station, intent=body_as(INTENT)))


@blueprint.get("/stations/<station>/task")
@guard.signed_in
def task_now(station: str) -> ResponseReturnValue:
    """What a station is at."""
    return answer(TASK, tasks.task_now(work(), station=station))


@blueprint.delete("/stations/<station>/task")
@guard.signed_in
def close_task(station: str) -> ResponseReturnValue:
    """Say that a station is at nothing."""
    tasks.close_task(work(), station=station)
    return Response(status=204)


@blueprint.post("/stations/<station>/health")
@guard.station
def station_health(station: str) -> ResponseReturnValue:
    """What a station says of itself: what waits there, since when, and its devices."""
    health.hear(work(), station=station, said=body_as(HEALTH))
    return jsonify(server_time=work().clock().isoformat())


def _results(unit: Work, answers: Sequence[Answer], now: datetime) -> list[dict[str, object]]:
    """Each answer in words; what is the same for a whole rack of tubes is worded once."""
    worded: dict[tuple[object, ...], dict[str, object]] = {}
    results = []
    for one in answers:
        alike = (one.saying, one.rule, one.kind, one.findings, str(one.values))
        if alike not in worded:
            worded[alike] = {
                **said(unit, one, now=now),
                "findings": [finding(unit, rule, now=now) for rule in one.findings],
            }
        results.append({**worded[alike], **_plain(one)})
    return results


def _plain(one: Answer) -> dict[str, object]:
    return {
        "id": str(one.id),
        "verdict": one.verdict.value,
        "rule": one.rule,
        "subject": one.subject,
        "kind": one.kind,
        "entries": list(one.entries),
        "replayed": one.replayed,
        "conflict": one.conflict,
        "seen_at": one.seen_at.isoformat() if one.seen_at else None,
        "facts": dict(one.facts),
    }
