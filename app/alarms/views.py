"""The pages about alarms, and their count at the top of every page."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.accounts.queries import sites
from app.accounts.rights import ANY, sites_where
from app.alarms import queries, service, telling
from app.alarms.missing import missing_of
from app.alarms.queries import LOOKED_AT, READ, AlarmSeen, AlarmWhole, Asked
from app.alarms.rules import rule_of
from app.alarms.schemas import LIST_ASKED
from app.alarms.sites import may_at_one, sites_of
from app.alarms.states import OVER, State
from app.custody.queries import Standing
from app.kernel.work import Work
from app.web import guard
from app.web.party_words import party_words
from app.web.schema import query_as
from app.web.work import work

blueprint = Blueprint("alarms", __name__)

SHOWN_MOST = 300
Values = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """An alarm as a line of a page."""

    id: int
    href: str
    priority: str
    title: str
    meta: tuple[str, ...]
    since: datetime
    assignee: str | None
    acknowledged_at: datetime | None
    state: str


@blueprint.get("/alarms")
@guard.signed_in
def list_page() -> ResponseReturnValue:
    """The alarms by what they need: a person, patience, a last look."""
    unit, given = work(), query_as(LIST_ASKED)
    asked = Asked(site=given.site or None, rule=given.rule or None, states=LOOKED_AT)
    rows = rows_of(unit, queries.alarms(unit, asked, limit=SHOWN_MOST))
    return render_template(
        "alarms/list.html",
        person=[row for row in rows if nobody_has(row)],
        hand=[row for row in rows if in_hand(row)],
        cleared=[row for row in rows if row.state == State.CLEARED],
        filters={
            "site": given.site or "",
            "sites": [("", gettext("All sites")), *_sites(unit)],
            "rule": given.rule or "",
            "rules": [("", gettext("All kinds")), *_rules(unit)],
        },
    )


@blueprint.get("/alarms/<int:number>")
@guard.signed_in
def detail_page(number: int) -> ResponseReturnValue:
    """One alarm: what to do, whose it is, what happened to it."""
    unit = work()
    whole = queries.alarm(unit, number)
    alarm, sites_concerned = whole.alarm, sites_of(unit, number)
    rule = rule_of(unit, alarm.rule)
    return render_template(
        "alarms/detail.html",
        alarm=_detail(unit, whole),
        people=queries.people_for(unit, sites_concerned),
        reasons=[
            {"code": code, "label": telling.reason_words(unit, code)}
            for code in rule.resolution_codes
        ],
        may={
            "acknowledge": may_at_one(unit.actor, "alarm.acknowledge", sites_concerned),
            "assign": may_at_one(unit.actor, "alarm.assign", sites_concerned),
            "explain": may_at_one(unit.actor, "gap.explain", sites_concerned),
        },
    )


def furnish(unit: Work) -> Mapping[str, object]:
    """How many alarms need a person, for the top of every page; None for whom they are not."""
    if not sites_where(unit.actor, READ):
        return {"alarms": None}
    return {"alarms": queries.counted(unit)}


def rows_of(unit: Work, alarms: list[AlarmSeen]) -> list[Row]:
    """The alarms as lines of a page, the gravest first, of equals the oldest."""
    titles = {site.code: site.title for site in sites(unit)}
    stand = queries.standing_of(unit, alarms)
    ordered = sorted(alarms, key=lambda alarm: (alarm.priority, alarm.since, alarm.id))
    return [_row(unit, alarm, stand.get(alarm.id), titles) for alarm in ordered]


def nobody_has(row: Row) -> bool:
    """Whether it waits for somebody to take it."""
    return row.state == State.NEW and row.assignee is None


def in_hand(row: Row) -> bool:
    """Whether somebody has it, or said until when it will be so."""
    return row.state in (State.NEW, State.ACKNOWLEDGED, State.EXPLAINED) and not nobody_has(row)


def _row(unit: Work, alarm: AlarmSeen, stand: Standing | None, titles: dict[str, str]) -> Row:
    meta = [f"{telling.sort_words(alarm.sort)} {alarm.code}"]
    meta += [titles.get(site, site) for site in alarm.sites]
    if stand is not None:
        holder = party_words(stand.holder, titles)
        meta.append(str(gettext("last holder: %(holder)s", holder=holder)))
    meta.append(str(gettext("for: %(owners)s", owners=telling.owners_words(alarm.owners))))
    if alarm.state == State.EXPLAINED and alarm.silent_until is not None:
        meta.append(telling.silent_words(alarm.silent_until))
    return Row(
        id=alarm.id,
        href=f"/alarms/{alarm.id}",
        priority=alarm.priority,
        title=rule_of(unit, alarm.rule).title(unit.actor.language),
        meta=tuple(meta),
        since=alarm.since,
        assignee=alarm.assignee_label,
        acknowledged_at=alarm.acknowledged_at,
        state=alarm.state,
    )


def _detail(unit: Work, whole: AlarmWhole) -> Values:
    alarm, language = whole.alarm, unit.actor.language
    rule = rule_of(unit, alarm.rule)
    titles = {site.code: site.title for site in sites(unit)}
    stand = queries.standing_of(unit, [alarm]).get(alarm.id)
    return {
        "id": alarm.id,
        "rule": alarm.rule,
        "priority": alarm.priority,
        "title": rule.title(language),
        "message": f"{rule.trigger(language)}.",
        "steps": [rule.action(language)],
        "since": alarm.since,
        "site": ", ".join(titles.get(site, site) for site in alarm.sites) or gettext("none"),
        "missing": _missing(unit, whole),
        "holder": party_words(stand.holder if stand else "unknown", titles),
        "last_seen": stand.last_seen_at if stand else None,
        "assignee": alarm.assignee_label,
        "acknowledged_at": alarm.acknowledged_at,
        "active": _active(alarm),
        "ended_words": telling.ended_words(unit, alarm.state, whole.history),
        "lines": [
            {
                "code": line.code,
                "kind_words": telling.sort_words(line.sort),
                "href": f"/s/{line.code}",
                "words": telling.line_words(line, rule_of(unit, line.rule).title(language)),
            }
            for line in whole.lines
        ],
        "history": [
            {"at": event.at, "words": telling.event_words(unit, event)} for event in whole.history
        ],
        "until_max": service.silence_max(unit, alarm.id) if alarm.state not in OVER else None,
    }


def _missing(unit: Work, whole: AlarmWhole) -> str | None:
    """How much of its package is missing, in words."""
    found = missing_of(unit, whole.lines)
    if found is None:
        return None
    return str(gettext("%(done)s of %(all)s", done=found.gone, all=found.listed))


def _active(alarm: AlarmSeen) -> bool:
    """Still so, as far as anybody knows: what is merely silenced is."""
    for_good = alarm.state == State.EXPLAINED and alarm.silent_until is None
    return alarm.state not in OVER and not for_good


def _sites(unit: Work) -> list[tuple[str, str]]:
    seen = sites_where(unit.actor, READ)
    return [(site.code, site.title) for site in sites(unit) if ANY in seen or site.code in seen]


def _rules(unit: Work) -> list[tuple[str, str]]:
    language = unit.actor.language
    return [(rule, rule_of(unit, rule).title(language)) for rule in queries.rules_seen(unit)]
