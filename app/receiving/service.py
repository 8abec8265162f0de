"""Deeds of receiving: a package opened, its content checked in, the receipt closed."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from app.accounts.rights import demand
from app.custody import parties
from app.custody import queries as custody
from app.custody.drafts import Draft, Reading
from app.custody.ledger import Evidence, Facts, Json, Kind, Origin, Sort, Subject
from app.custody.registry import New, register
from app.custody.service import Written, append, by_hand
from app.kernel.errors import Invalid, Missing
from app.kernel.work import Work
from app.receiving.models import Arrival, ReceiptRow
from app.receiving.queries import CLOSE_BOX, ReceiptSeen, receipt_of, receipt_seen
from app.shipping.hands import DOCK, known_site, party
from app.shipping.queries import package_of, row_of
from app.storage.units import bench

QUARANTINE = "QUARANTINE"
# An entry beside those of the read itself, whose ordinals count from 0.
CONDITION_ORDINAL, FOUND_ORDINAL = 1, 900
CONDITIONS = ("tube_deviation", "condition_on_receipt")


class ConditionUnfit(Invalid):
    """A condition that is on no list."""

    message = "There is no such condition: %(condition)s"
    advice = "Choose a condition from the list"


class UnknownBox(Missing):
    """A box that nobody made."""

    message = "There is no box with this code"
    advice = "Scan the label of the box again"


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """A package is opened. `source` is who had it, as it was seen: the dock, or the courier."""

    source: str
    evidence: str
    seal_verdict: str
    seal: str | None = None
    condition: str | None = None
    temperature_c: float | None = None
    site: str | None = None
    occurred_at: datetime | None = None
    command: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """A receipt is closed: whoever looked has looked at everything."""

    site: str | None = None
    command: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A tube without a readable label turned up."""

    site: str | None = None
    package: str | None = None
    box: str | None = None
    command: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckIn:
    """A box or tube that was scanned, how, and for a tube the box it was found in."""

    subject: Subject
    reading: Reading
    box: Subject | None = None
    position: str | None = None
    codes: tuple[str, ...] = ()


def receive(work: Work, code: str, said: Opening) -> Subject:
    """Open a package at a dock; again by the same command: the same.

    Raises UnknownPackage, PartyUnfit, SiteMissing, ConditionUnfit.
    """
    package = package_of(work.session, code)
    site = known_site(work, said.site or work.actor.site or _goes_to(work, package))
    demand(work, "package.receive", site=site)
    if said.condition is not None:
        _check_codes(work, (said.condition,))
    reading = by_hand(work, site=site, command=said.command, at=said.occurred_at)
    facts: dict[str, Json] = {
        "seal": said.seal,
        "seal_verdict": said.seal_verdict,
        "condition": said.condition,
        "temperature_c": said.temperature_c,
    }
    written = append(
        work,
        [
            Draft(
                subject=package.id,
                kind=Kind.RECEIVED,
                reading=reading,
                source=party(said.source),
                target=parties.unit(site, DOCK),
                evidence=Evidence(said.evidence),
                package=package.id,
                facts={name: fact for name, fact in facts.items() if fact is not None},
            )
        ],
    )
    if not written.replayed:
        work.session.add(
            ReceiptRow(
                id=reading.command,
                package=package.id,
                site=site,
                received_at=reading.occurred_at,
            )
        )
        work.session.flush()
    return package


def _goes_to(work: Work, package: Subject) -> str:
    row = row_of(work.session, package)
    return row.destination if row else ""


def check_in(work: Work, arrivals: Sequence[CheckIn], package: Subject | None) -> Written:
    """Boxes and tubes were scanned as they came out of a package. Raises ConditionUnfit.

    A box is then on the bench, out of the package; a tube where it was found: in a box at its
    place, or on the bench.
    """
    _check_codes(work, [code for arrival in arrivals for code in arrival.codes])
    benches = _benches(work, arrivals)
    kept = _places(work, arrivals)
    drafts = [_checked_in(arrival, package, benches, kept) for arrival in arrivals]
    noted = [
        _noted(arrival.subject, arrival.codes, arrival.reading, package, CONDITION_ORDINAL)
        for arrival in arrivals
        if arrival.codes
    ]
    written = append(work, [*drafts, *noted])
    if package is not None:
        _remember(work, package, [arrival.subject for arrival in arrivals])
    return written


def _benches(work: Work, arrivals: Sequence[CheckIn]) -> dict[str | None, int | None]:
    sites = {arrival.reading.site for arrival in arrivals}
    return {site: bench(work, site).id if site is not None else None for site in sites}


def _places(work: Work, arrivals: Sequence[CheckIn]) -> dict[int, tuple[int, str | None]]:
    """Where in its box each tube is said to be so far: one seen in that box is seen there."""
    tubes = [a.subject.id for a in arrivals if a.box is not None and a.position is None]
    stand = custody.standings(work.session, tubes)
    return {
        id_: (seen.within.id, seen.position)
        for id_, seen in stand.items()
        if seen.within is not None
    }


def _checked_in(
    arrival: CheckIn,
    package: Subject | None,
    benches: dict[str | None, int | None],
    kept: dict[int, tuple[int, str | None]],
) -> Draft:
    site = arrival.reading.site
    unit = parties.unit(site, DOCK) if site is not None else None
    box = arrival.box if arrival.subject.sort is Sort.TUBE else None
    position = arrival.position
    if box is not None and position is None:
        within, place = kept.get(arrival.subject.id, (None, None))
        position = place if within == box.id else None
    return Draft(
        subject=arrival.subject.id,
        kind=Kind.CHECKED_IN,
        reading=arrival.reading,
        source=unit,
        target=unit,
        place=None if box is not None else benches[site],
        inside=box.id if box is not None else None,
        position=position if box is not None else None,
        package=package.id if package is not None else None,
    )


def note_condition(
    work: Work,
    noted: Sequence[tuple[Subject, tuple[str, ...], Reading]],
    package: Subject | None,
) -> Written:
    """The condition of things was noted. Raises ConditionUnfit."""
    _check_codes(work, [code for _, codes, _ in noted for code in codes])
    written = append(
        work, [_noted(subject, codes, how, package, 0) for subject, codes, how in noted]
    )
    if package is not None:
        _remember(work, package, [subject for subject, _, _ in noted])
    return written


def _noted(
    subject: Subject,
    codes: tuple[str, ...],
    reading: Reading,
    package: Subject | None,
    ordinal: int,
) -> Draft:
    return Draft(
        subject=subject.id,
        kind=Kind.CONDITION_NOTED,
        reading=reading,
        ordinal=ordinal,
        package=package.id if package is not None else None,
        facts={"codes": list(codes)},
    )


def _check_codes(work: Work, codes: Collection[str]) -> None:
    known = [work.catalogue.reasons[name].items for name in CONDITIONS]
    for code in codes:
        if not any(code in items for items in known):
            raise ConditionUnfit(condition=code[:40])


def register_found(
    work: Work, reading: Reading, package: Subject | None, box: Subject | None
) -> Subject:
    """A tube with no label that can be read gets a code of its own, and is set aside."""
    (tube,) = register(
        work,
        [
            New(
                sort=Sort.TUBE,
                reading=reading,
                namespace="TB",
                origin=Origin.FOUND,
                ordinal=FOUND_ORDINAL,
            )
        ],
    )
    unit = parties.unit(reading.site, DOCK) if reading.site is not None else None
    aside = bench(work, reading.site, QUARANTINE).id if reading.site is not None else None
    facts: Facts = {"label": "missing", "box": box.code} if box else {"label": "missing"}
    append(
        work,
        [
            Draft(
                subject=tube.id,
                kind=Kind.CHECKED_IN if package is not None else Kind.FOUND,
                reading=reading,
                source=unit,
                target=unit,
                place=aside,
                package=package.id if package is not None else None,
                facts=facts,
            )
        ],
    )
    if package is not None:
        _remember(work, package, [tube])
    return tube


def register_found_by_hand(work: Work, said: Found) -> Subject:
    """The same, said on a page. Raises UnknownPackage, UnknownBox."""
    site = known_site(work, said.site or work.actor.site or "")
    demand(work, "found.register", site=site)
    package = package_of(work.session, said.package) if said.package is not None else None
    box = custody.subject_of(work.session, said.box) if said.box is not None else None
    if said.box is not None and box is None:
        raise UnknownBox
    return register_found(work, by_hand(work, site=site, command=said.command), package, box)


def close_box(work: Work, box: Subject, package: Subject, reading: Reading) -> Written:
    """Everything in a box was looked for; what was not seen by now is missing."""
    written = append(
        work,
        [
            Draft(
                subject=box.id,
                kind=Kind.READ,
                reading=reading,
                package=package.id,
                facts={"meant": CLOSE_BOX},
            )
        ],
    )
    _remember(work, package, [box])
    return written


def close_receipt(work: Work, package: Subject, reading: Reading) -> Written:
    """The receipt ends, with whatever is open; a closed one stays as it is. Raises NotReceived."""
    seen = receipt_of(work.session, package)
    if seen.closed:
        return Written(entries=(), findings=(), replayed=True)
    facts: Facts = {
        "count_expected": seen.compared.expected,
        "count_scanned": seen.compared.scanned,
    }
    return append(
        work,
        [
            Draft(
                subject=package.id,
                kind=Kind.PACKAGE_CLOSED_OUT,
                reading=reading,
                package=package.id,
                facts=facts,
            )
        ],
    )


def close_by_hand(work: Work, code: str, said: Closing) -> ReceiptSeen:
    """The same, said on a page, answered with what is open. Raises UnknownPackage, NotReceived."""
    package = package_of(work.session, code)
    seen = receipt_of(work.session, package)
    site = said.site or work.actor.site or seen.site or ""
    demand(work, "receipt.close", site=site)
    close_receipt(work, package, by_hand(work, site=site, command=said.command))
    return receipt_seen(work, package)


def _remember(work: Work, package: Subject, subjects: Sequence[Subject]) -> None:
    """Keep what was said to have come in a package, so that its receipt finds it."""
    rows = [{"package": package.id, "subject_id": subject.id} for subject in subjects]
    if rows:
        work.session.execute(insert(Arrival).on_conflict_do_nothing(), rows)
