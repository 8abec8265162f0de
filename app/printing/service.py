"""The people's side of print jobs: they ask for a kit's labels, say what they found, give up."""

from dataclasses import dataclass
from uuid import UUID

from app.accounts.rights import demand
from app.collection.labels import TEMPLATE, kit_texts
from app.collection.models import Order
from app.custody.drafts import Draft
from app.custody.ledger import Facts, Kind
from app.custody.service import append, by_hand
from app.kernel.errors import Missing, Refused
from app.kernel.work import Work
from app.printing.beginning import CommandUsed, NewLabel, begin, begin_next, job_at
from app.printing.models import NOT_KNOWN, LabelState, PrintJob, PrintLabel
from app.printing.queries import (
    JobSeen,
    UnknownJob,
    generations,
    job_seen,
    labels_of,
    programme_of,
    unfinished_job,
)
from app.printing.telling import lost, tell
from labels import template
from labels.layout import LabelText

GIVEN_UP, NOT_THERE = "given_up", "not_there"


class NotOfThisKit(Missing):
    """One label of a kit was asked for that has no such tube."""

    message = "This tube is not of this kit"
    advice = "Look at the code on the tube, and open the labels of its own kit"


class NotAQuestion(Refused):
    """What became of this label is known, or nothing of it was sent."""

    message = "Nobody asks what became of this label: it is %(state)s"
    advice = "Look at the list again; it may have changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class JobWanted:
    """Which labels are to be printed where; `command` is the id of the job.

    Those of one `tube` of the kit, or of all.
    """

    command: UUID
    station: str
    stock: str = "tube_roll"
    language: str | None = None
    tube: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What somebody found who looked for a label: `there` is yes or no."""

    there: str
    command: UUID


def print_kit(work: Work, order: Order, wanted: JobWanted) -> JobSeen:
    """Have the labels of a kit printed at a station; the same command again: the job it made.

    Raises NoSuchStation, NoKitYet, NotOfThisKit, LabelsUnfit, CommandUsed, and what `demand`
    raises.
    """
    demand(work, "labels.print", site=order.site, programme=order.programme)
    # Two who press at once are one after the other: the second print voids the first.
    work.session.refresh(order, with_for_update=True)
    found = work.session.get(PrintJob, wanted.command)
    if found is not None and found.order_id != order.id:
        raise CommandUsed
    if found is not None:
        return job_seen(work.session, wanted.command)
    job = _job_of(work, order, wanted)
    texts = kit_texts(work, order, job.language)
    if wanted.tube is not None:
        texts = [(tube, text) for tube, text in texts if tube.code == wanted.tube]
    if not texts:
        raise NotOfThisKit
    printed = printed_as_document(order)
    labels = [NewLabel(subject=tube.id, text=text, printed=printed) for tube, text in texts]
    return begin(work, job, labels)


def printed_as_document(order: Order | None) -> int:
    """The generations that a kit's document stands for: it may lie in a drawer."""
    return 0 if order is None or order.labels_at is None else 1


def unfinished(work: Work, order: Order) -> PrintJob | None:
    """The job of a kit that still has labels to print; nobody asks for another meanwhile."""
    work.session.refresh(order, with_for_update=True)
    return unfinished_job(work.session, order.id)


def _job_of(work: Work, order: Order, wanted: JobWanted) -> PrintJob:
    job = job_at(
        work,
        wanted.station,
        command=wanted.command,
        kind=template.load(TEMPLATE),
        stock=wanted.stock,
        language=wanted.language,
    )
    demand(work, "labels.print", site=job.site, programme=order.programme)
    job.site, job.order_id = order.site, order.id
    return job


def look(work: Work, job_id: UUID, number: int, looked: Looked) -> JobSeen:
    """Settle a label of which nobody knew whether it exists; the job that holds it now.

    In somebody's hand it is printed. Where there is none it is void, and one of the next
    generation is asked for. The same command again changes nothing. Raises UnknownJob,
    NotAQuestion, and what `demand` raises.
    """
    job = _job_for(work, job_id)
    label = work.session.get(PrintLabel, (job_id, number))
    if label is None:
        raise UnknownJob
    there = looked.there == "yes"
    known = work.session.get(PrintJob, looked.command)
    if known is not None:
        return job_seen(work.session, known.id)
    if label.state not in NOT_KNOWN:
        if there and label.state == LabelState.PRINTED:
            return job_seen(work.session, job_id)
        raise NotAQuestion(state=label.state)
    label.state = LabelState.PRINTED if there else LabelState.VOID
    label.told_at = work.clock()
    if there:
        _write(work, job, label, looked, Kind.LABEL_PRINTED, {"status": "printed", "proof": "seen"})
        return job_seen(work.session, job_id)
    label.reasons = [*label.reasons, NOT_THERE]
    void: Facts = {"reason": "not there", "old_label_destroyed": False}
    _write(work, job, label, looked, Kind.LABEL_VOIDED, void)
    return _again(work, job, label, looked.command)


def give_up(work: Work, job_id: UUID) -> JobSeen:
    """Print no more of a job: whoever holds it is told so before its next label.

    The labels that were not begun are void, one that is on its way is unknown. A job of which
    nothing is left stays as it is. Raises UnknownJob, and what `demand` raises.
    """
    job = _job_for(work, job_id)
    labels = labels_of(work.session, job_id)
    tell(work, job, lost(labels, GIVEN_UP))
    for label in labels:
        if label.state == LabelState.WAITING:
            label.state, label.told_at = LabelState.VOID, work.clock()
            label.reasons = [GIVEN_UP]
    job.lease = job.leased_until = None
    work.session.flush()
    return job_seen(work.session, job_id)


def _job_for(work: Work, job_id: UUID) -> PrintJob:
    """A job, to oneself, for one who may print there. Raises UnknownJob."""
    job = work.session.get(PrintJob, job_id, with_for_update=True)
    if job is None:
        raise UnknownJob
    demand(work, "labels.print", site=job.site, programme=programme_of(work.session, job))
    return job


def _write(
    work: Work, job: PrintJob, label: PrintLabel, looked: Looked, kind: Kind, facts: Facts
) -> None:
    """The entry of one who looked for a label; a card has no story to write it into."""
    if label.subject is None:
        return
    told: Facts = {"generation": label.generation, "copy": label.number, "job": str(job.id)}
    draft = Draft(
        subject=label.subject,
        kind=kind,
        reading=by_hand(work, site=job.site, command=looked.command),
        order=job.order_id,
        facts={**told, **facts},
    )
    append(work, [draft])


def _again(work: Work, job: PrintJob, label: PrintLabel, command: UUID) -> JobSeen:
    """A job for one label more, of the next generation."""
    kept = ("station", "site", "order_id", "template", "template_version", "template_digest",
            "stock", "language")  # fmt: skip
    another = PrintJob(
        id=command,
        requested_by=work.actor.person,
        requested_at=work.clock(),
        **{name: getattr(job, name) for name in kept},
    )
    text = LabelText(code=label.code, lines=tuple(label.lines))
    one = NewLabel(subject=label.subject, text=text)
    subjects = () if label.subject is None else (label.subject,)
    return begin_next(work, another, [one], generations(work.session, subjects))
