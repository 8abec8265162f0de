"""What is plugged into this computer: each device by the name that stays, and whether it opens."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from hardware import usb
from hardware.errors import DeviceTrouble
from hardware.ports import BY_ID, open_port

READY = "ready"


@dataclass(frozen=True, slots=True, kw_only=True)
class Connected:
    """A device that is there: the address for settings, how it is, and what helps."""

    address: str
    state: str
    cause: str = ""
    remedy: str = ""


def connected(
    *, by_id: Path = BY_ID, attached: usb.Attached = usb.attached
) -> tuple[Connected, ...]:
    """Every serial line and USB printer that is there now; each is opened for a moment."""
    return tuple(_looked_at(address) for address in _addresses(by_id, attached))


def _addresses(by_id: Path, attached: usb.Attached) -> Iterable[str]:
    lines = sorted(by_id.iterdir()) if by_id.is_dir() else []
    yield from map(str, lines)
    named = {str(line.resolve()) for line in lines}
    for device in attached():
        if str(Path(device.node).resolve()) not in named:
            yield device.node


def _looked_at(address: str) -> Connected:
    try:
        open_port(address).close()
    except DeviceTrouble as trouble:
        return Connected(
            address=address, state=trouble.state, cause=trouble.cause, remedy=trouble.remedy
        )
    return Connected(address=address, state=READY)
