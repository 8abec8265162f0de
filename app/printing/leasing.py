"""The agents' side of print jobs: a job is leased to one agent, and told label by label.

A lease that ends with a label in flight leaves it unknown: whoever comes next prints only what was
never sent. An agent that began again names the lease it had, and need not wait for its end. What an
agent tells is written whatever the lease says, for it happened.
"""

from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from app.kernel.errors import Forbidden, Invalid
from app.kernel.work import Work
from app.printing.laying import DPI, document, laid
from app.printing.models import LabelState, PrintJob, PrintLabel
from app.printing.queries import UnknownJob, labels_of, next_job
from app.printing.telling import Outcome, lost, tell
from labels.layout import LabelText
from labels.zpl import zpl

LEASE = timedelta(seconds=60)
ZPL, PDF = "zpl", "pdf"


class NotThisStation(Forbidden):
    """An agent asks for another station's work."""

    message = "This is another station's print job"
    advice = "Look which station this computer is paired with"


class HeadUnknown(Invalid):
    """A printer whose head nobody lays labels out for."""

    message = "No labels are laid out for a head of %(dpmm)s dots per mm"
    advice = "Use a printer of 203, 300 or 600 dpi"


@dataclass(frozen=True, slots=True, kw_only=True)
class PrinterHere:
    """The printer an agent has: its name, the dots per mm of its head, and what it takes.

    `held` is the lease it had last: it ended perhaps, and began again, with labels left.
    """

    printer: str
    dpmm: int
    format: str = ZPL
    held: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A label ready for the printer; a document that is no text, in base64."""

    number: int
    content: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Leased:
    """What an agent is to print, and until when nobody else will."""

    job: UUID
    lease: UUID
    until: datetime
    dpmm: int
    format: str
    labels: tuple[Format, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What an agent tells of a job it holds; with nothing to tell it says that it goes on."""

    lease: UUID
    outcomes: tuple[Outcome, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """Whether the job is still the agent's, and until when; if not, it must print no more of it."""

    held: bool
    until: datetime


def lease(work: Work, station: str, here: PrinterHere) -> Leased | None:
    """The next job for this station's printer, or None; the lease of it is always a new one.

    Whoever names the lease of a job has what is left of it at once, as if that lease had ended.
    Raises NotThisStation, HeadUnknown.
    """
    _check_station(work, station)
    if here.dpmm not in DPI:
        raise HeadUnknown(dpmm=here.dpmm)
    now = work.clock()
    job = next_job(work.session, station, now=now, held=here.held)
    if job is None:
        return None
    labels = labels_of(work.session, job.id)
    tell(work, job, lost(labels, "lease_ended"))
    job.lease, job.leased_until, job.printer = work.ids(), now + LEASE, here.printer
    work.session.flush()
    waiting = [label for label in labels if label.state == LabelState.WAITING]
    return Leased(
        job=job.id,
        lease=job.lease,
        until=now + LEASE,
        dpmm=here.dpmm,
        format=here.format,
        labels=tuple(_format(job, label, here) for label in waiting),
    )


def hear(work: Work, station: str, job_id: UUID, report: Report) -> Heard:
    """Take down what an agent tells of its labels. Raises NotThisStation, UnknownJob."""
    _check_station(work, station)
    job = work.session.get(PrintJob, job_id, with_for_update=True)
    if job is None or job.station != station:
        raise UnknownJob
    labels = {label.number: label for label in labels_of(work.session, job_id)}
    tell(work, job, [(labels[e.number], e) for e in report.outcomes if e.number in labels])
    now = work.clock()
    held = job.lease == report.lease
    if held:
        job.leased_until = now + LEASE
    work.session.flush()
    return Heard(held=held, until=now + LEASE if held else now)


def _check_station(work: Work, station: str) -> None:
    if work.actor.station != station:
        raise NotThisStation


def _format(job: PrintJob, label: PrintLabel, here: PrinterHere) -> Format:
    text = LabelText(code=label.code, lines=tuple(label.lines))
    return Format(number=label.number, content=FORMATS[here.format](job, text, DPI[here.dpmm]))


def _as_zpl(job: PrintJob, text: LabelText, dpi: int) -> str:
    return zpl(laid(job, text, dpi)).decode("ascii")


def _as_pdf(job: PrintJob, text: LabelText, dpi: int) -> str:
    return b64encode(document(job, text, dpi)).decode("ascii")


FORMATS: Mapping[str, Callable[[PrintJob, LabelText, int], str]] = {ZPL: _as_zpl, PDF: _as_pdf}
