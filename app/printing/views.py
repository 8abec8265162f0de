"""The pages of labels, a kit's and those of other things: print, see what came of it, say so."""

from collections.abc import Collection, Iterable, Mapping
from uuid import UUID

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.accounts.queries import stations_at, stations_for
from app.accounts.rights import demand, demand_somewhere, may, sites_where
from app.collection.labels import TEMPLATE
from app.collection.models import Order
from app.collection.queries import order_of, tubes_of
from app.custody.queries import subjects
from app.kernel.work import Work
from app.printing.laying import rolls, rolls_for
from app.printing.models import NOT_KNOWN, OPEN, LabelState
from app.printing.queries import JobSeen, LabelSeen, jobs_of, jobs_of_things
from app.web import guard
from app.web.catalogue import N_
from app.web.device_words import reason_words
from app.web.work import work
from labels import template
from labels.cards import command_cards
from labels.stock import Stock

blueprint = Blueprint("printing", __name__)

LIVE_SECONDS = 2
JOBS_SHOWN = 10
CODES_ASKED = 100  # of an address that names what to print
_WORDS: Mapping[str, tuple[str, str, str]] = {
    LabelState.WAITING: (N_("Waiting"), "quiet", "wait"),
    LabelState.SENT: (N_("Being printed"), "act", "wait"),
    LabelState.PRINTED: (N_("Printed"), "ok", "check"),
    LabelState.HANDED_OVER: (N_("Handed to the printer"), "warn", "high"),
    LabelState.UNKNOWN: (N_("Unknown: is it in your hand?"), "warn", "high"),
    LabelState.REFUSED: (N_("Not printed"), "stop", "cross"),
    LabelState.VOID: (N_("Void"), "quiet", "cross"),
}
# Of one thing, where its usual label is not the one that is wanted.
_KINDS = (
    ("aliquot", N_("Around a cryovial")),
    ("vial", N_("Around a small vial")),
    ("cup", N_("On a cup")),
)
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
        stocks=_named(unit, rolls_for(template.load(TEMPLATE))),
        tubes=_tubes(unit, found),
        jobs=[_job(unit, seen, prints) for seen in jobs_of(unit.session, found.id)],
        live=LIVE_SECONDS,
    )


@blueprint.get("/labels")
@guard.signed_in
def labels_of_things() -> ResponseReturnValue:
    """Labels of boxes, places, packages and stations, and command cards: what and where to print.

    `code` in the address, as often as there are things, fills the list; `cards=all` chooses all.
    """
    unit = work()
    demand_somewhere(unit, "labels.print")
    sites = sites_where(unit.actor, "labels.print")
    stations = stations_for(unit, sites)
    here = {site for _, _, site in stations}
    codes = request.args.getlist("code")[:CODES_ASKED]
    return render_template(
        "printing/things.html",
        codes=[code for code in codes if not code.startswith("CM")],
        command=str(unit.ids()),
        stations=[(code, title) for code, title, _ in stations],
        stocks=_named(unit, rolls()),
        kinds=[(name, gettext(words)) for name, words in _KINDS],
        cards=_cards(unit, codes, everyone=request.args.get("cards") == "all"),
        jobs=[_job(unit, one, True) for one in jobs_of_things(unit.session, here, most=JOBS_SHOWN)],
        live=LIVE_SECONDS,
    )


def _cards(unit: Work, codes: Collection[str], *, everyone: bool) -> list[tuple[str, str, bool]]:
    """The command cards: code, word, and whether it is chosen."""
    said = unit.actor.language == "es"
    return [
        (card.code, card.lines[said], everyone or card.code in codes) for card in command_cards()
    ]


def _tubes(unit: Work, order: Order) -> list[tuple[str, str]]:
    """The tubes of the kit, in order of draw: code and kind."""
    types = unit.catalogue.tubes.types
    return [
        (tube.code, types[str(tube.facts["tube_type"])].name.said(unit.actor.language))
        for tube in (tubes_of(unit.session, order) if order.kit else ())
    ]


def _named(unit: Work, stocks: Iterable[Stock]) -> list[tuple[str, str]]:
    spanish = unit.actor.language == "es"
    return [(one.id, one.name_es if spanish else one.name_en) for one in stocks]


def _job(unit: Work, seen: JobSeen, prints: bool) -> dict[str, object]:
    return {
        "id": str(seen.job.id),
        "station": seen.job.station,
        "at": seen.job.requested_at,
        "goes_on": prints and any(label.state in OPEN for label in seen.labels),
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
