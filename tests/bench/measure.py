"""What is measured on one base ledger, by turns, so that a slow moment of the machine hits all."""

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.custody import queries
from app.custody.verify import verify
from app.kernel.clock import system_clock
from app.kernel.ids import uuid7_source
from tests.bench.callers import Recorder, by_hand, over_http, signed_in, through_service
from tests.bench.cluster import Cluster, Copy, engine_of
from tests.bench.crew import Plan, Took, crew
from tests.bench.deeds import RACK_OF, Dealer, Deed, Stock
from tests.bench.figures import Pace, at, pace
from tests.bench.web import web_server
from tests.builders.work import the_limits

HANDS = (1, 8)
MOST_HANDS = max(HANDS)
WAYS = ("raw", "service", "http")
OPEN_RATE = 150.0
LOOKS = 200
LOOK_ROUNDS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much is done."""

    tubes: int
    rounds: int
    alone: int  # scans of a single client, each round
    together: int  # scans of each of eight clients, each round
    racks: int  # of a single client, one after the other, each round
    open_seconds: int

    @property
    def fresh(self) -> int:
        """Tubes just drawn that all of it needs."""
        scans = self.rounds * (self.alone + self.together * MOST_HANDS) + WARM * MOST_HANDS
        scans += round(self.open_seconds * OPEN_RATE)
        return scans // 2 + (self.rounds * self.racks + 1) * RACK_OF + 200


WARM = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """All figures of one base ledger."""

    scans: dict[tuple[str, int], Pace]
    racks: dict[str, Pace]
    open_loop: Pace
    looks: dict[str, float]
    entries: int
    statements: float


def measure(
    cluster: Cluster, base: str, stock: Stock, size: Size, say: Callable[[str], None]
) -> Measured:
    """Run everything on copies of this base ledger."""
    plans = _plans(stock, size)
    copies = {name: cluster.copy(base, f"{base}_{name}") for name in ("told", *WAYS)}
    say("recording what the service sends")
    recorder = Recorder()
    with recorder.on(copies["told"].runtime_url) as record:
        for hand in plans:
            for plan in hand.values():
                for deeds in plan:
                    record(deeds)
    cluster.drop(f"{base}_told")
    scans: dict[tuple[str, int], list[Took]] = {(way, n): [] for n in HANDS for way in WAYS}
    racks: dict[str, list[Took]] = {way: [] for way in WAYS}
    with ExitStack() as stack:
        raw, plain = copies["raw"].runtime_url, copies["service"].runtime_url
        host, port = stack.enter_context(web_server(copies["http"], cluster.folder))
        door = signed_in(host, port)
        crews = {
            "raw": stack.enter_context(crew(plans, lambda: by_hand(raw, recorder.told))),
            "service": stack.enter_context(crew(plans, lambda: through_service(plain))),
            "http": stack.enter_context(crew(plans, lambda: over_http(door))),
        }
        for one in crews.values():
            one.run("warm", hands=MOST_HANDS)
        cluster.settle()
        say("scans by turns: by hand, through the service, over HTTP")
        for number in range(size.rounds):
            for hands in HANDS:
                for way in WAYS:
                    took = crews[way].run(f"{hands}/{number}", hands=hands)
                    scans[way, hands].append(took)
        say("scans at a steady rate")
        steady = crews["http"].run("open", hands=MOST_HANDS, rate=OPEN_RATE)
        say("racks by turns")
        for number in range(size.rounds):
            for way in WAYS:
                racks[way].append(crews[way].run(f"rack/{number}", hands=1))
    say("looking")
    looks = _looks(copies["service"], stock)
    for way in WAYS:
        cluster.drop(f"{base}_{way}")
    sent = [len(told) for told in recorder.told.values()]
    return Measured(
        scans={key: pace(rounds) for key, rounds in scans.items()},
        racks={way: pace(rounds) for way, rounds in racks.items()},
        open_loop=pace([steady]),
        looks=looks,
        entries=stock.entries,
        statements=sum(sent) / len(sent),
    )


def _plans(stock: Stock, size: Size) -> list[dict[str, Plan]]:
    dealer = Dealer(stock, uuid7_source(system_clock))
    steady = round(size.open_seconds * OPEN_RATE) // MOST_HANDS
    plans: list[dict[str, Plan]] = []
    for hand in range(MOST_HANDS):
        device = f"bench-{hand}"
        mine: dict[str, Plan] = {"warm": _singly(dealer.hand(device, WARM))}
        for number in range(size.rounds):
            if hand == 0:
                mine[f"1/{number}"] = _singly(dealer.hand(device, size.alone))
            mine[f"8/{number}"] = _singly(dealer.hand(device, size.together))
        mine["open"] = _singly(dealer.hand(device, steady))
        if hand == 0:
            for number in range(size.rounds):
                mine[f"rack/{number}"] = [dealer.rack(device) for _ in range(size.racks)]
        plans.append(mine)
    return plans


def _singly(deeds: Sequence[Deed]) -> Plan:
    return [[deed] for deed in deeds]


def _looks(copy: Copy, stock: Stock) -> dict[str, float]:
    """Questions people ask, in milliseconds at the median."""
    engine = engine_of(copy.runtime_url)
    tubes = [tube.id for tube in stock.stored[:: max(1, len(stock.stored) // LOOKS)]][:LOOKS]
    boxes = [box.id for box in stock.full[:: max(1, len(stock.full) // LOOKS)]][:LOOKS]
    with Session(engine) as session:
        now, limits = system_clock(), the_limits()
        looks = {
            "timeline": _timed(
                session, tubes, lambda id_: queries.timeline(session, id_, limits=limits, now=now)
            ),
            "holder": _timed(session, tubes, lambda id_: queries.standing(session, id_)),
            "box": _timed(session, boxes, lambda id_: queries.contents(session, id_)),
        }
    engine.dispose()
    return looks


def _timed(session: Session, ids: Sequence[int], look: Callable[[int], object]) -> float:
    """The median of several rounds; each look is a request of its own, and remembers nothing."""
    each = []
    for id_ in (*ids[:10], *(ids * LOOK_ROUNDS)):
        begun = time.perf_counter()
        look(id_)
        each.append(time.perf_counter() - begun)
        session.rollback()
    return at(sorted(each[10:]), 50)


def verified(cluster: Cluster, base: str) -> tuple[float, int]:
    """Entries a second that `verify` looks at, and how much it finds (which must be nothing)."""
    copy = cluster.copy(base, f"{base}_verify")
    engine = engine_of(copy.runtime_url)
    with Session(engine) as session:
        begun = time.perf_counter()
        report = verify(session, limits=the_limits(), now=system_clock())
        took = time.perf_counter() - begun
    engine.dispose()
    cluster.drop(f"{base}_verify")
    return report.entries / took, len(report.findings)
