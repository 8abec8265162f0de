"""People, stations and things to scan; and scans as pages and agents send them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from typing import Any
from uuid import UUID, uuid5

from app.accounts import places
from app.accounts.queries import person_of
from app.collection import kits, ordering
from app.collection.queries import tubes_of
from app.custody.drafts import Reading
from app.custody.ledger import Entry, Sort, Subject
from app.custody.queries import entries_of
from app.custody.registry import New, register
from app.kernel.work import Work
from app.participants import service as participants
from tests.builders.people import DOCK, NORTH, PROGRAMME, make_person, make_places
from tests.builders.site import HEADER, Site, Visitor
from tests.fakes.clock import SetClock
from tests.fakes.moved_clock import MovedClock

SPACE = UUID("6f1d3c1e-0000-7000-8000-000000000000")
SCANS = "/api/v1/scans"
NAMESPACES = {Sort.TUBE: "TB", Sort.BOX: "BX", Sort.KIT: "KT", Sort.PACKAGE: "PK"}


class Bench:
    """A clinic and a dock, with somebody at each, who are signed in once they are asked for."""

    def __init__(self, site: Site, clock: SetClock | MovedClock) -> None:
        self.site, self.clock = site, clock
        self._numbers = count(1)
        self._signed_in: dict[str, Visitor] = {}
        with site.work() as work:
            make_places(work)
            self.people = {
                "nurse": make_person(work, login="nurse-a", role="phlebotomist"),
                "technician": make_person(work, login="tech-a", role="technician", site=DOCK),
            }
            self.station = places.add_station(work, site=NORTH, unit="collection", title="Chair 1")
            self.token = places.give_token(work, station=self.station)
            assert person_of(work, self.people["nurse"]).site == NORTH

    def visitor(self, login: str) -> Visitor:
        """Somebody's browser; signing in is slow on purpose, so it is done once."""
        if login not in self._signed_in:
            visitor = self.site.visitor()
            visitor.enter(login)
            self._signed_in[login] = visitor
        return self._signed_in[login]

    @property
    def nurse(self) -> Visitor:
        return self.visitor("nurse-a")

    @property
    def technician(self) -> Visitor:
        return self.visitor("tech-a")

    @contextmanager
    def work(self) -> Iterator[Work]:
        with self.site.work() as work:
            yield work

    def make(self, sort: Sort, **facts: Any) -> Subject:
        """Something with one of our codes on it."""
        return self.make_many(sort, 1, **facts)[0]

    def make_many(self, sort: Sort, number: int, **facts: Any) -> tuple[Subject, ...]:
        with self.work() as work:
            reading = Reading(command=work.ids(), occurred_at=self.clock(), site=NORTH)
            news = [
                New(
                    sort=sort,
                    reading=reading,
                    namespace=NAMESPACES[sort],
                    facts=facts,
                    ordinal=ordinal,
                )
                for ordinal in range(number)
            ]
            return register(work, news)

    def story(self, code_of: Subject) -> list[Entry]:
        """The entries of a subject, without its first."""
        with self.work() as work:
            return list(entries_of(work.session, code_of.id))[1:]

    def scan(self, raw: str, step: str | None = "read", **changes: Any) -> dict[str, Any]:
        """A scan as a page sends it."""
        number = next(self._numbers)
        intent_keys = {"order", "kit", "box", "package", "rack", "position", "place", "facts"}
        context = {key: changes.pop(key) for key in intent_keys & set(changes)}
        plain = {
            "id": str(uuid5(SPACE, str(number))),
            "raw": raw,
            "symbology": None,
            "method": "scan",
            "device_id": "tablet",
            "device_seq": number,
            "device_time": self.clock().isoformat(),
            "offset_ms": 0,
            "uncertainty_ms": 5,
            "queued": False,
            "capture": None,
            "intent": {"step": step, **context} if step else None,
        }
        return plain | changes

    def old(self, **time: float) -> str:
        return (self.clock() - timedelta(**time)).isoformat()

    def send(self, visitor: Visitor, *scans: dict[str, Any]) -> list[dict[str, Any]]:
        """What a batch is answered."""
        answer = visitor.client.post(SCANS, json={"scans": list(scans)}, headers=HEADER)
        assert answer.status_code == 200, answer.json
        return list(answer.json["results"])

    def one(self, visitor: Visitor, scan: dict[str, Any]) -> dict[str, Any]:
        return self.send(visitor, scan)[0]

    def agent(self, *scans: dict[str, Any]) -> list[dict[str, Any]]:
        """What a station's own program is answered."""
        answer = self.site.app.test_client().post(
            SCANS, json={"scans": list(scans)}, headers=self.as_station
        )
        assert answer.status_code == 200, answer.json
        return list(answer.json["results"])

    @property
    def as_station(self) -> dict[str, str]:
        return {"Authorization": f"Station {self.token}"}

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with self.work() as work:
            return [tuple(row) for row in work.session.connection().exec_driver_sql(sql)]

    def kit(
        self,
        *,
        consents: tuple[str, ...] = ("primary", "biospecimen"),
        protocol: str = "adult_v3_1",
    ) -> "Kit":
        """A confirmed order, of an adult full kit unless told, with its labels ready."""
        with self.work() as work:
            participant = participants.create(
                work, participants.NewParticipant(site=NORTH, programme=PROGRAMME)
            )
            for scope in consents:
                consent = participants.Consent(
                    scope=scope, status="yes", version="1", language="en"
                )
                participants.record_consent(work, participant.code, consent)
            order = ordering.place_order(
                work,
                ordering.NewOrder(
                    participant=participant.code,
                    protocol=protocol,
                    identity=("card_scanned", "name"),
                    site=NORTH,
                ),
            )
            kits.open_kit(work, order.id)
            tubes = tubes_of(work.session, order)
            return Kit(participant=participant, order=str(order.id), tubes=tuple(tubes))


@dataclass(frozen=True, slots=True, kw_only=True)
class Kit:
    """One participant's kit; its tubes in the order of draw."""

    participant: Subject
    order: str
    tubes: tuple[Subject, ...]
