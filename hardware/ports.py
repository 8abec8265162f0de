"""Opens a serial port by path, by its lasting name, or by URL; every failure is one of ours.

Not for meaning: bytes come in and go out, and the errors of three libraries become one family.
"""

import termios
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import serial

from hardware.errors import BadAddress, NoReply, Unplugged, trouble_from

BY_ID: Final = Path("/dev/serial/by-id")
BAUD: Final = 9600
READ_SECONDS: Final = 0.05  # short, so that answers and a stop wait no longer than this
WRITE_SECONDS: Final = 0.5  # without one, a scanner that sent XOFF would block for ever
_SCHEMES: Final = frozenset({"socket", "loop", "spy", "rfc2217", "hwgrep"})
_LIBRARY_ERRORS: Final = (serial.SerialException, OSError, termios.error)
_MOST_BYTES: Final = 4096


class Port:
    """An open port. Reading and writing raise children of DeviceTrouble, nothing else."""

    def __init__(self, *, address: str, line: serial.Serial) -> None:
        self.address = address
        self._line = line

    def read(self) -> bytes:
        """What arrived, or nothing after READ_SECONDS of silence."""
        with _our_errors(self.address):
            content: bytes = self._line.read(1)
            # A line over the network tells that bytes are waiting, but not how many.
            while content and len(content) < _MOST_BYTES and (waiting := self._line.in_waiting):
                content += self._line.read(min(waiting, _MOST_BYTES))
            return content

    def write(self, content: bytes) -> None:
        """Send all of it within WRITE_SECONDS, or raise NoReply."""
        with _our_errors(self.address):
            self._line.write(content)

    def close(self) -> None:
        """Let go of the port. Safe to repeat, and after any trouble."""
        try:
            self._line.close()
        except _LIBRARY_ERRORS:
            return  # the device is gone already, and the port with it


def check_address(address: str) -> None:
    """Raise BadAddress for what could never be opened; says nothing about what is plugged in."""
    scheme, separator, rest = address.partition("://")
    if not address.strip() or not address.isprintable():
        raise BadAddress(address, "an address is needed")
    if not separator:
        return
    if scheme not in _SCHEMES:
        raise BadAddress(address, f"{scheme}:// is not a way to reach a scanner")
    if scheme in {"socket", "rfc2217"}:
        _check_host_and_port(address)
    if scheme != "loop" and not rest:
        raise BadAddress(address, f"{scheme}:// needs more than that")


def resolve(address: str, *, by_id: Path = BY_ID) -> str:
    """Where to look for the device now: lasting names are followed anew at every opening."""
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


def open_port(address: str, *, baud: int = BAUD, by_id: Path = BY_ID) -> Port:
    """Open it for us alone. Raises a child of DeviceTrouble that says what is in the way."""
    check_address(address)
    place = resolve(address, by_id=by_id)
    try:
        with _our_errors(address):
            line = serial.serial_for_url(
                place,
                baudrate=baud,
                timeout=READ_SECONDS,
                write_timeout=WRITE_SECONDS,
                exclusive=True,
            )
    except ValueError as error:
        raise BadAddress(address, str(error)) from error
    return Port(address=address, line=line)


@contextmanager
def _our_errors(address: str) -> Iterator[None]:
    try:
        yield
    except serial.SerialTimeoutException as error:
        raise NoReply(address, "the device takes no more bytes") from error
    except _LIBRARY_ERRORS as error:
        raise trouble_from(error, address=address) from error
    except TypeError as error:  # pyserial reads from a port that another thread has closed
        raise Unplugged(address, "the port was closed") from error


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
