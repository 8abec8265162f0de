"""What a journey is told with: people at their pages, scanners in hands, and what came of it.

Everything goes through public doors; what is not as it must be is a complaint, told at the end.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.simulation.cast import BB1, PROGRAMME
from app.simulation.parts import Station
from app.simulation.visitor import Answer, Visitor

BRK, PROTOCOL = "BRK", "adult_v3_1"
UNIT = f"unit:{BRK}/collection"
LOOK = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Who takes part."""

    phlebotomist: Visitor
    technician: Visitor
    manager: Visitor


@dataclass(slots=True, kw_only=True)
class Kit:
    """A participant, an order and the codes of its tubes in order of draw."""

    participant: str
    order: str
    tubes: Sequence[str]
    gel: Sequence[str]

    @property
    def plain(self) -> list[str]:
        """Those that need no centrifuge."""
        return [tube for tube in self.tubes if tube not in self.gel]


@dataclass(slots=True, kw_only=True)
class Journey:
    """The story so far: what was done, what was found, and what was not as it must be."""

    people: People
    chair: Station
    dock: Station
    clock: Callable[[], datetime]
    pause: Callable[[float], object]
    tell: Callable[[str], None]
    found: dict[str, object] = field(default_factory=dict)
    complaints: list[str] = field(default_factory=list)

    def expect(self, what: str, seen: object, wanted: object) -> None:
        """Complain where something is not as it must be."""
        if seen != wanted:
            self.complaints.append(f"{what}: is {seen!r}, must be {wanted!r}")

    def told(self, what: str, result: Answer, *verdicts: str) -> Answer:
        """The result of a scan, which must have one of these verdicts (accepted, if none)."""
        if result["verdict"] not in (verdicts or ("accepted",)):
            said = f"{result['verdict']} {result.get('rule') or ''} {result['message']}"
            self.complaints.append(f"{what}: {said}")
        return result

    def by_hand(self, station: Station, code: str, *verdicts: str) -> None:
        """A real scanner's read: safe at once, then a tone for what the server says."""
        number = station.scanner.scan(code)
        if number["answer"] != "ack":
            self.complaints.append(f"{code} at {station.key.site}: {number['answer']}")
        tone = station.scanner.verdict(int(str(number["scan"])))
        if tone not in (verdicts or ("accepted",)):
            self.complaints.append(f"{code} at {station.key.site}: the scanner heard {tone}")

    def task(self, who: Visitor, station: Station, step: str, **intent: object) -> None:
        """Say on a page what a station is at."""
        who.post(f"/stations/{station.key.code}/task", step=step, **intent)

    def kit(self) -> Kit:
        """A participant with consent, two identifiers compared, an order and its kit."""
        who = self.people.phlebotomist
        made = who.post("/participants", site=BRK, programme=PROGRAMME)
        before = (self.clock() - timedelta(hours=1)).isoformat()
        for scope in ("primary", "biospecimen"):
            who.post(
                f"/participants/{made['code']}/consents",
                scope=scope,
                status="yes",
                version="1",
                language="en",
                effective_at=before,
            )
        order = who.post(
            "/orders",
            participant=made["code"],
            protocol=PROTOCOL,
            identity=["card_scanned", "birth_date"],
            site=BRK,
        )
        kit = who.post(f"/orders/{order['id']}/kit")
        tubes = sorted(kit["tubes"], key=lambda tube: int(tube["position"]))
        return Kit(
            participant=made["code"],
            order=order["id"],
            tubes=[tube["code"] for tube in tubes],
            gel=[tube["code"] for tube in tubes if tube["type"].startswith(("sst", "pst"))],
        )

    def draw(self, kit: Kit, tube: str) -> Answer:
        """A tube is scanned on the page of its order."""
        seen = self.people.phlebotomist.scan(tube, "collect", order=kit.order)
        return self.told(f"draw {tube}", seen)

    def box(self) -> str:
        """A new box at the clinic."""
        code: str = self.people.phlebotomist.post("/boxes", site=BRK)["boxes"][0]["code"]
        return code

    def send(self, box: str, *, courier: str, number: str | None = None) -> Answer:
        """A box goes into a package, sealed and handed to a courier."""
        who = self.people.phlebotomist
        made = who.post("/packages", site=BRK, destination=BB1)
        code = made["code"]
        seal = f"S{code[-7:]}"
        self.told(f"pack {box}", who.scan(box, "pack_box", package=code))
        who.post(f"/packages/{code}/seal", seal=seal)
        sent: Answer = who.post(
            f"/packages/{code}/release",
            source=UNIT,
            courier=courier,
            evidence="signature",
            carrier_number=number,
            logger="LOG-1",
            seal=seal,
            refrigerant="gel",
        )
        return sent

    def until(self, what: str, true: Callable[[], bool], *, seconds: float) -> bool:
        """Wait for something, with an end; complain when it does not come."""
        deadline = self.clock() + timedelta(seconds=seconds)
        while not true():
            if self.clock() > deadline:
                self.complaints.append(f"{what}: not within {seconds:g} s")
                return False
            self.pause(LOOK)
        return True
