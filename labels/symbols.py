"""The bars or squares of a code as rows of modules; whoever draws them knows no symbology."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from barcode.codex import Code128

from labels import datamatrix

CODE128, DATA_MATRIX = "code128", "datamatrix"
# Narrower modules are not read reliably: from a curved tube, and after a dead dot of the head.
MODULE_MM_LEAST: Final[Mapping[str, float]] = {CODE128: 0.19, DATA_MATRIX: 0.25}
_FNC3 = "\xf3"  # as python-barcode names it
_BARS_QUIET = 10  # empty modules on both sides of a Code 128, after ISO/IEC 15417


@dataclass(frozen=True, slots=True, kw_only=True)
class Symbol:
    """Rows of modules from the top down, `1` for ink; a linear code has one, of any height.

    The quiet zones, in modules beside and above, are not among the rows.
    """

    kind: str
    text: str
    rows: tuple[str, ...]
    beside: int
    above: int

    @property
    def across(self) -> int:
        """Modules from left to right, without quiet zones."""
        return len(self.rows[0])

    @property
    def linear(self) -> bool:
        """Whether it is read along one line, which a curve bends away."""
        return self.kind == CODE128


def code128(text: str) -> Symbol:
    """A Code 128."""
    rows: list[str] = Code128(text).build()
    return Symbol(kind=CODE128, text=text, rows=(rows[0],), beside=_BARS_QUIET, above=0)


def programming(text: str) -> Symbol:
    """A Code 128 that a scanner takes for an order to itself: FNC3 before the maker's characters.

    After ISO/IEC 15417; what the characters do is in the manual of that scanner. Raises ValueError.
    """
    if not text or not all(" " <= character <= "~" for character in text):
        raise ValueError("what a scanner is told is of printable characters of ASCII")
    return code128(f"{_FNC3}{text}")


def data_matrix(text: str) -> Symbol:
    """The smallest square Data Matrix; raises datamatrix.NotEncodable."""
    quiet = datamatrix.QUIET_MODULES
    rows = datamatrix.data_matrix(text)
    return Symbol(kind=DATA_MATRIX, text=text, rows=rows, beside=quiet, above=quiet)


SYMBOLS: Final[Mapping[str, Callable[[str], Symbol]]] = {
    CODE128: code128,
    DATA_MATRIX: data_matrix,
}


def bars(modules: str) -> tuple[tuple[int, int], ...]:
    """The inked runs of a row of modules: where each begins and how wide it is."""
    found = []
    start = modules.find("1")
    while start >= 0:
        end = modules.find("0", start)
        end = len(modules) if end < 0 else end
        found.append((start, end - start))
        start = modules.find("1", end)
    return tuple(found)
