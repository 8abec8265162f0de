"""Whatever is killed while labels are printed: none comes out twice, none is claimed in vain.

The server, the agent and, where it is the one to die, the printer are programs of their own; the
database is a real one. Leases run out by the server's clock, which the test moves.
"""

import json
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.simulation.programs import CHILD
from hardware.control import Remote
from hardware.printer.engine import Out
from hardware.printer.simulated import SimulatedPrinter
from tests.builders.labels import UNSETTLED, ask, check_claims, claimed, come_out, in_tray
from tests.builders.plant import SERVER, Plant
from tests.builders.programs import PATIENCE, until
from tests.conftest import FreshDatabase
from tests.counts import SOAK

KILLS = 50 if SOAK else 10
KITS = 6 if SOAK else 1  # so many are a batch: of sixty labels, or of ten
KIT, LABELS = "adult_v3_2", 10  # a kit of so many labels
FEWEST = 5  # with fewer waiting, another batch is asked for before the next kill
MOMENT = (0.1, 1.0)  # seconds from an agent's start to its end
PACE = 0.1
AGENT = "chair"
A_LEASE = 61  # seconds after which a job that nobody tells of is free


@pytest.fixture
def plant(fresh_database: FreshDatabase, tmp_path: Path) -> Iterator[Plant]:
    with Plant(tmp_path, fresh_database(), moved=frozenset({SERVER})) as plant:
        yield plant


@pytest.fixture
def printer(tmp_path: Path) -> Iterator[SimulatedPrinter]:
    with SimulatedPrinter(seed=5, pace=PACE, link=tmp_path / "by-id") as printer:
        yield printer


def batch(plant: Plant) -> None:
    for _ in range(KITS):
        ask(plant.bench, plant.bench.kit(protocol=KIT))


def settle(plant: Plant) -> None:
    """Wait until it is known of each label what became of it, or that nobody knows."""

    def known() -> bool:
        plant.clock.wait(seconds=A_LEASE / 10)
        return not claimed(plant.bench, *UNSETTLED)

    until(known)


def let_pass(seconds: float) -> None:
    end = time.monotonic() + seconds
    until(lambda: time.monotonic() >= end)


def printed(printer: SimulatedPrinter, number: int) -> None:
    """Wait until so many labels have come out."""
    assert printer.wait_until(lambda tray: len(tray) >= number, seconds=PATIENCE)


def thirds(plant: Plant, printer: SimulatedPrinter) -> Iterator[int]:
    """Begin a batch, and stop to look when a third of its labels has come out, and two."""
    plant.set_up(AGENT, printer=printer.device)
    plant.start(SERVER)
    batch(plant)
    plant.start(AGENT)
    for part in (1, 2):
        printed(printer, part * KITS * LABELS // 3)
        yield part


@contextmanager
def printer_program(link: Path, *, seed: int) -> Iterator[tuple["subprocess.Popen[str]", Remote]]:
    """A simulated printer as a program of its own, and whoever stands in front of it."""
    options = ("--link", str(link), "--seed", str(seed), "--pace", str(PACE))
    command = [*CHILD, "hardware.printer.simulator", *options]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as program:
        try:
            assert program.stdout is not None
            yield program, Remote(json.loads(program.stdout.readline())["control"])
        finally:
            program.kill()


def tray_of(printer: Remote) -> Counter[str]:
    labels = printer.ask("tray")["labels"]
    assert isinstance(labels, list)
    return in_tray(Out(content=each["content"].encode(), whole=each["whole"]) for each in labels)


def test_an_agent_killed_at_any_moment_prints_nothing_twice_and_claims_nothing_else(
    plant: Plant, printer: SimulatedPrinter
) -> None:
    dice = random.Random(11)
    plant.set_up(AGENT, printer=printer.device)
    plant.start(SERVER)
    batch(plant)
    for _ in range(KILLS):
        if claimed(plant.bench, "waiting").total() < FEWEST:
            batch(plant)
        plant.start(AGENT)
        let_pass(dice.uniform(*MOMENT))
        plant.kill(AGENT)
    plant.start(AGENT)
    settle(plant)

    assert claimed(plant.bench).total() % (KITS * LABELS) == 0
    check_claims(plant.bench, in_tray(printer.tray()))
    unknown = claimed(plant.bench, "unknown").total()
    sys.stdout.write(f"{KILLS} kills: {claimed(plant.bench).total()} labels, {unknown} unknown\n")
    assert unknown <= KILLS


def test_a_server_killed_in_mid_batch_hears_of_every_label_when_it_is_back(
    plant: Plant, printer: SimulatedPrinter
) -> None:
    for _ in thirds(plant, printer):
        plant.kill(SERVER)
        plant.start(SERVER)
    come_out(plant.bench)

    check_claims(plant.bench, in_tray(printer.tray()))
    assert claimed(plant.bench, "unknown").total() == 0


def test_a_printer_that_is_unplugged_loses_at_most_the_label_under_way(
    plant: Plant, printer: SimulatedPrinter
) -> None:
    for _ in thirds(plant, printer):
        printer.unplug()
        printer.plug()
    come_out(plant.bench)

    check_claims(plant.bench, in_tray(printer.tray()))
    assert claimed(plant.bench, "unknown").total() <= 2


def test_a_printer_that_dies_takes_no_claim_with_it(plant: Plant, tmp_path: Path) -> None:
    link = tmp_path / "by-id"
    plant.set_up(AGENT, printer=str(link))
    plant.start(SERVER)
    batch(plant)
    trays = Counter[str]()
    half = KITS * LABELS // 2
    with printer_program(link, seed=1) as (first, remote):
        plant.start(AGENT)
        until(lambda: tray_of(remote).total() >= half)
        # A label that comes out after this look cannot be claimed before the end.
        trays += tray_of(remote)
        first.kill()
        first.wait(PATIENCE)
    with printer_program(link, seed=2) as (_, remote):
        settle(plant)
        trays += tray_of(remote)

    check_claims(plant.bench, trays)
    assert claimed(plant.bench, "unknown").total() <= 1
