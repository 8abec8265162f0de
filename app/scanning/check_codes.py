"""The codes a scanner is checked with: nobody's tube, and the letters that keyboards swap."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from labels.symbols import CODE128, DATA_MATRIX, SYMBOLS, Symbol, bars

MODULE_MM: Final[Mapping[str, float]] = {CODE128: 0.4, DATA_MATRIX: 1.0}  # easy for any scanner
BARS_HIGH = 40  # modules
# What is printed, and as what. None has the shape of a code of ours, so no door ever takes one.
CODES: Final[Mapping[str, str]] = {
    "TEST0128": CODE128,
    "TEST0022": DATA_MATRIX,
    "TESTCODE-Yz]Zy/8": CODE128,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A code as an SVG path: sizes in modules, with quiet zones; `mm` is one module on paper."""

    text: str
    kind: str
    width: int
    height: int
    path: str
    mm: float


def pictures() -> list[Picture]:
    """Every code of the page, drawn."""
    return [drawn(text, SYMBOLS[kind](text)) for text, kind in CODES.items()]


def drawn(text: str, symbol: Symbol) -> Picture:
    """A code that is `text` to people, drawn."""
    high = BARS_HIGH if symbol.linear else 1
    runs = [
        f"M{symbol.beside + start} {symbol.above + at * high}h{wide}v{high}h-{wide}z"
        for at, row in enumerate(symbol.rows)
        for start, wide in bars(row)
    ]
    return Picture(
        text=text,
        kind=symbol.kind,
        width=symbol.across + 2 * symbol.beside,
        height=len(symbol.rows) * high + 2 * symbol.above,
        path="".join(runs),
        mm=MODULE_MM[symbol.kind],
    )
