"""Manifest: what was said to be inside, against what was; and boxes that disagree with tubes."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from app.custody.gaps.objection import (
    Objection,
    against_container,
    against_hands,
    arrived_before,
    at_once,
)
from app.custody.history import History, Line, Receipt
from app.custody.ledger import Kind
from app.custody.receipts import manifest_lines
from app.custody.steps import ENDED, ON_THE_WAY, Phase
from app.kernel.limits import LimitsInForce


def missing(history: History, limits: LimitsInForce, now: datetime) -> Iterator[Objection]:
    """G43: on the manifest, and not seen by the time the receipt closes."""
    if history.stand.phase in ENDED | {Phase.LOST}:
        return
    for receipt in history.receipts:
        listed = history.subject.id in receipt.lines
        if listed and receipt.received is not None and not _seen_at(history, receipt):
            yield Objection(
                receipt.received.entry_id,
                ((receipt.closes_at or now, "P2"),),
                receipt.received,
                receipt.received.entry_id,
                receipt.package,
                receipt.received.site,
            )


def _seen_at(history: History, receipt: Receipt) -> bool:
    received = receipt.received
    if received is None:
        return False
    return any(
        line.seen
        and (
            _claims(line, receipt, history.receipts)
            or (line.entry.site == received.site and line.entry.occurred_at >= received.occurred_at)
        )
        for line in history.lines
    )


def _claims(line: Line, receipt: Receipt, receipts: Sequence[Receipt]) -> bool:
    """Whether a line says it came out of the package at this receipt, of the several a shipper
    that goes to and fro may have: the last before the line, or the first where none is."""
    entry = line.entry
    if not line.own or entry.kind is not Kind.CHECKED_IN or entry.package != receipt.package:
        return False
    opened = [r for r in receipts if r.package == receipt.package and r.received is not None]
    before = [r for r in opened if r.received and r.received.occurred_at <= entry.occurred_at]
    return receipt in (before[-1:] or opened[:1])


def unexpected(history: History, limits: LimitsInForce, now: datetime) -> Iterator[Objection]:
    """G44: in the package and not on its frozen manifest: found out at release, or at check-in."""
    told: set[int] = set()
    lists = {r.released.entry_id: r.lines for r in history.receipts if r.released is not None}
    for line in history.lines:
        if line.own or line.entry.kind is not Kind.RELEASED:
            continue
        listed = lists.get(line.entry.entry_id)
        if listed is None:
            listed = manifest_lines(line.entry)
        if history.subject.id not in listed:
            told.add(line.entry.subject)
            yield at_once(
                line.entry, "P2", cause=line.entry.entry_id, cause_subject=line.entry.subject
            )
    for receipt in history.receipts:
        if receipt.received is None or receipt.released is None or receipt.package in told:
            continue
        extra = history.subject.id not in receipt.lines
        if extra and any(_claims(line, receipt, history.receipts) for line in history.lines):
            yield at_once(receipt.received, "P2", cause_subject=history.subject.id)


def aggregation_break(
    history: History, limits: LimitsInForce, now: datetime
) -> Iterator[Objection]:
    """G46: in two containers at once, inside itself, or seen beside a container that is closed."""
    for line in history.lines:
        if not line.seen:
            continue
        if line.ring or _in_two(line) or _beside_closed(line):
            yield arrived_before(history, against_hands(line, "P2"))
        elif _into_closed(line):
            yield against_container(line, "P2")


def _in_two(line: Line) -> bool:
    if line.entry.kind not in (Kind.PACKED, Kind.CHECKED_IN) or line.into is None:
        return False
    return line.before.within is not None and line.after.within != line.before.within


def _into_closed(line: Line) -> bool:
    if line.entry.kind is not Kind.PACKED or line.into is None:
        return False
    return line.into.sealed or line.into.phase in ON_THE_WAY


def _beside_closed(line: Line) -> bool:
    before = line.before
    travelling = before.parcel and before.phase in ON_THE_WAY
    return before.within is not None and (before.sealed or travelling)
