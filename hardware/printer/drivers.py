"""The drivers, by the names that settings call them. A new kind of printer gets its line here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hardware.clock import Clock
from hardware.ports import check_address, open_port
from hardware.printer.cups import SpoolerQueue, check_queue
from hardware.printer.folder import LabelFolder, check_folder
from hardware.printer.handing import HandingPrinter
from hardware.printer.protocol import PDF, ZPL, Place, Printer
from hardware.printer.zpl import ZplPrinter


@dataclass(frozen=True, slots=True, kw_only=True)
class Driver:
    """A kind of printer, and the formats it takes, the first where nothing else is said.

    `open` raises children of DeviceTrouble, `check` those of BadAddress.
    """

    open: Callable[[Place, Clock], Printer]
    check: Callable[[str], None]
    formats: tuple[str, ...]


def _zpl(place: Place, clock: Clock) -> Printer:
    return ZplPrinter(open_port(place.address, baud=place.baud), clock=clock)


def _cups(place: Place, clock: Clock) -> Printer:
    queue = SpoolerQueue(place.address, raw=place.format == ZPL)
    return HandingPrinter(queue, dpmm=place.dpmm)


def _file(place: Place, clock: Clock) -> Printer:
    folder = LabelFolder(Path(place.address), ending=place.format, clock=clock)
    return HandingPrinter(folder, dpmm=place.dpmm)


DRIVERS: Final[Mapping[str, Driver]] = {
    "zpl": Driver(open=_zpl, check=check_address, formats=(ZPL,)),
    "cups": Driver(open=_cups, check=check_queue, formats=(PDF, ZPL)),
    "file": Driver(open=_file, check=check_folder, formats=(PDF, ZPL)),
}
DEFAULT_DRIVER: Final = "zpl"
