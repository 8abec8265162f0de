"""The page of one thing: where it is, who has it, how it came there; and how to find it."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, cast

from flask import Blueprint, Flask, current_app, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.accounts.queries import sites
from app.accounts.rights import sites_where
from app.custody.ledger import Origin, Sort, Subject
from app.kernel.work import Work
from app.printing.things import USUAL as LABELLED
from app.scanning import subjects
from app.scanning.identifying import identity_of, may_identify, may_take_back
from app.scanning.label_words import (
    label_entries,
    prints_of,
    prints_words,
)
from app.scanning.subject_timeline import awaited, missed, timeline
from app.scanning.subject_words import (
    href,
    inside,
    link,
    phase_words,
    short,
    sort_words,
    step_words,
    tube_words,
)
from app.scanning.subjects import Story
from app.web import guard
from app.web.party_words import party_words
from app.web.work import work

blueprint = Blueprint("scanning", __name__)

Values = dict[str, Any]
VerifiedOf = Callable[[Work, Subject], tuple[datetime, bool] | None]
"""When the ledger was last verified, and whether the chain of this thing held; None for never."""

_VERIFIED = "verified chains"


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
        "timeline": list(timeline(unit, told, titles)),
        "facts": list(_facts(unit, told)),
        "identity": identity,
        "contents": [
            {
                "code": each.subject.code,
                "href": href(each.subject),
                "position": each.position,
                "state_words": phase_words(each.subject.sort, each.phase),
                "tone": "quiet",
            }
            for each in told.contents
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
    # A bench has a name and no code of ours: nothing to print.
    prints = subject.code[:2] in LABELLED and sites_where(unit.actor, "labels.print")
    if open_gaps:
        pills.append({"words": gettext("Gap"), "tone": "stop", "sign": "gap", "full": True})
    return {
        "code": subject.code,
        "kind_words": sort_words(subject.sort),
        "lede": tube_words(unit, subject),
        "label_href": f"/labels?code={subject.code}" if prints else None,
        "pills": pills,
        "crumbs": [
            {"words": f"{sort_words(around.sort)} {short(around)}", "href": href(around)}
            for around in reversed(told.standing.path)
        ],
    }


def _now(unit: Work, told: Story, titles: Mapping[str, str]) -> Values:
    standing = told.standing
    within = standing.within
    holder = party_words(standing.holder, titles)
    return {
        "place": short(standing.place) if standing.place else holder,
        "holder": holder,
        "since": standing.since,
        "seen": standing.seen,
        "last_seen": standing.last_seen_at,
        "inside": inside(within, standing.position) if within else None,
        "expected": _expected(unit, told),
    }


def _expected(unit: Work, told: Story) -> Values | None:
    """What comes next: the step that is overdue longest, else the one due first."""
    due = sorted([*missed(told), *awaited(told)], key=lambda pair: pair[1])
    if not due:
        return None
    rule, at = due[0]
    return {"words": step_words(rule), "due": at, "late": at <= unit.clock()}


def _identity(unit: Work, subject: Subject) -> Values | None:
    """Of what was found: which one it turned out to be, or that somebody may say so."""
    if subject.origin is not Origin.FOUND:
        return None
    known = identity_of(unit, subject)
    if known is None:
        return {"real": None, "entry": None, "may": may_identify(unit, subject)}
    may = may_take_back(unit, known)
    return {"real": link(known.real), "entry": str(known.said.entry_id), "may": may}


def _facts(unit: Work, told: Story) -> Iterator[tuple[str, str]]:
    subject = told.standing.subject
    for id_ in (subject.participant, subject.kit):
        other = told.named.get(id_) if id_ else None
        if other is not None:
            yield sort_words(other.sort), short(other)
    tube = tube_words(unit, subject)
    if tube:
        yield str(gettext("Tube")), tube
    for name, words in (("protocol", gettext("Protocol")), ("programme", gettext("Programme"))):
        if isinstance(value := subject.facts.get(name), str):
            yield str(words), value
    yield from prints_words(prints_of(label_entries(told.timeline.history)))
