"""The first page: what needs a person now, then the counts, then whether the watcher looks."""

from datetime import timedelta

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from app.accounts.queries import sites
from app.accounts.rights import sites_where
from app.alarms import queries
from app.alarms.marks import BACKUP, SWEEP, VERIFY, looks
from app.alarms.queries import READ, AlarmSeen, Asked
from app.alarms.states import State
from app.alarms.today import collections_today, packages_on_the_road
from app.alarms.views import SHOWN_MOST, Row, Values, nobody_has, rows_of
from app.custody.ledger import CONTAINERS, Sort
from app.custody.queries import contents
from app.kernel.work import Work
from app.web import guard
from app.web.party_words import party_words
from app.web.work import work

blueprint = Blueprint("overview", __name__)

URGENT_MOST, GAPS_MOST = 5, 10
OPEN = (State.NEW, State.ACKNOWLEDGED)
TONES = {"P1": "stop", "P2": "warn", "P3": "warn"}


@blueprint.get("/")
@guard.signed_in
def overview_page() -> ResponseReturnValue:
    """The overview of the caller's sites."""
    unit = work()
    alarms = _alarms(unit)
    rows = rows_of(unit, alarms)
    return render_template(
        "overview.html",
        urgent=[row for row in rows if nobody_has(row)][:URGENT_MOST],
        counts=_counts(unit) if sites_where(unit.actor, READ) else [],
        gaps=_gaps(unit, rows[:GAPS_MOST], {alarm.id: alarm for alarm in alarms}),
        packages=packages_on_the_road(unit),
        sites=collections_today(unit),
        proof=_proof(unit),
        watcher=_watcher(unit),
    )


def _alarms(unit: Work) -> list[AlarmSeen]:
    if not sites_where(unit.actor, READ):
        return []
    return queries.alarms(unit, Asked(states=OPEN), limit=SHOWN_MOST)


def _counts(unit: Work) -> list[Values]:
    found = queries.counted(unit)
    return [
        {"value": found.open, "label": gettext("alarms need a person"), "href": "/alarms"},
        {"value": found.critical, "label": gettext("of them critical"), "href": "/alarms"},
        {"value": found.in_hand, "label": gettext("alarms in hand"), "href": "/alarms"},
        {"value": found.cleared, "label": gettext("cleared, nobody looked"), "href": "/alarms"},
    ]


def _gaps(unit: Work, rows: list[Row], alarms: dict[int, AlarmSeen]) -> list[Values]:
    titles = {site.code: site.title for site in sites(unit)}
    stand = queries.standing_of(unit, [alarms[row.id] for row in rows])
    now = unit.clock()
    found: list[Values] = []
    for row in rows:
        alarm = alarms[row.id]
        here = stand.get(alarm.id)
        found.append(
            {
                "title": row.title,
                "href": row.href,
                "tubes": _tubes(unit, alarm),
                "holder": party_words(here.holder if here else "unknown", titles),
                "seconds": max(timedelta(0), now - row.since).total_seconds(),
                "assignee": row.assignee,
                "tone": TONES[row.priority],
            }
        )
    return found


def _tubes(unit: Work, alarm: AlarmSeen) -> int:
    """How many tubes it is about: those inside, where it is about a container."""
    if alarm.sort not in CONTAINERS:
        return alarm.gaps
    inside = contents(unit.session, alarm.subject, deep=True)
    return max(alarm.gaps, sum(each.subject.sort is Sort.TUBE for each in inside))


def _proof(unit: Work) -> Values:
    verified, backup = queries.mark_of(unit, VERIFY), queries.mark_of(unit, BACKUP)
    return {
        "ok": verified is not None and verified.ok,
        "verified": verified.at if verified else None,
        "entries": verified.facts.get("entries", 0) if verified else 0,
        "backup": backup.at if backup else None,
    }


def _watcher(unit: Work) -> Values:
    mark = queries.mark_of(unit, SWEEP)
    if mark is None:
        return {"ok": False, "words": gettext("The watcher has not looked yet.")}
    seconds = max(0, int((unit.clock() - mark.at).total_seconds()))
    words = ngettext("Looked %(num)s s ago.", "Looked %(num)s s ago.", seconds)
    return {"ok": looks(mark.at, unit.clock()), "words": words}
