"""The demo's page of printers: what lies in the tray as pictures, and what can be done to them."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from hardware.control import ControlServer
from hardware.printer.control import obey
from hardware.printer.simulated import SimulatedPrinter
from labels import layout, stock, template
from labels.layout import LabelText
from labels.zpl import zpl
from tests.app.scanning.bench import Bench
from tests.builders.site import Site
from tests.conftest import FreshDatabase
from tests.fakes.clock import SetClock

CODE = "TB0000000001R"
PATIENCE = 10


@pytest.fixture
def bench(fresh_database: FreshDatabase, tmp_path: Path) -> Iterator[Bench]:
    clock = SetClock()
    site = Site(folder=tmp_path, database=fresh_database().runtime_url, clock=clock, demo=True)
    yield Bench(site, clock)
    site.close()


def test_what_was_printed_lies_on_the_page_and_the_roll_can_be_ended(
    bench: Bench, tmp_path: Path
) -> None:
    one = layout.place(
        LabelText(code=CODE), template.load("tube"), stock.load("tube_roll"), dpi=203, language="en"
    )
    with SimulatedPrinter(pace=0.1) as printer, ControlServer(obey(printer)) as control:
        (tmp_path / "stations").mkdir()
        where = json.dumps({bench.station: control.address})
        (tmp_path / "stations" / "devices.json").write_text(where)
        assert "Nothing was printed yet" in bench.nurse.get("/virtual-scanner").text

        printer.do(lambda engine: engine.feed(zpl(one), at=0.0))
        assert printer.wait_until(lambda tray: len(tray) == 1, seconds=PATIENCE)
        page = bench.nurse.get("/virtual-scanner").text
        assert f'data-scan="{CODE}"' in page
        assert "data:image/png;base64," in page

        path = f"/api/v1/demo/printers/{bench.station}"
        assert bench.nurse.send("POST", f"{path}/open_head").status_code == 200
        assert bench.nurse.send("POST", f"{path}/explode").status_code == 404
    assert bench.nurse.send("POST", f"{path}/refill").status_code == 404
    assert "Nothing was printed yet" in bench.nurse.get("/virtual-scanner").text
