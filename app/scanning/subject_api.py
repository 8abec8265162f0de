"""Doors to things, their stories and gaps; and to undo, corrections and late entries."""

import csv
import io
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.custody.history import Line
from app.custody.ledger import Entry
from app.custody.queries import Standing
from app.custody.service import Written
from app.kernel.work import Work
from app.scanning import corrections, identifying, subjects
from app.scanning.label_words import label_entries, label_words, prints_of
from app.scanning.rules import rule_words
from app.scanning.subject_schemas import (
    CORRECTION,
    EXPLANATION,
    GAP,
    GAPS,
    IDENTIFICATION,
    LATE_ENTRY,
    SUBJECT,
    TIMELINE,
    UNDO,
    WRITTEN,
)
from app.scanning.subject_words import kind_words
from app.scanning.subjects import STATES, GapSeen, Story, cursor_of, state_of
from app.scanning.words import finding
from app.web import guard
from app.web.catalogue import N_
from app.web.errors import DoesNotFit, Fault
from app.web.paging import page_answer, page_wanted
from app.web.schema import answer, body_as
from app.web.work import work

blueprint = Blueprint("subjects_api", __name__, url_prefix="/api/v1")

ALL = "all"
COLUMNS = ("rule", "title", "subject", "kind", "entry", "at", "site", "priority", "state",
           "silent_until", "raised_at", "cured_at")  # fmt: skip
CSV_MOST = 100_000


@blueprint.get("/subjects/<code>")
@guard.signed_in
def show_subject(code: str) -> ResponseReturnValue:
    """Where a thing is and who has it."""
    return answer(SUBJECT, _standing(subjects.readable(work(), code)))


@blueprint.get("/subjects/<code>/timeline")
@guard.signed_in
def show_timeline(code: str) -> ResponseReturnValue:
    """How a thing came to be where it is: its entries, seen and presumed, and its gaps."""
    unit = work()
    return answer(TIMELINE, _story(unit, subjects.timeline(unit, code)))


@blueprint.get("/subjects/<code>/gaps")
@guard.signed_in
def show_gaps(code: str) -> ResponseReturnValue:
    """The gaps of a thing: open, explained and closed."""
    unit = work()
    seen = [_gap(unit, gap, unit.clock()) for gap in subjects.gaps_of(unit, code)]
    return answer(GAPS, {"items": seen, "next": None})


@blueprint.get("/gaps")
@guard.signed_in
def list_gaps() -> ResponseReturnValue:
    """The gaps of the caller's sites, the oldest first; by state, site and rule."""
    unit = work()
    page = page_wanted(kinds=(str, int, str, str))
    seen = _asked(unit, after=page.after, limit=page.limit + 1)
    rows = [{**_gap(unit, gap, unit.clock()), "key": cursor_of(gap)} for gap in seen]
    return page_answer(GAP, rows, page, key=lambda row: row["key"])  # type: ignore[arg-type,return-value] # as put in above


@blueprint.get("/gaps.csv")
@guard.signed_in
def gaps_as_csv() -> ResponseReturnValue:
    """The same as a table for a spreadsheet."""
    unit = work()
    out = io.StringIO()
    lines = csv.writer(out)
    lines.writerow(COLUMNS)
    for gap in _asked(unit, after=None, limit=CSV_MOST):
        told = GAP.dump(_gap(unit, gap, unit.clock()))
        lines.writerow([_plain(told[name]) for name in COLUMNS])
    return Response(out.getvalue(), mimetype="text/csv")


@blueprint.post("/gaps/explain")
@guard.signed_in
def explain() -> ResponseReturnValue:
    """Answer a gap with a reason; what is overdue is silenced until a time."""
    return _written(corrections.explain(work(), body_as(EXPLANATION)))


@blueprint.post("/scans/<uuid:scan>/undo")
@guard.signed_in
def undo_scan(scan: UUID) -> ResponseReturnValue:
    """Take back everything a scan wrote."""
    return _written(corrections.undo_scan(work(), scan, body_as(UNDO)))


@blueprint.post("/corrections")
@guard.signed_in
def correct() -> ResponseReturnValue:
    """Say that an entry is wrong, and what it should have said."""
    return _written(corrections.correct(work(), body_as(CORRECTION)))


@blueprint.post("/subjects/<code>/identification")
@guard.signed_in
def identify(code: str) -> ResponseReturnValue:
    """Say which one a thing is that was found without a readable label."""
    return _written(identifying.identify(work(), code, body_as(IDENTIFICATION)))


@blueprint.post("/late-entries")
@guard.signed_in
def add_late() -> ResponseReturnValue:
    """Write down what happened earlier and nobody wrote down then."""
    return _written(corrections.add_late(work(), body_as(LATE_ENTRY)))


def _asked(unit: Work, *, after: Sequence[str | int] | None, limit: int) -> list[GapSeen]:
    state = request.args.get("state", STATES[0])
    if state not in (*STATES, ALL):
        words = str(gettext(N_("This must be one of: %(allowed)s")))
        raise DoesNotFit(
            Fault(path="state", message=words % {"allowed": ", ".join((*STATES, ALL))})
        )
    return subjects.gaps(
        unit,
        state=None if state == ALL else state,
        site=_text("site"),
        rule=_text("rule"),
        after=after,
        limit=limit,
    )


def _text(name: str) -> str | None:
    """A short word in the address; anything else is none that a row could hold."""
    given = request.args.get(name)
    return given[:16].replace("\0", "?") if given else None


def _written(written: Written) -> Response:
    unit = work()
    told = {
        "entries": [str(entry.entry_id) for entry in written.entries],
        "findings": [finding(unit, gap.rule, now=unit.clock()) for gap in written.findings],
        "replayed": written.replayed,
    }
    return answer(WRITTEN, told, status=200 if written.replayed else 201)


def _standing(standing: Standing) -> dict[str, object]:
    return {
        "code": standing.subject.code,
        "kind": standing.subject.sort,
        "origin": standing.subject.origin,
        "phase": standing.phase,
        "holder": standing.holder,
        "site": standing.site,
        "place": standing.place.code if standing.place else None,
        "position": standing.position,
        "within": standing.within.code if standing.within else None,
        "path": [around.code for around in standing.path],
        "since": standing.since,
        "seen": standing.seen,
        "last_seen": str(standing.last_seen) if standing.last_seen else None,
        "last_seen_at": standing.last_seen_at,
    }


def _story(unit: Work, told: Story) -> dict[str, object]:
    now, language = unit.clock(), unit.actor.language
    about, labels = told.standing.subject, label_entries(told.timeline.history)
    return {
        "subject": _standing(told.standing),
        "lines": [_line(unit, told, line) for line in told.timeline.lines],
        "labels": [_label(unit, entry) for entry in labels],
        "prints": prints_of(labels),
        "gaps": [_gap(unit, GapSeen(gap=gap, subject=about), now) for gap in told.timeline.gaps],
        "expected": [
            {"rule": rule, "title": rule_words(unit, rule, now=now).title(language), "due_at": at}
            for rule, at in told.timeline.expected
        ],
        "entries": told.entries,
        "head": told.head.hex(),
    }


def _line(unit: Work, told: Story, line: Line) -> dict[str, object]:
    entry = line.entry

    def code(id_: int | None) -> str | None:
        return told.named[id_].code if id_ is not None and id_ in told.named else None

    return {
        "entry": str(entry.entry_id),
        "kind": entry.kind,
        "title": kind_words(unit, entry.kind),
        "of": code(entry.subject),
        "seen": line.own,
        "occurred_at": entry.occurred_at,
        "recorded_at": entry.recorded_at,
        "uncertainty_ms": entry.uncertainty_ms,
        "source": entry.source,
        "target": entry.target,
        "evidence": entry.evidence,
        "actor": entry.actor,
        "station": entry.station,
        "site": entry.site,
        "inside": code(entry.inside),
        "place": code(entry.place),
        "position": entry.position,
        "package": code(entry.package),
        "mode": entry.mode,
        "corrects": str(entry.corrects) if entry.corrects else None,
        "facts": dict(entry.facts) if line.own else {},
        "holder": line.after.holder,
    }


def _label(unit: Work, entry: Entry) -> dict[str, object]:
    return {
        "entry": str(entry.entry_id),
        "kind": entry.kind,
        "title": label_words(unit, entry),
        "occurred_at": entry.occurred_at,
        "recorded_at": entry.recorded_at,
        "actor": entry.actor,
        "station": entry.station,
        "site": entry.site,
        "mode": entry.mode,
        "facts": dict(entry.facts),
    }


def _gap(unit: Work, seen: GapSeen, now: datetime) -> dict[str, object]:
    gap, words, language = seen.gap, rule_words(unit, seen.gap.rule, now=now), unit.actor.language
    return {
        "rule": gap.rule,
        "title": words.title(language),
        "action": words.action(language),
        "subject": seen.subject.code,
        "kind": seen.subject.sort,
        "entry": str(gap.entry_id),
        "at": gap.at,
        "site": gap.site,
        "priority": gap.priority,
        "state": state_of(gap),
        "silent_until": gap.silent_until,
        "raised_at": gap.raised_at,
        "cured_at": gap.cured_at,
    }


def _plain(value: object) -> object:
    """A cell that no spreadsheet takes for a formula."""
    risky = isinstance(value, str) and value[:1] in "=+-@\t\r"
    return f"'{value}" if risky else value
