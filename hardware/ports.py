"""Opens a port by path, by its lasting name, by who it is, or by URL; every failure is one of ours.

Not for meaning: bytes come in and go out.
"""

from pathlib import Path
from typing import Final, Protocol
from urllib.parse import urlsplit

from hardware import usb
from hardware.errors import BadAddress, Unplugged
from hardware.serial_line import open_serial
from hardware.usb_line import is_node, open_node

BY_ID: Final = Path("/dev/serial/by-id")
BAUD: Final = 9600
_SCHEMES: Final = frozenset({"socket", "loop", "spy", "rfc2217", "hwgrep", usb.SCHEME})


class Port(Protocol):
    """An open line to a device. Raises children of DeviceTrouble, nothing else."""

    address: str

    def read(self) -> bytes:
        """What arrived, or nothing after a moment of silence."""
        ...

    def write(self, content: bytes) -> None:
        """Send all of it in time, or raise NoReply."""
        ...

    def drop(self) -> None:
        """Forget what arrived and was not read."""
        ...

    def close(self) -> None:
        """Let go of the port. Safe to repeat, and after any trouble."""
        ...


def check_address(address: str) -> None:
    """Raise BadAddress for what could never be opened; says nothing about what is plugged in."""
    scheme, separator, rest = address.partition("://")
    if not address.strip() or not address.isprintable():
        raise BadAddress(address, "an address is needed")
    if not separator:
        return
    if scheme not in _SCHEMES:
        raise BadAddress(address, f"{scheme}:// is not a way to reach a device")
    if scheme == usb.SCHEME:
        usb.check_identity(address)
    if scheme in {"socket", "rfc2217"}:
        _check_host_and_port(address)
    if scheme != "loop" and not rest:
        raise BadAddress(address, f"{scheme}:// needs more than that")


def resolve(address: str, *, by_id: Path = BY_ID, attached: usb.Attached = usb.attached) -> str:
    """Where to look for the device now: names and identities are followed at every opening."""
    if address.startswith(f"{usb.SCHEME}://"):
        return usb.find(address, attached)
    if "/" in address:
        return address
    exact = by_id / address
    if exact.exists():
        return str(exact)
    alike = sorted(by_id.glob(f"*{_literally(address)}*")) if by_id.is_dir() else []
    if len(alike) > 1:
        names = ", ".join(path.name for path in alike)
        raise BadAddress(address, f"more than one device has that in its name: {names}")
    if not alike:
        raise Unplugged(address, f"no device of that name in {by_id}")
    return str(alike[0])


def open_port(
    address: str,
    *,
    baud: int = BAUD,
    by_id: Path = BY_ID,
    attached: usb.Attached = usb.attached,
) -> Port:
    """Open it for us alone. Raises a child of DeviceTrouble that says what is in the way."""
    check_address(address)
    place = resolve(address, by_id=by_id, attached=attached)
    if is_node(place):
        return open_node(place, address=address)
    return open_serial(place, address=address, baud=baud)


def _check_host_and_port(address: str) -> None:
    parts = urlsplit(address)
    try:
        port = parts.port
    except ValueError as error:
        raise BadAddress(address, "the port number is not one") from error
    if not parts.hostname or not port:
        raise BadAddress(address, "it needs a host and a port number, as in socket://host:port")


def _literally(text: str) -> str:
    return "".join(f"[{character}]" if character in "*?[" else character for character in text)
