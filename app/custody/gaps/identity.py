"""Identity: is this the tube, and the participant, that the label says?"""

from collections.abc import Iterator
from datetime import datetime

from app.custody import parties
from app.custody.gaps.objection import Objection, at_once
from app.custody.history import History
from app.custody.ledger import Kind, Origin
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
