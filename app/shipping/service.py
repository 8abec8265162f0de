"""Deeds of sending: boxes and packages made, packed, sealed, handed to a courier, delivered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from app.accounts.queries import zone_of
from app.accounts.rights import demand
from app.custody import parties
from app.custody import queries as custody
from app.custody.drafts import Draft, Reading, with_facts
from app.custody.ledger import UNKNOWN, Evidence, Facts, Json, Kind, Sort, Subject
from app.custody.registry import New, register
from app.custody.service import Written, append, by_hand, lock
from app.kernel.errors import Invalid, Refused
from app.kernel.work import Work
from app.shipping.hands import DOCK, known_site, party, unit_here
from app.shipping.manifest import frozen, hash_of, lines_of
from app.shipping.models import PackageRow, Shipment
from app.shipping.queries import number_in_use, package_of, row_of
from config.carriers import Tracking, normalise
from labels.code import CodeRefused, parse

Packed = tuple[Subject, str | None, Reading]


class CarrierNumberUnfit(Invalid):
    """What cannot be a carrier's number."""

    message = "This is not a carrier's number"
    advice = "Scan the bars on the carrier's label"


class CarrierNumberInUse(Refused):
    """A carrier's number of another package that is under way, or was not long ago."""

    message = "The tracking number %(number)s was used on %(day)s"
    advice = "Discard this label, use a new one"


class NotACourier(Invalid):
    """A package is delivered by a courier."""

    message = "A courier must be named as the one who delivered it"
    advice = "Say which courier brought it"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPackage:
    """A package to be made: from where to where."""

    site: str
    destination: str
    command: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealing:
    """A package is closed, with the number of its seal where it has one."""

    seal: str | None = None
    site: str | None = None
    command: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """A package is handed to a courier. `source` is the unit that hands it over, as it was seen."""

    source: str
    courier: str
    evidence: str
    carrier_number: str | None = None
    service: str | None = None
    logger: str | None = None
    seal: str | None = None
    refrigerant: str | None = None
    destination: str | None = None
    site: str | None = None
    occurred_at: datetime | None = None
    command: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A package is at a dock, not opened. `source` is the courier, as it was seen."""

    source: str
    evidence: str
    site: str | None = None
    occurred_at: datetime | None = None
    command: UUID | None = None


def add_package(work: Work, wanted: NewPackage) -> Subject:
    """A package with a code of ours. Raises SiteMissing."""
    demand(work, "scan.pack", site=wanted.site)
    known_site(work, wanted.site)
    known_site(work, wanted.destination)
    facts: Facts = {"site": wanted.site, "destination": wanted.destination}
    (package,) = register(
        work,
        [
            New(
                sort=Sort.PACKAGE,
                reading=by_hand(work, site=wanted.site, command=wanted.command),
                namespace="PK",
                facts=facts,
            )
        ],
    )
    if row_of(work.session, package) is None:
        work.session.add(
            PackageRow(
                subject_id=package.id,
                site=wanted.site,
                destination=wanted.destination,
                made_at=work.clock(),
            )
        )
        work.session.flush()
    return package


def pack_tubes(work: Work, packed: Sequence[Packed], box: Subject) -> Written:
    """Tubes were put into a box, each at its position."""
    return append(work, [_into(work, one, box) for one in packed])


def pack_boxes(work: Work, packed: Sequence[tuple[Subject, Reading]], package: Subject) -> Written:
    """Boxes were put into a package, with whatever is in them."""
    return append(work, [_into(work, (box, None, how), package) for box, how in packed])


def _into(work: Work, packed: Packed, container: Subject) -> Draft:
    subject, position, reading = packed
    return Draft(
        subject=subject.id,
        kind=Kind.PACKED,
        reading=reading,
        target=unit_here(work, reading),
        inside=container.id,
        position=position,
    )


def unpack(work: Work, taken: Sequence[tuple[Subject, Reading]]) -> Written:
    """Things were taken out of what they were in."""
    return append(
        work,
        [
            Draft(
                subject=subject.id,
                kind=Kind.UNPACKED,
                reading=reading,
                target=unit_here(work, reading),
            )
            for subject, reading in taken
        ],
    )


def seal(work: Work, sealed: Sequence[tuple[Subject, str | None, Reading]]) -> Written:
    """Packages were closed, each with the number of its seal where it has one."""
    return append(
        work,
        [
            Draft(
                subject=package.id,
                kind=Kind.SEALED,
                reading=reading,
                target=unit_here(work, reading),
                package=package.id,
                facts={"seal": number} if number else {},
            )
            for package, number, reading in sealed
        ],
    )


def seal_package(work: Work, code: str, sealing: Sealing) -> Written:
    """Close a package. Raises UnknownPackage."""
    package = package_of(work.session, code)
    site = _site(work, package, sealing.site)
    demand(work, "package.seal", site=site)
    return seal(work, [(package, sealing.seal, by_hand(work, site=site, command=sealing.command))])


def release(work: Work, code: str, said: Release) -> Written:
    """Hand a package to a courier: its manifest is what is in it now, frozen for ever.

    Raises UnknownPackage, PartyUnfit, SiteMissing, CarrierNumberUnfit, CarrierNumberInUse.
    """
    package = package_of(work.session, code)
    site = _site(work, package, said.site)
    demand(work, "package.release", site=site)
    reading = by_hand(work, site=site, command=said.command, at=said.occurred_at)
    draft = Draft(
        subject=package.id,
        kind=Kind.RELEASED,
        reading=reading,
        source=party(said.source),
        target=party(parties.courier(said.courier)),
        evidence=Evidence(said.evidence),
        package=package.id,
    )
    if custody.entries_by_command(work.session, reading.command):
        return append(work, [draft])  # said before: answered as the first time
    number = _number(work, package, said)
    destination = _destination(work, package, said)
    lock(work, [package.id])  # from here nobody puts anything in or takes anything out
    facts = _frozen(work, package) | _said(work, said, number, site, destination, reading)
    written = append(work, [with_facts(draft, facts)])
    work.session.add(
        Shipment(
            id=reading.command,
            package=package.id,
            courier=said.courier,
            carrier=number.carrier if number else None,
            carrier_number=number.number if number else None,
            released_at=reading.occurred_at,
        )
    )
    work.session.flush()
    return written


def _frozen(work: Work, package: Subject) -> dict[str, Json]:
    lines = frozen(lines_of(custody.contents(work.session, package.id, deep=True)))
    return {"lines": lines, "manifest_hash": hash_of(lines), "count": len(lines)}


def _said(
    work: Work,
    said: Release,
    number: Tracking | None,
    site: str,
    destination: str,
    reading: Reading,
) -> dict[str, Json]:
    told: dict[str, Json] = {
        "destination": destination,
        "eta": _eta(work, site, destination, said.service, reading.occurred_at),
        "courier": said.courier,
        "service": said.service,
        "logger": said.logger,
        "seal": said.seal,
        "refrigerant": said.refrigerant,
    }
    if number is not None:
        told |= {
            "carrier": number.carrier or None,
            "carrier_number": number.number,
            "carrier_check": _check(number),
        }
    return {name: fact for name, fact in told.items() if fact is not None}


def _check(number: Tracking) -> str:
    """A wrong check digit warns and never blocks; a form nobody knows has none."""
    if not number.form:
        return "unknown"
    return "holds" if number.check_holds else "fails"


def _eta(
    work: Work, site: str, destination: str, service: str | None, moment: datetime
) -> str | None:
    """When it is due by the slowest lane that may have been meant; None where there is no lane."""
    lanes = work.catalogue.lanes.between(site, destination)
    meant = [lane for lane in lanes if lane.service == service] or list(lanes)
    if not meant:
        return None
    return (moment + max(lane.expected for lane in meant)).isoformat()


def _destination(work: Work, package: Subject, said: Release) -> str:
    row = row_of(work.session, package)
    wanted = said.destination or (row.destination if row else "")
    return known_site(work, wanted)


def _number(work: Work, package: Subject, said: Release) -> Tracking | None:
    """The carrier's number as it is kept; refused while it is another package's."""
    if said.carrier_number is None:
        return None
    number = _recognised(work, said.carrier_number)
    # Two who release with one number at the same moment: one of them waits, and is refused.
    key = func.hashtextextended(number.number, 0)
    work.session.execute(select(func.pg_advisory_xact_lock(key)))
    days = work.catalogue.carriers.reuse_days_min
    used = number_in_use(work.session, number.number, package=package, now=work.clock(), days=days)
    if used is not None:
        day = used.astimezone(ZoneInfo(zone_of(work))).date().isoformat()
        raise CarrierNumberInUse(number=number.number, day=day)
    return number


def _recognised(work: Work, text: str) -> Tracking:
    plain = normalise(text)
    if not plain or _our_own(text):
        raise CarrierNumberUnfit
    found = work.catalogue.carriers.recognise(text)
    if found:
        return found[0]
    return Tracking(form="", carrier="", service="", number=plain, check_holds=False)


def _our_own(text: str) -> bool:
    try:
        parse(text)
    except CodeRefused:
        return False
    return True


def deliver(work: Work, code: str, said: Delivery) -> Written:
    """A courier left a package at a dock; nobody opened it yet.

    Raises UnknownPackage, PartyUnfit, NotACourier.
    """
    package = package_of(work.session, code)
    site = said.site or work.actor.site or _goes_to(work, package)
    demand(work, "package.deliver", site=site)
    source = party(said.source)
    if source != UNKNOWN and not parties.is_courier(source):
        raise NotACourier
    return append(
        work,
        [
            Draft(
                subject=package.id,
                kind=Kind.DELIVERED,
                reading=by_hand(work, site=site, command=said.command, at=said.occurred_at),
                source=source,
                target=parties.unit(site, DOCK),
                evidence=Evidence(said.evidence),
                package=package.id,
            )
        ],
    )


def _goes_to(work: Work, package: Subject) -> str:
    row = row_of(work.session, package)
    return row.destination if row else ""


def _site(work: Work, package: Subject, said: str | None) -> str:
    """Where a deed is done: as said, else where the person works, else where the package began."""
    row = row_of(work.session, package)
    return said or work.actor.site or (row.site if row else "")
