"""The page of one thing: where it is, who has it, how it came there; and how to find it."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, cast

from flask import Blueprint, Flask, current_app, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.accounts.queries import sites
from app.custody.gap_queries import GapView
from app.custody.gaps.table import BY_CODE
from app.custody.history import Line
from app.custody.ledger import BOOKKEEPING, Entry, Kind, Origin, Sort, Subject
from app.kernel.work import Work
from app.scanning import subjects
from app.scanning.identifying import identity_of, may_identify, may_take_back
from app.scanning.label_words import (
    label_details,
    label_entries,
    label_words,
    prints_of,
    prints_words,
)
from app.scanning.rules import rule_words
from app.scanning.subject_words import (
    STEPS,
    href,
    kind_words,
    phase_words,
    reason_words,
    sort_words,
    step_words,
    tube_words,
)
from app.scanning.subjects import Story
from app.web import guard
from app.web.party_words import party_words
from app.web.work import work
from labels.code import grouped

blueprint = Blueprint("scanning", __name__)

Values = dict[str, Any]
Alarms = Mapping[tuple[str, str], tuple[str, str | None]]
AlarmsOf = Callable[[Work, int], Alarms]
"""By rule and entry of a thing's gaps: the address of the alarm, and who has it."""

VerifiedOf = Callable[[Work, Subject], tuple[datetime, bool] | None]
"""When the ledger was last verified, and whether the chain of this thing held; None for never."""

_ALARMS, _VERIFIED = "alarms of gaps", "verified chains"


def show_alarms(app: Flask, alarms_of: AlarmsOf) -> None:
    """Let the page of a thing show whose its gaps are; alarms are another capability's."""
    app.extensions[_ALARMS] = alarms_of


def show_verified(app: Flask, verified_of: VerifiedOf) -> None:
    """Let the page of a thing show its last verification; that too is another capability's."""
    app.extensions[_VERIFIED] = verified_of


@blueprint.get("/find")
@guard.signed_in
def find() -> ResponseReturnValue:
    """The page of whatever was scanned or typed."""
    standing = subjects.readable(work(), request.args.get("q", ""))
    return redirect(href(standing.subject), code=303)


@blueprint.get("/t/<code>")
@blueprint.get("/b/<code>")
@blueprint.get("/s/<code>")
@guard.signed_in
def subject_page(code: str) -> ResponseReturnValue:
    """One thing and its story."""
    unit = work()
    return render_template("custody/subject.html", **page(unit, subjects.timeline(unit, code)))


def page(unit: Work, told: Story) -> Values:
    """What the page of a thing shows."""
    titles = {site.code: site.title for site in sites(unit)}
    identity = _identity(unit, told.standing.subject)
    elsewhere = _is_place(told) or bool(identity and identity["real"])
    return {
        "subject": _head(unit, told, elsewhere=elsewhere),
        "now": None if elsewhere else _now(unit, told, titles),
        "timeline": list(_timeline(unit, told, titles)),
        "facts": list(_facts(unit, told)),
        "identity": identity,
        "contents": [
            {
                "code": inside.subject.code,
                "href": href(inside.subject),
                "position": inside.position,
                "state_words": phase_words(inside.subject.sort, inside.phase),
                "tone": "quiet",
            }
            for inside in told.contents
        ],
        "contents_words": gettext("Here") if _is_place(told) else gettext("Inside"),
        "proof": {
            "entries": told.entries,
            "head": told.head.hex(),
            **_verified(unit, told),
        },
    }


def _is_place(told: Story) -> bool:
    return told.standing.subject.sort is Sort.PLACE


def _verified(unit: Work, told: Story) -> Values:
    """When the ledger was last verified, if this thing was in it then, and whether it held."""
    verified_of = cast("VerifiedOf | None", current_app.extensions.get(_VERIFIED))
    found = verified_of(unit, told.standing.subject) if verified_of else None
    if found is None or found[0] < told.registered_at:
        return {"verified": None, "ok": True}
    return {"verified": found[0], "ok": found[1]}


def _head(unit: Work, told: Story, *, elsewhere: bool) -> Values:
    subject = told.standing.subject
    open_gaps = [gap for gap in told.timeline.gaps if subjects.state_of(gap) == "open"]
    phase = phase_words(subject.sort, told.standing.phase)
    plain = {"words": phase, "tone": "quiet", "sign": None, "full": False}
    pills = [] if elsewhere else [plain]
    if open_gaps:
        pills.append({"words": gettext("Gap"), "tone": "stop", "sign": "gap", "full": True})
    return {
        "code": subject.code,
        "kind_words": sort_words(subject.sort),
        "lede": tube_words(unit, subject),
        "pills": pills,
        "crumbs": [
            {"words": f"{sort_words(around.sort)} {_short(around)}", "href": href(around)}
            for around in reversed(told.standing.path)
        ],
    }


def _now(unit: Work, told: Story, titles: Mapping[str, str]) -> Values:
    standing = told.standing
    within = standing.within
    holder = party_words(standing.holder, titles)
    return {
        "place": _short(standing.place) if standing.place else holder,
        "holder": holder,
        "since": standing.since,
        "seen": standing.seen,
        "last_seen": standing.last_seen_at,
        "inside": _inside(within, standing.position) if within else None,
        "expected": _expected(unit, told),
    }


def _expected(unit: Work, told: Story) -> Values | None:
    """What comes next: the step that is overdue longest, else the one due first."""
    due = sorted([*_missed(told), *_awaited(told)], key=lambda pair: pair[1])
    if not due:
        return None
    rule, at = due[0]
    return {"words": step_words(rule), "due": at, "late": at <= unit.clock()}


def _missed(told: Story) -> list[tuple[str, datetime]]:
    """The steps that did not come in time, and by when they should have."""
    open_gaps = [gap for gap in told.timeline.gaps if gap.cured_at is None]
    return [(gap.rule, gap.at) for gap in open_gaps if BY_CODE[gap.rule].ages and gap.rule in STEPS]


def _awaited(told: Story) -> list[tuple[str, datetime]]:
    """The steps that are waited for; of one that is missed already, the wait only grows graver."""
    missed = {rule for rule, _ in _missed(told)}
    return [(rule, at) for rule, at in told.timeline.expected if rule in STEPS.keys() - missed]


def _timeline(unit: Work, told: Story, titles: Mapping[str, str]) -> Iterator[Values]:
    lines = [line for line in told.timeline.lines if _shown(line)]
    items: list[tuple[datetime, int, Values]] = [
        (line.entry.occurred_at, 0, _entry(unit, told, line, titles)) for line in lines
    ]
    labels = label_entries(told.timeline.history)
    items += [(entry.occurred_at, 0, _note(unit, entry, titles)) for entry in labels]
    gaps = told.timeline.gaps
    alarms = _alarms(unit, told.standing.subject) if gaps else {}
    items += [(gap.at, 1, _gap(unit, told, gap, titles, alarms)) for gap in gaps]
    under = ""
    for _, _, item in sorted(items, key=lambda each: each[:2]):
        if item["kind"] != "note":
            under = item["kind"]
        yield {**item, "under": under}
    now = unit.clock()
    for rule, due in sorted(_awaited(told), key=lambda pair: pair[1]):
        if due > now:
            yield {"kind": "next", "due": due, "words": step_words(rule)}


def _shown(line: Line) -> bool:
    return line.entry.kind not in BOOKKEEPING or line.entry.kind is Kind.READ


def _note(unit: Work, entry: Entry, titles: Mapping[str, str]) -> Values:
    """What became of a label, between what became of the thing."""
    return {
        "kind": "note",
        "at": entry.occurred_at,
        "words": label_words(unit, entry),
        "lines": [*label_details(entry), *_small(entry, None, titles)],
    }


def _small(entry: Entry, place: Subject | None, titles: Mapping[str, str]) -> list[str]:
    """What stands small under an entry: where it was written, and whether long after it was so."""
    late = entry.recorded_at - entry.occurred_at > subjects.LATE
    small = [
        titles.get(entry.site or "", entry.site or ""),
        _short(place) if place else "",
        str(gettext("recorded later")) if late else "",
    ]
    return [text for text in small if text]


def _entry(unit: Work, told: Story, line: Line, titles: Mapping[str, str]) -> Values:
    entry = line.entry
    around = told.named.get(entry.inside) if entry.inside else None
    place = told.named.get(entry.place) if entry.place else None
    return {
        "kind": "entry",
        "at": entry.occurred_at,
        "words": kind_words(unit, entry.kind),
        "source": party_words(entry.source, titles) if entry.source else None,
        "target": party_words(entry.target, titles) if entry.target else None,
        "inside": _inside(around, entry.position) if around else None,
        "seen": line.own,
        "through": None if line.own else _link(told.named.get(entry.subject)),
        "lines": _small(entry, place, titles),
    }


def _alarms(unit: Work, subject: Subject) -> Alarms:
    alarms_of = cast("AlarmsOf | None", current_app.extensions.get(_ALARMS))
    return alarms_of(unit, subject.id) if alarms_of else {}


def _gap(
    unit: Work, told: Story, gap: GapView, titles: Mapping[str, str], alarms: Alarms
) -> Values:
    address, assignee = alarms.get((gap.rule, str(gap.entry_id)), (None, None))
    now = unit.clock()
    words, language = rule_words(unit, gap.rule, now=now), unit.actor.language
    length = (gap.cured_at or now) - gap.at if BY_CODE[gap.rule].ages else None
    return {
        "kind": "gap",
        "at": gap.at,
        "gap": {
            "id": f"{gap.rule}-{gap.entry_id.command}",
            "rule": gap.rule,
            "title": words.title(language),
            "message": words.action(language) if gap.cured_at is None else "",
            "seconds": int(length.total_seconds()) if length is not None else None,
            "ended": gap.cured_at is not None,
            "holder": party_words(told.standing.holder, titles),
            "assignee": assignee,
            "explained": _explained(unit, told, gap),
            "alarm_href": address,
        },
    }


def _explained(unit: Work, told: Story, gap: GapView) -> str | None:
    if gap.explained is None:
        return None
    for entry in told.timeline.history.bookkeeping:
        if entry.entry_id == gap.explained:
            return reason_words(unit, entry.facts.get("reason"))
    return str(gettext("explained"))


def _identity(unit: Work, subject: Subject) -> Values | None:
    """Of what was found: which one it turned out to be, or that somebody may say so."""
    if subject.origin is not Origin.FOUND:
        return None
    known = identity_of(unit, subject)
    if known is None:
        return {"real": None, "entry": None, "may": may_identify(unit, subject)}
    may = may_take_back(unit, known)
    return {"real": _link(known.real), "entry": str(known.said.entry_id), "may": may}


def _facts(unit: Work, told: Story) -> Iterator[tuple[str, str]]:
    subject = told.standing.subject
    for id_ in (subject.participant, subject.kit):
        other = told.named.get(id_) if id_ else None
        if other is not None:
            yield sort_words(other.sort), _short(other)
    tube = tube_words(unit, subject)
    if tube:
        yield str(gettext("Tube")), tube
    for name, words in (("protocol", gettext("Protocol")), ("programme", gettext("Programme"))):
        if isinstance(value := subject.facts.get(name), str):
            yield str(words), value
    yield from prints_words(prints_of(label_entries(told.timeline.history)))


def _inside(around: Subject, position: str | None) -> Values:
    return {"code": around.code, "position": position, "href": href(around)}


def _link(other: Subject | None) -> Values | None:
    return {"code": other.code, "href": href(other)} if other else None


def _short(subject: Subject) -> str:
    """Its code in groups; a bench has a name instead."""
    ours = len(subject.code) == 13 and subject.code[:2] == subject.namespace
    return grouped(subject.code) if ours else subject.code
