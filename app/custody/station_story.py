"""The story of a station: how it and its devices are, written where that is news."""

from collections.abc import Sequence

from app.custody import queries, registry
from app.custody.drafts import Draft, Reading
from app.custody.ledger import Facts, Kind, Mode, Sort
from app.custody.registry import New
from app.custody.service import append
from app.kernel.work import Work

REGISTERED = 900  # far from the ordinals that what is told counts from 0


def tell(work: Work, *, station: str, site: str | None, told: Sequence[tuple[Kind, Facts]]) -> None:
    """Write these into a station's story; it gets one the first time there is something to tell."""
    reading = Reading(
        command=work.ids(),
        occurred_at=work.clock(),
        site=site,
        station=station,
        mode=Mode.SYSTEM,
    )
    subject = _subject(work, station, reading)
    drafts = [
        Draft(subject=subject, kind=kind, reading=reading, ordinal=ordinal, facts=facts)
        for ordinal, (kind, facts) in enumerate(told)
    ]
    append(work, drafts)


def _subject(work: Work, station: str, reading: Reading) -> int:
    known = queries.subject_of(work.session, station)
    if known is not None:
        return known.id
    new = New(sort=Sort.STATION, reading=reading, namespace="ST", code=station, ordinal=REGISTERED)
    return registry.register(work, [new])[0].id
