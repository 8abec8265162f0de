"""Questions about packages: where to, how far, what is in them, which number the carrier gave."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import or_, select, tuple_
from sqlalchemy.orm import Session

from app.accounts.rights import ANY, AnotherSite, demand_somewhere, may
from app.custody import queries as custody
from app.custody.effective import destination, effective
from app.custody.ledger import Entry, Kind, Sort, Subject
from app.custody.queries import Inside, Standing
from app.custody.steps import ON_THE_WAY
from app.kernel.errors import Invalid, Missing
from app.kernel.work import Work
from app.shipping.manifest import Manifest, manifest_of
from app.shipping.models import PackageRow, Shipment

STATES = (
    "none",
    "loaded",
    "sealed",
    "in_transit",
    "delivered",
    "received",
    "closed",
)


class UnknownPackage(Missing):
    """No package has this code."""

    message = "There is no package with this code"
    advice = "Scan the label of the package again"


class CursorOfAnother(Invalid):
    """A cursor that another list gave, or none."""

    message = "The cursor is none that this list gave"
    advice = "Ask for the list from its beginning"


class NotReleased(Missing):
    """A manifest of a package that nobody handed to a courier."""

    message = "This package has not been released, so it has no manifest yet"
    advice = "Release it first"


@dataclass(frozen=True, slots=True, kw_only=True)
class BoxInside:
    """A box in a package, and how many tubes are in it."""

    code: str
    position: str | None
    tubes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageSeen:
    """A package as far as one may know it: of others, only that it is there."""

    code: str
    site: str | None = None
    destination: str | None = None
    state: str | None = None
    holder: str | None = None
    since: datetime | None = None
    seal: str | None = None
    courier: str | None = None
    carrier: str | None = None
    carrier_number: str | None = None
    carrier_check: str | None = None
    released_at: datetime | None = None
    eta: str | None = None
    manifest_hash: str | None = None
    count: int | None = None
    boxes: tuple[BoxInside, ...] = ()
    loose: int = 0
    made_at: datetime | None = None


def package_of(session: Session, code: str) -> Subject:
    """The package with this code; raises UnknownPackage."""
    subject = custody.subject_of(session, code)
    if subject is None or subject.sort is not Sort.PACKAGE:
        raise UnknownPackage
    return subject


def row_of(session: Session, package: Subject) -> PackageRow | None:
    """What is kept about a package; None for one that turned up without being made here."""
    return session.get(PackageRow, package.id)


def may_read(work: Work, standing: Standing, row: PackageRow | None) -> bool:
    """Whether the one who asks works where it comes from, goes to, or is."""
    sites = {standing.site, row.site if row else None, row.destination if row else None}
    known = [site for site in sites if site] or [ANY]
    return any(may(work.actor, "subject.read", site=site) for site in known)


def may_read_list(work: Work, row: PackageRow | None, released: Entry | None) -> bool:
    """Whether one works where a package was sent from or to: to others its list says nothing.

    Of a package that nobody here made or released there is no list, only what is found in it.
    """
    planned = (row.site, row.destination) if row else ()
    said = (released.site, destination(released)) if released else ()
    sites = {site for site in (*planned, *said) if site}
    return not sites or any(may(work.actor, "subject.read", site=site) for site in sites)


def package_seen(work: Work, package: Subject) -> PackageSeen:
    """A package with what is in it; of a package of others only its code.

    Where it is by mistake, one sees what it is and where it should go, not what is in it.
    """
    standing = custody.standing(work.session, package.id)
    row = row_of(work.session, package)
    if not may_read(work, standing, row):
        return PackageSeen(code=package.code)
    released = custody.manifest(work.session, package.id)
    listed = may_read_list(work, row, released)
    contents = custody.contents(work.session, package.id, deep=True) if listed else ()
    facts = dict(released.facts) if released else {}
    return PackageSeen(
        code=package.code,
        site=row.site if row else standing.site,
        destination=row.destination if row else None,
        state=str(standing.phase),
        holder=standing.holder,
        since=standing.since,
        seal=_seal(work.session, package),
        courier=_words(facts.get("courier")),
        carrier=_words(facts.get("carrier")),
        carrier_number=_words(facts.get("carrier_number")),
        carrier_check=_words(facts.get("carrier_check")),
        released_at=released.occurred_at if released else None,
        eta=_words(facts.get("eta")),
        manifest_hash=_words(facts.get("manifest_hash")),
        count=sum(i.subject.sort is Sort.TUBE for i in contents) if listed else None,
        boxes=boxes_in(contents),
        loose=sum(
            inside.subject.sort is Sort.TUBE and inside.container == package.id
            for inside in contents
        ),
        made_at=row.made_at if row else None,
    )


def _words(fact: object) -> str | None:
    return fact if isinstance(fact, str) else None


def _seal(session: Session, package: Subject) -> str | None:
    sealed = [e for e in counting(session, package.id) if e.kind is Kind.SEALED]
    return _words(sealed[-1].facts.get("seal")) if sealed else None


def counting(session: Session, package: int) -> list[Entry]:
    """The entries of a package that count, in event order, corrections applied."""
    return [entry for _, entry in effective(custody.entries_of(session, package)).entries]


def boxes_in(contents: Collection[Inside]) -> tuple[BoxInside, ...]:
    """The boxes among what is in a package."""
    return tuple(
        BoxInside(
            code=inside.subject.code,
            position=inside.position,
            tubes=sum(
                other.container == inside.subject.id and other.subject.sort is Sort.TUBE
                for other in contents
            ),
        )
        for inside in contents
        if inside.subject.sort is Sort.BOX
    )


def package_for(work: Work, code: str) -> PackageSeen:
    """A package with what is in it. Raises UnknownPackage, AnotherSite, NotYourTask."""
    return package_seen(work, _readable(work, code))


def manifest_for(work: Work, code: str) -> Manifest:
    """The list frozen at the latest release that counts.

    Raises UnknownPackage, NotReleased, AnotherSite, NotYourTask.
    """
    package = _readable(work, code)
    released = custody.manifest(work.session, package.id)
    if released is None:
        raise NotReleased
    if not may_read_list(work, row_of(work.session, package), released):
        raise AnotherSite
    return manifest_of(package.code, released)


def _readable(work: Work, code: str) -> Subject:
    package = package_of(work.session, code)
    demand_somewhere(work, "subject.read")
    standing = custody.standing(work.session, package.id)
    if not may_read(work, standing, row_of(work.session, package)):
        raise AnotherSite
    return package


def packages(
    session: Session,
    *,
    sites: Collection[str] | None,
    state: str | None,
    after: tuple[datetime, int] | None,
    limit: int,
) -> list[PackageSeen]:
    """Packages from or to these sites (None: all), the latest first; in this state, if one."""
    seen: list[PackageSeen] = []
    while len(seen) < limit:
        rows = _rows(session, sites=sites, after=after, limit=limit)
        seen += [one for one in _lines(session, rows) if state in (None, one.state)]
        if len(rows) < limit:
            break
        after = (rows[-1].made_at, rows[-1].subject_id)
    return seen[:limit]


def _rows(
    session: Session,
    *,
    sites: Collection[str] | None,
    after: tuple[datetime, int] | None,
    limit: int,
) -> list[PackageRow]:
    wanted = select(PackageRow)
    if sites is not None:
        wanted = wanted.where(or_(PackageRow.site.in_(sites), PackageRow.destination.in_(sites)))
    if after is not None:
        wanted = wanted.where(tuple_(PackageRow.made_at, PackageRow.subject_id) < after)
    latest = wanted.order_by(PackageRow.made_at.desc(), PackageRow.subject_id.desc())
    return list(session.scalars(latest.limit(limit)))


def _lines(session: Session, rows: Collection[PackageRow]) -> list[PackageSeen]:
    stand = custody.standings(session, [row.subject_id for row in rows])
    return [
        PackageSeen(
            code=stand[row.subject_id].subject.code,
            site=row.site,
            destination=row.destination,
            state=str(stand[row.subject_id].phase),
            holder=stand[row.subject_id].holder,
            since=stand[row.subject_id].since,
            made_at=row.made_at,
        )
        for row in rows
    ]


def cursor_of(session: Session, key: tuple[str | int, ...] | None) -> tuple[datetime, int] | None:
    """The place in the list that a cursor names; None for its beginning. Raises CursorOfAnother."""
    if key is None:
        return None
    package = custody.subject_of(session, str(key[1]))
    if package is None:
        raise CursorOfAnother
    return moment_of(str(key[0])), package.id


def moment_of(text: str) -> datetime:
    """The time in a cursor; raises CursorOfAnother."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise CursorOfAnother from error
    if moment.tzinfo is None:
        raise CursorOfAnother
    return moment


def number_in_use(
    session: Session, number: str, *, package: Subject, now: datetime, days: int
) -> datetime | None:
    """When another package went out under a carrier's number that is its still: it is under way,
    or was not long ago. None where the number is free."""
    used = (
        select(Shipment)
        .where(Shipment.carrier_number == number, Shipment.package != package.id)
        .order_by(Shipment.released_at.desc())
    )
    held = (one for one in session.scalars(used) if _in_use(session, one, now, days))
    latest = next(held, None)
    return latest.released_at if latest else None


def _in_use(session: Session, shipment: Shipment, now: datetime, days: int) -> bool:
    if shipment.id not in _releases(session, shipment.package):
        return False
    if shipment.released_at > now - timedelta(days=days):
        return True
    return custody.standing(session, shipment.package).phase in ON_THE_WAY


def _releases(session: Session, package: int) -> set[UUID]:
    """The commands of the releases that count."""
    released = (e for e in counting(session, package) if e.kind is Kind.RELEASED)
    return {entry.entry_id.command for entry in released}
