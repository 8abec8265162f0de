"""The pages of the dock: what is coming or open, opening a package, and receiving it box by box."""

from collections.abc import Mapping

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.accounts.capture import capture_token_here
from app.accounts.queries import sites, stations_at
from app.accounts.rights import may
from app.custody import parties
from app.kernel.work import Work
from app.receiving import queries
from app.receiving.coming import coming
from app.receiving.queries import NotReceived, ReceiptSeen
from app.receiving.reconcile import Compared, Odd
from app.receiving.schemas import VERDICTS
from app.receiving.service import CONDITIONS
from app.shipping import queries as shipping
from app.shipping.hands import DOCK
from app.shipping.queries import PackageSeen
from app.storage.units import size_of
from app.web import guard
from app.web.catalogue import N_
from app.web.work import work

blueprint = Blueprint("receiving", __name__)

ODDITIES: Mapping[str, str] = {
    "missing": N_("Missing"),
    "extra": N_("Extra"),
    "extra_box": N_("Extra box"),
    "other_box": N_("Other box"),
    "other_place": N_("Other place"),
    "unlabelled": N_("No readable label"),
}


@blueprint.get("/receive")
@guard.signed_in
def home() -> ResponseReturnValue:
    """What is on its way to your sites, and what is being checked in there."""
    unit = work()
    return render_template("receiving/home.html", coming=coming(unit), opening=None)


@blueprint.get("/receive/<code>")
@guard.signed_in
def box_by_box(code: str) -> ResponseReturnValue:
    """A package box by box; before it was opened, the form to open it."""
    unit = work()
    try:
        seen = queries.receipt_for(unit, code)
    except NotReceived:
        package = shipping.package_for(unit, code)
        return render_template("receiving/home.html", coming=[], opening=_opening(unit, package))
    return render_template(
        "receiving/box.html",
        page={
            "package": seen.package.code,
            "boxes": _boxes(unit, seen),
            "made_at": unit.clock().isoformat(),
            "capture_token": capture_token_here(),
            "device": None,
            "language": unit.actor.language,
        },
        receipt={
            "sender": _title(unit, seen.sender) or gettext("unknown"),
            "courier": seen.courier,
            "temperature": _temperature(seen),
            "since": seen.received.occurred_at,
            "withheld": seen.withheld,
        },
        exceptions=[_exception(unit, odd) for odd in seen.compared.oddities],
        stations=_stations(unit, seen.received.site),
    )


def _stations(unit: Work, site: str | None) -> list[tuple[str, str]]:
    """Whose scanners may check this in: those where it was received, where the person may."""
    here = site is not None and may(unit.actor, "scan.check_in", site=site)
    return stations_at(unit, site) if site is not None and here else []


def _opening(unit: Work, package: PackageSeen) -> dict[str, object]:
    """What the form to open a package offers; who brought it, nobody chooses beforehand."""
    language, site = unit.actor.language, unit.actor.site or package.destination or ""
    conditions = unit.catalogue.reasons[CONDITIONS[1]].items.values()
    verdicts = unit.catalogue.reasons["seal_verdict"].items
    return {
        "code": package.code,
        "may": may(unit.actor, "package.receive", site=site),
        "sources": _sources(package, site),
        "evidence": [
            (code, reason.words.said(language))
            for code, reason in unit.catalogue.reasons["evidence"].items.items()
        ],
        "verdicts": [(code, verdicts[code].words.said(language)) for code in VERDICTS],
        "conditions": [(one.code, one.words.said(language)) for one in conditions],
    }


def _sources(package: PackageSeen, site: str) -> list[tuple[str, str]]:
    sources = [(parties.unit(site, DOCK), gettext("Our dock: it was delivered before"))]
    if package.courier:
        sources.append((parties.courier(package.courier), package.courier))
    return [*sources, ("unknown", gettext("It is not known who brought it"))]


def _title(unit: Work, site: str | None) -> str | None:
    return next((one.title for one in sites(unit) if one.code == site), site)


def _temperature(seen: ReceiptSeen) -> str | None:
    measured = seen.received.facts.get("temperature_c")
    return None if measured is None else f"{measured} °C"


def _boxes(unit: Work, seen: ReceiptSeen) -> list[dict[str, object]]:
    lines: dict[str, list[Compared]] = {}
    for line in seen.compared.lines:
        if line.box is not None:
            lines.setdefault(line.box, []).append(line)
    sizes = size_of(unit, lines)
    return [
        {
            "code": code,
            "rows": sizes[code][0],
            "columns": sizes[code][1],
            "state": "in" if code in seen.boxes_in else "due",
            "closed": seen.closed or code in seen.boxes_closed,
            "tubes": [
                {"code": line.code, "position": line.position or "", "state": line.state}
                for line in tubes
            ],
        }
        for code, tubes in lines.items()
    ]


def _exception(unit: Work, odd: Odd) -> dict[str, str]:
    return {
        "words": _odd_words(unit, odd.kind),
        "place": odd.place,
        "code": odd.code,
        "tone": "stop" if odd.kind == "missing" else "warn",
    }


def _odd_words(unit: Work, kind: str) -> str:
    if kind in ODDITIES:
        return str(gettext(ODDITIES[kind]))
    for name in CONDITIONS:
        reason = unit.catalogue.reasons[name].items.get(kind)
        if reason is not None:
            return reason.words.said(unit.actor.language)
    return kind
