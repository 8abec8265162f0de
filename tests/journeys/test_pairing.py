"""A new workstation: paired by a code, shut out, paired again; and no scan of it is lost."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.accounts import pairing
from app.accounts.places import revoke_token
from app.web.secrets import keep_secret
from hardware.__main__ import main
from hardware.scanner.simulated import SimulatedScanner
from tests.builders.plant import SERVER, Plant
from tests.builders.programs import until
from tests.conftest import FreshDatabase

AGENT = "chair"


@pytest.fixture
def plant(fresh_database: FreshDatabase, tmp_path: Path) -> Iterator[Plant]:
    with Plant(tmp_path, fresh_database(), moved=frozenset()) as plant:
        yield plant


def pair(plant: Plant) -> int:
    """As somebody at the computer does, with the code that the page of the station shows."""
    with plant.bench.work() as work:
        secret = keep_secret(plant.folder / "secret.key")
        offer = pairing.offer(work, station=plant.bench.station, secret=secret)
    told = ("--server", plant.relay.url, "--code", offer.code.lower())
    return main(["pair", *told, "--data", str(plant.data(AGENT))])


def scans(plant: Plant) -> int:
    return int(plant.bench.rows("SELECT count(*) FROM scan")[0][0])


def status(plant: Plant, capsys: pytest.CaptureFixture[str]) -> str:
    main(["status", "--data", str(plant.data(AGENT))])
    return capsys.readouterr().out


def test_a_station_is_paired_shut_out_and_paired_again(
    plant: Plant, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Acceptance point 41, and the technician's first minutes."""
    first, second = (tube.code for tube in plant.bench.kit().tubes[:2])
    page = f"/stations/{plant.bench.station}"
    with SimulatedScanner(seed=1, link=tmp_path / "hand") as scanner:
        plant.start(SERVER)
        assert pair(plant) == 0
        assert "This computer is now Chair 1" in capsys.readouterr().out
        plant.set_up(AGENT, paired=True, scanner=scanner.device)
        plant.start(AGENT)
        until(lambda: "Ready" in plant.bench.nurse.get(page).text)
        scanner.scan(first)
        until(lambda: scans(plant) == 1)

        with plant.bench.work() as work:
            revoke_token(work, station=plant.bench.station)
        scanner.scan(second)
        until(lambda: "token refused" in status(plant, capsys))
        assert "pair again: unbroken-agent pair" in status(plant, capsys)
        assert "waiting 1" in status(plant, capsys)
        assert "shut out" in plant.bench.nurse.get(page).text
        assert scans(plant) == 1

        plant.stop(AGENT)
        assert pair(plant) == 0
        plant.start(AGENT)
        until(lambda: scans(plant) == 2)
