"""Questions about print jobs."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from app.collection.models import Order
from app.custody.queries import Standing, standings
from app.kernel.errors import Missing
from app.printing.models import NOT_KNOWN, OPEN, LabelState, PrintJob, PrintLabel

_WITH_LABELS_LEFT = select(PrintLabel.job).where(PrintLabel.state.in_(OPEN))


class UnknownJob(Missing):
    """No print job has this id, or none at this station."""

    message = "There is no such print job"
    advice = "Ask for the labels again"


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelSeen:
    """A label as it is known now: `scanned` where its own scan has since proved that it exists."""

    number: int
    subject: int | None
    code: str
    generation: int
    state: str
    reasons: tuple[str, ...]
    told_at: datetime | None
    scanned: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class JobSeen:
    """A job and its labels, as they are known now."""

    job: PrintJob
    labels: tuple[LabelSeen, ...]


def job_seen(session: Session, id_: UUID) -> JobSeen:
    """A job with its labels, in order. Raises UnknownJob."""
    job = session.get(PrintJob, id_)
    if job is None:
        raise UnknownJob
    return _seen(session, job)


def _seen(session: Session, job: PrintJob) -> JobSeen:
    labels = labels_of(session, job.id)
    proved = _scanned_since(session, labels)
    return JobSeen(job=job, labels=tuple(_label(each, each.number in proved) for each in labels))


def _label(label: PrintLabel, scanned: bool) -> LabelSeen:
    return LabelSeen(
        number=label.number,
        subject=label.subject,
        code=label.code,
        generation=label.generation,
        state=LabelState.PRINTED if scanned else label.state,
        reasons=tuple(label.reasons),
        told_at=label.told_at,
        scanned=scanned,
    )


def _scanned_since(session: Session, labels: Sequence[PrintLabel]) -> set[int]:
    """The unknown labels that were read since: the scan at the chair is the scan that proves them.

    Not where there are copies: a scan does not say of which of them it was.
    """
    copies = Counter(label.subject for label in labels)
    asked = [
        (label.subject, label)
        for label in labels
        if label.state in NOT_KNOWN and label.subject and copies[label.subject] == 1
    ]
    stands = standings(session, [subject for subject, _ in asked])
    return {label.number for subject, label in asked if _read_after(stands.get(subject), label)}


def _read_after(standing: Standing | None, label: PrintLabel) -> bool:
    seen = None if standing is None else standing.last_seen_at
    return seen is not None and label.told_at is not None and seen > label.told_at


def programme_of(session: Session, job: PrintJob) -> str | None:
    """The programme of the order that a job is for."""
    order = None if job.order_id is None else session.get(Order, job.order_id)
    return None if order is None else order.programme


def labels_of(session: Session, job: UUID) -> list[PrintLabel]:
    """The labels of a job, in order."""
    wanted = select(PrintLabel).where(PrintLabel.job == job).order_by(PrintLabel.number)
    return list(session.scalars(wanted))


def next_job(
    session: Session, station: str, *, now: datetime, held: UUID | None
) -> PrintJob | None:
    """The job of the lease `held`, else the oldest that nobody holds, locked; others look past it.

    Only a job with a label to print.
    """
    theirs = and_(PrintJob.lease.is_not(None), PrintJob.lease == held)
    free = or_(PrintJob.lease.is_(None), PrintJob.leased_until < now, theirs)
    wanted = (
        select(PrintJob)
        .where(PrintJob.station == station, PrintJob.id.in_(_WITH_LABELS_LEFT), free)
        .order_by(theirs.desc(), PrintJob.requested_at, PrintJob.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    return session.scalar(wanted)


def unbegun(session: Session, subjects: Collection[int]) -> list[PrintLabel]:
    """Labels of these that wait in a job which no agent has taken."""
    wanted = (
        select(PrintLabel)
        .join(PrintJob, PrintJob.id == PrintLabel.job)
        .where(
            PrintLabel.subject.in_(subjects),
            PrintLabel.state == LabelState.WAITING,
            PrintJob.lease.is_(None),
        )
        .with_for_update()
    )
    return list(session.scalars(wanted))


def unfinished_job(session: Session, order: UUID) -> PrintJob | None:
    """The latest job of an order that has a label waiting or on its way to the printer."""
    wanted = (
        select(PrintJob)
        .where(PrintJob.order_id == order, PrintJob.id.in_(_WITH_LABELS_LEFT))
        .order_by(PrintJob.requested_at.desc(), PrintJob.id.desc())
        .limit(1)
    )
    return session.scalar(wanted)


def last_station(session: Session, person: int | None, *, among: Collection[str]) -> str | None:
    """The station, one of these, where a person asked for labels last."""
    wanted = (
        select(PrintJob.station)
        .where(PrintJob.requested_by == person, PrintJob.station.in_(among))
        .order_by(PrintJob.requested_at.desc(), PrintJob.id.desc())
        .limit(1)
    )
    return session.scalar(wanted)


def generations(session: Session, subjects: Collection[int]) -> dict[int, int]:
    """How often a label of these was asked for at a printer; not those it never was for."""
    wanted = (
        select(PrintLabel.subject, func.max(PrintLabel.generation))
        .where(PrintLabel.subject.in_(subjects))
        .group_by(PrintLabel.subject)
    )
    return {row[0]: row[1] for row in session.execute(wanted) if row[0] is not None}


def jobs_of_things(session: Session, sites: Collection[str], *, most: int) -> list[JobSeen]:
    """The latest jobs at these sites that were for no kit, the latest first."""
    wanted = (
        select(PrintJob)
        .where(PrintJob.order_id.is_(None), PrintJob.site.in_(sites))
        .order_by(PrintJob.requested_at.desc(), PrintJob.id.desc())
        .limit(most)
    )
    return [_seen(session, job) for job in session.scalars(wanted)]


def jobs_of(session: Session, order: UUID) -> list[JobSeen]:
    """Every job of an order, the latest first."""
    wanted = (
        select(PrintJob)
        .where(PrintJob.order_id == order)
        .order_by(PrintJob.requested_at.desc(), PrintJob.id.desc())
    )
    jobs = session.scalars(wanted)
    return [_seen(session, job) for job in jobs]
