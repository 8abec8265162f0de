"""A printer's node that is no terminal: read, written, held alone; its end is noticed."""

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from hardware.clock import SystemClock
from hardware.errors import Busy, DeviceTrouble, NoReply, Unplugged
from hardware.ports import open_port
from hardware.printer.engine import Engine
from hardware.printer.one_label import Label, State, Tell
from hardware.printer.protocol import Condition
from hardware.printer.simulated import SimulatedPrinter
from hardware.printer.zpl import ZplPrinter
from hardware.serial_line import WRITE_SECONDS
from hardware.usb_line import UsbLine, is_node, open_node
from tests.hardware.lines import PtyLine

CLOCK = SystemClock()
THREE = [Label(number=n, content=f"^XA^A{n:03}^XZ".encode(), dpmm=8) for n in (1, 2, 3)]


@pytest.fixture
def node(line: PtyLine) -> Iterator[UsbLine]:
    opened = open_node(line.address, address="/dev/usb/lp0")
    yield opened
    opened.close()


def test_bytes_go_both_ways(line: PtyLine, node: UsbLine) -> None:
    node.write(b"~HI")
    assert line.received(3) == b"~HI"
    line.send(b"\x02\x00\xff\x03")
    assert node.read() == b"\x02\x00\xff\x03"
    assert node.read() == b""


def test_what_was_said_before_can_be_forgotten(line: PtyLine, node: UsbLine) -> None:
    node.drop()
    line.send(b"old" * 1000)
    assert node.read()
    node.drop()
    line.send(b"new")
    assert node.read() == b"new"


def test_three_labels_come_out_and_are_counted() -> None:
    with SimulatedPrinter(pace=0.1) as simulated:
        printer = ZplPrinter(open_node(simulated.device, address="lp0"), clock=CLOCK)
        assert printer.status().condition is Condition.READY
        told: list[Tell] = []
        printer.print_labels(THREE, tell=told.append, stop=threading.Event())
        printer.close()
        assert [out.content for out in simulated.tray()] == [each.content for each in THREE]
    assert [t.number for t in told if t.state is State.PRINTED] == [1, 2, 3]


def test_a_printer_without_paper_says_so_over_it() -> None:
    with SimulatedPrinter(pace=0.1) as simulated:
        simulated.do(Engine.end_roll)
        printer = ZplPrinter(open_node(simulated.device, address="lp0"), clock=CLOCK)
        assert "paper_out" in printer.status().reasons
        printer.close()


def test_unplugged_is_said_whatever_is_asked_and_closing_is_safe(
    line: PtyLine, node: UsbLine
) -> None:
    line.unplug()
    with pytest.raises(Unplugged):
        node.read()
    with pytest.raises(Unplugged):
        node.write(b"~HS")
    node.close()
    node.close()
    for use in (node.read, lambda: node.write(b"~HS")):
        with pytest.raises(DeviceTrouble):
            use()


def test_a_printer_that_takes_no_bytes_gives_up_at_the_deadline(node: UsbLine) -> None:
    begun = CLOCK.steady()
    with pytest.raises(NoReply, match="takes no more bytes"):
        node.write(b"x" * 1_000_000)
    assert WRITE_SECONDS <= CLOCK.steady() - begun < WRITE_SECONDS + 2


def test_a_second_opener_is_told_busy_and_does_not_disturb_the_first(
    line: PtyLine, node: UsbLine
) -> None:
    with pytest.raises(Busy):
        open_node(line.address, address="lp0")
    line.send(b"x")
    assert node.read() == b"x"


def test_what_is_not_there_is_unplugged(tmp_path: Path) -> None:
    with pytest.raises(Unplugged):
        open_node(str(tmp_path / "lp0"), address="lp0")


def test_empty_packets_are_silence() -> None:
    line = open_port(os.devnull)  # a device that is no terminal, and ends at once
    assert isinstance(line, UsbLine)
    assert line.read() == b""
    line.write(b"~HS")
    line.close()


def test_a_terminal_is_no_such_node_and_neither_is_a_file(line: PtyLine, tmp_path: Path) -> None:
    assert is_node(os.devnull)
    assert not is_node(line.address)
    assert not is_node(str(tmp_path / "nothing"))
    (tmp_path / "file").touch()
    assert not is_node(str(tmp_path / "file"))
    assert not is_node(os.devnull, terminals=tmp_path / "nothing")  # who cannot tell opens a port
