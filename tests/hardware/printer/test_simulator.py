"""The simulated printer as a program, told what to do by lines of text."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hardware.clock import SystemClock
from hardware.control import Remote
from hardware.ports import open_port
from hardware.printer.protocol import Condition
from hardware.printer.zpl import ZplPrinter


@pytest.fixture
def started(tmp_path: Path) -> Iterator[dict[str, str]]:
    command = [sys.executable, "-m", "hardware.printer.simulator", "--with-parent"]
    command += ["--link", str(tmp_path / "printer"), "--pace", "0.1", "--dpmm", "12"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    yield json.loads(process.stdout.readline())
    process.stdin.close()
    assert process.wait(10) == 0
    process.stdout.close()


@pytest.mark.slow
def test_it_is_told_what_to_do(started: dict[str, str], tmp_path: Path) -> None:
    assert started["device"] == str(tmp_path / "printer")
    remote = Remote(started["control"])
    printer = ZplPrinter(open_port(started["device"]), clock=SystemClock())
    assert printer.identify().dpmm == 12
    for command, reason in (("open_head", "head_open"), ("end_roll", "paper_out")):
        remote.ask(command)
        assert reason in printer.status().reasons
    remote.ask("close_head")
    remote.ask("refill")
    remote.ask("pause")
    assert printer.status().reasons == ("pause",)
    remote.ask("go_on")
    assert printer.status().condition is Condition.READY
    assert remote.ask("tray")["labels"] == []
    printer.close()
    remote.ask("unplug")
    assert not Path(started["device"]).exists()
    assert remote.ask("plug")["device"] == started["device"]
    with pytest.raises(ValueError, match="there are tray"):
        remote.ask("explode")


@pytest.mark.slow
def test_it_ends_in_peace_when_it_is_told_to_while_its_parent_goes_on() -> None:
    command = [sys.executable, "-m", "hardware.printer.simulator", "--with-parent"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline()
        process.terminate()
        assert process.wait(10) == 0
