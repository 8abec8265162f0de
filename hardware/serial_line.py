"""A line through pyserial: a serial port, a serial server on the network, a loop.

The errors of three libraries become one family.
"""

import termios
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import serial

from hardware.errors import BadAddress, NoReply, Unplugged, trouble_from

READ_SECONDS: Final = 0.05  # short, so that answers and a stop wait no longer than this
WRITE_SECONDS: Final = 0.5  # without one, a scanner that sent XOFF would block for ever
_LIBRARY_ERRORS: Final = (serial.SerialException, OSError, termios.error)
_MOST_BYTES: Final = 4096


class SerialLine:
    """An open line. Reading and writing raise children of DeviceTrouble, nothing else."""

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

    def drop(self) -> None:
        """Forget what arrived and was not read."""
        with _our_errors(self.address):
            self._line.reset_input_buffer()

    def close(self) -> None:
        """Let go of the port. Safe to repeat, and after any trouble."""
        try:
            self._line.close()
        except _LIBRARY_ERRORS:
            return  # the device is gone already, and the port with it


def open_serial(place: str, *, address: str, baud: int) -> SerialLine:
    """Open a path or URL for us alone; troubles speak of `address`, as settings call it."""
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
    return SerialLine(address=address, line=line)


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
