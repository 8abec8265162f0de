"""Handling: was the tube spun when its maker says it must be?"""

from collections.abc import Iterator
from datetime import datetime

from app.custody.gaps.objection import Objection, at_once, overdue
from app.custody.history import History
from app.custody.ledger import Entry, Kind
from app.custody.steps import ENDED, Phase, Spin
from app.kernel.limits import LimitsInForce


def _of_kind(history: History, kind: Kind) -> Entry | None:
    return next((line.entry for line in history.own if line.entry.kind is kind), None)


def spun_early(history: History, limits: LimitsInForce, now: datetime) -> Iterator[Objection]:
    """G22: a serum tube spun before it had clotted. Tube maker's instructions."""
    drawn, started = _of_kind(history, Kind.COLLECTED), _of_kind(history, Kind.SPIN_STARTED)
    if not history.subject.facts.get("clots") or drawn is None or started is None:
        return
    clot = limits.at(started.occurred_at).span("G22", "clot_minutes_min")
    if drawn.occurred_at <= started.occurred_at < drawn.occurred_at + clot:
        yield at_once(started, "P3", cause=drawn.entry_id, cause_subject=history.subject.id)


def spun_late(history: History, limits: LimitsInForce, now: datetime) -> Iterator[Objection]:
    """G23: a gel tube spun late, never spun, or never taken out of the centrifuge. GP44."""
    drawn, started = _of_kind(history, Kind.COLLECTED), _of_kind(history, Kind.SPIN_STARTED)
    stand = history.stand
    if not history.subject.facts.get("spin") or drawn is None:
        return
    here = limits.at(drawn.occurred_at)
    warn, alarm = here.span("G23", "spin_warn_minutes"), here.span("G23", "spin_alarm_minutes")
    if started is not None and started.occurred_at - drawn.occurred_at > warn:
        grave = started.occurred_at - drawn.occurred_at > alarm
        yield at_once(
            started,
            "P2" if grave else "P3",
            cause=drawn.entry_id,
            cause_subject=history.subject.id,
        )
    elif stand.phase in ENDED | {Phase.LOST}:
        return
    elif stand.spin is Spin.NEVER:
        yield overdue(drawn, (warn, "P3"), (alarm, "P2"))
    elif stand.spin is Spin.SPINNING and started is not None:
        yield overdue(started, (warn, "P3"), (alarm, "P2"))
