"""A base ledger to measure on: tubes drawn, packed, sent, checked in and stored, made by COPY.

Everything is as the house itself would have written it: chains through `custody.rows`, states,
wake-ups, gaps and slots through the same projection. `verify` finds nothing.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import count
from multiprocessing import get_context
from uuid import UUID

from psycopg.types.json import Jsonb
from sqlalchemy import URL

from app.custody import gap_rows, parties, projected, store
from app.custody.history import Book
from app.custody.ledger import Entry, EntryId, Facts, Json, Kind, Mode, Origin, Sort, Subject
from app.custody.project import project
from app.custody.receipts import manifest_lines
from app.custody.replay import Replay
from app.custody.rows import EVENT_COLUMNS, SUBJECT_COLUMNS, Row, row_of
from app.kernel.clock import system_clock
from app.kernel.ids import uuid7_source
from app.kernel.postgres_roles import connect
from labels import code as codes
from tests.bench.deeds import Box, Stock, Tube
from tests.builders.people import DOCK, NORTH
from tests.builders.work import the_limits

BOX_OF, BOXES, PACKED_TOGETHER = 81, 20, 4
A_RACK = BOX_OF * BOXES  # tubes in one rack of boxes, drawn and stored together
NUMBERS = 10_000  # subject ids and code numbers of one rack
KEPT = 400  # stored tubes of one rack that deeds may be done to
PROCESSES = 2
CLINIC, DOCK_UNIT = parties.unit(NORTH, "collection"), parties.unit(DOCK, "dock")
STORE_UNIT, COURIER = parties.unit(DOCK, "store"), parties.courier("road")
_STATE = (
    "subject_id, rank, seq, head, location, within, position, holder, event_time, phase, spin,"
    " site, entered_at, entered_by, claim, alias_of, last_seen, last_seen_at"
)
_GAP = (
    "subject_id, rule, entry, at, settles_at, cause, cause_subject, site, priority, silent_until,"
    " explained"
)
TABLES = {
    "subject": SUBJECT_COLUMNS,
    "custody_event": f"{EVENT_COLUMNS}, facts_hash, hash",
    "subject_state": _STATE,
    "expectation": "subject_id, rule, due_at",
    "gap": _GAP,
    "slot": "location, position, occupant, disputed",
    "manifest_line": "subject_id, package",
}


def positions() -> list[str]:
    """The places of a box of 81."""
    return [f"{row}{column}" for row in "ABCDEFGHI" for column in range(1, 10)]


def make(owner: URL, *, tubes: int, fresh: int, now: datetime) -> Stock:
    """Write the ledger into a migrated, empty database: stored tubes, and some just drawn."""
    stored, drawn = -(-tubes // A_RACK), -(-fresh // A_RACK)
    tasks = [(owner, number, number < drawn, now) for number in range(drawn + stored)]
    with get_context("fork").Pool(PROCESSES) as pool:
        parts = pool.starmap(_write_rack, tasks, chunksize=1)
    with connect(owner) as connection:
        connection.execute("SELECT setval('subject_number', %s)", [len(tasks) * NUMBERS + NUMBERS])
        for namespace in ("TB", "KT", "BX", "RK", "FZ", "PK", "PN"):
            sequence = f"code_{namespace.lower()}_number"
            connection.execute("SELECT setval(%s, %s)", [sequence, len(tasks) * NUMBERS + NUMBERS])
        connection.execute("INSERT INTO sweep (id, swept_at) VALUES (1, %s)", [now])
        connection.execute("VACUUM ANALYZE")
    return Stock(
        fresh=tuple(t for part in parts for t in part.fresh),
        empty=tuple(b for part in parts for b in part.empty),
        stored=tuple(t for part in parts for t in part.stored),
        full=tuple(b for part in parts for b in part.full),
        entries=sum(part.entries for part in parts),
    )


def _write_rack(owner: URL, number: int, fresh: bool, now: datetime) -> Stock:
    told = _Rack(number, now)
    if fresh:
        told.drawn(now - timedelta(minutes=40), boxes=2 * BOXES)  # not all will be full
    else:
        told.drawn(now - timedelta(days=30))
        told.sent_and_stored(now - timedelta(days=30))
    with connect(owner) as connection, connection.transaction():
        for table, rows in told.rows().items():
            copy = f"COPY {table} ({TABLES[table]}) FROM STDIN".encode()
            with connection.cursor() as cursor, cursor.copy(copy) as out:
                for row in rows:
                    out.write_row(row)
    return told.stock(fresh=fresh)


class _Rack:
    """One rack: its participants, kits, tubes, boxes and packages, and all their entries."""

    def __init__(self, number: int, now: datetime) -> None:
        self._number, self._now = number, now
        self._subjects: list[Subject] = []
        self._entries: list[Entry] = []
        self._seqs: dict[int, int] = {}
        self._tubes: list[Subject] = []
        self._boxes: list[Subject] = []
        self._ids = uuid7_source(system_clock)
        self._numbers = count(number * NUMBERS + 1)
        self._codes: dict[str, int] = {}
        self._turns = count(1)

    # What happened

    def drawn(self, start: datetime, *, boxes: int = BOXES) -> None:
        """Participants with consent, a kit each, eight tubes from each; boxes at hand."""
        while len(self._tubes) < A_RACK:
            self._draw(start)
        self._boxes = [self._new(Sort.BOX, "BX", start, facts={}) for _ in range(boxes)]

    def _draw(self, start: datetime) -> None:
        person = self._new(Sort.PARTICIPANT, "PN", start - timedelta(days=1))
        for scope in ("primary", "biospecimen"):
            self._say(
                person,
                Kind.CONSENT_RECORDED,
                start - timedelta(hours=20),
                facts={"scope": scope, "status": "yes", "version": "3", "language": "en"},
            )
        order = self._ids()
        kit = self._new(
            Sort.KIT,
            "KT",
            start - timedelta(hours=2),
            participant=person,
            facts={"order": str(order)},
        )
        for place in range(1, min(8, A_RACK - len(self._tubes)) + 1):
            facts: Facts = {
                "order": str(order),
                "kit": kit.code,
                "participant": person.code,
                "tube_type": "edta",
                "position": place,
                "programme": "cohort",
                "protocol": "adult",
                "spin": False,
                "clots": False,
            }
            at = start - timedelta(hours=2)
            tube = self._new(Sort.TUBE, "TB", at, participant=person, kit=kit, facts=facts)
            self._tubes.append(tube)
            self._say(
                tube,
                Kind.COLLECTED,
                start + timedelta(seconds=len(self._tubes) / 10),
                source=parties.participant(person.code),
                target=CLINIC,
                order=order,
                facts={"identity": ["name", "birth_date"]},
            )

    def sent_and_stored(self, start: datetime) -> None:
        """Packed, sent, checked in, looked at, and put away."""
        freezer = self._new(Sort.PLACE, "FZ", start, facts={})
        rack = self._new(Sort.RACK, "RK", start, facts={})
        self._say(
            rack, Kind.STORED, start, site=DOCK, target=STORE_UNIT, place=freezer.id, position="R1"
        )
        bench = self._new(Sort.PLACE, "SF", start, facts={})
        at = start + timedelta(hours=1)
        for box, tubes in self._filled():
            for position, tube in zip(positions(), tubes, strict=True):
                self._say(tube, Kind.PACKED, at, target=CLINIC, inside=box.id, position=position)
        for first in range(0, BOXES, PACKED_TOGETHER):
            self._send(self._boxes[first : first + PACKED_TOGETHER], bench, rack, first, at)

    def _filled(self) -> Iterator[tuple[Subject, list[Subject]]]:
        for place, box in enumerate(self._boxes):
            yield box, self._tubes[place * BOX_OF : (place + 1) * BOX_OF]

    def _send(
        self, boxes: Sequence[Subject], bench: Subject, rack: Subject, first: int, at: datetime
    ) -> None:
        package = self._new(Sort.PACKAGE, "PK", at, facts={})
        inside = {box.id: tubes for box, tubes in self._filled()}
        for place, box in enumerate(boxes):
            self._say(
                box,
                Kind.PACKED,
                at + timedelta(minutes=10),
                target=CLINIC,
                inside=package.id,
                position=str(place + 1),
            )
        self._say(package, Kind.SEALED, at + timedelta(minutes=20), target=CLINIC)
        lines: list[Json] = [
            [tube.id, tube.code, box.code, position]
            for box in boxes
            for position, tube in zip(positions(), inside[box.id], strict=True)
        ]
        self._hand_over(package, lines, at + timedelta(minutes=30))
        at += timedelta(hours=22)
        for box in boxes:
            for position, tube in zip(positions(), inside[box.id], strict=True):
                self._say(
                    tube,
                    Kind.CHECKED_IN,
                    at,
                    site=DOCK,
                    source=DOCK_UNIT,
                    target=DOCK_UNIT,
                    inside=box.id,
                    position=position,
                    package=package.id,
                )
                self._say(
                    tube,
                    Kind.CONDITION_NOTED,
                    at + timedelta(minutes=2),
                    site=DOCK,
                    facts={"codes": ["good"]},
                )
            self._say(
                box,
                Kind.CHECKED_IN,
                at + timedelta(minutes=4),
                site=DOCK,
                source=DOCK_UNIT,
                target=DOCK_UNIT,
                place=bench.id,
                package=package.id,
            )
        closed: Facts = {"count_expected": len(lines), "count_scanned": len(lines)}
        self._say(
            package,
            Kind.PACKAGE_CLOSED_OUT,
            at + timedelta(minutes=6),
            site=DOCK,
            facts=closed,
        )
        for place, box in enumerate(boxes):
            self._say(
                box,
                Kind.STORED,
                at + timedelta(minutes=8),
                site=DOCK,
                source=DOCK_UNIT,
                target=STORE_UNIT,
                inside=rack.id,
                position=str(first + place + 1),
            )

    def _hand_over(self, package: Subject, lines: list[Json], at: datetime) -> None:
        eta = at + timedelta(hours=20)
        facts: Facts = {"destination": DOCK, "eta": eta.isoformat(), "lines": lines}
        self._say(
            package,
            Kind.RELEASED,
            at,
            source=CLINIC,
            target=COURIER,
            package=package.id,
            facts={**facts, "courier": "road", "count": len(lines)},
        )
        at += timedelta(hours=20)
        self._say(package, Kind.DELIVERED, at, site=DOCK, source=COURIER, target=DOCK_UNIT)
        self._say(
            package,
            Kind.RECEIVED,
            at + timedelta(hours=1),
            site=DOCK,
            source=DOCK_UNIT,
            target=DOCK_UNIT,
            facts={"seal_verdict": "intact", "condition": "good"},
        )

    # How it is written down

    def _new(
        self,
        sort: Sort,
        namespace: str,
        at: datetime,
        *,
        participant: Subject | None = None,
        kit: Subject | None = None,
        facts: Facts | None = None,
    ) -> Subject:
        last = self._codes.get(namespace, self._number * NUMBERS)
        self._codes[namespace] = codes.next_mintable(namespace, last + 1)
        subject = Subject(
            id=next(self._numbers),
            sort=sort,
            code=codes.make(namespace, self._codes[namespace]),
            namespace=namespace,
            origin=Origin.MINTED,
            participant=participant.id if participant else None,
            kit=kit.id if kit else None,
            facts=facts or {},
        )
        self._subjects.append(subject)
        bound: Facts = {
            **subject.facts,
            "code": subject.code,
            "namespace": subject.namespace,
            "origin": subject.origin,
            "sort": subject.sort,
            "participant_subject": subject.participant,
            "kit_subject": subject.kit,
        }
        self._say(subject, Kind.REGISTERED, at, facts=bound)
        return subject

    def _say(
        self,
        subject: Subject,
        kind: Kind,
        at: datetime,
        *,
        site: str = NORTH,
        facts: Facts | None = None,
        source: str | None = None,
        target: str | None = None,
        inside: int | None = None,
        place: int | None = None,
        position: str | None = None,
        package: int | None = None,
        order: UUID | None = None,
    ) -> None:
        seq = self._seqs[subject.id] = self._seqs.get(subject.id, 0) + 1
        self._entries.append(
            Entry(
                subject=subject.id,
                entry_id=EntryId(self._ids(), 0),
                kind=kind,
                occurred_at=at,
                recorded_at=at + timedelta(seconds=1),
                seq=seq,
                source=source,
                target=target,
                actor=1,
                site=site,
                place=place,
                inside=inside,
                position=position,
                order=order,
                package=package,
                device_id=f"made-{self._number}",
                device_seq=next(self._turns),
                mode=Mode.SCAN,
                sop_version=the_limits().at(at).sop_version,
                facts=facts or {},
            )
        )

    # What is written

    def rows(self) -> dict[str, list[Row]]:
        """The rows of every table, derived as the house derives them."""
        heads: dict[int, bytes] = {}
        events = []
        for entry in self._entries:
            row, heads[entry.subject] = row_of(
                entry, previous=heads.get(entry.subject, store.GENESIS)
            )
            events.append(row)
        written: dict[str, list[Row]] = {table: [] for table in TABLES}
        written["custody_event"] = events
        written["subject"] = [_subject_row(subject) for subject in self._subjects]
        book = Book(subjects={s.id: s for s in self._subjects}, entries=self._entries)
        replay = Replay(book, limits=the_limits(), now=self._now)
        for history in replay.histories():
            subject = history.subject
            told = project(history, limits=the_limits(), now=self._now)
            values = list(projected.state_values(told.history))
            values[10] = None if values[10] is None else Jsonb(values[10])
            begun = (subject.id, store.RANKS[subject.sort])
            written["subject_state"].append(
                (*begun, self._seqs[subject.id], heads[subject.id], *values)
            )
            written["expectation"] += [(subject.id, rule, at) for rule, at in told.wake_ups]
            written["gap"] += [gap_rows.gap_values(gap) for gap in told.gaps]
            if (claim := history.claim) is not None:
                written["slot"].append((claim.location, claim.position, subject.id, False))
        for entry in self._entries:
            if entry.kind is Kind.RELEASED:
                written["manifest_line"] += [
                    (tube, entry.subject) for tube in sorted(manifest_lines(entry))
                ]
        return written

    def stock(self, *, fresh: bool) -> Stock:
        """What deeds may be done to."""
        tubes = [Tube(tube.id, tube.code) for tube in self._tubes]
        boxes = tuple(Box(box.id, box.code) for box in self._boxes)
        if fresh:
            return Stock(fresh=tuple(tubes), empty=boxes, entries=len(self._entries))
        kept = tuple(tubes[:: max(1, len(tubes) // KEPT)])
        return Stock(stored=kept, full=boxes, entries=len(self._entries))


def _subject_row(s: Subject) -> Row:
    return (
        s.id,
        s.sort,
        s.code,
        s.namespace,
        s.origin,
        s.participant,
        s.kit,
        Jsonb(dict(s.facts)),
    )
