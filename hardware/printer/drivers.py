"""The drivers, by the names that settings call them. A new kind of printer gets its line here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from hardware.clock import Clock
from hardware.ports import check_address, open_port
from hardware.printer.protocol import Place, Printer
from hardware.printer.zpl import ZplPrinter


@dataclass(frozen=True, slots=True, kw_only=True)
class Driver:
    """A kind of printer. `open` raises children of DeviceTrouble, `check` BadAddress."""

    open: Callable[[Place, Clock], Printer]
    check: Callable[[str], None]


def _zpl(place: Place, clock: Clock) -> Printer:
    return ZplPrinter(open_port(place.address, baud=place.baud), clock=clock)


DRIVERS: Final[Mapping[str, Driver]] = {
    "zpl": Driver(open=_zpl, check=check_address),
}
DEFAULT_DRIVER: Final = "zpl"
