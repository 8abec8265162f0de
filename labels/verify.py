"""Reads back what was drawn. That a program reads it is needed, not enough: grades need a verifier
(ISO/IEC 15416 and 15415), and paper needs a scanner."""

from dataclasses import dataclass
from typing import Final

import zxingcpp
from PIL import Image, ImageOps

from labels.layout import Layout
from labels.raster import PAPER, picture
from labels.symbols import CODE128, DATA_MATRIX

_AIM: Final = {CODE128: "]C0", DATA_MATRIX: "]d1"}
_MARGIN: Final = 20  # dots of white around a label, as the liner shows


class DoesNotScan(ValueError):
    """The picture of a label says something else than its code, or nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A code in a picture, with its AIM identifier (ISO/IEC 15424)."""

    text: str
    aim: str


def codes_in(image: Image.Image) -> tuple[Seen, ...]:
    """Every code that a reader finds in a picture."""
    framed = ImageOps.expand(image.convert("L"), border=_MARGIN, fill=PAPER)
    found = zxingcpp.read_barcodes(framed)
    return tuple(Seen(text=each.text, aim=each.symbology_identifier) for each in found)


def check(one: Layout, image: Image.Image | None = None) -> None:
    """Raise DoesNotScan unless the label's picture holds its own code, and nothing else."""
    wanted = Seen(text=one.placed.symbol.text, aim=_AIM[one.placed.symbol.kind])
    found = codes_in(picture(one) if image is None else image)
    if found != (wanted,):
        read = ", ".join(f"{each.text!a} ({each.aim})" for each in found) or "nothing"
        raise DoesNotScan(f"{wanted.text} is read as {read}")
