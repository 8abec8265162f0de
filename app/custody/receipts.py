"""The arrivals of packages: what each was said to hold, when it was opened, when it is over."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import cast
from uuid import UUID

from app.custody.effective import Place
from app.custody.history import Line, Receipt
from app.custody.ledger import Entry, EntryId, Kind, Sort
from app.custody.things import Thing, Things
from app.kernel.limits import LimitsInForce

Told = tuple[Place, Entry]

_LAST = EntryId(UUID(int=2**128 - 1), 0)
_CLOSING = 2  # the second part of a place: after whatever is told of that moment


def manifest_lines(released: Entry) -> frozenset[int]:
    """The tubes a RELEASED says are inside: the frozen lines in its facts."""
    lines = released.facts.get("lines")
    if not isinstance(lines, list):
        return frozenset()
    return frozenset(cast(int, cast(list[object], line)[0]) for line in lines)


def is_closing(place: Place) -> bool:
    """Whether this is where a receipt ends by itself, and no entry of its own."""
    return place[1] == _CLOSING


class Receipts:
    """The receipts of one story, by package, as they are kept while it is told."""

    def __init__(self, things: Things, *, limits: LimitsInForce) -> None:
        self._things = things
        self._limits = limits
        self._kept: dict[int, list[Receipt]] = defaultdict(list)

    def with_closings(self, told: Sequence[Told], *, now: datetime) -> list[Told]:
        """The story with the moments up to now at which receipts end by themselves."""
        closings = []
        for _, entry in told:
            if entry.kind is Kind.RECEIVED and entry.subject in self._things:
                limit = self._closes_at(entry)
                if limit <= now:
                    closings.append((((limit, "", 0, _LAST), _CLOSING), entry))
        return sorted([*told, *closings], key=lambda pair: pair[0]) if closings else list(told)

    def keep(self, package: Thing, place: Place, entry: Entry) -> None:
        """Take down what an entry of a package says of its way."""
        if entry.kind is Kind.RELEASED:
            self._released(package, entry)
        elif entry.kind is Kind.RECEIVED:
            self._received(package, place, entry)
        elif entry.kind is Kind.PACKAGE_CLOSED_OUT and package.receipt is not None:
            self.close(package.receipt[1], at=entry.occurred_at)

    def close(self, received: Entry, *, at: datetime | None = None) -> None:
        """The contents of a package not seen by now stop following it; a box keeps its contents."""
        package = self._things[received.subject]
        if package.receipt is None or package.receipt[1] is not received:
            return
        kept = self._kept[received.subject]
        last = kept[-1]
        if not last.closed:
            closes_at = at or last.closes_at
            kept[-1] = replace(last, received=received, closes_at=closes_at, closed=True)
        for child in sorted(package.children):
            content = self._things[child]
            if not _seen_since(content, package.receipt[0], received.subject):
                self._left_behind(content, received)

    def of(self, thing: Thing) -> tuple[Receipt, ...]:
        """Of a package its own; of a tube those that listed it, or were said to have held it."""
        if thing.subject.sort is Sort.PACKAGE:
            return tuple(self._kept.get(thing.subject.id, ()))
        if thing.subject.sort is not Sort.TUBE:
            return ()
        through = {
            line.entry.subject
            for line in thing.lines
            if not line.own and line.entry.kind in (Kind.RELEASED, Kind.RECEIVED)
        }
        through |= thing.checked_for
        return tuple(
            receipt
            for package in sorted(self._kept)
            for receipt in self._kept[package]
            if thing.subject.id in receipt.lines or package in through
        )

    def _released(self, package: Thing, entry: Entry) -> None:
        package.receipt = None
        self._kept[package.subject.id].append(
            Receipt(
                package=package.subject.id,
                released=entry,
                received=None,
                closes_at=None,
                closed=False,
                lines=manifest_lines(entry),
            )
        )

    def _received(self, package: Thing, place: Place, entry: Entry) -> None:
        kept = self._kept[package.subject.id]
        released = kept.pop() if kept and kept[-1].received is None else None
        package.receipt = (place, entry)
        kept.append(
            Receipt(
                package=package.subject.id,
                released=released.released if released else None,
                received=entry,
                closes_at=self._closes_at(entry),
                closed=False,
                lines=released.lines if released else frozenset(),
            )
        )

    def _closes_at(self, received: Entry) -> datetime:
        limits = self._limits.at(received.occurred_at)
        return received.occurred_at + limits.span("G43", "close_out_hours_max")

    def _left_behind(self, content: Thing, received: Entry) -> None:
        inner = [content, *self._things.contents(content)]
        earlier = [self._things.stand(one) for one in inner]
        self._things.leave(content, earlier[0])
        for one, was in zip(inner, earlier, strict=True):
            one.lines.append(Line(received, False, was, self._things.stand(one), closing=True))


def _seen_since(thing: Thing, opened: Place, package: int) -> bool:
    return package in thing.checked_for or (thing.looked is not None and thing.looked > opened)
