"""Doors to alarms: the list, one whole, and the three things that are done about one."""

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue

from app.alarms import queries, service
from app.alarms.export import as_csv
from app.alarms.queries import Asked
from app.alarms.schemas import ALARM, ALARM_WHOLE, ASSIGNMENT, EXPLANATION, LIST_ASKED, ListAsked
from app.web import guard
from app.web.paging import page_answer, page_wanted
from app.web.schema import answer, body_as, query_as
from app.web.work import work

blueprint = Blueprint("alarms_api", __name__, url_prefix="/api/v1")
files = Blueprint("alarms_files", __name__)


@blueprint.get("/alarms")
@guard.signed_in
def list_alarms() -> ResponseReturnValue:
    """The alarms of the caller's sites, the latest first; by site, rule and state."""
    page = page_wanted(kinds=(int,))
    after = int(page.after[0]) if page.after else None
    rows = queries.alarms(work(), _asked(query_as(LIST_ASKED)), after=after, limit=page.limit + 1)
    return page_answer(ALARM, rows, page, key=lambda alarm: (alarm.id,))


@blueprint.get("/alarms/<int:number>")
@guard.signed_in
def show_alarm(number: int) -> ResponseReturnValue:
    """One alarm with its gaps and its history."""
    return answer(ALARM_WHOLE, queries.alarm(work(), number))


@blueprint.post("/alarms/<int:number>/acknowledge")
@guard.signed_in
def acknowledge(number: int) -> ResponseReturnValue:
    """Say that you have it in hand."""
    service.acknowledge(work(), number)
    return answer(ALARM_WHOLE, queries.alarm(work(), number))


@blueprint.post("/alarms/<int:number>/assign")
@guard.signed_in
def assign(number: int) -> ResponseReturnValue:
    """Give it to somebody who deals with alarms at its site."""
    service.assign(work(), number, person=body_as(ASSIGNMENT).assignee)
    return answer(ALARM_WHOLE, queries.alarm(work(), number))


@blueprint.post("/alarms/<int:number>/explain")
@guard.signed_in
def explain(number: int) -> ResponseReturnValue:
    """Answer its gaps with a reason; what is overdue is silenced until a time."""
    service.explain(work(), number, body_as(EXPLANATION))
    return answer(ALARM_WHOLE, queries.alarm(work(), number))


@files.get("/alarms.csv")
@guard.signed_in
def export_alarms() -> ResponseReturnValue:
    """The same list as a file for a spreadsheet; `bom=1` marks it for one that needs it."""
    given = query_as(LIST_ASKED)
    text = as_csv(queries.alarms(work(), _asked(given)), mark=given.bom == "1")
    return Response(
        text,
        mimetype="text/csv",
        headers={"Content-Disposition": 'attachment; filename="alarms.csv"'},
    )


def _asked(given: ListAsked) -> Asked:
    return Asked(
        site=given.site or None,
        rule=given.rule or None,
        states=(given.state,) if given.state else (),
    )
