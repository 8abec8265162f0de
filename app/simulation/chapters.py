"""One tube's whole journey in seven chapters, with everything that can go wrong on it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.simulation.cast import BB1
from app.simulation.journey import Journey, Kit
from app.simulation.short_limits import CLOT_SECONDS, SECONDS
from app.simulation.visitor import Answer
from labels.code import COMMAND_CARDS

SWEEP_SECONDS = 10.0  # an alarm is there at the latest this long after its time
# Each is one alarm, nothing more and nothing less: what is overdue, and what speaks at once.
OVERDUE = ("G23", "G28", "G29", "G31", "G32", "G33")
AT_ONCE = ("G11", "G37", "G43", "G53")
# Of the extra tube and the one without a label: listed under the alarms above.
BESIDE = ("G02", "G18", "G34", "G44")
FEDEX, UPS = "123456789012", "1Z999AA10123456784"


@dataclass(slots=True, kw_only=True)
class Plot:
    """The things of the story, by what becomes of them."""

    main: Kit
    wrong: Kit
    withdrawn: Kit
    box: str = ""
    package: str = ""
    forgotten: str = ""
    loose: str = ""
    loose_at: datetime | None = None
    extra: str = ""
    missing: str = ""
    drawn: list[str] = field(default_factory=list)


def tell(story: Journey) -> Plot:
    """All seven chapters. Raises NotAsExpected where a door does not open at all."""
    plot = Plot(main=story.kit(), wrong=story.kit(), withdrawn=story.kit())
    story.found["kits"] = 3
    for title, chapter in (
        ("What nobody will finish is begun", begin_what_stays_open),
        ("A kit is drawn", draw),
        ("The gel tubes are spun", spin),
        ("A box is packed and released", pack_and_release),
        ("The package is received", receive),
        ("The box is put away and moved", put_away),
        ("What came late is told", tell_late),
        ("The manager looks", look),
    ):
        story.tell(title)
        chapter(story, plot)
    return plot


def begin_what_stays_open(story: Journey, plot: Plot) -> None:
    """A package that is late, one that waits at the dock, a forgotten box, an unspun tube."""
    who, kit = story.people.phlebotomist, plot.wrong
    gel, (first, second, third, loose, extra, *_) = kit.gel[0], kit.plain
    late, waits, plot.forgotten = story.box(), story.box(), story.box()
    plot.loose, plot.extra = loose, extra
    for tube, box in ((gel, late), (first, late), (second, waits), (third, plot.forgotten)):
        story.draw(kit, tube)
        story.told(f"pack {tube}", who.scan(tube, "pack", box=box))
    story.draw(kit, loose)
    plot.loose_at = story.clock()
    story.send(late, courier="UPS", number=UPS)
    sent = story.send(waits, courier="UPS")
    story.people.technician.post(
        f"/packages/{sent['code']}/deliver",
        source="courier:UPS",
        evidence="carrier_label",
        site=BB1,
    )


def draw(story: Journey, plot: Plot) -> None:
    """Eight labels, seven tubes scanned as they are drawn, one not drawn, DONE: ten scans."""
    who, kit = story.people.phlebotomist, plot.main
    kind, labels = who.file(f"/orders/{kit.order}/labels.pdf")
    story.expect("the labels are a PDF", (kind, labels[:5]), ("application/pdf", b"%PDF-"))
    story.expect("the kit has eight tubes", len(kit.tubes), 8)
    wrong = who.scan(plot.wrong.tubes[-1], "collect", order=kit.order)
    story.told("another participant's tube", wrong, "stop")
    story.task(who, story.chair, "collect", order=kit.order)
    *plot.drawn, undrawn = kit.tubes
    for tube in plot.drawn:
        story.by_hand(story.chair, tube)
    for code in (COMMAND_CARDS["NOT COLLECTED"], undrawn, COMMAND_CARDS["DONE"]):
        story.by_hand(story.chair, code)
    order = who.get(f"/orders/{kit.order}")
    states = Counter(tube["state"] for tube in order["tubes"])
    story.expect("drawn, and not", dict(states), {"done": 7, "none": 1})
    story.expect("the order is done", bool(order["done_at"]), True)
    story.found |= {"drawn": states["done"], "not_drawn": states["none"]}


def spin(story: Journey, plot: Plot) -> None:
    """Started once the serum has clotted, ended; the times are shown against their limits."""
    who, kit = story.people.phlebotomist, plot.main
    story.pause(CLOT_SECONDS + 0.5)
    for step in ("spin_start", "spin_end"):
        for tube in kit.gel:
            story.told(f"{step} {tube}", who.scan(tube, step))
    tubes = who.get(f"/orders/{kit.order}")["tubes"]
    spun = [tube for tube in tubes if tube["spin_ended_at"]]
    story.expect("spun in time", [tube["late"] for tube in spun], [False] * len(kit.gel))
    story.found["spun"] = len(spun)


def pack_and_release(story: Journey, plot: Plot) -> None:
    """One tube goes into the wrong box and is taken back; then box, package, seal, courier."""
    who = story.people.phlebotomist
    mistake = who.scan(plot.drawn[0], "pack", box=plot.forgotten)
    story.told("the wrong box", mistake)
    who.post(f"/scans/{mistake['id']}/undo", reason="wrong box")
    plot.box = story.box()
    story.task(who, story.chair, "pack", box=plot.box)
    for tube in plot.drawn:
        story.by_hand(story.chair, tube)
    story.by_hand(story.chair, COMMAND_CARDS["DONE"])
    sent = story.send(plot.box, courier="FedEx", number=FEDEX)
    plot.package = sent["code"]
    listed = who.get(f"/packages/{plot.package}/manifest")
    story.expect("the frozen list", len(listed["lines"]), len(plot.drawn))
    story.expect("its hash", listed["hash"], sent["manifest_hash"])
    story.found["released"] = len(listed["lines"])


def receive(story: Journey, plot: Plot) -> None:
    """Delivered, opened, checked in: one missing, one extra, one leaking, one without label."""
    who, package = story.people.technician, plot.package
    who.post(
        f"/packages/{package}/deliver", source="courier:FedEx", evidence="carrier_label", site=BB1
    )
    who.post(
        f"/packages/{package}/receipt",
        source=f"unit:{BB1}/dock",
        evidence="stated",
        seal_verdict="intact",
        condition="good",
        temperature_c=4.5,
        site=BB1,
    )
    plot.missing, leaking, *there = plot.drawn
    story.draw(plot.wrong, plot.extra)  # and slipped into the box, on no list
    story.task(who, story.dock, "check_in", package=package)
    for code in (plot.box, *there, leaking):
        story.by_hand(story.dock, code)
    story.by_hand(story.dock, plot.extra, "look")
    story.by_hand(story.dock, COMMAND_CARDS["LEAKING"])
    story.by_hand(story.dock, leaking, "look", "accepted")
    story.by_hand(story.dock, COMMAND_CARDS["MISSING LABEL"], "look")
    closed = who.post(f"/packages/{package}/receipt/close", site=BB1)
    kinds = Counter(odd["kind"] for odd in closed["exceptions"])
    told = {name: closed[name] for name in ("expected", "scanned", "missing", "damaged", "closed")}
    story.expect(
        "the receipt",
        told,
        {"expected": 7, "scanned": 8, "missing": 1, "damaged": 1, "closed": True},
    )
    story.expect("extra, and without label", (kinds["extra"], kinds["unlabelled"]), (1, 1))
    story.found |= {
        "received": closed["scanned"],
        "missing": closed["missing"],
        "extra": kinds["extra"],
        "found": kinds["unlabelled"],
        "damaged": closed["damaged"],
    }


def put_away(story: Journey, plot: Plot) -> None:
    """A place is promised, taken and confirmed; then the box moves to another freezer."""
    who = story.people.technician
    held = who.post("/places/proposals", subject=plot.box, site=BB1)
    story.told(
        "put away",
        who.scan(plot.box, "store", rack=held["location"], position=held["position"]),
    )
    stored = [t for t in plot.drawn[1:] if who.get(f"/subjects/{t}")["phase"] == "stored"]
    story.expect("stored with their box", len(stored), len(plot.drawn) - 1)
    before = len(who.get(f"/subjects/{plot.box}/timeline")["lines"])
    other = who.post("/places/proposals", subject=plot.box, site=BB1)
    story.expect("the other rack", other["location"] != held["location"], True)
    story.told(
        "moved", who.scan(plot.box, "move", rack=other["location"], position=other["position"])
    )
    after = len(who.get(f"/subjects/{plot.box}/timeline")["lines"])
    story.expect("one entry for a box that moves", after - before, 1)
    inside = who.get(f"/subjects/{stored[-1]}") if stored else {}
    story.expect("its tubes went along", other["location"] in inside.get("path", []), True)
    story.found["stored"] = len(stored)


def tell_late(story: Journey, plot: Plot) -> None:
    """Overdue alarms come by the real clock; an offline read cures one; a withdrawal finds one."""
    who = story.people.phlebotomist
    tube = plot.withdrawn.plain[0]
    story.draw(plot.withdrawn, tube)
    story.told(f"pack {tube}", who.scan(tube, "pack", box=plot.forgotten))
    who.post(
        f"/participants/{plot.withdrawn.participant}/withdrawals",
        effective_at=(story.clock() - timedelta(minutes=1)).isoformat(),
        no_further_use=True,
        data="keep",
    )
    patience = SECONDS + SWEEP_SECONDS
    story.until("the alarm of G28", lambda: "G28" in _rules(story), seconds=patience)
    packed_at = (plot.loose_at or story.clock()) + timedelta(seconds=1)
    late = who.scan(plot.loose, "pack", at=packed_at, box=plot.forgotten)
    story.told("packed while offline", late, "accepted", "look")
    wanted = {*OVERDUE, *AT_ONCE}
    if not story.until("every alarm", lambda: wanted <= _rules(story), seconds=patience):
        story.complaints.append(f"no alarm of {', '.join(sorted(wanted - _rules(story)))}")
    story.until(
        "the offline read cures G28",
        lambda: bool(_gaps(story, "closed", rule="G28")),
        seconds=SWEEP_SECONDS,
    )


def look(story: Journey, plot: Plot) -> None:
    """Where is it, who has it, since when; one alarm is taken, given on, and explained."""
    who = story.people.manager
    seen = who.get(f"/subjects/{plot.missing}")
    story.expect("the missing tube is presumed with its box", seen["within"], plot.box)
    drawn = who.get(f"/subjects/{plot.missing}/timeline")
    story.expect("and was not seen there", drawn["lines"][-1]["seen"], False)
    rules = {gap["rule"] for gap in drawn["gaps"]}
    story.expect("the gap is drawn in its timeline", rules, {"G43"})
    alarm = next(one for one in who.get("/alarms?limit=100")["items"] if one["rule"] == "G43")
    number = alarm["id"]
    person = who.get("/session")["person"]
    who.post(f"/alarms/{number}/acknowledge")
    who.post(f"/alarms/{number}/assign", assignee=person)
    until = (story.clock() + timedelta(hours=1)).isoformat()
    who.post(
        f"/alarms/{number}/explain",
        reason="verified_correct",
        comment="Looked for twice; the sender was asked",
        until=until,
    )
    told = who.get(f"/alarms/{number}")["alarm"]
    story.expect("explained", (told["assignee"], told["state"]), (person, "explained"))
    _count(story)


def _count(story: Journey) -> None:
    """Every gap and alarm there is, against those there must be."""
    who = story.people.manager
    gaps = Counter(gap["rule"] for gap in who.get("/gaps?state=all&limit=200")["items"])
    opened = who.get("/alarms?limit=100")["items"]
    alarms = Counter(one["rule"] for one in opened)
    slowest = max((_delay(one) for one in opened if one["rule"] in OVERDUE), default=0.0)
    wanted = {*OVERDUE, *AT_ONCE}
    story.expect("an alarm within ten seconds", slowest <= SWEEP_SECONDS, True)
    story.found["slowest_alarm_seconds"] = round(slowest, 1)
    story.expect("one alarm for each cause", dict(alarms), dict.fromkeys(sorted(wanted), 1))
    story.expect("gaps of these rules", set(gaps) - {*BESIDE}, wanted)
    story.expect("the extra tube is found out", gaps["G44"] > 0, True)
    story.found["gaps"] = dict(sorted(gaps.items()))
    story.found["alarms"] = dict(sorted(alarms.items()))


def _delay(alarm: Answer) -> float:
    """Seconds from the moment something was due to its alarm."""
    opened, since = (datetime.fromisoformat(alarm[name]) for name in ("opened_at", "since"))
    return (opened - since).total_seconds()


def _rules(story: Journey) -> set[str]:
    return {one["rule"] for one in story.people.manager.get("/alarms?limit=100")["items"]}


def _gaps(story: Journey, state: str, *, rule: str) -> Sequence[Answer]:
    found: Sequence[Answer] = story.people.manager.get(f"/gaps?state={state}&rule={rule}")["items"]
    return found
