"""The demo's scanner and printers: a page whose buttons scan codes into another tab, and on which
the printed labels lie. Nowhere but in a demo.
"""

import base64
import io
import json
from collections.abc import Mapping
from datetime import timedelta

from flask import Blueprint, jsonify, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.accounts.rights import ANY, demand_somewhere, sites_where
from app.collection.queries import orders, tubes_of
from app.custody.queries import contents, subject_of, subjects
from app.kernel.errors import Missing
from app.kernel.work import Work
from app.shipping.queries import packages
from app.web import guard
from app.web.catalogue import N_
from app.web.door import door
from app.web.work import work
from hardware.control import Remote
from labels.code import COMMAND_CARDS
from labels.zpl_reader import code_of, picture

blueprint = Blueprint("simulation", __name__)

KITS_MOST, PACKAGES_MOST, TRAY_MOST = 5, 10, 12
COMMANDS: Mapping[str, str] = {
    "end_roll": N_("End the roll"),
    "refill": N_("Put in a new roll"),
    "open_head": N_("Open the lid"),
    "close_head": N_("Close the lid"),
    "unplug": N_("Unplug it"),
    "plug": N_("Plug it in"),
}
DAY = timedelta(days=1)
Group = dict[str, object]


class NoDemo(Missing):
    """The page of the demo, asked for in earnest."""

    message = "There is a virtual scanner in a demo alone"
    advice = "Use a scanner"


class NoSuchPrinter(Missing):
    """No simulated printer, or nothing that can be done to one."""

    message = "There is no such printer in this demo, or it has been switched off"
    advice = "Look whether the demo still runs"


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
        "virtual_scanner.html",
        groups=[*_kits(unit, sites), _packages(unit, sites), _cards()],
        printers=[_printer(*each) for each in sorted(_printers().items())],
    )


@blueprint.post("/api/v1/demo/printers/<station>/<command>")
@guard.signed_in
def command(station: str, command: str) -> ResponseReturnValue:
    """Do something to a simulated printer of the demo, as somebody would who stands before it."""
    if not door().demo:
        raise NoDemo
    demand_somewhere(work(), "subject.read")
    control = _printers().get(station)
    if control is None or command not in COMMANDS:
        raise NoSuchPrinter
    try:
        Remote(control).ask(command)
    except (OSError, ValueError) as error:
        raise NoSuchPrinter from error
    return jsonify(done=command)


def _printers() -> dict[str, str]:
    """The demo's printers: station to the address that takes their commands."""
    told = door().devices
    if told is None or not told.exists():
        return {}
    return {str(k): str(v) for k, v in json.loads(told.read_text(encoding="utf-8")).items()}


def _printer(station: str, control: str) -> Group:
    """One printer with what lies in its tray, the last first; one that is away has nothing."""
    try:
        told = Remote(control).ask("tray")["labels"]
    except (OSError, ValueError):
        told = []
    tray = list(told)[-TRAY_MOST:] if isinstance(told, list) else []
    return {
        "station": station,
        "commands": [(name, gettext(words)) for name, words in COMMANDS.items()],
        "labels": [_paper(each) for each in reversed(tray)],
    }


def _paper(out: Mapping[str, object]) -> dict[str, object]:
    """One piece of paper as a picture; of a torn one only the upper half is there."""
    content, whole = str(out["content"]), out["whole"] is True
    drawn = picture(content)
    shown = drawn if whole else drawn.crop((0, 0, drawn.width, drawn.height // 2))
    file = io.BytesIO()
    shown.save(file, "PNG")
    return {
        "code": code_of(content) if whole else None,
        "picture": base64.b64encode(file.getvalue()).decode("ascii"),
        "width": shown.width,
        "height": shown.height,
    }


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
