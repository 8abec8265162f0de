"""What goes where on one label, in whole dots of one head; refuses what would not scan.

Templates are in mm; a head has dots. Everything is snapped to them here, once, so that a module is
as wide on paper as on screen: bars of uneven width still scan, and fail a verifier.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from math import ceil
from typing import Final

from labels import code, symbols, typeface
from labels.stock import Stock
from labels.symbols import Symbol
from labels.template import Template, TextPlace

# What heads are sold as, and how many dots they have to the mm.
DOTS_PER_MM: Final[Mapping[int, float]] = {203: 8.0, 300: 300 / 25.4, 600: 600 / 25.4}
PT_MM: Final = 25.4 / 72
SLACK_MM: Final = 0.01  # rounding is no overflow
# A linear code around a tube, quiet zones included, is read up to this part of the diameter.
AROUND_MOST: Final = 0.8


class DoesNotFit(ValueError):
    """Words or bars that would run over the label's edge, each other, or a quiet zone."""


class NotPrintable(ValueError):
    """Something that must not or cannot be put on this label."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelText:
    """What one label says: one of our codes, and lines of the caller's (never a name)."""

    code: str
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on the label, in dots, that nothing else may touch."""

    what: str
    left: int
    top: int
    right: int
    bottom: int

    def touches(self, other: "Box") -> bool:
        """Whether two rectangles share more than an edge."""
        beside = self.left < other.right and other.left < self.right
        return beside and self.top < other.bottom and other.top < self.bottom


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A text where it stands: its baseline, and the block from `left` on that it is aligned in."""

    text: str
    left: int
    width: int  # of the block
    drawn: int  # of the text itself
    baseline: int
    size: int
    bold: bool
    align: str

    @property
    def start(self) -> int:
        """Where the text itself begins."""
        share = {"left": 0.0, "centre": 0.5, "right": 1.0}[self.align]
        return self.left + round((self.width - self.drawn) * share)


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A symbol where it stands, without its quiet zones; a row is `row_height` dots high."""

    symbol: Symbol
    module: int
    left: int
    top: int
    row_height: int

    @property
    def width(self) -> int:
        """Dots from the first to the last module."""
        return self.symbol.across * self.module

    @property
    def height(self) -> int:
        """Dots from the first row to the last."""
        return len(self.symbol.rows) * self.row_height


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """One label in dots, ready to be drawn by any output."""

    dpi: int
    width: int
    height: int
    placed: Placed
    words: tuple[Words, ...]

    @property
    def dots_per_mm(self) -> float:
        """Of the head this was laid out for."""
        return DOTS_PER_MM[self.dpi]


def place(label: LabelText, template: Template, stock: Stock, *, dpi: int, language: str) -> Layout:
    """Lay one label out; raises DoesNotFit, NotPrintable or a child of code.CodeRefused."""
    if dpi not in DOTS_PER_MM:
        raise NotPrintable(f"heads have {', '.join(map(str, DOTS_PER_MM))} dpi, not {dpi}")
    dots = DOTS_PER_MM[dpi]
    texts = _texts(label, template, language)
    _check_stock(template, stock)
    placed = _placed(label.code, template, dots)
    _check_tube(placed, stock, dots)
    words = tuple(
        _words(texts[where.field], where, dots)
        for where in template.texts
        if texts.get(where.field)
    )
    width, height = int(template.width_mm * dots), int(template.height_mm * dots)
    boxes = (_symbol_box(placed), *(_words_box(each) for each in words))
    _check_boxes(template, boxes, (width, height), int(template.margin_mm * dots))
    return Layout(dpi=dpi, width=width, height=height, placed=placed, words=words)


def _texts(label: LabelText, template: Template, language: str) -> dict[str, str]:
    namespace = code.parse(label.code).namespace
    if namespace not in template.captions:
        raise NotPrintable(f"template {template.id} is not for codes that begin with {namespace}")
    if len(label.lines) > template.lines:
        raise NotPrintable(f"template {template.id} has room for {template.lines} lines")
    if language not in template.captions[namespace]:
        raise NotPrintable(f"labels do not speak {language!r}")
    lines = {f"line{number}": line for number, line in enumerate(label.lines, 1)}
    caption = template.captions[namespace][language]
    return {"id": code.grouped(label.code), "caption": caption, **lines}


def _check_stock(template: Template, stock: Stock) -> None:
    wide = template.width_mm > stock.label_width_mm + SLACK_MM
    if wide or template.height_mm > stock.label_height_mm + SLACK_MM:
        raise DoesNotFit(f"a {template.id} label is larger than a label of {stock.id}")


def _placed(text: str, template: Template, dots: float) -> Placed:
    symbol = symbols.SYMBOLS[template.symbol](text)
    least = symbols.MODULE_MM_LEAST[symbol.kind]
    module = max(round(template.module_mm * dots), ceil(least * dots - SLACK_MM))
    row = module if template.bar_height_mm is None else round(template.bar_height_mm * dots)
    width = int(template.width_mm * dots)
    left = (
        (width - symbol.across * module) // 2
        if template.symbol_left_mm is None
        else round(template.symbol_left_mm * dots)
    )
    return Placed(
        symbol=symbol,
        module=module,
        left=left,
        top=round(template.symbol_top_mm * dots),
        row_height=row,
    )


def _check_tube(placed: Placed, stock: Stock, dots: float) -> None:
    if stock.around_mm is None or not placed.symbol.linear:
        return
    modules = placed.symbol.across + 2 * placed.symbol.beside
    wide, most = modules * placed.module / dots, AROUND_MOST * stock.around_mm
    if wide > most:
        raise DoesNotFit(
            f"bars of {wide:.1f} mm around a tube of {stock.around_mm:g} mm: a scanner reads"
            f" {most:.1f} mm at most; use a label with a Data Matrix"
        )


def _words(text: str, where: TextPlace, dots: float) -> Words:
    if not text.isprintable():
        raise NotPrintable(f"{where.field}: {text[:40]!a} holds characters that cannot be seen")
    if lacking := typeface.missing(text):
        raise NotPrintable(f"{where.field}: {lacking[:10]!a}: letters this typeface lacks")
    most = round(where.width_mm * dots)
    wide = typeface.width(text, 1000) / 1000  # of a type size of 1
    size = round(where.size_pt * PT_MM * dots)
    if wide * size > most:
        size = int(most / wide)
    if size < int(where.least_pt * PT_MM * dots):
        needs = where.least_pt * PT_MM * wide
        raise DoesNotFit(
            f"{where.field}: {text[:40]!a} is {needs:.1f} mm wide at {where.least_pt:g} pt"
        )
    return Words(
        text=text,
        left=round(where.left_mm * dots),
        width=most,
        drawn=ceil(wide * size),
        baseline=round(where.baseline_mm * dots),
        size=size,
        bold=where.bold,
        align=where.align,
    )


def _symbol_box(placed: Placed) -> Box:
    beside = placed.symbol.beside * placed.module
    above = placed.symbol.above * placed.module
    return Box(
        "the symbol with its quiet zones",
        placed.left - beside,
        placed.top - above,
        placed.left + placed.width + beside,
        placed.top + placed.height + above,
    )


def _words_box(words: Words) -> Box:
    return Box(
        f"{words.text[:40]!a}",
        words.start,
        words.baseline - ceil(typeface.ASCENT * words.size),
        words.start + words.drawn,
        words.baseline + ceil(typeface.DESCENT * words.size),
    )


def _check_boxes(
    template: Template, boxes: tuple[Box, ...], size: tuple[int, int], margin: int
) -> None:
    width, height = size
    for box in boxes:
        if min(box.left, box.top) < margin or box.right > width - margin:
            raise DoesNotFit(f"{box.what}: runs over the edge of a {template.id} label")
        if box.bottom > height:
            raise DoesNotFit(f"{box.what}: runs over the foot of a {template.id} label")
        if template.round and not _within_circle(box, width / 2):
            raise DoesNotFit(f"{box.what}: runs over the rim of a {template.id} label")
    for one, other in combinations(boxes, 2):
        if one.touches(other):
            raise DoesNotFit(f"{one.what}: runs into {other.what}")


def _within_circle(box: Box, radius: float) -> bool:
    corners = ((x, y) for x in (box.left, box.right) for y in (box.top, box.bottom))
    return all((x - radius) ** 2 + (y - radius) ** 2 <= radius**2 for x, y in corners)
