"""What came against what was said to be inside. Plain values: no question, no clock."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from app.shipping.manifest import Line

DUE, IN, HOLD, MISSING = "due", "in", "hold", "missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A thing checked in from a package: where it was found, what was noted about it.

    `box` is the box it was found in, `codes` its conditions, `found` that it had no known label.
    """

    id: int
    code: str
    box: str | None = None
    position: str | None = None
    codes: tuple[str, ...] = ()
    found: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One line of the list, and what became of it."""

    code: str
    box: str | None
    position: str | None
    state: str
    found_in: str | None = None
    found_at: str | None = None
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Odd:
    """Something that is not as the list says: its kind, the thing, its place."""

    kind: str
    code: str
    place: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciliation:
    """A receipt as far as it has come."""

    lines: tuple[Compared, ...]
    oddities: tuple[Odd, ...]
    expected: int
    scanned: int
    missing: int
    extra: int
    damaged: int


def reconcile(
    lines: Sequence[Line],
    tubes: Iterable[Seen],
    boxes: Iterable[Seen] = (),
    *,
    closed: bool = False,
    boxes_closed: Collection[str] = (),
) -> Reconciliation:
    """Compare a frozen list with what was checked in.

    Until its box or the whole receipt is closed, a tube not seen is only due.
    """
    seen = {tube.id: tube for tube in tubes}
    compared = tuple(
        _compare(line, seen.get(line.tube), closed or line.box in boxes_closed) for line in lines
    )
    listed = {line.tube for line in lines}
    listed_boxes = {line.box for line in lines}
    extra = [tube for tube in seen.values() if tube.id not in listed]
    extra_boxes = [box for box in boxes if box.code not in listed_boxes]
    oddities = (
        *(one for line in compared for one in _of_line(line)),
        *(one for tube in extra for one in _of_extra(tube)),
        *(Odd(kind="extra_box", code=box.code) for box in extra_boxes),
    )
    return Reconciliation(
        lines=compared,
        oddities=oddities,
        expected=len(lines),
        scanned=sum(line.state in (IN, HOLD) for line in compared) + len(extra),
        missing=sum(line.state == MISSING for line in compared),
        extra=len(extra),
        damaged=sum(line.state == HOLD for line in compared) + sum(bool(t.codes) for t in extra),
    )


def _compare(line: Line, seen: Seen | None, over: bool) -> Compared:
    if seen is None:
        state = MISSING if over else DUE
        return Compared(code=line.code, box=line.box, position=line.position, state=state)
    return Compared(
        code=line.code,
        box=line.box,
        position=line.position,
        state=HOLD if seen.codes else IN,
        found_in=seen.box,
        found_at=seen.position,
        codes=seen.codes,
    )


def _of_line(line: Compared) -> Iterable[Odd]:
    if line.state == MISSING:
        yield Odd(kind=MISSING, code=line.code, place=line.position or "")
    if line.state in (IN, HOLD) and line.found_in != line.box:
        yield Odd(kind="other_box", code=line.code, place=line.box or "")
    elif line.found_at is not None and line.found_at != line.position:
        yield Odd(kind="other_place", code=line.code, place=line.position or "")
    for code in line.codes:
        yield Odd(kind=code, code=line.code, place=line.position or "")


def _of_extra(tube: Seen) -> Iterable[Odd]:
    yield Odd(kind="unlabelled" if tube.found else "extra", code=tube.code)
    for code in tube.codes:
        yield Odd(kind=code, code=tube.code)
