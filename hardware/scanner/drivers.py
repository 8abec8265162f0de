"""The drivers, by the names that settings call them. A new scanner gets its line here."""

from collections.abc import Callable, Mapping
from typing import Final

from hardware.ports import Port
from hardware.scanner.protocol import Scanner
from hardware.scanner.ssi import SsiScanner
from hardware.scanner.text import TextScanner

DRIVERS: Final[Mapping[str, Callable[[Port], Scanner]]] = {
    "text": TextScanner,
    "ssi": SsiScanner,
}
DEFAULT_DRIVER: Final = "text"
