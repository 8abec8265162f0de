"""What is scanned where things are put away: handed to storage, and stopped at a promised place."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from app.kernel.work import Work
from app.scanning.outcomes import outcomes_of
from app.scanning.packing import withdrawn
from app.scanning.scan import Deed, Outcome, Say, Stop
from app.scanning.steps import LOCATIONS
from app.storage import service
from app.storage.service import PutAway


def store(work: Work, deeds: Sequence[Deed]) -> list[Outcome]:
    """Things were put away."""
    return outcomes_of(work, deeds, service.store(work, _puts(deeds)))


def move(work: Work, deeds: Sequence[Deed]) -> list[Outcome]:
    """Things were moved to another place."""
    return outcomes_of(work, deeds, service.move(work, _puts(deeds)))


def why_not_store(work: Work, deeds: Sequence[Deed]) -> Mapping[UUID, Stop]:
    """Of these, what must not be put there: promised to another, or to be held."""
    return {**reserved(work, deeds), **withdrawn(work, deeds)}


def reserved(work: Work, deeds: Sequence[Deed]) -> Mapping[UUID, Stop]:
    """Of these, what would go where a place is promised to somebody else."""
    return {
        deed.scan.id: Stop(say=Say.RESERVED)
        for deed in deeds
        if (put := _put(deed)) is not None and service.why_stop(work, put) is not None
    }


def _puts(deeds: Sequence[Deed]) -> list[PutAway]:
    return [put for deed in deeds if (put := _put(deed)) is not None]


def _put(deed: Deed) -> PutAway | None:
    """The thing and the innermost of what was said to be around it."""
    around = next((deed.context[name] for name in LOCATIONS if name in deed.context), None)
    if deed.subject is None or around is None:
        return None
    return PutAway(
        subject=deed.subject,
        location=around,
        position=deed.intent.position,
        reading=deed.reading,
    )
