"""Overdue: the step that must follow has not. Dated at the deadline, not at the noticing."""

from collections.abc import Callable, Iterator
from datetime import datetime

from app.custody.gaps.objection import Objection, ended_before, overdue
from app.custody.history import History, Line, Stand
from app.custody.ledger import Kind, Sort
from app.custody.steps import Phase
from app.kernel.limits import LimitsInForce

_BEFORE_RELEASE = frozenset({Phase.NONE, Phase.LOADED, Phase.PACKED, Phase.SEALED})


def _last(history: History, wanted: Callable[[Line], bool]) -> Line | None:
    return next((line for line in reversed(history.lines) if wanted(line)), None)


def _frozen(history: History) -> bool:
    released = _last(history, lambda line: line.entry.kind is Kind.RELEASED)
    told = released.entry.facts.get("frozen") if released else None
    return bool(told or history.subject.facts.get("frozen"))


def finalise(history: History, limits: LimitsInForce, now: datetime) -> Iterator[Objection]:
    """G28: collected, or taken out of its box, and not packed; or left out when the kit closed."""
    stand = history.stand
    if stand.phase is Phase.COLLECTED and stand.within is None:
        loose = _last(
            history,
            lambda line: (
                line.after.phase is Phase.COLLECTED
                and (line.before.phase is not Phase.COLLECTED or line.before.within is not None)
            ),
        )
        if loose is not None:
            age = limits.at(loose.entry.occurred_at).span("G28", "pack_hours_max")
            yield overdue(loose.entry, (age, "P3"))
    if stand.phase is Phase.NONE and not history.own:
        for done in history.kit:
            if done.kind is Kind.ORDER_DONE:
                age = limits.at(done.occurred_at).span("G28", "pack_hours_max")
                yield overdue(done, (age, "P3"))
                return


def dispatch(history: History, limits: LimitsInForce, now: datetime) -> Iterator[Objection]:
    """G29: something is in it and it has not been released, counted from the first thing put in."""
    stand, content = history.stand, history.first_content
    if content is None or stand.within is not None or stand.phase not in _BEFORE_RELEASE:
        return
    here = limits.at(content.since)
    steps = (
        (content.since + here.span("G29", "dispatch_hours_max"), "P3"),
        (content.since + here.span("G29", "dispatch_p2_hours"), "P2"),
    )
    yield Objection(content.entry_id, steps, site=stand.site)


def delivery(history: History, limits: LimitsInForce, now: datetime) -> Iterator[Objection]:
    """G31: on the road beyond the expected time of arrival, or longer than any lane takes."""
    if _come_as_far_as(history) is not Phase.IN_TRANSIT:
        return
    released = _last(history, lambda line: line.own and line.entry.kind is Kind.RELEASED)
    if released is None:
        return
    entry = released.entry
    here = limits.at(entry.occurred_at)
    first = entry.occurred_at + here.span("G31", "transit_p3_hours")
    if isinstance(eta := entry.facts.get("eta"), str):
        first = min(first, datetime.fromisoformat(eta) + here.span("G31", "eta_grace_hours"))
    steps = (
        (first, "P3"),
        (entry.occurred_at + here.span("G31", "transit_p2_hours"), "P2"),
        (entry.occurred_at + here.span("G31", "transit_p1_days"), "P1"),
    )
    waits = Objection(entry.entry_id, tuple(sorted(steps)), entry, site=entry.site)
    yield ended_before(history, waits, Kind.DELIVERED, Kind.RECEIVED)


def check_in(history: History, limits: LimitsInForce, now: datetime) -> Iterator[Objection]:
    """G32: delivered to the dock and not opened."""
    delivered = _last(history, lambda line: line.own and line.entry.kind is Kind.DELIVERED)
    if delivered is None or _come_as_far_as(history) is not Phase.DELIVERED:
        return
    key = "check_in_frozen_hours_max" if _frozen(history) else "check_in_hours_max"
    age = limits.at(delivered.entry.occurred_at).span("G32", key)
    yield ended_before(history, overdue(delivered.entry, (age, "P2")), Kind.RECEIVED)


def _come_as_far_as(history: History) -> Phase:
    """The phase, where closing a receipt that never was does not count as a step."""
    if history.stand.phase is not Phase.CLOSED:
        return history.stand.phase
    closed = _last(history, lambda line: line.before.phase is not line.after.phase)
    return closed.before.phase if closed is not None else Phase.CLOSED


def put_away(history: History, limits: LimitsInForce, now: datetime) -> Iterator[Objection]:
    """G33: checked in, or arrived in a package, and neither stored nor quarantined."""
    stand, box = history.stand, history.subject.sort is Sort.BOX
    waiting = {Phase.CHECKED_IN, Phase.RECEIVED} if box else {Phase.CHECKED_IN}
    if stand.phase not in waiting:
        return
    arrived = _last(
        history,
        lambda line: (
            line.after.phase is stand.phase
            and (
                line.before.phase is not stand.phase
                or (line.before.within != line.after.within and not box)
            )
        ),
    )
    if arrived is None or not (box or stand.within is None or _out_of_its_package(stand, arrived)):
        return
    key = "put_away_frozen_minutes_max" if _frozen(history) else "put_away_hours_max"
    age = limits.at(arrived.entry.occurred_at).span("G33", key)
    waits = overdue(arrived.entry, (age, "P2"))
    yield ended_before(history, waits, Kind.STORED, Kind.QUARANTINED)


def _out_of_its_package(stand: Stand, arrived: Line) -> bool:
    """Checked in from the package it still counts as inside, with no box to wait with."""
    loose = stand.parcel and stand.within == stand.outermost
    return loose and arrived.entry.kind is Kind.CHECKED_IN


def one_sided(history: History, limits: LimitsInForce, now: datetime) -> Iterator[Objection]:
    """G35: handed over by hand, without a package, and nobody took it inside the lane's limit."""
    stand = history.stand
    if stand.phase is not Phase.IN_TRANSIT or stand.within is not None:
        return
    released = _last(history, lambda line: line.own and line.entry.kind is Kind.RELEASED)
    if released is None:
        return
    if isinstance(due := released.entry.facts.get("due_by"), str):
        at = datetime.fromisoformat(due)
    else:
        here = limits.at(released.entry.occurred_at)
        at = released.entry.occurred_at + here.span("G31", "transit_p3_hours")
    yield Objection(
        released.entry.entry_id, ((at, "P2"),), released.entry, site=released.entry.site
    )
