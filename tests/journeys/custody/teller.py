"""Tells valid journeys: every deed of a bench day as an entry, with its device and its clock."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from uuid import NAMESPACE_URL, UUID, uuid5

from app.custody.history import Book
from app.custody.ledger import Entry, EntryId, Facts, Json, Kind, Mode, Sort, Subject

START = datetime(2026, 3, 2, 8, tzinfo=UTC)
COLLECTION, STORE, DOCK = "unit:BRK/collection", "unit:BB1/store", "unit:BB1/dock"
COURIER = "courier:FX"
OFFLINE_OFFSET_MS = 1500


@dataclass(frozen=True, slots=True, kw_only=True)
class Journey:
    """Subjects and entries, and which subject plays which part."""

    subjects: tuple[Subject, ...]
    entries: tuple[Entry, ...]

    @property
    def book(self) -> Book:
        return Book(subjects={s.id: s for s in self.subjects}, entries=self.entries)

    def with_entries(self, entries: Iterable[Entry]) -> "Journey":
        return replace(self, entries=tuple(entries))

    def known_at(self, now: datetime) -> "Journey":
        """What had been recorded by then."""
        return self.with_entries(e for e in self.entries if e.recorded_at <= now)


@dataclass(slots=True)
class Teller:
    """Says what happens next. `offline`: the station at the site has lost the server."""

    now: datetime = START
    seed: str = "journey"
    offline: frozenset[str] = frozenset()
    late: timedelta = timedelta()
    subjects: list[Subject] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)

    def wait(self, minutes: float) -> None:
        self.now += timedelta(minutes=minutes)

    def subject(
        self,
        sort: Sort,
        namespace: str,
        *,
        participant: Subject | None = None,
        kit: Subject | None = None,
        facts: Facts | None = None,
    ) -> Subject:
        id_ = 1001 + len(self.subjects)
        made = Subject(
            id=id_,
            sort=sort,
            code=f"{namespace}{id_}",
            namespace=namespace,
            participant=participant.id if participant else None,
            kit=kit.id if kit else None,
            facts=facts or {},
        )
        self.subjects.append(made)
        return made

    def say(
        self,
        kind: Kind,
        about: Subject,
        *,
        site: str,
        source: str | None = None,
        target: str | None = None,
        inside: Subject | None = None,
        place: Subject | None = None,
        position: str | None = None,
        package: Subject | None = None,
        corrects: EntryId | None = None,
        facts: dict[str, Json] | None = None,
        after: float = 1,
    ) -> Entry:
        """One entry, so many minutes after the last."""
        self.wait(after)
        number = len(self.entries) + 1
        away = site in self.offline
        told = dict(facts or {})
        if away:
            told["offset_ms"] = OFFLINE_OFFSET_MS
        elif self.late > timedelta(minutes=15):
            told["late_reason"] = "written on paper first"
        entry = Entry(
            subject=about.id,
            entry_id=EntryId(self.command(number), 0),
            kind=kind,
            occurred_at=self.now,
            recorded_at=self.now + (timedelta(hours=5) if away else self.late),
            seq=1 + sum(e.subject == about.id for e in self.entries),
            source=source,
            target=target,
            site=site,
            inside=inside.id if inside else None,
            place=place.id if place else None,
            position=position,
            package=package.id if package else None,
            corrects=corrects,
            device_id=f"device-{site}",
            device_seq=number,
            device_time=self.now - timedelta(milliseconds=OFFLINE_OFFSET_MS) if away else None,
            uncertainty_ms=400,
            mode=Mode.OFFLINE if away else Mode.SCAN,
            facts=told,
        )
        self.entries.append(entry)
        return entry

    def command(self, number: int) -> UUID:
        return uuid5(NAMESPACE_URL, f"{self.seed}:{number}")

    def told(self) -> Journey:
        return Journey(subjects=tuple(self.subjects), entries=tuple(self.entries))

    # Deeds of several entries

    def consents(self, participant: Subject) -> None:
        for scope in ("primary", "biospecimen"):
            self.say(
                Kind.CONSENT_RECORDED,
                participant,
                site="BRK",
                facts={"scope": scope, "status": "yes"},
            )

    def collected(self, tube: Subject, participant: Subject) -> Entry:
        return self.say(
            Kind.COLLECTED,
            tube,
            site="BRK",
            source=f"participant:{participant.code}",
            target=COLLECTION,
        )

    def spun(self, tube: Subject, *, clot: float, minutes: float) -> None:
        self.say(Kind.SPIN_STARTED, tube, site="BRK", after=clot)
        self.say(Kind.SPIN_ENDED, tube, site="BRK", after=minutes)

    def packed(
        self, thing: Subject, container: Subject, position: str | None = None, *, after: float = 1
    ) -> Entry:
        return self.say(
            Kind.PACKED,
            thing,
            site="BRK",
            target=COLLECTION,
            inside=container,
            position=position,
            after=after,
        )

    def sent(
        self, package: Subject, tubes: Sequence[Subject], *, hours: float, delivered: bool
    ) -> None:
        """Sealed, released, on the road, perhaps delivered, and opened."""
        self.say(Kind.SEALED, package, site="BRK", target=COLLECTION)
        lines: list[Json] = [[tube.id, tube.code, None, None] for tube in tubes]
        self.say(
            Kind.RELEASED,
            package,
            site="BRK",
            source=COLLECTION,
            target=COURIER,
            package=package,
            facts={"destination": "BB1", "lines": lines},
            after=5,
        )
        self.wait(hours * 60)
        if delivered:
            self.say(Kind.DELIVERED, package, site="BB1", source=COURIER, target=DOCK)
        self.say(
            Kind.RECEIVED,
            package,
            site="BB1",
            source=DOCK if delivered else COURIER,
            target=DOCK,
            after=20,
        )

    def checked_in(
        self,
        thing: Subject,
        package: Subject,
        *,
        inside: Subject | None = None,
        place: Subject | None = None,
        position: str | None = None,
    ) -> Entry:
        return self.say(
            Kind.CHECKED_IN,
            thing,
            site="BB1",
            source=DOCK,
            target=DOCK,
            package=package,
            inside=inside,
            place=place,
            position=position,
        )

    def put(
        self,
        kind: Kind,
        thing: Subject,
        *,
        source: str | None = None,
        inside: Subject | None = None,
        place: Subject | None = None,
        position: str | None = None,
        after: float = 1,
    ) -> Entry:
        """Stored or moved."""
        return self.say(
            kind,
            thing,
            site="BB1",
            source=source,
            target=STORE,
            inside=inside,
            place=place,
            position=position,
            after=after,
        )
