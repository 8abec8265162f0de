"""What becomes of a label is written down: its state, and an entry where it may be on paper.

It is written whoever holds the job by now, for it happened.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from app.custody.drafts import Draft, Reading
from app.custody.ledger import Kind, Mode
from app.custody.service import append
from app.kernel.work import Work
from app.printing.models import LabelState, PrintJob, PrintLabel

# What may follow what; told again, or told late, changes nothing.
_FOLLOWS = {
    LabelState.WAITING: frozenset(LabelState) - {LabelState.WAITING, LabelState.VOID},
    LabelState.SENT: frozenset(LabelState) - {LabelState.WAITING, LabelState.SENT, LabelState.VOID},
    LabelState.UNKNOWN: frozenset({LabelState.PRINTED}),
}
_ON_PAPER = frozenset({LabelState.PRINTED, LabelState.HANDED_OVER, LabelState.UNKNOWN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What an agent knows of one label; `counted` are the counter before and after."""

    number: int
    state: str
    reasons: tuple[str, ...] = ()
    counted: tuple[int, ...] = ()


def lost(labels: Sequence[PrintLabel], why: str) -> list[tuple[PrintLabel, Outcome]]:
    """What is known of the labels that were on their way to the printer when it was not heard of.

    Nothing, that is: `why` is the reason.
    """
    sent = [label for label in labels if label.state == LabelState.SENT]
    return [
        (label, Outcome(number=label.number, state=LabelState.UNKNOWN, reasons=(why,)))
        for label in sent
    ]


def _news(label: PrintLabel, outcome: Outcome) -> bool:
    follows = _FOLLOWS.get(LabelState(label.state), frozenset())
    return LabelState(outcome.state) in follows


def tell(work: Work, job: PrintJob, told: Sequence[tuple[PrintLabel, Outcome]]) -> None:
    """Note each outcome that is news, and write an entry about each label that may be on paper."""
    drafts = []
    for label, outcome in told:
        if not _news(label, outcome):
            continue
        label.state, label.told_at = outcome.state, work.clock()
        label.reasons = list(outcome.reasons)
        label.counted = list(outcome.counted) or label.counted
        if label.state in _ON_PAPER and label.subject is not None:
            drafts.append(_draft(work, job, label, label.subject))
    append(work, drafts)


def _draft(work: Work, job: PrintJob, label: PrintLabel, subject: int) -> Draft:
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
        subject=subject,
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
