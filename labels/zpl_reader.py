"""Draws what a printer was sent, as far as we write it: for simulated printers and round trips.

Not a printer's whole language: a command that we do not write is an error, so that a picture is
never of less than what would have been printed.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from PIL import Image, ImageDraw

from labels import raster, symbols, typeface
from labels.layout import Placed, Words
from labels.symbols import Symbol

_MOST_DOTS: Final = 4000  # along a side: the largest stock at 600 dpi
_COMMAND = re.compile(r"\^(XA|XZ|CI|LH|PO|PQ|JZ|PW|LL|FO|FT|BY|BC|BX|A0|FB|FH|FD|FS|GF)([^^]*)")
_PARTS: Final = 5
_HEX = re.compile(r"_([0-9A-F]{2})")
_ALIGN: Final = {"L": "left", "C": "centre", "R": "right"}


class NotUnderstood(ValueError):
    """A format with something in it that is not drawn here."""


@dataclass(slots=True)
class _Field:
    """What has been said of the field at hand."""

    at: tuple[int, int] = (0, 0)
    kind: str = "text"
    numbers: tuple[int, ...] = ()
    size: int = 0
    width: int = 0
    align: str = "left"
    escaped: bool = False
    data: str = ""


@dataclass(slots=True)
class _Sheet:
    """The label at hand."""

    width: int = 0
    height: int = 0
    fields: list[_Field] = field(default_factory=list)


def picture(content: str) -> Image.Image:
    """One format as black and white dots. Raises NotUnderstood."""
    sheet = _read(content)
    if not 0 < sheet.width <= _MOST_DOTS or not 0 < sheet.height <= _MOST_DOTS:
        raise NotUnderstood(f"a label of {sheet.width} by {sheet.height} dots")
    image = Image.new("L", (sheet.width, sheet.height), raster.PAPER)
    for one in sheet.fields:
        _DRAW[one.kind](image, one)
    return image.point(lambda shade: raster.PAPER if shade >= raster.THRESHOLD else raster.INK)


def code_of(content: str) -> str | None:
    """What the symbol of a format says; None where it has none. Raises NotUnderstood."""
    found = [one.data for one in _read(content).fields if one.kind in ("code128", "datamatrix")]
    return found[0] if found else None


def _read(content: str) -> _Sheet:
    sheet, at_hand, module = _Sheet(), _Field(), 2
    for name, rest in _commands(content):
        if name == "PW":
            sheet.width = _number(rest)
        elif name == "LL":
            sheet.height = _number(rest)
        elif name == "BY":
            module = _number(rest)
        elif name == "FS":
            sheet.fields.append(at_hand)
            at_hand = _Field()
        else:
            _note(at_hand, name, rest, module)
    return sheet


def _note(at_hand: _Field, name: str, rest: str, module: int) -> None:
    parts = (*rest.split(","), *[""] * _PARTS)  # what is missing is no number
    if name in ("FO", "FT"):
        at_hand.at = (_number(parts[0]), _number(parts[1]))
    elif name == "BC":
        at_hand.kind, at_hand.numbers = "code128", (module, _number(parts[1]))
    elif name == "BX":
        at_hand.kind, at_hand.numbers = "datamatrix", (_number(parts[1]),)
    elif name == "A0":
        at_hand.size = _number(parts[1])
    elif name == "FB":
        at_hand.width, at_hand.align = _number(parts[0]), _ALIGN.get(parts[3], "left")
    elif name == "FH":
        at_hand.escaped = True
    elif name == "FD":
        at_hand.data = _unescaped(rest) if at_hand.escaped else rest
    elif name == "GF":
        at_hand.kind, at_hand.numbers = "graphic", (_number(parts[3]),)
        at_hand.data = parts[4]


def _commands(content: str) -> Iterator[tuple[str, str]]:
    end = 0
    text = content.strip()
    for found in _COMMAND.finditer(text):
        if found.start() != end:
            break
        end = found.end()
        yield found.group(1), found.group(2)
    if end != len(text):
        raise NotUnderstood(f"{text[end : end + 20]!a}")


def _unescaped(text: str) -> str:
    if "_" not in text:
        return text
    raw = b"".join(
        bytes.fromhex(piece) if number % 2 else piece.encode("latin-1")
        for number, piece in enumerate(_HEX.split(text))
    )
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise NotUnderstood(f"{text[:20]!a} is no UTF-8") from error


def _number(text: str) -> int:
    digits = text.strip()
    if not (digits.isascii() and digits.isdigit()) or len(digits) > 6:
        raise NotUnderstood(f"{text[:20]!a} is no number of dots")
    return int(digits)


def _text(image: Image.Image, one: _Field) -> None:
    drawn = int(typeface.width(one.data, one.size)) + 1
    words = Words(
        text=one.data,
        left=one.at[0],
        width=one.width or drawn,
        drawn=drawn,
        baseline=one.at[1],
        size=one.size,
        bold=False,
        align=one.align,
    )
    raster.write(ImageDraw.Draw(image), words)


def _symbol(draw: Callable[[str], Symbol]) -> Callable[[Image.Image, _Field], None]:
    def drawn(image: Image.Image, one: _Field) -> None:
        module, *height = one.numbers
        raster.ink(
            ImageDraw.Draw(image),
            Placed(
                symbol=draw(one.data),
                module=module,
                left=one.at[0],
                top=one.at[1],
                row_height=height[0] if height else module,
            ),
        )

    return drawn


def _graphic(image: Image.Image, one: _Field) -> None:
    (row,) = one.numbers
    try:
        content = bytes.fromhex(one.data)
        shape = Image.frombytes("1", (row * 8, len(content) // row), content)
    except (ValueError, ZeroDivisionError) as error:
        raise NotUnderstood("a picture that is none") from error
    image.paste(raster.INK, one.at, shape)


_DRAW: Final[Mapping[str, Callable[[Image.Image, _Field], None]]] = {
    "text": _text,
    "code128": _symbol(symbols.code128),
    "datamatrix": _symbol(symbols.data_matrix),
    "graphic": _graphic,
}
