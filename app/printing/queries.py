"""Questions about print jobs."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app.kernel.errors import Missing
from app.printing.models import PrintJob, PrintLabel


class UnknownJob(Missing):
    """No print job has this id, or none at this station."""

    message = "There is no such print job"
    advice = "Ask for the labels again"


@dataclass(frozen=True, slots=True, kw_only=True)
class JobSeen:
    """A job and its labels, as they are known now."""

    job: PrintJob
    labels: tuple[PrintLabel, ...]


def job_seen(session: Session, id_: UUID) -> JobSeen:
    """A job with its labels, in order. Raises UnknownJob."""
    job = session.get(PrintJob, id_)
    if job is None:
        raise UnknownJob
    return JobSeen(job=job, labels=tuple(labels_of(session, id_)))


def labels_of(session: Session, job: UUID) -> list[PrintLabel]:
    """The labels of a job, in order."""
    wanted = select(PrintLabel).where(PrintLabel.job == job).order_by(PrintLabel.number)
    return list(session.scalars(wanted))


def next_job(session: Session, station: str, *, now: datetime) -> PrintJob | None:
    """The oldest job with a label to print that nobody holds, locked; others look past it."""
    open_ = select(PrintLabel.job).where(PrintLabel.state.in_(("waiting", "sent")))
    free = or_(PrintJob.lease.is_(None), PrintJob.leased_until < now)
    wanted = (
        select(PrintJob)
        .where(PrintJob.station == station, PrintJob.id.in_(open_), free)
        .order_by(PrintJob.requested_at, PrintJob.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    return session.scalar(wanted)


def generations(session: Session, subjects: Collection[int]) -> dict[int, int]:
    """How often a label of these was asked for at a printer; not those it never was for."""
    wanted = (
        select(PrintLabel.subject, func.max(PrintLabel.generation))
        .where(PrintLabel.subject.in_(subjects))
        .group_by(PrintLabel.subject)
    )
    return {row[0]: row[1] for row in session.execute(wanted)}


def jobs_of(session: Session, order: UUID) -> list[JobSeen]:
    """Every job of an order, the latest first."""
    wanted = (
        select(PrintJob)
        .where(PrintJob.order_id == order)
        .order_by(PrintJob.requested_at.desc(), PrintJob.id.desc())
    )
    jobs = session.scalars(wanted)
    return [JobSeen(job=job, labels=tuple(labels_of(session, job.id))) for job in jobs]
