"""Print jobs: asked for by a person, leased to one agent, told label by label.

A lease that ends with a label in flight leaves it unknown: whoever comes next prints only what was
never sent. What an agent tells is written whatever the lease says, for it happened.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from app.accounts.models import Station
from app.accounts.rights import demand
from app.collection.labels import TEMPLATE, LabelsUnfit, kit_texts
from app.collection.models import Order
from app.custody.drafts import Draft, Reading
from app.custody.ledger import Facts, Kind, Mode
from app.custody.service import append, by_hand
from app.kernel.errors import Forbidden, Invalid, Missing, Refused
from app.kernel.work import Work
from app.printing.models import PrintJob, PrintLabel
from app.printing.queries import (
    NOT_KNOWN,
    JobSeen,
    UnknownJob,
    generations,
    job_seen,
    labels_of,
    next_job,
    programme_of,
    unbegun,
)
from labels import layout, stock, template
from labels.layout import LabelText
from labels.zpl import zpl

LEASE = timedelta(seconds=60)
_VOIDED = 10_000  # ordinals of a job's entries: of its labels below, of what it voids above
_DPI = {8: 203, 12: 300, 24: 600}


class LabelState(StrEnum):
    """What is known of a label; the words of the agent."""

    WAITING = "waiting"
    SENT = "sent"
    PRINTED = "printed"
    HANDED_OVER = "handed over"
    UNKNOWN = "unknown"
    REFUSED = "refused"
    VOID = "void"


# What may follow what; told again, or told late, changes nothing.
_FOLLOWS = {
    LabelState.WAITING: frozenset(LabelState) - {LabelState.WAITING, LabelState.VOID},
    LabelState.SENT: frozenset(LabelState) - {LabelState.WAITING, LabelState.SENT, LabelState.VOID},
    LabelState.UNKNOWN: frozenset({LabelState.PRINTED}),
}
_ON_PAPER = frozenset({LabelState.PRINTED, LabelState.HANDED_OVER, LabelState.UNKNOWN})


class NoSuchStation(Missing):
    """Labels for a station that is not there."""

    message = "There is no such station"
    advice = "Look at the code on the station's card"


class NotThisStation(Forbidden):
    """An agent asks for another station's work."""

    message = "This is another station's print job"
    advice = "Look which station this computer is paired with"


class CommandUsed(Refused):
    """One id for two print jobs."""

    message = "This print job was asked for already, for another kit"
    advice = "Open the page again and press Print"


class HeadUnknown(Invalid):
    """A printer whose head nobody lays labels out for."""

    message = "No labels are laid out for a head of %(dpmm)s dots per mm"
    advice = "Use a printer of 203, 300 or 600 dpi"


class NotAQuestion(Refused):
    """What became of this label is known, or nothing of it was sent."""

    message = "Nobody asks what became of this label: it is %(state)s"
    advice = "Look at the list again; it may have changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class JobWanted:
    """Which labels are to be printed where; `command` is the id of the job."""

    command: UUID
    station: str
    stock: str = "tube_roll"
    language: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PrinterHere:
    """The printer an agent has: its name, and the dots per mm of the head that is really there."""

    printer: str
    dpmm: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A label ready for the printer."""

    number: int
    content: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Leased:
    """What an agent is to print, and until when nobody else will."""

    job: UUID
    lease: UUID
    until: datetime
    dpmm: int
    labels: tuple[Format, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What an agent knows of one label; `counted` are the counter before and after."""

    number: int
    state: str
    reasons: tuple[str, ...] = ()
    counted: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What an agent tells of a job it holds; with nothing to tell it says that it goes on."""

    lease: UUID
    outcomes: tuple[Outcome, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What somebody found who looked for a label: `there` is yes or no."""

    there: str
    command: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """Whether the job is still the agent's, and until when; if not, it must print no more of it."""

    held: bool
    until: datetime


def print_kit(work: Work, order: Order, wanted: JobWanted) -> JobSeen:
    """Have the labels of a kit printed at a station; the same command again: the job it made.

    Raises NoSuchStation, NoKitYet, LabelsUnfit, CommandUsed, and what `demand` raises.
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
    _check_fits(job, [text for _, text in texts])
    # A document of them counts too: it may lie in a drawer.
    least = 0 if order.labels_at is None else 1
    known = generations(work.session, {tube.id for tube, _ in texts})
    before = {tube.id: max(known.get(tube.id, 0), least) for tube, _ in texts}
    _void_before(work, job, before)
    return _begin(work, job, [(tube.id, text, before[tube.id] + 1) for tube, text in texts])


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


def lease(work: Work, station: str, here: PrinterHere) -> Leased | None:
    """The next job for this station's printer, or None. Raises NotThisStation, HeadUnknown."""
    _check_station(work, station)
    if here.dpmm not in _DPI:
        raise HeadUnknown(dpmm=here.dpmm)
    now = work.clock()
    job = next_job(work.session, station, now=now)
    if job is None:
        return None
    labels = labels_of(work.session, job.id)
    lost = [label for label in labels if label.state == LabelState.SENT]
    _write(work, job, [(label, _lost(label)) for label in lost])
    job.lease, job.leased_until, job.printer = work.ids(), now + LEASE, here.printer
    work.session.flush()
    waiting = [label for label in labels if label.state == LabelState.WAITING]
    return Leased(
        job=job.id,
        lease=job.lease,
        until=now + LEASE,
        dpmm=here.dpmm,
        labels=tuple(_format(job, label, here.dpmm) for label in waiting),
    )


def hear(work: Work, station: str, job_id: UUID, report: Report) -> Heard:
    """Take down what an agent tells of its labels. Raises NotThisStation, UnknownJob."""
    _check_station(work, station)
    job = work.session.get(PrintJob, job_id, with_for_update=True)
    if job is None or job.station != station:
        raise UnknownJob
    labels = {label.number: label for label in labels_of(work.session, job_id)}
    _write(work, job, [(labels[e.number], e) for e in report.outcomes if e.number in labels])
    now = work.clock()
    held = job.lease == report.lease
    if held:
        job.leased_until = now + LEASE
    work.session.flush()
    return Heard(held=held, until=now + LEASE if held else now)


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


def _lost(label: PrintLabel) -> Outcome:
    return Outcome(number=label.number, state=LabelState.UNKNOWN, reasons=("lease_ended",))


def _news(label: PrintLabel, outcome: Outcome) -> bool:
    follows = _FOLLOWS.get(LabelState(label.state), frozenset())
    return LabelState(outcome.state) in follows


def _write(work: Work, job: PrintJob, told: Sequence[tuple[PrintLabel, Outcome]]) -> None:
    """Note each outcome that is news, and write an entry about each label that may be on paper."""
    drafts = []
    for label, outcome in told:
        if not _news(label, outcome):
            continue
        label.state, label.told_at = outcome.state, work.clock()
        label.reasons = list(outcome.reasons)
        label.counted = list(outcome.counted) or label.counted
        if label.state in _ON_PAPER:
            drafts.append(_draft(work, job, label))
    append(work, drafts)


def _draft(work: Work, job: PrintJob, label: PrintLabel) -> Draft:
    """The entry about one label: a printer's word is a machine's, and proves what it counted."""
    reading = Reading(
        command=job.id,
        occurred_at=work.clock(),
        site=job.site,
        station=job.station,
        actor=job.requested_by,
        mode=Mode.SYSTEM,
    )
    return Draft(
        subject=label.subject,
        kind=Kind.LABEL_PRINTED,
        reading=reading,
        # Told unknown first and printed later are two entries of one label.
        ordinal=2 * label.number + (label.state == LabelState.PRINTED),
        order=job.order_id,
        facts={
            "generation": label.generation,
            "copy": label.number,
            "status": label.state,
            "reasons": list(label.reasons),
            "counted": label.counted,
            "printer": job.printer,
            "template": job.template,
            "template_version": job.template_version,
            "template_digest": job.template_digest,
        },
    )


def _check_station(work: Work, station: str) -> None:
    if work.actor.station != station:
        raise NotThisStation


def _check_fits(job: PrintJob, texts: Sequence[LabelText]) -> None:
    try:
        for text in texts:
            for dpi in _DPI.values():
                _laid(job, text, dpi)
    except (layout.DoesNotFit, layout.NotPrintable, ValueError) as error:
        raise LabelsUnfit(why=str(error)) from error


def _laid(job: PrintJob, text: LabelText, dpi: int) -> layout.Layout:
    return layout.place(
        text, template.load(job.template), stock.load(job.stock), dpi=dpi, language=job.language
    )


def _format(job: PrintJob, label: PrintLabel, dpmm: int) -> Format:
    text = LabelText(code=label.code, lines=tuple(label.lines))
    return Format(number=label.number, content=zpl(_laid(job, text, _DPI[dpmm])).decode("ascii"))
