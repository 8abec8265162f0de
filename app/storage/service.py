"""Deeds of storage: promise a position, put things away, move them.

A promise is exclusive and politely refused; a report that something *is* somewhere is always
written, and two things in one place become a gap (ledger.md 6, Places).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from app.accounts.models import Person
from app.accounts.rights import demand
from app.custody import parties
from app.custody.drafts import Draft, Reading
from app.custody.ledger import Kind, Sort, Subject
from app.custody.queries import occupied, standing, subject_of
from app.custody.service import Written, append
from app.kernel.errors import Missing, Refused
from app.kernel.work import Work
from app.storage import grid
from app.storage.models import Reservation
from app.storage.queries import INTO, Proposal, propose, reservation, reservation_of
from app.storage.units import STORE, NoSuchPosition, unit_of

PROMISED = timedelta(minutes=30)
DOCK = "dock"


class SlotReserved(Refused):
    """The position is promised to somebody else."""

    message = "Position %(position)s is reserved for %(who)s until %(until)s"
    advice = "Ask for another place"


class SlotTaken(Refused):
    """Something is there already."""

    message = "Position %(position)s is taken"
    advice = "Ask for another place, or look who is there"


class NoRoom(Refused):
    """No free position of the right kind at this site."""

    message = "There is no free position for it at this site"
    advice = "Make room, or add a rack or box"


class NothingToStore(Missing):
    """A place was asked for something that is put into none."""

    message = "There is no tube, box or rack with this code"
    advice = "Scan its label again"


class NoSuchReservation(Missing):
    """It was given back, used, or never made."""

    message = "There is no such reservation"


@dataclass(frozen=True, slots=True, kw_only=True)
class PutAway:
    """One thing, where it was put, and the read that says so."""

    subject: Subject
    location: Subject
    position: str | None
    reading: Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class NewReservation:
    """A position to be promised to the person asking."""

    location: str
    position: str
    subject: str | None = None


def propose_for(work: Work, code: str, *, site: str | None) -> tuple[Proposal, Reservation]:
    """Propose a position for a thing and promise it to the person asking.

    Raises NoRoom, NothingToStore.
    """
    subject = subject_of(work.session, code)
    if subject is None or subject.sort not in INTO:
        raise NothingToStore
    here = site or standing(work.session, subject.id).site or work.actor.site or ""
    demand(work, "place.reserve", site=here)
    found = propose(work, subject, site=here)
    if found is None:
        raise NoRoom
    wanted = NewReservation(location=found.location.code, position=found.position, subject=code)
    return found, reserve(work, wanted)


def reserve(work: Work, wanted: NewReservation) -> Reservation:
    """Promise a position for half an hour.

    Raises SlotReserved (somebody else has it), SlotTaken, NoSuchPosition, UnknownPlace.
    """
    location, unit = unit_of(work, wanted.location)
    demand(work, "place.reserve", site=unit.site)
    position = grid.plain(wanted.position)
    if not grid.fits(position, rows=unit.rows, columns=unit.columns):
        raise NoSuchPosition(position=position, place=location.code)
    if position in occupied(work.session, location.id):
        raise SlotTaken(position=position)
    subject = subject_of(work.session, wanted.subject) if wanted.subject else None
    now = work.clock()
    values = {
        "id": work.ids(),
        "location": location.id,
        "position": position,
        "site": unit.site,
        "subject_id": subject.id if subject else None,
        "person": work.actor.person,
        "made_at": now,
        "until": now + PROMISED,
    }
    # Of two who ask at once the second waits here for the first, then sees the promise.
    promise = insert(Reservation).values(**values)
    promise = promise.on_conflict_do_update(
        index_elements=[Reservation.location, Reservation.position],
        set_={name: values[name] for name in ("id", "subject_id", "person", "made_at", "until")},
        where=(Reservation.until <= now) | (Reservation.person == work.actor.person),
    )
    work.session.execute(promise)
    work.session.expire_all()
    held = reservation(work, location.id, position)
    if held is None or held.person != work.actor.person:
        until = held.until.isoformat(timespec="minutes") if held else ""
        raise SlotReserved(position=position, who=_label(work, held), until=until)
    return held


def _label(work: Work, held: Reservation | None) -> str:
    """How the one it was promised to is called at work; nobody's name is known here."""
    person = work.session.get(Person, held.person) if held and held.person else None
    return person.label if person else "?"


def give_back(work: Work, id_: UUID) -> None:
    """Take back a promise of one's own. Raises NoSuchReservation."""
    held = reservation_of(work, id_)
    if held is None or held.person != work.actor.person:
        raise NoSuchReservation
    work.session.delete(held)


def why_stop(work: Work, put: PutAway) -> Reservation | None:
    """The promise to somebody else that stands in the way, before the deed."""
    if put.position is None:
        return None
    held = reservation(work, put.location.id, grid.plain(put.position))
    if held is None or held.person == put.reading.actor:
        return None
    return held


def store(work: Work, puts: Sequence[PutAway]) -> Written:
    """Things were put away: each at its position, from the dock into the store's hands."""
    return _say(work, puts, Kind.STORED)


def move(work: Work, puts: Sequence[PutAway]) -> Written:
    """Things were moved to other positions: one entry each, and none for what is inside them."""
    return _say(work, puts, Kind.MOVED)


def _say(work: Work, puts: Sequence[PutAway], kind: Kind) -> Written:
    drafts = [_draft(put, kind) for put in puts]
    written = append(work, drafts)
    for put in puts:
        _kept(work, put)
    return written


def _draft(put: PutAway, kind: Kind) -> Draft:
    site = put.reading.site or ""
    container = put.location.sort is not Sort.PLACE
    return Draft(
        subject=put.subject.id,
        kind=kind,
        reading=put.reading,
        source=parties.unit(site, DOCK if kind is Kind.STORED else STORE),
        target=parties.unit(site, STORE),
        inside=put.location.id if container else None,
        place=None if container else put.location.id,
        position=grid.plain(put.position) if put.position else None,
    )


def _kept(work: Work, put: PutAway) -> None:
    """A promise that was kept is over."""
    if put.position is None:
        return
    held = reservation(work, put.location.id, grid.plain(put.position))
    if held is not None and held.person == put.reading.actor:
        work.session.delete(held)
