"""The story of a thing as its page shows it: what happened, its labels, its gaps, what is due."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, cast

from flask import Flask, current_app
from flask_babel import gettext

from app.custody.gap_queries import GapView
from app.custody.gaps.table import BY_CODE
from app.custody.history import Line
from app.custody.ledger import BOOKKEEPING, Entry, Kind, Subject
from app.kernel.work import Work
from app.scanning import subjects
from app.scanning.label_words import label_details, label_entries, label_words
from app.scanning.rules import rule_words
from app.scanning.subject_words import (
    STEPS,
    inside,
    kind_words,
    link,
    reason_words,
    short,
    step_words,
)
from app.scanning.subjects import Story
from app.web.party_words import party_words

Values = dict[str, Any]
Alarms = Mapping[tuple[str, str], tuple[str, str | None]]
AlarmsOf = Callable[[Work, int], Alarms]
"""By rule and entry of a thing's gaps: the address of the alarm, and who has it."""

_ALARMS = "alarms of gaps"


def show_alarms(app: Flask, alarms_of: AlarmsOf) -> None:
    """Let the page of a thing show whose its gaps are; alarms are another capability's."""
    app.extensions[_ALARMS] = alarms_of


def missed(told: Story) -> list[tuple[str, datetime]]:
    """The steps that did not come in time, and by when they should have."""
    open_gaps = [gap for gap in told.timeline.gaps if gap.cured_at is None]
    return [(gap.rule, gap.at) for gap in open_gaps if BY_CODE[gap.rule].ages and gap.rule in STEPS]


def awaited(told: Story) -> list[tuple[str, datetime]]:
    """The steps that are waited for; of one that is missed already, the wait only grows graver."""
    graver = {rule for rule, _ in missed(told)}
    return [(rule, at) for rule, at in told.timeline.expected if rule in STEPS.keys() - graver]


def timeline(unit: Work, told: Story, titles: Mapping[str, str]) -> Iterator[Values]:
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
    for rule, due in sorted(awaited(told), key=lambda pair: pair[1]):
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
        short(place) if place else "",
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
        "inside": inside(around, entry.position) if around else None,
        "seen": line.own,
        "through": None if line.own else link(told.named.get(entry.subject)),
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
