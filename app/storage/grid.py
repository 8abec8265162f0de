"""Positions in a box, rack or freezer: a letter for the row, a number for the column."""

import re
from collections.abc import Iterator

_POSITION = re.compile(r"([A-Z])0?([1-9][0-9]?)")
ROWS_MOST, COLUMNS_MOST = 26, 99


def name(row: int, column: int) -> str:
    """The position in this row and column, both counted from 1."""
    return f"{chr(64 + row)}{column}"


def place_of(position: str) -> tuple[int, int] | None:
    """Row and column of a position, counted from 1; None where it is none of a grid."""
    found = _POSITION.fullmatch(position.strip().upper())
    return (ord(found[1]) - 64, int(found[2])) if found else None


def plain(position: str) -> str:
    """One way to write a position: `a01` is `A1`; what is none of a grid stays as it is."""
    place = place_of(position)
    return name(*place) if place else position.strip()


def positions(rows: int, columns: int) -> Iterator[str]:
    """Every position of a grid, row by row."""
    for row in range(1, rows + 1):
        for column in range(1, columns + 1):
            yield name(row, column)


def fits(position: str, *, rows: int | None, columns: int | None) -> bool:
    """Whether there is such a position; a place without a grid has whatever it is said to have."""
    if rows is None or columns is None:
        return True
    place = place_of(position)
    return place is not None and place[0] <= rows and place[1] <= columns
