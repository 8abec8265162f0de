"""A print job is begun: what was printed of the same things before becomes void."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from app.accounts.models import Station
from app.accounts.rights import demand
from app.collection.labels import LabelsUnfit
from app.custody.drafts import Draft
from app.custody.ledger import Kind
from app.custody.service import append, by_hand
from app.kernel.errors import Missing, Refused
from app.kernel.work import Work
from app.printing.laying import DPI, laid
from app.printing.models import LabelState, PrintJob, PrintLabel
from app.printing.queries import JobSeen, generations, job_seen, unbegun
from labels import layout
from labels.layout import LabelText
from labels.template import Template

_VOIDED = 10_000  # ordinals of a job's entries: of its labels below, of what it voids above


class NoSuchStation(Missing):
    """Labels for a station that is not there."""

    message = "There is no such station"
    advice = "Look at the code on the station's card"


class CommandUsed(Refused):
    """One id for two print jobs."""

    message = "This print job was asked for already, for other labels"
    advice = "Open the page again and press Print"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLabel:
    """A label to be printed; of no subject where it is a card.

    `printed` are the generations that count as printed before, whatever the printers know.
    """

    subject: int | None
    text: LabelText
    printed: int = 0


def job_at(
    work: Work, station: str, *, command: UUID, kind: Template, stock: str, language: str | None
) -> PrintJob:
    """A job of one who may print at this station, not begun yet. Raises NoSuchStation."""
    found = work.session.get(Station, station)
    if found is None:
        raise NoSuchStation
    demand(work, "labels.print", site=found.site)
    return PrintJob(
        id=command,
        station=found.code,
        site=found.site,
        template=kind.id,
        template_version=kind.version,
        template_digest=kind.digest,
        stock=stock,
        language=language or work.actor.language,
        requested_by=work.actor.person,
        requested_at=work.clock(),
    )


def begin(work: Work, job: PrintJob, labels: Sequence[NewLabel]) -> JobSeen:
    """Begin a job of new prints; the one before of each is void. Raises LabelsUnfit."""
    _check_fits(job, labels)
    least = {one.subject: one.printed for one in labels if one.subject is not None}
    known = generations(work.session, least)
    before = {subject: max(known.get(subject, 0), printed) for subject, printed in least.items()}
    _void(work, job, before)
    return begin_next(work, job, labels, before)


def begin_next(
    work: Work, job: PrintJob, labels: Sequence[NewLabel], before: Mapping[int, int]
) -> JobSeen:
    """Write a job down with its labels, each of the generation after the one `before`."""
    work.session.add(job)
    work.session.flush()
    work.session.add_all(
        PrintLabel(
            job=job.id,
            number=number,
            subject=label.subject,
            code=label.text.code,
            generation=1 + (0 if label.subject is None else before[label.subject]),
            lines=list(label.text.lines),
            state=LabelState.WAITING,
            reasons=[],
        )
        for number, label in enumerate(labels, start=1)
    )
    work.session.flush()
    return job_seen(work.session, job.id)


def _void(work: Work, job: PrintJob, before: Mapping[int, int]) -> None:
    """What nobody has begun to print of the generation before is not printed."""
    for label in unbegun(work.session, before):
        label.state, label.told_at = LabelState.VOID, work.clock()
        label.reasons = ["reprinted"]
    reading = by_hand(work, site=job.site, command=job.id)
    drafts = [
        Draft(
            subject=subject,
            kind=Kind.LABEL_VOIDED,
            reading=reading,
            ordinal=_VOIDED + number,
            order=job.order_id,
            facts={"generation": generation, "reason": "reprinted", "old_label_destroyed": False},
        )
        for number, (subject, generation) in enumerate(before.items())
        if generation
    ]
    append(work, drafts)


def _check_fits(job: PrintJob, labels: Sequence[NewLabel]) -> None:
    try:
        for label in labels:
            for dpi in DPI.values():
                laid(job, label.text, dpi)
    except (layout.DoesNotFit, layout.NotPrintable, ValueError) as error:
        raise LabelsUnfit(why=str(error)) from error
