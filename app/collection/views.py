"""The pages of the collection bench: today's orders, and a kit being drawn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_datetime, gettext, to_user_timezone

from app.accounts.capture import capture_token_here
from app.accounts.queries import stations_at
from app.accounts.rights import ANY, demand, demand_somewhere, may, sites_where
from app.collection import queries
from app.collection.models import Order
from app.collection.ordering import consents_wanted
from app.collection.queries import TubeSeen
from app.custody.ledger import Sort, Subject
from app.custody.queries import subjects
from app.kernel.work import Work
from app.participants.queries import consent_at
from app.web import guard
from app.web.work import work

blueprint = Blueprint("collection", __name__)

SHOWN_MOST = 200
DAY = timedelta(days=1)
CAPS = {
    "gold": "gold",
    "red": "gold",
    "light green": "mint",
    "green": "green",
    "lavender": "lavender",
    "light blue": "blue",
    "blue": "blue",
    "yellow": "yellow",
    "white": "white",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """An order as a line of the list."""

    href: str
    participant: str
    protocol: str
    at: datetime
    done: int
    all: int
    state_words: str
    tone: str
    sign: str
    kit: str | None
    open: str | None


@blueprint.get("/collect")
@guard.signed_in
def home() -> ResponseReturnValue:
    """Today's orders at the sites you may read, and the form for the next."""
    unit = work()
    demand_somewhere(unit, "subject.read")
    sites = sites_where(unit.actor, "subject.read")
    found = queries.orders(
        unit.session,
        sites=None if ANY in sites else sorted(sites),
        since=unit.clock() - DAY,
        after=None,
        limit=SHOWN_MOST,
    )
    language = unit.actor.language
    active = [p for p in unit.catalogue.protocols.values() if p.status != "retired"]
    kinds = unit.catalogue.reasons["identifier_kind"].items.values()
    return render_template(
        "collection/home.html",
        orders=_rows(unit, found),
        protocols=[(p.id, p.name.said(language)) for p in active],
        kinds=[(kind.code, kind.words.said(language)) for kind in kinds],
        may={"place": may(unit.actor, "order.place", site=unit.actor.site or ANY)},
        participant=_card(unit),
    )


def _card(unit: Work) -> str:
    """The participant whose card was scanned on this page, if it is one's."""
    asked = queries.named(unit.session, request.args.get("participant", ""))
    return asked.code if asked is not None and asked.sort is Sort.PARTICIPANT else ""


@blueprint.get("/collect/find")
@guard.signed_in
def find() -> ResponseReturnValue:
    """Where a scan on the list leads: a card into the form, a kit or its tube to the kit's page."""
    unit, text = work(), request.args.get("q", "")
    demand_somewhere(unit, "subject.read")
    subject = queries.named(unit.session, text)
    if subject is not None and subject.sort is Sort.PARTICIPANT:
        return redirect(url_for("collection.home", participant=subject.code), code=303)
    kit = None if subject is None else subject.kit or subject.id
    order = None if kit is None else queries.order_of_kit(unit.session, kit)
    if order is not None:
        return redirect(url_for("collection.kit", order=order.id), code=303)
    return redirect("/find?" + urlencode({"q": text}), code=303)


def _rows(unit: Work, orders: Sequence[Order]) -> list[Row]:
    codes = queries.codes_of(unit.session, orders)
    counts = queries.counts(unit.session, orders)
    return [_row(unit, order, codes=codes, counted=counts[order.id]) for order in orders]


def _row(unit: Work, order: Order, *, codes: Mapping[int, str], counted: tuple[int, int]) -> Row:
    done = order.done_at is not None
    opens = order.kit is None and may(unit.actor, "kit.open", site=order.site)
    return Row(
        href=f"/collect/{order.id}",
        participant=codes[order.participant],
        protocol=unit.catalogue.protocols[order.protocol].name.said(unit.actor.language),
        at=order.placed_at,
        done=counted[0],
        all=counted[1],
        state_words=gettext("Done") if done else gettext("Being drawn"),
        tone="ok" if done else "act",
        sign="check" if done else "draw",
        kit=codes[order.kit] if order.kit is not None else None,
        open=f"/api/v1/orders/{order.id}/kit" if opens else None,
    )


@blueprint.get("/collect/<uuid:order>")
@guard.signed_in
def kit(order: UUID) -> ResponseReturnValue:
    """The kit of an order, tube by tube in order of draw."""
    unit = work()
    found = queries.order_of(unit.session, order)
    demand(unit, "subject.read", site=found.site, programme=found.programme)
    if found.kit is None:
        return _unopened(unit, found)
    known = subjects(unit.session, [found.participant, found.kit])
    participant = known[found.participant]
    return render_template(
        "collection/kit.html",
        page={
            "order": str(found.id),
            "kit": known[found.kit].code,
            "participant": participant.code,
            "participant_code": participant.code,
            "tubes": [_tube(unit, seen) for seen in queries.progress(unit, found)],
            "finished": found.done_at is not None,
            "made_at": unit.clock().isoformat(),
            "capture_token": capture_token_here(),
            "device": None,
            "language": unit.actor.language,
        },
        kit={
            "protocol": unit.catalogue.protocols[found.protocol].name.said(unit.actor.language),
            "consent": _consent(unit, participant),
            "last_collection": None,
        },
        reasons=_reasons(unit),
        stations=_stations(unit, found),
    )


def _stations(unit: Work, order: Order) -> list[tuple[str, str]]:
    """Whose scanners may draw for this order: those of its site, where the person may."""
    draws = may(unit.actor, "scan.collect", site=order.site, programme=order.programme)
    return stations_at(unit, order.site) if draws else []


def _unopened(unit: Work, order: Order) -> ResponseReturnValue:
    """An order whose kit is yet to be opened: itself alone, as on the list."""
    return render_template(
        "collection/home.html",
        orders=_rows(unit, [order]),
        protocols=[],
        kinds=[],
        may={"place": False},
        participant="",
    )


def _consent(unit: Work, participant: Subject) -> dict[str, str]:
    state = consent_at(unit.session, participant, moment=unit.clock())
    if state.active(consents_wanted(unit)):
        return {"words": gettext("Active"), "tone": "ok"}
    return {"words": gettext("Not active. Do not draw"), "tone": "stop"}


def _reasons(unit: Work) -> list[dict[str, object]]:
    """Why a tube was not drawn: what the page offers."""
    return [
        {
            "code": reason.code,
            "label": reason.words.said(unit.actor.language),
            "comment_required": reason.comment_required,
        }
        for reason in unit.catalogue.reasons["not_collected"].items.values()
    ]


def _tube(unit: Work, seen: TubeSeen) -> dict[str, object]:
    kind = unit.catalogue.tubes.types[seen.type]
    drawn = to_user_timezone(seen.drawn_at) if seen.drawn_at else None
    return {
        "code": seen.tube.code,
        "type": seen.type,
        "name": kind.name.said(unit.actor.language),
        "cap": kind.cap.said(unit.actor.language),
        "cap_class": CAPS.get(kind.colours[0].name.en if kind.colours else "", "white"),
        "volume_ml": kind.nominal_ml,
        "position": seen.position,
        "state": seen.state,
        "at": format_datetime(drawn, "HH:mm:ss") if drawn else "",
        "art": "cup" if kind.specimen_drawn == "urine" else "draw",
    }
