"""Identity: is this the tube, and the participant, that the label says?"""

from collections.abc import Iterator
from datetime import datetime

from app.custody import parties
from app.custody.gaps.objection import Objection, at_once
from app.custody.history import History
from app.custody.ledger import Entry, Kind, Origin
from app.kernel.limits import LimitsInForce


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
