"""Finds what is plugged in by who it is, not by where: usb://VID:PID or usb://VID:PID:SERIAL."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from serial.tools import list_ports

from hardware.errors import BadAddress, Unplugged

SCHEME: Final = "usb"
PRINTERS: Final = Path("/sys/class/usbmisc")
NODES: Final = Path("/dev/usb")
_IDENTITY: Final = re.compile(r"usb://([0-9a-f]{4}):([0-9a-f]{4})(?::(.+))?", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class UsbDevice:
    """A device that is plugged in: its node, and the identity it carries."""

    node: str
    vendor: int
    product: int
    serial: str

    def __str__(self) -> str:
        """As it would be written in settings, and where it is now."""
        serial = f":{self.serial}" if self.serial else ""
        return f"usb://{self.vendor:04x}:{self.product:04x}{serial} ({self.node})"


Attached = Callable[[], Sequence[UsbDevice]]


def check_identity(address: str) -> None:
    """Raise BadAddress for what is no identity."""
    _parts(address)


def find(address: str, attached: Attached) -> str:
    """The node of the one device that is meant. Raises BadAddress where several are, Unplugged."""
    vendor, product, serial = _parts(address)
    meant = [
        each
        for each in attached()
        if (each.vendor, each.product) == (vendor, product) and serial in (None, each.serial)
    ]
    if len(meant) > 1:
        names = ", ".join(sorted(map(str, meant)))
        raise BadAddress(address, f"more than one device is that: {names}")
    if not meant:
        raise Unplugged(address, "no device of that identity is plugged in")
    return meant[0].node


def attached() -> list[UsbDevice]:
    """Printers of the USB printer class, and serial ports, as they are now."""
    return [*printers(), *serial_ports()]


def printers(folder: Path = PRINTERS, *, nodes: Path = NODES) -> list[UsbDevice]:
    """Printers of the USB printer class. One that is unplugged meanwhile is left out."""
    found = (_printer(each, nodes / each.name) for each in sorted(folder.glob("lp*")))
    return [each for each in found if each is not None]


def serial_ports() -> list[UsbDevice]:
    """Serial ports that are on USB."""
    return [
        UsbDevice(node=e.device, vendor=e.vid, product=e.pid, serial=e.serial_number or "")
        for e in list_ports.comports()
        if e.vid is not None and e.pid is not None
    ]


def _printer(entry: Path, node: Path) -> UsbDevice | None:
    device = (entry / "device").resolve().parent  # `device` is one interface of it
    try:
        vendor, product = (int(_told(device / name), 16) for name in ("idVendor", "idProduct"))
    except (OSError, ValueError):
        return None
    serial = device / "serial"
    return UsbDevice(
        node=str(node),
        vendor=vendor,
        product=product,
        serial=_told(serial) if serial.exists() else "",
    )


def _told(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace").strip()


def _parts(address: str) -> tuple[int, int, str | None]:
    parts = _IDENTITY.fullmatch(address)
    if parts is None:
        raise BadAddress(address, "it needs two numbers of four digits, as in usb://0a5f:0166")
    vendor, product, serial = parts.groups()
    return int(vendor, 16), int(product, 16), serial
