"""A line through a device node that is no terminal: a USB printer at /dev/usb/lp0 (`usblp`).

Not for serial ports: it knows no speed and no parity.
"""

import fcntl
import os
import select
import stat
from pathlib import Path
from typing import Final

from hardware.clock import Clock, SystemClock
from hardware.errors import NoReply, Unplugged, trouble_from
from hardware.serial_line import READ_SECONDS, WRITE_SECONDS

TERMINALS: Final = Path("/proc/tty/drivers")
_MOST_BYTES: Final = 4096
_MOST_DROPPED: Final = 64  # times _MOST_BYTES
_BREATH_SECONDS: Final = 0.01
_FLAGS: Final = os.O_RDWR | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
_CLOSED: Final = -1


class UsbLine:
    """An open line. Reading and writing raise children of DeviceTrouble, nothing else."""

    def __init__(self, *, address: str, node: int, clock: Clock) -> None:
        self.address = address
        self._node = node
        self._clock = clock

    def read(self) -> bytes:
        """What arrived, or nothing after READ_SECONDS of silence."""
        until = self._clock.steady() + READ_SECONDS
        while (left := until - self._clock.steady()) > 0:
            try:
                if self._poll(select.POLLIN, seconds=left):
                    content = os.read(self._node, _MOST_BYTES)
                    if content:
                        return content
                    self._breathe()
            except BlockingIOError:
                continue
            except OSError as error:
                raise trouble_from(error, address=self.address) from error
        return b""

    def write(self, content: bytes) -> None:
        """Send all of it within WRITE_SECONDS, or raise NoReply."""
        until = self._clock.steady() + WRITE_SECONDS
        while content:
            left = until - self._clock.steady()
            try:
                if left <= 0 or not self._poll(select.POLLOUT, seconds=left):
                    raise NoReply(self.address, "the device takes no more bytes")
                content = content[os.write(self._node, content) :]
            except BlockingIOError:
                continue
            except OSError as error:
                raise trouble_from(error, address=self.address) from error

    def drop(self) -> None:
        """Forget what arrived and was not read; of one that never stops talking, a good deal."""
        for _ in range(_MOST_DROPPED):
            try:
                if not self._poll(select.POLLIN, seconds=0) or not os.read(self._node, _MOST_BYTES):
                    return
            except BlockingIOError:
                return
            except OSError as error:
                raise trouble_from(error, address=self.address) from error

    def close(self) -> None:
        """Let go of the device. Safe to repeat, and after any trouble."""
        node, self._node = self._node, _CLOSED
        if node == _CLOSED:
            return
        try:
            os.close(node)
        except OSError:
            return  # the device is gone already

    def _breathe(self) -> None:
        """Some printers send empty packets without end; one that is gone ends in the same way."""
        if self._poll(0, seconds=_BREATH_SECONDS) & select.POLLHUP:
            raise Unplugged(self.address, "the device went away")

    def _poll(self, what: int, *, seconds: float) -> int:
        if self._node == _CLOSED:
            raise Unplugged(self.address, "the port was closed")
        poll = select.poll()
        poll.register(self._node, what)
        found = poll.poll(seconds * 1000)
        return found[0][1] if found else 0


def open_node(place: str, *, address: str) -> UsbLine:
    """Open a node for us alone; troubles speak of `address`, as settings call it."""
    try:
        node = os.open(place, _FLAGS)
    except OSError as error:
        raise trouble_from(error, address=address) from error
    try:
        fcntl.flock(node, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(node)
        raise trouble_from(error, address=address) from error
    return UsbLine(address=address, node=node, clock=SystemClock())


def is_node(place: str, *, terminals: Path = TERMINALS) -> bool:
    """Whether a path is a device that is no terminal. Opens nothing: that would reset some."""
    try:
        status = os.stat(place)
        kinds = terminals.read_text(encoding="ascii").splitlines()
    except (OSError, ValueError):
        return False  # whoever opens it will say what is wrong
    # Lines as in "pty_slave  /dev/pts  136 0-1048575 pty:slave"
    majors = {line.split()[2] for line in kinds if len(line.split()) > 2}
    return stat.S_ISCHR(status.st_mode) and str(os.major(status.st_rdev)) not in majors
