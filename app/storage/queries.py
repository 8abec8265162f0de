"""Questions about places: what is where, what is free, what is promised."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from app.custody.ledger import Sort, Subject
from app.custody.queries import (
    Standing,
    claimed,
    contents,
    occupied,
    standing_at,
    standings,
    subjects,
)
from app.kernel.work import Work
from app.storage import grid
from app.storage.models import Reservation, StorageUnit

SHOWN_MOST = 1_000
# What things are put into.
INTO: Mapping[Sort, str] = {Sort.TUBE: "box", Sort.BOX: "rack", Sort.RACK: "freezer"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """One position and what is known of it; `state`: free, taken, disputed, reserved."""

    position: str
    state: str
    subject: str | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceSeen:
    """A place or container, its size, each of its positions, and what stands there without one."""

    subject: Subject
    unit: StorageUnit
    spots: tuple[Spot, ...]
    without_position: tuple[str, ...] = ()

    @property
    def free(self) -> int:
        return sum(spot.state == "free" for spot in self.spots)

    @property
    def used(self) -> int:
        return sum(spot.state in ("taken", "disputed") for spot in self.spots)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A free position, and where the container it belongs to stands."""

    location: Subject
    position: str
    path: tuple[Subject, ...]
    place: Subject | None


def live_reservations(work: Work, location: int) -> dict[str, Reservation]:
    """What is promised in one place, by position."""
    wanted = select(Reservation).where(
        Reservation.location == location, Reservation.until > work.clock()
    )
    return {found.position: found for found in work.session.scalars(wanted)}


def reservation(work: Work, location: int, position: str) -> Reservation | None:
    """The promise of one position, if it still holds."""
    found = work.session.scalar(
        select(Reservation).where(
            Reservation.location == location, Reservation.position == position
        )
    )
    return found if found is not None and found.until > work.clock() else None


def reservation_of(work: Work, id_: UUID) -> Reservation | None:
    """A promise by its id, also one that is over."""
    return work.session.get(Reservation, id_)


def place_seen(work: Work, subject: Subject, unit: StorageUnit) -> PlaceSeen:
    """A place with every position of its grid, or those it was said to have."""
    taken = occupied(work.session, subject.id)
    promised = live_reservations(work, subject.id)
    known = subjects(work.session, list(taken.values()))
    names = list(_positions(unit)) or sorted({*taken, *promised})
    names += [p for p in sorted(taken) if p not in names]
    spots = []
    for position in names:
        if position in taken:
            several = len(claimed(work.session, subject.id, position)) > 1
            spots.append(
                Spot(
                    position=position,
                    state="disputed" if several else "taken",
                    subject=known[taken[position]].code,
                )
            )
        elif position in promised:
            until = promised[position].until
            spots.append(Spot(position=position, state="reserved", until=until))
        else:
            spots.append(Spot(position=position, state="free"))
    loose = _without_position(work, subject)
    return PlaceSeen(subject=subject, unit=unit, spots=tuple(spots), without_position=loose)


def _without_position(work: Work, subject: Subject) -> tuple[str, ...]:
    """The codes of what is said to be at this place, at no position of it."""
    if subject.sort is Sort.PLACE:
        here = standing_at(work.session, subject.id, limit=SHOWN_MOST)
    else:
        here = contents(work.session, subject.id)
    return tuple(one.subject.code for one in here if one.position is None)


def _positions(unit: StorageUnit) -> Iterator[str]:
    if unit.rows and unit.columns:
        yield from grid.positions(unit.rows, unit.columns)


def propose(work: Work, subject: Subject, *, site: str) -> Proposal | None:
    """The first free position for a thing at a site, where there is most room.

    A rack goes into a freezer, a box into a rack, a tube into a box; racks and boxes that are not
    put away themselves are passed over, and so is every place that is not as cold as was said of
    the thing.
    """
    kind = INTO[subject.sort]
    wanted = select(StorageUnit).where(StorageUnit.site == site, StorageUnit.kind == kind)
    units = [unit for unit in work.session.scalars(wanted) if unit.subject_id != subject.id]
    where = standings(work.session, [unit.subject_id for unit in units])
    cold = _temperatures(work, units, where)
    own = work.session.get(StorageUnit, subject.id)
    needed = own.temperature if own else None
    best: tuple[int, int, Proposal] | None = None
    for unit in units:
        stands = where.get(unit.subject_id)
        if stands is None or (kind != "freezer" and _loose(stands)):
            continue
        if needed is not None and cold[unit.subject_id] != needed:
            continue
        free = _free(work, unit)
        if not free:
            continue
        found = Proposal(
            location=stands.subject, position=free[0], path=stands.path, place=stands.place
        )
        order = (-len(free), unit.subject_id, found)
        if best is None or order[:2] < best[:2]:
            best = order
    return best[2] if best else None


def _temperatures(
    work: Work, units: Sequence[StorageUnit], where: Mapping[int, Standing]
) -> dict[int, str | None]:
    """How cold each is: as said of itself, else as said of the freezer it stands in."""
    around = {id_: stands.place.id for id_, stands in where.items() if stands.place is not None}
    wanted = select(StorageUnit).where(StorageUnit.subject_id.in_(set(around.values())))
    said = {unit.subject_id: unit.temperature for unit in work.session.scalars(wanted)}
    return {
        unit.subject_id: unit.temperature or said.get(around.get(unit.subject_id, 0))
        for unit in units
    }


def _loose(stands: Standing) -> bool:
    """Whether a rack or box is itself not put away."""
    return stands.place is None or stands.phase != "stored"


def _free(work: Work, unit: StorageUnit) -> list[str]:
    taken = occupied(work.session, unit.subject_id)
    promised = live_reservations(work, unit.subject_id)
    return [p for p in _positions(unit) if p not in taken and p not in promised]
