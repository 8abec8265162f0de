"""The demo's scanner: a page whose buttons scan codes into another tab. Nowhere but in a demo."""

from datetime import timedelta

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.accounts.rights import ANY, demand_somewhere, sites_where
from app.collection.queries import orders, tubes_of
from app.custody.queries import contents, subject_of, subjects
from app.kernel.errors import Missing
from app.kernel.work import Work
from app.shipping.queries import packages
from app.web import guard
from app.web.door import door
from app.web.work import work
from labels.code import COMMAND_CARDS

blueprint = Blueprint("simulation", __name__)

KITS_MOST, PACKAGES_MOST = 5, 10
DAY = timedelta(days=1)
Group = dict[str, object]


class NoDemo(Missing):
    """The page of the demo, asked for in earnest."""

    message = "There is a virtual scanner in a demo alone"
    advice = "Use a scanner"


@blueprint.get("/virtual-scanner")
@guard.signed_in
def virtual_scanner() -> ResponseReturnValue:
    """Codes to scan into another tab: command cards, today's kits, packages on the road."""
    if not door().demo:
        raise NoDemo
    unit = work()
    demand_somewhere(unit, "subject.read")
    allowed = sites_where(unit.actor, "subject.read")
    sites = None if ANY in allowed else sorted(allowed)
    return render_template(
        "virtual_scanner.html", groups=[*_kits(unit, sites), _packages(unit, sites), _cards()]
    )


def _cards() -> Group:
    codes = [{"code": code, "words": word} for word, code in COMMAND_CARDS.items()]
    return {"title": gettext("Command cards"), "codes": codes}


def _kits(unit: Work, sites: list[str] | None) -> list[Group]:
    since = unit.clock() - DAY
    found = orders(unit.session, sites=sites, since=since, after=None, limit=KITS_MOST)
    groups: list[Group] = []
    for order in found:
        if order.kit is None:
            continue
        kit = subjects(unit.session, [order.kit])[order.kit]
        types = unit.catalogue.tubes.types
        codes = [{"code": kit.code, "words": gettext("Kit")}]
        codes += [
            {
                "code": tube.code,
                "words": types[str(tube.facts["tube_type"])].name.said(unit.actor.language),
            }
            for tube in tubes_of(unit.session, order)
        ]
        groups.append({"title": gettext("Kit %(code)s", code=kit.code), "codes": codes})
    return groups


def _packages(unit: Work, sites: list[str] | None) -> Group:
    found = packages(unit.session, sites=sites, state=None, after=None, limit=PACKAGES_MOST)
    codes: list[dict[str, str]] = []
    for package in found:
        subject = subject_of(unit.session, package.code)
        codes.append({"code": package.code, "words": gettext("Package")})
        if subject is not None:
            codes += [
                {"code": inside.subject.code, "words": gettext("Box")}
                for inside in contents(unit.session, subject.id)
            ]
    return {"title": gettext("Packages"), "codes": codes}
