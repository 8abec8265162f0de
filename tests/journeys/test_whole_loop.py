"""A morning at the chair on simulated metal: an order, labels, scans, tubes, and what went wrong.

Server and agent are the real programs. The printer prints on a pty; what lies in its tray is drawn
and decoded; those codes come in through the serial scanner, which is another pty.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid5

import pytest

from app.custody.ledger import Entry, Kind, Subject
from app.custody.verify import verify
from hardware.printer.simulated import SimulatedPrinter
from hardware.scanner.protocol import Answer
from hardware.scanner.simulated import SimulatedScanner
from labels.verify import codes_in
from labels.zpl_reader import picture
from tests.app.scanning.bench import SPACE, Bench, Kit
from tests.builders.labels import ask, claimed, come_out
from tests.builders.plant import SERVER, Plant
from tests.builders.programs import until
from tests.builders.work import the_limits
from tests.conftest import FreshDatabase

pytestmark = pytest.mark.slow
AGENT = "chair"
ROLL_ENDS_AT = 5  # the label under which it does

WELL = """
    LABEL_PRINTED printed, generation 1, chair-printer
    COLLECTED participant -> unit:NOR/collection, chair-scanner
    TUBE_COMMISSIONED generation 1, chair-scanner
"""
TWO_COPIES = f"""
    LABEL_PRINTED printed, generation 1, chair-printer
    {WELL.strip()}
"""
WHOLE_AFTER_ALL = """
    LABEL_PRINTED unknown, paper_out, generation 1, chair-printer
    LABEL_PRINTED printed, seen, generation 1, nurse
    COLLECTED participant -> unit:NOR/collection, chair-scanner
    TUBE_COMMISSIONED generation 1, chair-scanner
"""
CUT_OFF = """
    LABEL_PRINTED unknown, paper_out, generation 1, chair-printer
    LABEL_VOIDED not there, generation 1, nurse
    LABEL_PRINTED printed, generation 2, chair-printer
    COLLECTED participant -> unit:NOR/collection, chair-scanner
    TUBE_COMMISSIONED generation 2, chair-scanner
"""


@dataclass
class Chair:
    """The chair with all that stands there, a kit in work, and the nurse."""

    bench: Bench
    printer: SimulatedPrinter
    scanner: SimulatedScanner
    kit: Kit

    def print_labels(self) -> str:
        """Press Print, and wait until it is known of each label what became of it; the job."""
        path = f"/api/v1/stations/{self.bench.station}/task"
        task = {"step": "collect", "order": self.kit.order}
        assert self.bench.nurse.send("PUT", path, **task).status_code == 200
        job = ask(self.bench, self.kit)
        come_out(self.bench)
        return job

    def in_tray(self) -> list[str]:
        """What a reader finds on the pictures of what came out whole, label by label."""
        tray = [out.content.decode("ascii") for out in self.printer.tray() if out.whole]
        found = [codes_in(picture(content)) for content in tray]
        assert all(len(codes) == 1 for codes in found)
        return [codes[0].text for codes in found]

    def look(self, job: str, number: int, *, there: bool) -> None:
        """Answer whether a label is in hand; where it is not, another is printed."""
        path = f"/api/v1/print-jobs/{job}/labels/{number}/look"
        said = {"there": "yes" if there else "no", "command": str(uuid5(SPACE, job))}
        assert self.bench.nurse.send("POST", path, **said).status_code == 200
        come_out(self.bench)

    def draw(self, code: str) -> None:
        """Scan the tube that was drawn; again, where the scanner did not say that it is safe."""

        def scanned() -> bool:
            number = self.scanner.scan(code)
            if self.scanner.answer_to(number) == "silence":
                self.scanner.plug()
                return False
            return self.scanner.verdict_on(number) is Answer.ACCEPTED

        until(scanned)


@pytest.fixture
def plant(fresh_database: FreshDatabase, tmp_path: Path) -> Iterator[Plant]:
    with Plant(tmp_path, fresh_database(), moved=frozenset()) as plant:
        yield plant


@pytest.fixture
def chair(plant: Plant, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Chair]:
    printer = SimulatedPrinter(
        seed=3, trouble=request.param, after=ROLL_ENDS_AT - 1, pace=0.2, link=tmp_path / "zpl"
    )
    with printer, SimulatedScanner(seed=1, link=tmp_path / "hand") as scanner:
        plant.set_up(AGENT, scanner=scanner.device, printer=printer.device)
        plant.start(SERVER)
        plant.start(AGENT)
        yield Chair(plant.bench, printer, scanner, plant.bench.kit())


@pytest.mark.parametrize("chair", ["none"], indirect=True)
def test_labels_come_out_are_scanned_and_the_tubes_are_drawn(chair: Chair) -> None:
    chair.print_labels()
    codes = chair.in_tray()
    assert Counter(codes) == claimed(chair.bench, "printed")
    for code in dict.fromkeys(codes):
        chair.draw(code)

    *singles, twice = chair.kit.tubes
    assert {tube.code: story(chair, tube) for tube in singles} == {
        tube.code: lines(WELL) for tube in singles
    }
    assert story(chair, twice) == lines(TWO_COPIES)
    check_the_day(chair.bench)


@pytest.mark.parametrize(
    ("chair", "told"),
    [("roll_end", WHOLE_AFTER_ALL), ("no_reprint", CUT_OFF)],
    indirect=["chair"],
)
def test_a_roll_ends_a_plug_is_drawn_and_the_ledger_says_so(chair: Chair, told: str) -> None:
    job = chair.print_labels()
    [unknown] = claimed(chair.bench, "unknown")
    assert unknown == chair.kit.tubes[ROLL_ENDS_AT - 1].code
    chair.look(job, ROLL_ENDS_AT, there=unknown in chair.in_tray())
    codes = chair.in_tray()
    assert Counter(codes) == claimed(chair.bench, "printed")
    for number, code in enumerate(dict.fromkeys(codes), start=1):
        if number == 3:
            chair.scanner.misbehave("unplugged", times=1)
        chair.draw(code)

    assert [each.answer for each in chair.scanner.triggers()].count("silence") > 0
    *singles, twice = [tube for tube in chair.kit.tubes if tube.code != unknown]
    assert {tube.code: story(chair, tube) for tube in singles} == {
        tube.code: lines(WELL) for tube in singles
    }
    assert story(chair, twice) == lines(TWO_COPIES)
    assert story(chair, chair.kit.tubes[ROLL_ENDS_AT - 1]) == lines(told)
    check_the_day(chair.bench)


def check_the_day(bench: Bench) -> None:
    """Nobody has anything to explain, and the ledger is what was written."""
    assert bench.rows("SELECT rule, entry FROM gap WHERE cured_at IS NULL AND NOT vanished") == []
    with bench.work() as work:
        assert verify(work.session, limits=the_limits(), now=bench.clock()).findings == ()


def story(chair: Chair, tube: Subject) -> list[str]:
    """What the ledger says of a tube, in the words of this file."""
    return [line(chair, entry) for entry in chair.bench.story(tube)]


def lines(text: str) -> list[str]:
    return [each.strip() for each in text.strip().splitlines()]


def line(chair: Chair, entry: Entry) -> str:
    facts = entry.facts
    said = [str(facts[name]) for name in ("status", "proof", "reason") if name in facts]
    said += [str(reason) for reason in facts.get("reasons") or ()]
    if entry.kind is Kind.COLLECTED:
        assert entry.source == f"participant:{chair.kit.participant.code}"
        said.append(f"participant -> {entry.target}")
    else:
        said.append(f"generation {facts['generation']}")
    return f"{entry.kind} {', '.join([*said, teller(chair.bench, entry)])}"


def teller(bench: Bench, entry: Entry) -> str:
    """Who or what said so: a device of the station, or the nurse."""
    assert entry.actor == bench.people["nurse"]
    device = str(entry.facts.get("printer") or entry.device_id)
    if device:
        station, name, *_ = device.split("/")
        assert station == entry.station == bench.station
        return name
    return "nurse"
