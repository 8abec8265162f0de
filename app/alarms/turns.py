"""One watcher at a time: a lease says who looks now, a turn once taken is nobody else's.

The lease spares work; the turn is the guarantee. Two watchers whose lease runs out at one moment
still cannot both write the same turn, and whatever a turn does may be done twice without harm.
"""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, or_
from sqlalchemy.dialects.postgresql import insert

from app.alarms.models import Lease, SweepSlot
from app.kernel.ids import EPOCH
from app.kernel.work import Work

KEPT = timedelta(days=1)  # turns are evidence for a while, then only rows


def take_turn(work: Work, job: str, *, holder: UUID, every: timedelta, lease: timedelta) -> bool:
    """Whether this watcher does the present turn of this job; nobody else will, then."""
    now = work.clock()
    return _leased(work, job, holder=holder, until=now + lease) and _turned(
        work, job, holder=holder, slot=turn_at(now, every)
    )


def turn_at(moment: datetime, every: timedelta) -> int:
    """The number of the turn at a moment: the same for every watcher."""
    return (moment - EPOCH) // every


def let_go(work: Work, *, holder: UUID) -> None:
    """Leave the leases of a watcher that ends to the next one."""
    work.session.execute(delete(Lease).where(Lease.holder == holder))


def forget_old_turns(work: Work) -> None:
    """Drop the turns of yesterday and before."""
    work.session.execute(delete(SweepSlot).where(SweepSlot.at < work.clock() - KEPT))


def _leased(work: Work, job: str, *, holder: UUID, until: datetime) -> bool:
    made = insert(Lease).values(name=job, holder=holder, until=until)
    taken = made.on_conflict_do_update(
        index_elements=("name",),
        set_={"holder": holder, "until": until},
        where=or_(Lease.holder == holder, Lease.until <= work.clock()),
    ).returning(Lease.name)
    return work.session.execute(taken).first() is not None


def _turned(work: Work, job: str, *, holder: UUID, slot: int) -> bool:
    made = (
        insert(SweepSlot)
        .values(job=job, slot=slot, holder=holder, at=work.clock())
        .on_conflict_do_nothing()
        .returning(SweepSlot.slot)
    )
    return work.session.execute(made).first() is not None
