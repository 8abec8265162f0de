"""What can be wrong with a device, each with a remedy in plain words."""

import errno
from typing import ClassVar


class DeviceTrouble(Exception):
    """Something is wrong with a device: `state` names it briefly, `remedy` says what helps."""

    state: ClassVar[str] = "in trouble"
    remedy: ClassVar[str] = "Unplug the device, plug it in again, and look at the agent's log"

    def __init__(self, address: str, cause: str) -> None:
        super().__init__(f"{address}: {cause}")
        self.address = address
        self.cause = cause


class BadAddress(DeviceTrouble):
    """The address can never be opened, whatever is plugged in."""

    state = "address not understood"
    remedy = (
        "Use a device path (/dev/ttyACM0), a name from /dev/serial/by-id, an identity "
        "(usb://VID:PID or usb://VID:PID:SERIAL), or a URL such as socket://host:port"
    )


class Unplugged(DeviceTrouble):
    """The device is not there, or went away."""

    state = "unplugged"
    remedy = (
        "Plug the device in and switch it on; its name is listed in /dev/serial/by-id, "
        "a USB printer's in /dev/usb"
    )


class Busy(DeviceTrouble):
    """Another program has the port."""

    state = "busy"
    remedy = (
        "Close the other program that uses this port (a terminal, ModemManager, a print spooler, "
        "a second agent); "
        "`fuser -v PORT` names it"
    )


class NotPermitted(DeviceTrouble):
    """This account may not open the port."""

    state = "not permitted"
    remedy = (
        "Add this account to the group that owns the port (sudo usermod -aG dialout USER; "
        "lp for a USB printer), then sign out and in again"
    )


class NoReply(DeviceTrouble):
    """The device is there but does not take or answer what is sent."""

    state = "not answering"
    remedy = "Switch the device off and on; check cable, flow control and baud rate"


class Garbage(DeviceTrouble):
    """What arrives cannot be read: most often the wrong speed."""

    state = "unreadable data, check baud"
    remedy = "Set the same baud rate, 8 data bits and no parity on the device and for this port"


_BY_ERRNO: dict[int, type[DeviceTrouble]] = {
    errno.ENOENT: Unplugged,
    errno.EIO: Unplugged,
    errno.ENXIO: Unplugged,
    errno.ENODEV: Unplugged,
    errno.EBADF: Unplugged,
    errno.EAGAIN: Busy,
    errno.EBUSY: Busy,
    errno.EACCES: NotPermitted,
    errno.EPERM: NotPermitted,
}

_CAUSES: dict[type[DeviceTrouble], str] = {
    Unplugged: "the device is not there",
    Busy: "another program is using the port",
    NotPermitted: "this account may not open the port",
}


def trouble_from(error: Exception, *, address: str) -> DeviceTrouble:
    """The trouble behind an operating system's error; what has no number counts as unplugged."""
    number = error.errno if isinstance(error, OSError) else None
    if number is None and error.args and isinstance(error.args[0], int):
        number = error.args[0]  # termios.error carries its number only there
    kind = _BY_ERRNO.get(number, Unplugged) if number is not None else Unplugged
    return kind(address, _CAUSES[kind])
