"""Two agents of one station, programs of their own, each with a printer: a label is one agent's.

500 jobs with UNBROKEN_SOAK, 20 without.
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from hardware.agent.print_book import PrintBook
from hardware.agent.station import BOOK_FILE
from hardware.printer.one_label import State
from hardware.printer.simulated import SimulatedPrinter
from tests.builders.labels import ask, check_claims, claimed, come_out, in_tray
from tests.builders.plant import SERVER, Plant
from tests.builders.programs import until
from tests.conftest import FreshDatabase
from tests.counts import SOAK

JOBS = 500 if SOAK else 20
ONE_LABEL, TEN_LABELS = "saliva", "adult_v3_2"  # kits of so many
AGENTS = ("left", "right")
A_LEASE = 61  # seconds after which a job that nobody tells of is free


@pytest.fixture
def plant(fresh_database: FreshDatabase, tmp_path: Path) -> Iterator[Plant]:
    with Plant(tmp_path, fresh_database(), moved=frozenset({SERVER})) as plant:
        yield plant


@pytest.fixture
def printers(tmp_path: Path) -> Iterator[dict[str, SimulatedPrinter]]:
    made = {
        name: SimulatedPrinter(seed=seed, pace=0.1, link=tmp_path / f"by-id-{name}")
        for seed, name in enumerate(AGENTS)
    }
    with made["left"], made["right"]:
        yield made


def start(plant: Plant, printers: dict[str, SimulatedPrinter], *names: str) -> None:
    for name in names:
        plant.set_up(name, printer=printers[name].device)
        plant.start(name)


def tray(printers: dict[str, SimulatedPrinter]) -> Counter[str]:
    """What came out of both."""
    return sum((in_tray(each.tray()) for each in printers.values()), Counter())


def test_each_of_many_jobs_is_printed_by_exactly_one(
    plant: Plant, printers: dict[str, SimulatedPrinter]
) -> None:
    plant.start(SERVER)
    for _ in range(JOBS):
        ask(plant.bench, plant.bench.kit(protocol=ONE_LABEL))
    start(plant, printers, *AGENTS)
    come_out(plant.bench)

    assert set(tray(printers).values()) == {1}
    assert tray(printers) == claimed(plant.bench, "printed")
    holders = plant.bench.rows(
        "SELECT l.code, j.printer FROM print_label l JOIN print_job j ON j.id = l.job"
    )
    for name, printer in printers.items():
        called = f"{plant.bench.station}/{name}-printer"
        theirs = {code for code, holder in holders if holder == called}
        assert theirs == set(in_tray(printer.tray()))
        assert theirs


def test_what_an_agent_had_in_flight_when_it_died_is_not_printed_by_another(
    plant: Plant, printers: dict[str, SimulatedPrinter]
) -> None:
    plant.start(SERVER)
    ask(plant.bench, plant.bench.kit(protocol=TEN_LABELS))
    start(plant, printers, "left")
    book = PrintBook(plant.data("left") / BOOK_FILE)
    until(lambda: len(printers["left"].tray()) >= 3)
    until(lambda: any(noted.state is State.SENT for noted in book.to_tell()))
    plant.kill("left")
    book.close()
    plant.clock.wait(seconds=A_LEASE)
    start(plant, printers, "right")
    come_out(plant.bench)

    check_claims(plant.bench, tray(printers))
    assert claimed(plant.bench, "unknown").total() <= 1
    # Nor when it comes back and tells what it knows.
    start(plant, printers, "left")
    until(lambda: not left_to_tell(plant))
    check_claims(plant.bench, tray(printers))


def left_to_tell(plant: Plant) -> bool:
    book = PrintBook(plant.data("left") / BOOK_FILE)
    try:
        return bool(book.to_tell())
    finally:
        book.close()
