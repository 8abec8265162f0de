"""Identity: is this the tube, and the participant, that the label says?"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from app.custody import parties
from app.custody.gaps.objection import Objection, at_once
from app.custody.history import History
from app.custody.ledger import Entry, Json, Kind, Mode, Origin
from app.kernel.limits import Limits, LimitsInForce


def duplicate_barcode(
    history: History, limits: LimitsInForce, now: datetime
) -> Iterator[Objection]:
    """G01: one label was read at the chair for two draws, and none was void between. ISO 20387 7.5.

    Objects to the draw by which the second is known. What the same person says again of the same
    order is no second tube.
    """
    draws = {
        line.entry.entry_id.command: line.entry
        for line in history.own
        if line.entry.kind is Kind.COLLECTED
    }
    bound: list[Entry] = []
    for entry in history.bookkeeping:
        if entry.kind is Kind.LABEL_VOIDED:
            bound = []
        if entry.kind is not Kind.TUBE_COMMISSIONED or any(_alike(entry, e) for e in bound):
            continue
        bound.append(entry)
        if len(bound) > limits.at(entry.occurred_at).number("G01", "bindings_max"):
            yield at_once(draws.get(entry.entry_id.command, entry), "P1")


def _alike(one: Entry, other: Entry) -> bool:
    return one.actor is not None and (one.actor, one.order) == (other.actor, other.order)


def unknown_id(history: History, limits: LimitsInForce, now: datetime) -> Iterator[Objection]:
    """G02: it was read, and nobody ever issued it. ISO 20387 7.5."""
    if history.subject.origin is not Origin.FOUND:
        return
    for line in history.lines:
        if line.seen:
            yield at_once(line.entry, "P2")
            return


def wrong_participant(
    history: History, limits: LimitsInForce, now: datetime
) -> Iterator[Objection]:
    """G08: drawn from another participant than the label's, or bound a second time otherwise."""
    bindings = [entry for entry in history.bookkeeping if entry.kind is Kind.BOUND]
    for binding in bindings[1:]:
        if any(binding.facts.get(k) != bindings[0].facts.get(k) for k in ("participant", "order")):
            yield at_once(binding, "P1")
    code = history.participant_code
    if code is None and bindings:
        code = str(bindings[0].facts.get("participant"))
    if code is None:
        return
    for line in history.own:
        drawn = line.entry.kind is Kind.COLLECTED
        if drawn and line.entry.source != parties.participant(code):
            yield at_once(line.entry, "P1")


_ON_PAPER = frozenset({"printed", "handed over", "unknown"})


def reprint_without_void(
    history: History, limits: LimitsInForce, now: datetime
) -> Iterator[Objection]:
    """G04: a label of a later generation exists, and one before it is not void. CAP .03100."""
    void = {
        entry.facts.get("generation")
        for entry in history.bookkeeping
        if entry.kind is Kind.LABEL_VOIDED
    }
    live: dict[int, Entry] = {}  # the first entry of each generation that is not void
    for entry in history.bookkeeping:
        generation = entry.facts.get("generation")
        printed = entry.kind is Kind.LABEL_PRINTED and entry.facts.get("status") in _ON_PAPER
        if printed and isinstance(generation, int) and generation not in void:
            live.setdefault(generation, entry)
    for generation in sorted(live)[1:]:
        yield at_once(live[generation], "P2")


def identity_not_confirmed(
    history: History, limits: LimitsInForce, now: datetime
) -> Iterator[Objection]:
    """G07: drawn before two identifiers said from whom, or far from where its label was read.

    CLSI GP41. A draw that was told by hand, of a tube whose label nobody read, is one too.
    """
    labels = [entry for entry in history.bookkeeping if entry.kind is Kind.TUBE_COMMISSIONED]
    for line in history.own:
        draw = line.entry
        if draw.kind is not Kind.COLLECTED:
            continue
        then = limits.at(draw.occurred_at)
        if not (_asked_who(history, draw, then) and _label_read(labels, draw, then)):
            yield at_once(draw, "P2")


def _asked_who(history: History, draw: Entry, limits: Limits) -> bool:
    """Whether identifiers enough were asked for, for the order of a draw and before it."""
    if draw.order is None:
        return True
    wanted = limits.number("G07", "identifiers_min")
    return any(
        len(_listed(entry.facts.get("identifiers"))) >= wanted
        for entry in history.participant
        if entry.kind is Kind.IDENTITY_CONFIRMED
        and entry.order == draw.order
        and entry.occurred_at <= draw.occurred_at + entry.uncertainty + draw.uncertainty
    )


def _listed(said: Json) -> frozenset[str]:
    return frozenset(str(each) for each in said) if isinstance(said, list) else frozenset()


def _label_read(labels: Sequence[Entry], draw: Entry, limits: Limits) -> bool:
    """Whether the label was read where the tube was drawn, and about then."""
    if not labels:
        return draw.mode is not Mode.MANUAL
    within = limits.span("G07", "label_to_draw_minutes_max")
    return any(
        abs(label.occurred_at - draw.occurred_at) <= within + label.uncertainty + draw.uncertainty
        and label.station == draw.station
        for label in labels
    )
