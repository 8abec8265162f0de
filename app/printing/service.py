"""The people's side of print jobs: they ask for labels, and say whether one is in their hand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from app.accounts.models import Station
from app.accounts.rights import demand
from app.collection.labels import TEMPLATE, LabelsUnfit, kit_texts
from app.collection.models import Order
from app.custody.drafts import Draft
from app.custody.ledger import Facts, Kind
from app.custody.service import append, by_hand
from app.kernel.errors import Missing, Refused
from app.kernel.work import Work
from app.printing.laying import DPI, laid
from app.printing.models import NOT_KNOWN, LabelState, PrintJob, PrintLabel
from app.printing.queries import (
    JobSeen,
    UnknownJob,
    generations,
    job_seen,
    programme_of,
    unbegun,
    unfinished_job,
)
from labels import layout, template
from labels.layout import LabelText

_VOIDED = 10_000  # ordinals of a job's entries: of its labels below, of what it voids above


class NoSuchStation(Missing):
    """Labels for a station that is not there."""

    message = "There is no such station"
    advice = "Look at the code on the station's card"


class CommandUsed(Refused):
    """One id for two print jobs."""

    message = "This print job was asked for already, for another kit"
    advice = "Open the page again and press Print"


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
    _check_fits(job, [text for _, text in texts])
    # A document of them counts too: it may lie in a drawer.
    least = 0 if order.labels_at is None else 1
    known = generations(work.session, {tube.id for tube, _ in texts})
    before = {tube.id: max(known.get(tube.id, 0), least) for tube, _ in texts}
    _void_before(work, job, before)
    return _begin(work, job, [(tube.id, text, before[tube.id] + 1) for tube, text in texts])


def unfinished(work: Work, order: Order) -> PrintJob | None:
    """The job of a kit that still has labels to print; nobody asks for another meanwhile."""
    work.session.refresh(order, with_for_update=True)
    return unfinished_job(work.session, order.id)


def _job_of(work: Work, order: Order, wanted: JobWanted) -> PrintJob:
    station = work.session.get(Station, wanted.station)
    if station is None:
        raise NoSuchStation
    demand(work, "labels.print", site=station.site, programme=order.programme)
    kind = template.load(TEMPLATE)
    return PrintJob(
        id=wanted.command,
        station=station.code,
        site=order.site,
        order_id=order.id,
        template=kind.id,
        template_version=kind.version,
        template_digest=kind.digest,
        stock=wanted.stock,
        language=wanted.language or work.actor.language,
        requested_by=work.actor.person,
        requested_at=work.clock(),
    )


def _begin(work: Work, job: PrintJob, labels: Sequence[tuple[int, LabelText, int]]) -> JobSeen:
    """Write down a job with its labels: of which subject, what each says, its generation."""
    work.session.add(job)
    work.session.flush()
    work.session.add_all(
        PrintLabel(
            job=job.id,
            number=number,
            subject=subject,
            code=text.code,
            generation=generation,
            lines=list(text.lines),
            state=LabelState.WAITING,
            reasons=[],
        )
        for number, (subject, text, generation) in enumerate(labels, start=1)
    )
    work.session.flush()
    return job_seen(work.session, job.id)


def _void_before(work: Work, job: PrintJob, generations_before: Mapping[int, int]) -> None:
    """A new print voids the one before: what nobody has begun to print of it is not printed."""
    for label in unbegun(work.session, generations_before):
        label.state, label.told_at = LabelState.VOID, work.clock()
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
        for number, (subject, generation) in enumerate(generations_before.items())
        if generation
    ]
    append(work, drafts)


def look(work: Work, job_id: UUID, number: int, looked: Looked) -> JobSeen:
    """Settle a label of which nobody knew whether it exists; the job that holds it now.

    In somebody's hand it is printed. Where there is none it is void, and one of the next
    generation is asked for. The same command again changes nothing. Raises UnknownJob,
    NotAQuestion, and what `demand` raises.
    """
    job = work.session.get(PrintJob, job_id, with_for_update=True)
    label = work.session.get(PrintLabel, (job_id, number))
    if job is None or label is None:
        raise UnknownJob
    demand(work, "labels.print", site=job.site, programme=programme_of(work.session, job))
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
    reading = by_hand(work, site=job.site, command=looked.command)
    facts: Facts = {"generation": label.generation, "copy": label.number, "job": str(job.id)}
    if there:
        facts = {**facts, "status": label.state, "proof": "seen"}
        append(work, [Draft(subject=label.subject, kind=Kind.LABEL_PRINTED, reading=reading,
                            order=job.order_id, facts=facts)])  # fmt: skip
        return job_seen(work.session, job_id)
    facts = {**facts, "reason": "not there", "old_label_destroyed": False}
    append(work, [Draft(subject=label.subject, kind=Kind.LABEL_VOIDED, reading=reading,
                        order=job.order_id, facts=facts)])  # fmt: skip
    return _again(work, job, label, looked.command)


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
    newest = generations(work.session, {label.subject})[label.subject]
    text = LabelText(code=label.code, lines=tuple(label.lines))
    return _begin(work, another, [(label.subject, text, newest + 1)])


def _check_fits(job: PrintJob, texts: Sequence[LabelText]) -> None:
    try:
        for text in texts:
            for dpi in DPI.values():
                laid(job, text, dpi)
    except (layout.DoesNotFit, layout.NotPrintable, ValueError) as error:
        raise LabelsUnfit(why=str(error)) from error
