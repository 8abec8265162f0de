"""What is scanned where things are packed: handed to shipping, and stopped after a withdrawal."""

from collections.abc import Mapping, Sequence
from typing import cast
from uuid import UUID

from app.kernel.work import Work
from app.participants.queries import withdrawn_among
from app.scanning.outcomes import outcomes_of
from app.scanning.scan import Deed, Outcome, Say, Stop
from app.shipping import service


def pack(work: Work, deeds: Sequence[Deed]) -> list[Outcome]:
    """Tubes were put into a box."""
    packed = [(deed.subject, deed.intent.position, deed.reading) for deed in deeds if deed.subject]
    return outcomes_of(work, deeds, service.pack_tubes(work, packed, deeds[0].context["box"]))


def pack_box(work: Work, deeds: Sequence[Deed]) -> list[Outcome]:
    """Boxes were put into a package."""
    packed = [(deed.subject, deed.reading) for deed in deeds if deed.subject]
    return outcomes_of(work, deeds, service.pack_boxes(work, packed, deeds[0].context["package"]))


def unpack(work: Work, deeds: Sequence[Deed]) -> list[Outcome]:
    """Things were taken out of what they were in."""
    taken = [(deed.subject, deed.reading) for deed in deeds if deed.subject]
    return outcomes_of(work, deeds, service.unpack(work, taken))


def seal(work: Work, deeds: Sequence[Deed]) -> list[Outcome]:
    """Packages were closed."""
    sealed = [(deed.subject, _seal(deed), deed.reading) for deed in deeds if deed.subject]
    return outcomes_of(work, deeds, service.seal(work, sealed))


def _seal(deed: Deed) -> str | None:
    number = deed.intent.facts.get("seal")
    return number if isinstance(number, str) else None


def withdrawn(work: Work, deeds: Sequence[Deed]) -> Mapping[UUID, Stop]:
    """Of these tubes, those whose participant withdrew: they must not go on."""
    people = {deed.subject.participant for deed in deeds if deed.subject} - {None}
    gone = withdrawn_among(work.session, cast("set[int]", people), moment=work.clock())
    return {
        deed.scan.id: Stop(say=Say.HOLD)
        for deed in deeds
        if deed.subject is not None and deed.subject.participant in gone
    }
