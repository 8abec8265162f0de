"""Questions about receipts: what came in a package so far, and which packages are open."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from app.accounts.rights import AnotherSite, demand_somewhere
from app.custody import gap_queries
from app.custody import queries as custody
from app.custody.effective import effective
from app.custody.ledger import Entry, Kind, Origin, Sort, Subject
from app.custody.steps import Phase
from app.kernel.errors import Missing
from app.kernel.work import Work
from app.receiving.models import Arrival, ReceiptRow
from app.receiving.reconcile import Reconciliation, Seen, reconcile
from app.shipping import queries as shipping
from app.shipping.manifest import Line, manifest_of
from app.shipping.queries import CursorOfAnother, moment_of

CLOSE_BOX = "close_box"
OPEN, CLOSED = STATES = ("open", "closed")


class NotReceived(Missing):
    """A receipt of a package that nobody opened."""

    message = "This package has not been received yet"
    advice = "Record its receipt first"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptSeen:
    """A receipt: how the package came, and how far its content is compared.

    `withheld`: the list is not this reader's to see, so that nothing is said of what is on it.
    """

    package: Subject
    site: str | None
    state: str
    received: Entry
    closed: bool
    sender: str | None
    courier: str | None
    boxes_in: frozenset[str]
    boxes_closed: frozenset[str]
    compared: Reconciliation
    withheld: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptLine:
    """A receipt as a line of a list."""

    id: UUID
    package: str
    site: str
    received_at: datetime
    state: str


def receipt_for(work: Work, code: str) -> ReceiptSeen:
    """A receipt, for those who may know. Raises UnknownPackage, NotReceived, AnotherSite."""
    package = shipping.package_of(work.session, code)
    demand_somewhere(work, "subject.read")
    standing = custody.standing(work.session, package.id)
    if not shipping.may_read(work, standing, shipping.row_of(work.session, package)):
        raise AnotherSite
    return receipt_seen(work, package)


def receipt_seen(work: Work, package: Subject) -> ReceiptSeen:
    """A receipt as one who took part in it may see it: at a wrong site without its list.

    Raises NotReceived.
    """
    seen = receipt_of(work.session, package)
    released = custody.latest_release(shipping.counting(work.session, package.id))
    if shipping.may_read_list(work, shipping.row_of(work.session, package), released):
        return seen
    nothing = reconcile((), ())
    return replace(
        seen,
        sender=None,
        courier=None,
        boxes_in=frozenset(),
        boxes_closed=frozenset(),
        compared=nothing,
        withheld=True,
    )


def receipt_of(session: Session, package: Subject) -> ReceiptSeen:
    """The latest receipt of a package that counts; raises NotReceived."""
    entries = shipping.counting(session, package.id)
    opened = [entry for entry in entries if entry.kind is Kind.RECEIVED]
    if not opened:
        raise NotReceived
    received, released = opened[-1], custody.latest_release(entries)
    closed = any(
        entry.kind is Kind.PACKAGE_CLOSED_OUT and entry.occurred_at >= received.occurred_at
        for entry in entries
    )
    lines = manifest_of(package.code, released).lines if released else ()
    tubes, boxes = _arrived(session, package, lines, since=(released or received).occurred_at)
    ended = frozenset(box.code for box in boxes if _ended(box.entries))
    compared = reconcile(
        lines,
        _seen(session, tubes),
        _seen(session, boxes),
        closed=closed,
        boxes_closed=ended,
    )
    courier = released.facts.get("courier") if released else None
    return ReceiptSeen(
        package=package,
        site=received.site,
        state=custody.standing(session, package.id).phase,
        received=received,
        closed=closed,
        sender=released.site if released else None,
        courier=courier if isinstance(courier, str) else None,
        boxes_in=frozenset(box.code for box in boxes if _check_in(box.entries)),
        boxes_closed=ended,
        compared=compared,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """What was said about one thing in connection with a package."""

    subject: Subject
    entries: tuple[Entry, ...]

    @property
    def code(self) -> str:
        return self.subject.code


def _arrived(
    session: Session, package: Subject, lines: Sequence[Line], *, since: datetime
) -> tuple[list[_Told], list[_Told]]:
    """Tubes and boxes about which something was said in connection with a package."""
    came = select(Arrival.subject_id).where(Arrival.package == package.id)
    listed = {line.box for line in lines if line.box is not None}
    ids = {line.tube for line in lines} | set(session.scalars(came))
    ids |= {box.id for box in custody.subjects_of(session, listed).values()}
    told = [
        _Told(subject=standing.subject, entries=_about(session, id_, package))
        for id_, standing in custody.standings(session, ids).items()
        if standing.last_seen_at is not None and standing.last_seen_at >= since
    ]
    said = sorted((one for one in told if one.entries), key=lambda one: one.code)
    tubes = [one for one in said if one.subject.sort is Sort.TUBE]
    return tubes, [one for one in said if one.subject.sort is Sort.BOX]


def _about(session: Session, subject: int, package: Subject) -> tuple[Entry, ...]:
    told = effective(custody.entries_of(session, subject)).entries
    return tuple(entry for _, entry in told if entry.package == package.id)


def _check_in(entries: Sequence[Entry]) -> Entry | None:
    found = [entry for entry in entries if entry.kind is Kind.CHECKED_IN]
    return found[-1] if found else None


def _ended(entries: Sequence[Entry]) -> bool:
    return any(e.kind is Kind.READ and e.facts.get("meant") == CLOSE_BOX for e in entries)


def _seen(session: Session, told: Sequence[_Told]) -> list[Seen]:
    """What was checked in, with the box it was found in and what was noted about it."""
    pairs = [(one, entry) for one in told if (entry := _check_in(one.entries)) is not None]
    inside = {entry.inside for _, entry in pairs if entry.inside is not None}
    boxes = custody.subjects(session, inside)
    return [
        Seen(
            id=one.subject.id,
            code=one.code,
            box=boxes[entry.inside].code if entry.inside in boxes else None,
            position=entry.position,
            codes=tuple(sorted(_codes(one.entries))),
            found=one.subject.origin is Origin.FOUND,
        )
        for one, entry in pairs
    ]


def _codes(entries: Iterable[Entry]) -> set[str]:
    noted = (entry.facts.get("codes") for entry in entries if entry.kind is Kind.CONDITION_NOTED)
    return {str(code) for codes in noted if isinstance(codes, list) for code in codes}


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenGap:
    """What a rule objects to about a package or a tube of it."""

    rule: str
    subject: str
    entry: str
    since: datetime
    priority: str
    explained: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptTold:
    """A receipt together with the gaps that are open about it."""

    seen: ReceiptSeen
    gaps: tuple[OpenGap, ...]


def with_gaps(session: Session, seen: ReceiptSeen) -> ReceiptTold:
    """A receipt, and what is open about the package and everything listed or come in it."""
    codes = {seen.package.code}
    codes |= {line.code for line in seen.compared.lines}
    codes |= {odd.code for odd in seen.compared.oddities}
    known = {s.id: s.code for s in custody.subjects_of(session, codes).values()}
    gaps = tuple(
        OpenGap(
            rule=gap.rule,
            subject=known[gap.subject],
            entry=str(gap.entry_id),
            since=gap.at,
            priority=gap.priority,
            explained=gap.explained is not None,
        )
        for gap in gap_queries.gaps_of(session, known)
        if gap.cured_at is None
    )
    return ReceiptTold(seen=seen, gaps=gaps)


def receipts(
    session: Session,
    *,
    sites: Collection[str] | None,
    state: str | None,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[ReceiptLine]:
    """Receipts at these sites (None: all), the latest first; the open or closed ones, if said."""
    seen: list[ReceiptLine] = []
    while len(seen) < limit:
        rows = _rows(session, sites=sites, after=after, limit=limit)
        seen += [one for one in _lines(session, rows) if state in (None, _state(one))]
        if len(rows) < limit:
            break
        after = (rows[-1].received_at, rows[-1].id)
    return seen[:limit]


def _state(line: ReceiptLine) -> str:
    return OPEN if line.state == Phase.RECEIVED else CLOSED


def _rows(
    session: Session,
    *,
    sites: Collection[str] | None,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[ReceiptRow]:
    wanted = select(ReceiptRow)
    if sites is not None:
        wanted = wanted.where(ReceiptRow.site.in_(sites))
    if after is not None:
        wanted = wanted.where(tuple_(ReceiptRow.received_at, ReceiptRow.id) < after)
    latest = wanted.order_by(ReceiptRow.received_at.desc(), ReceiptRow.id.desc()).limit(limit)
    return list(session.scalars(latest))


def _lines(session: Session, rows: Sequence[ReceiptRow]) -> list[ReceiptLine]:
    stand = custody.standings(session, {row.package for row in rows})
    return [
        ReceiptLine(
            id=row.id,
            package=stand[row.package].subject.code,
            site=row.site,
            received_at=row.received_at,
            state=stand[row.package].phase,
        )
        for row in rows
    ]


def cursor_of(key: tuple[str | int, ...] | None) -> tuple[datetime, UUID] | None:
    """The place in the list that a cursor names; None for its beginning. Raises CursorOfAnother."""
    if key is None:
        return None
    try:
        id_ = UUID(str(key[1]))
    except ValueError as error:
        raise CursorOfAnother from error
    return moment_of(str(key[0])), id_
