"""What is answered about a scan: the verdict, and what is said, before it becomes words."""

from app.accounts.rights import AnotherSite, NotYourTask
from app.custody.ledger import Json
from app.kernel.errors import HouseError
from app.scanning.journal import intent_as_json
from app.scanning.scan import Answer, Deed, Outcome, Read, Say, Sent, Verdict
from app.scanning.turns import Turn

FOREIGN_SCAN = "G37"
# Told instead of the plain words of a verdict, and asked for a look where all else is well.
NOTES = frozenset({Say.NO_USE, Say.CONTEXT_MISSING})


def answer_of(deed: Deed, outcome: Outcome) -> Answer:
    """The answer to a scan that meant something."""
    verdict, say = _verdict(deed, outcome)
    hidden = FOREIGN_SCAN in outcome.findings and verdict is Verdict.LOOK
    subject = outcome.subject or deed.subject
    return Answer(
        id=deed.scan.id,
        verdict=verdict,
        saying=(Say.ANOTHER_SITE if hidden else say).value,
        values={"step": deed.intent.step, **_tube(deed), **outcome.values} if not hidden else {},
        rule=FOREIGN_SCAN if hidden else next(iter(outcome.findings), None),
        subject=subject.code if subject else None,
        kind=subject.sort.value if subject else None,
        entries=tuple(str(entry) for entry in outcome.entries),
        findings=() if hidden else outcome.findings,
        seen_at=deed.reading.occurred_at,
        facts={} if hidden else outcome.facts,
        meant=_meant(deed, verdict, say) if not hidden else {},
    )


def _meant(deed: Deed, verdict: Verdict, say: Say) -> dict[str, Json]:
    """What was done with a read of a station's own scanner, which said nothing about it."""
    done = verdict in (Verdict.ACCEPTED, Verdict.LOOK) and say is not Say.ERROR
    return intent_as_json(deed.intent) if done and deed.scan.intent is None else {}


def _verdict(deed: Deed, outcome: Outcome) -> tuple[Verdict, Say]:
    if outcome.verdict is not None:
        return outcome.verdict, outcome.say or Say.RECORDED
    if deed.note is not None:
        return Verdict.LOOK, deed.note
    if deed.found:
        return Verdict.LOOK, Say.NEVER_ISSUED
    if outcome.findings:
        return Verdict.LOOK, Say.FOUND_GAP
    if deed.reading.actor is None:
        return Verdict.LOOK, Say.UNATTRIBUTED
    return Verdict.ACCEPTED, outcome.say or Say.RECORDED


def _tube(deed: Deed) -> dict[str, str]:
    kind = deed.subject.facts.get("tube_type") if deed.subject else None
    return {"tube_type": kind} if isinstance(kind, str) else {}


def refused(turn: Turn, say: Say) -> Answer:
    """Refused for what it is: unreadable."""
    return Answer(id=turn.sent.id, verdict=Verdict.REFUSED, saying=say.value)


def denied(turn: Turn, error: type[AnotherSite | NotYourTask]) -> Answer:
    """Refused, since the one who scanned may not do such a thing here."""
    return Answer(
        id=turn.sent.id,
        verdict=Verdict.REFUSED,
        saying=Say.ERROR.value,
        values={"message": error.message, "advice": error.advice, "values": {}},
    )


def nowhere(turn: Turn) -> Answer:
    """Refused, since nobody can tell where it was scanned."""
    return Answer(id=turn.sent.id, verdict=Verdict.REFUSED, saying=Say.NO_SITE.value)


def unknown(turn: Turn, read: Read) -> Answer:
    """Written in the journal alone: a code of something that has no story here."""
    return Answer(
        id=turn.sent.id,
        verdict=Verdict.LOOK,
        saying=Say.UNKNOWN.value,
        subject=read.text,
        kind=read.kind,
        seen_at=turn.scan.occurred_at,
    )


def card_read(turn: Turn, say: Say) -> Answer:
    """A command card that asks for nothing now."""
    look = say is Say.CARD_NO_USE
    return Answer(
        id=turn.sent.id,
        verdict=Verdict.LOOK if look else Verdict.ACCEPTED,
        saying=say.value,
        values={"card": turn.read.command if turn.read else None},
        kind="command",
        seen_at=turn.scan.occurred_at,
    )


def test_code(turn: Turn) -> Answer:
    """A code of the scanner check, which is nobody's: accepted, so that its tone is heard."""
    return Answer(
        id=turn.sent.id,
        verdict=Verdict.ACCEPTED,
        saying=Say.TEST_CODE.value,
        seen_at=turn.scan.occurred_at,
    )


def unfit(sent: Sent) -> Answer:
    """Refused, since a part of it cannot be used; each is named."""
    return Answer(
        id=sent.id,
        verdict=Verdict.REFUSED,
        saying=Say.DOES_NOT_FIT.value,
        values={"faults": [[fault.path, fault.message] for fault in sent.faults]},
    )


def parked(sent: Sent) -> Answer:
    """Kept until the reads before it are here."""
    return Answer(id=sent.id, verdict=Verdict.PARKED, saying=Say.PARKED.value)


def conflict(sent: Sent) -> Answer:
    """Another read is known by this id, or at this place in the device's order."""
    return Answer(id=sent.id, verdict=Verdict.REFUSED, saying=Say.CONFLICT.value, conflict=True)


def told_by(error: HouseError) -> dict[str, Json]:
    """The words of an error, and the values for their places."""
    values: dict[str, Json] = {key: str(value) for key, value in error.values.items()}
    return {"message": error.message, "advice": error.advice, "values": values}
