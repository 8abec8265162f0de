"""Making places and containers: what they are called, and how much goes into them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from app.accounts.queries import site_of
from app.accounts.rights import demand
from app.custody import parties
from app.custody.drafts import Draft, Reading
from app.custody.ledger import Kind, Sort, Subject
from app.custody.queries import subject_of, subjects_of
from app.custody.registry import New, register
from app.custody.service import append, by_hand
from app.kernel.errors import Missing, Refused
from app.kernel.work import Work
from app.storage import grid
from app.storage.models import StorageUnit

STORE = "store"
BENCH, FREEZER, RACK, BOX = "bench", "freezer", "rack", "box"
PLACE = "place"
USUAL = (9, 9)  # rows and columns of a box
SORTS = {BENCH: Sort.PLACE, FREEZER: Sort.PLACE, RACK: Sort.RACK, BOX: Sort.BOX}
SPACES = {FREEZER: "FZ", RACK: "RK", BOX: "BX"}


class UnknownPlace(Missing):
    """No freezer, rack, box or bench has this code."""

    message = "There is no freezer, rack, box or bench with this code"
    advice = "Scan its label again"


class NoSuchPosition(Refused):
    """A position beyond the grid of a place."""

    message = "There is no position %(position)s in %(place)s"
    advice = "Look at the label of the place"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewUnit:
    """A freezer, rack or box to be made; `place` and `position` say where a rack stands."""

    kind: str
    site: str
    title: str = ""
    rows: int | None = None
    columns: int | None = None
    temperature: str | None = None
    place: str | None = None
    position: str | None = None
    command: UUID | None = None


def bench(work: Work, site: str, name: str = "DOCK") -> Subject:
    """The place where things stand at a site when they are not put away; made when first asked."""
    code = f"{site}-{name}"
    known = subject_of(work.session, code)
    if known is not None and work.session.get(StorageUnit, known.id) is not None:
        return known
    (subject,) = register(
        work,
        [
            New(
                sort=Sort.PLACE,
                reading=by_hand(work, site=site),
                namespace=PLACE,
                code=code,
                facts={"site": site, "kind": BENCH},
            )
        ],
    )
    _keep(work, [subject], NewUnit(kind=BENCH, site=site, title=code))
    return subject


def add_boxes(
    work: Work,
    *,
    site: str,
    count: int = 1,
    rows: int = USUAL[0],
    columns: int = USUAL[1],
    command: UUID | None = None,
) -> tuple[Subject, ...]:
    """Codes for empty boxes of one size, ready to be labelled. Raises SiteMissing, as `demand`."""
    demand(work, "scan.pack", site=site)
    site_of(work, site)
    wanted = NewUnit(kind=BOX, site=site, rows=rows, columns=columns, command=command)
    return _register(work, wanted, by_hand(work, site=site, command=command), count)


def add_unit(work: Work, wanted: NewUnit) -> Subject:
    """A freezer, rack or box, with its code; a rack can be said to stand in a freezer at once.

    Raises UnknownPlace, NoSuchPosition, SiteMissing, and as `demand`.
    """
    demand(work, "place.configure", site=wanted.site)
    site_of(work, wanted.site)
    reading = by_hand(work, site=wanted.site, command=wanted.command)
    (subject,) = _register(work, wanted, reading, 1)
    if wanted.place is not None:
        _stand(work, subject, wanted, reading)
    return subject


def _stand(work: Work, subject: Subject, wanted: NewUnit, reading: Reading) -> None:
    place, unit = unit_of(work, wanted.place or "")
    position = grid.plain(wanted.position) if wanted.position else None
    if position and not grid.fits(position, rows=unit.rows, columns=unit.columns):
        raise NoSuchPosition(position=position, place=place.code)
    draft = Draft(
        subject=subject.id,
        kind=Kind.STORED,
        reading=reading,
        ordinal=1,
        source=parties.unit(wanted.site, STORE),
        target=parties.unit(wanted.site, STORE),
        place=place.id if place.sort is Sort.PLACE else None,
        inside=None if place.sort is Sort.PLACE else place.id,
        position=position,
    )
    append(work, [draft])


def unit_of(work: Work, code: str) -> tuple[Subject, StorageUnit]:
    """A place or container by its code, with its size. Raises UnknownPlace."""
    subject = subject_of(work.session, code)
    unit = work.session.get(StorageUnit, subject.id) if subject else None
    if subject is None or unit is None:
        raise UnknownPlace
    return subject, unit


def _register(work: Work, wanted: NewUnit, reading: Reading, count: int) -> tuple[Subject, ...]:
    made = register(
        work,
        [
            New(
                sort=SORTS[wanted.kind],
                reading=reading,
                namespace=SPACES[wanted.kind],
                ordinal=number,
                facts={"site": wanted.site, "kind": wanted.kind},
            )
            for number in range(count)
        ],
    )
    _keep(work, made, wanted)
    return made


def _keep(work: Work, made: Sequence[Subject], wanted: NewUnit) -> None:
    for subject in made:
        if work.session.get(StorageUnit, subject.id) is not None:
            continue
        work.session.add(
            StorageUnit(
                subject_id=subject.id,
                kind=wanted.kind,
                site=wanted.site,
                title=wanted.title or subject.code,
                temperature=wanted.temperature,
                rows=wanted.rows,
                columns=wanted.columns,
            )
        )
    work.session.flush()


def size_of(work: Work, codes: Iterable[str]) -> dict[str, tuple[int, int]]:
    """Rows and columns of boxes by code; of one whose size nobody said, the usual nine by nine."""
    wanted = list(codes)
    known = subjects_of(work.session, wanted)
    ids = {subject.id: code for code, subject in known.items()}
    found = work.session.scalars(select(StorageUnit).where(StorageUnit.subject_id.in_(ids)))
    sizes = {
        ids[unit.subject_id]: (unit.rows, unit.columns)
        for unit in found
        if unit.rows is not None and unit.columns is not None
    }
    return {code: sizes.get(code, USUAL) for code in wanted}
