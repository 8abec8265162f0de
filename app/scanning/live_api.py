"""The door of pages bound to a station: each second they ask what its scanners have read.

Nearly always the answer is "nothing new". It is told from a number in this process and from what
the page brings itself, a signed ticket as its `If-None-Match`: no session, no statement.
"""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from secrets import token_hex
from typing import cast

from flask import Blueprint, Flask, Response, after_this_request, current_app, request
from flask.typing import ResponseReturnValue

from app.accounts.rights import demand
from app.kernel.work import Work
from app.scanning import heard, tasks
from app.scanning.devices import short
from app.scanning.heard import Heard
from app.scanning.live import Numbers, Ticket, ends
from app.scanning.live_schemas import ASKED, READS
from app.scanning.results import results_of
from app.scanning.schemas import TASK
from app.web import guard
from app.web.door import door
from app.web.schema import answer, query_as
from app.web.secrets import opened, signed
from app.web.session import session_of
from app.web.work import work

blueprint = Blueprint("live_api", __name__, url_prefix="/api/v1")

NOT_MODIFIED = 304
_PLACE, _PURPOSE = "unbroken live", "hearing"
_UNHEARD = ""  # no number is like it: whoever has it is answered in full


def keep_numbers(app: Flask) -> None:
    """Give an application its numbers; they begin anew with each process."""
    app.extensions[_PLACE] = Numbers(token_hex(4))


def news_at(station: str) -> None:
    """Let the pages of this station ask again, once this request's unit of work is committed.

    Flask calls it when the guard has ended; after an error they ask in vain, which does no harm.
    """

    @after_this_request
    def _advance(response: Response) -> Response:
        _numbers().advance(station)
        return response


def unchanged(station: str) -> Response | None:
    """304 where a page's ticket holds and there is no news, else None. Asks no database."""
    ticket, now = _ticket_for(station), door().clock()
    if ticket is None or now >= ticket.until or ticket.number != _numbers().of(station):
        return None
    response = Response(status=NOT_MODIFIED)
    response.headers["ETag"] = request.headers["If-None-Match"]
    return response


@blueprint.get("/stations/<station>/reads")
@guard.unless(unchanged)
@guard.signed_in
def reads(station: str) -> ResponseReturnValue:
    """The reads of a station's scanners that this page has not heard of, and what it is at."""
    unit, now = work(), work().clock()
    demand(unit, "subject.read", site=tasks.site_of_station(unit, station))
    # Before the database is asked: news that comes meanwhile is asked for once more.
    number = _numbers().of(station)
    ticket = _ticket_for(station)
    since = ticket.since if ticket else heard.earliest(query_as(ASKED).since, now=now)
    upto = heard.starts(unit, station, since=since) | dict(ticket.upto if ticket else {})
    found = heard.reads_after(unit, station, upto)
    more = heard.goes_on(found)
    response = answer(READS, _told(unit, station, found, more=more, now=now))
    upto |= {one.device_id: one.device_seq for one in found}
    response.set_etag(_sealed(station, _UNHEARD if more else number, since, upto, now=now))
    return response


def _told(
    unit: Work, station: str, found: list[Heard], *, more: bool, now: datetime
) -> dict[str, object]:
    worded = results_of(unit, [one.answer for one in found], now)
    task = tasks.open_at(unit, station, now)
    return {
        "server_time": now.isoformat(),
        "reads": [
            {
                **words,
                "raw": one.raw,
                "symbology": one.symbology,
                "took_ms": one.took_ms,
                "device_id": one.device_id,
                "device": short(one.device_id),
                "meant": dict(one.answer.meant),
            }
            for one, words in zip(found, worded, strict=True)
        ],
        "more": more,
        "task": TASK.dump(task) if task else None,
    }


def _numbers() -> Numbers:
    return cast(Numbers, current_app.extensions[_PLACE])


# Tickets


def _sealed(
    station: str, number: str, since: datetime, upto: Mapping[str, int], *, now: datetime
) -> str:
    session = session_of(request)
    if session is None:
        return _UNHEARD  # nobody comes so far without one
    ticket = Ticket(
        station=station,
        person=session.person,
        version=session.version,
        number=number,
        until=ends(now),
        since=since,
        upto=upto,
    )
    facts = asdict(ticket) | {"until": ticket.until.isoformat(), "since": since.isoformat()}
    return signed(facts, secret=door().secret, purpose=_PURPOSE)


def _ticket_for(station: str) -> Ticket | None:
    """The ticket that this page brings, if it is one for this station and for who is signed in."""
    text = request.headers.get("If-None-Match", "").removeprefix("W/").strip('"')
    facts = opened(text, secret=door().secret, purpose=_PURPOSE) if text else None
    session = session_of(request)
    if facts is None or session is None:
        return None
    times = {name: datetime.fromisoformat(str(facts[name])) for name in ("until", "since")}
    ticket = Ticket(**{**facts, **times})  # type: ignore[arg-type] # it was signed here
    mine = ticket.is_of(station=station, person=session.person, version=session.version)
    return ticket if mine else None
