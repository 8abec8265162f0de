"""The page of a kit's labels: have them printed, see what became of each, say what you found."""

from collections.abc import Mapping
from uuid import UUID

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.accounts.queries import stations_at
from app.accounts.rights import demand, may
from app.collection.labels import TEMPLATE
from app.collection.models import Order
from app.collection.queries import order_of, tubes_of
from app.custody.queries import subjects
from app.kernel.work import Work
from app.printing.models import NOT_KNOWN, LabelState
from app.printing.queries import JobSeen, LabelSeen, jobs_of
from app.web import guard
from app.web.catalogue import N_
from app.web.device_words import reason_words
from app.web.work import work
from labels import stock, template

blueprint = Blueprint("printing", __name__)

LIVE_SECONDS = 2
_WORDS: Mapping[str, tuple[str, str, str]] = {
    LabelState.WAITING: (N_("Waiting"), "quiet", "wait"),
    LabelState.SENT: (N_("Being printed"), "act", "wait"),
    LabelState.PRINTED: (N_("Printed"), "ok", "check"),
    LabelState.HANDED_OVER: (N_("Handed to the printer"), "warn", "high"),
    LabelState.UNKNOWN: (N_("Unknown: is it in your hand?"), "warn", "high"),
    LabelState.REFUSED: (N_("Not printed"), "stop", "cross"),
    LabelState.VOID: (N_("Not there; another was asked for"), "quiet", "cross"),
}
_SCANNED = (N_("Printed: it was scanned"), "ok", "check")


@blueprint.get("/collect/<uuid:order>/labels")
@guard.signed_in
def labels(order: UUID) -> ResponseReturnValue:
    """The labels of an order's kit: where to print them, and what became of each."""
    unit = work()
    found = order_of(unit.session, order)
    demand(unit, "subject.read", site=found.site, programme=found.programme)
    kit = subjects(unit.session, [found.kit])[found.kit].code if found.kit else None
    prints = may(unit.actor, "labels.print", site=found.site, programme=found.programme)
    return render_template(
        "printing/kit.html",
        order=str(found.id),
        kit=kit,
        may=prints and kit is not None,
        command=str(unit.ids()),
        stations=stations_at(unit, found.site),
        stocks=_stocks(unit),
        tubes=_tubes(unit, found),
        jobs=[_job(unit, seen, prints) for seen in jobs_of(unit.session, found.id)],
        live=LIVE_SECONDS,
    )


def _tubes(unit: Work, order: Order) -> list[tuple[str, str]]:
    """The tubes of the kit, in order of draw: code and kind."""
    types = unit.catalogue.tubes.types
    return [
        (tube.code, types[str(tube.facts["tube_type"])].name.said(unit.actor.language))
        for tube in (tubes_of(unit.session, order) if order.kit else ())
    ]


def _stocks(unit: Work) -> list[tuple[str, str]]:
    """The rolls that a tube's label fits, the usual one first."""
    kind = template.load(TEMPLATE)
    rolls = [one for one in map(stock.load, stock.names()) if one.per_page == 1]
    fitting = [
        one
        for one in rolls
        if one.label_width_mm >= kind.width_mm and one.label_height_mm >= kind.height_mm
    ]
    fitting.sort(key=lambda one: one.label_width_mm * one.label_height_mm)
    spanish = unit.actor.language == "es"
    return [(one.id, one.name_es if spanish else one.name_en) for one in fitting]


def _job(unit: Work, seen: JobSeen, prints: bool) -> dict[str, object]:
    return {
        "id": str(seen.job.id),
        "station": seen.job.station,
        "at": seen.job.requested_at,
        "labels": [_label(unit, each, prints) for each in seen.labels],
    }


def _label(unit: Work, label: LabelSeen, prints: bool) -> dict[str, object]:
    words, tone, sign = _SCANNED if label.scanned else _WORDS[label.state]
    asked = label.state in NOT_KNOWN
    return {
        "code": label.code,
        "number": label.number,
        "generation": label.generation,
        "words": gettext(words),
        "tone": tone,
        "sign": sign,
        "why": reason_words(label.reasons),
        "command": str(unit.ids()) if asked and prints else None,
    }
