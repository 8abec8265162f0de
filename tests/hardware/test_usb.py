"""Devices by who they are: found wherever they are plugged in, and never one of two alike."""

from pathlib import Path

import pytest

from hardware import usb
from hardware.errors import BadAddress, Unplugged
from hardware.ports import open_port
from hardware.usb import UsbDevice
from tests.hardware.lines import PtyLine


def plug(root: Path, name: str, *, at: str, product: str = "0166", serial: str = "") -> None:
    """Have a printer there, as the system shows one of the USB printer class."""
    interface = root / "devices" / at / f"{at}:1.0"
    interface.mkdir(parents=True)
    (interface.parent / "idVendor").write_text("0a5f\n")
    (interface.parent / "idProduct").write_text(f"{product}\n")
    if serial:
        (interface.parent / "serial").write_text(f"{serial}\n")
    entry = root / "class" / name
    entry.mkdir(parents=True, exist_ok=True)
    (entry / "device").unlink(missing_ok=True)
    (entry / "device").symlink_to(interface)


def found(root: Path, address: str) -> str:
    return usb.find(address, lambda: usb.printers(root / "class", nodes=Path("/dev/usb")))


def test_a_printer_is_found_by_its_numbers_and_serial_number(tmp_path: Path) -> None:
    plug(tmp_path, "lp0", at="1-1", serial="52J1")
    plug(tmp_path, "lp1", at="1-2", serial="52J2")
    plug(tmp_path, "lp2", at="1-3", product="00a3")
    assert found(tmp_path, "usb://0a5f:0166:52J2") == "/dev/usb/lp1"
    assert found(tmp_path, "usb://0A5F:00A3") == "/dev/usb/lp2"


def test_two_alike_are_named_and_neither_is_taken(tmp_path: Path) -> None:
    plug(tmp_path, "lp0", at="1-1", serial="52J1")
    plug(tmp_path, "lp1", at="1-2", serial="52J2")
    with pytest.raises(BadAddress) as refused:
        found(tmp_path, "usb://0a5f:0166")
    assert "usb://0a5f:0166:52J1 (/dev/usb/lp0), usb://0a5f:0166:52J2 (/dev/usb/lp1)" in str(
        refused.value
    )


@pytest.mark.parametrize("address", ["usb://0a5f:0166:52J9", "usb://0a5f:0001", "usb://dead:0166"])
def test_one_that_is_not_plugged_in_is_unplugged(tmp_path: Path, address: str) -> None:
    plug(tmp_path, "lp0", at="1-1", serial="52J1")
    with pytest.raises(Unplugged, match="identity"):
        found(tmp_path, address)


def test_it_is_followed_to_where_it_is_now(tmp_path: Path) -> None:
    plug(tmp_path, "lp0", at="1-1", serial="52J1")
    plug(tmp_path, "lp1", at="1-2", serial="52J2")
    plug(tmp_path, "lp0", at="1-3", serial="52J2")
    plug(tmp_path, "lp1", at="1-4", serial="52J1")
    assert found(tmp_path, "usb://0a5f:0166:52J1") == "/dev/usb/lp1"


def test_what_goes_away_while_it_is_looked_at_is_left_out(tmp_path: Path) -> None:
    plug(tmp_path, "lp0", at="1-1")
    (tmp_path / "devices/1-1/idProduct").unlink()
    (tmp_path / "class/lp1").mkdir()
    assert usb.printers(tmp_path / "class") == []
    assert usb.printers(tmp_path / "nowhere") == []


def test_the_ports_of_this_computer_can_be_looked_through() -> None:
    assert all(each.node.startswith("/dev/") for each in usb.attached())


def test_a_port_is_opened_by_identity_anew_each_time() -> None:
    for line in (PtyLine(), PtyLine()):
        here = UsbDevice(node=line.address, vendor=0x05E0, product=0x1701, serial="S1")
        port = open_port("usb://05e0:1701:S1", attached=lambda here=here: [here])  # type: ignore[misc]
        line.send(b"T")
        assert port.read() == b"T"
        port.close()
        line.unplug()
