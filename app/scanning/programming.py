"""Bar codes that set a scanner, from the characters that the manual of its maker prints.

What they do is the maker's: nothing here knows a setting, so that none is guessed.
"""

from dataclasses import dataclass

from app.scanning.check_codes import Picture, drawn
from labels.symbols import programming

CODES_MOST, LONGEST = 20, 40  # on one page; characters of one


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What was asked for, a picture for each line that can be a code, and the lines that cannot."""

    asked: str
    pictures: tuple[Picture, ...]
    unfit: tuple[str, ...]


def sheet(asked: str) -> Sheet:
    """The bar codes of these lines, in their order."""
    lines = [line.strip() for line in asked.splitlines() if line.strip()]
    fit = [line for line in lines if _is_fit(line)][:CODES_MOST]
    return Sheet(
        asked="\n".join(lines),
        pictures=tuple(drawn(line, programming(line)) for line in fit),
        unfit=tuple(dict.fromkeys(line for line in lines if line not in fit)),
    )


def _is_fit(line: str) -> bool:
    return len(line) <= LONGEST and line.isascii() and line.isprintable()
