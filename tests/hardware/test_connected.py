"""What is plugged in, by the name that stays, and of each whether it opens."""

from pathlib import Path

from hardware.connected import READY, connected
from hardware.errors import Unplugged
from hardware.ports import open_port
from hardware.usb import UsbDevice
from tests.hardware.lines import PtyLine


def test_a_device_is_named_by_what_stays_and_told_apart_when_it_is_busy(
    tmp_path: Path, line: PtyLine
) -> None:
    name = tmp_path / "usb-scanner-0001"
    name.symlink_to(line.address)
    printer = UsbDevice(node=str(tmp_path / "lp0"), vendor=0x0A5F, product=0x0166, serial="1")
    attached = UsbDevice(node=line.address, vendor=1, product=2, serial="0001")

    def found() -> dict[str, str]:
        seen = connected(by_id=tmp_path, attached=lambda: [attached, printer])
        assert all(each.state == READY or each.remedy for each in seen)
        return {each.address: each.state for each in seen}

    assert found() == {str(name): READY, printer.node: Unplugged.state}
    port = open_port(str(name))
    assert found()[str(name)] == "busy"
    port.close()
    assert found()[str(name)] == READY


def test_a_computer_without_devices_has_none(tmp_path: Path) -> None:
    assert connected(by_id=tmp_path / "none", attached=list) == ()
