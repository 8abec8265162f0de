"""What goes where on one label, in mm from its upper left corner; refuses what would not scan."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations

from labels import code, symbols
from labels.template import Template, TextPlace

# How wide a text is, in mm, at a size in points, plain or bold: told by whoever will draw it.
Measure = Callable[[str, float, bool], float]

MM_PER_PT = 25.4 / 72
ASCENT, DESCENT = 0.72, 0.21  # of the type size; what ink needs above and below the baseline
SHRINK_PT = 0.25
SLACK_MM = 0.01  # rounding is no overflow


class DoesNotFit(ValueError):
    """Words or bars that would run over the label's edge, each other, or a quiet zone."""


class NotPrintable(ValueError):
    """Something that must not or cannot be put on this label."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelText:
    """What one label says: one of our codes, and lines of the caller's (never a name)."""

    code: str
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A rectangle on the label that nothing else may touch."""

    what: str
    left: float
    top: float
    right: float
    bottom: float

    def touches(self, other: "Box") -> bool:
        """Whether two rectangles share more than an edge."""
        return (
            self.left < other.right - SLACK_MM
            and other.left < self.right - SLACK_MM
            and self.top < other.bottom - SLACK_MM
            and other.top < self.bottom - SLACK_MM
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A text where it stands: left end of its baseline."""

    text: str
    left: float
    baseline: float
    size_pt: float
    bold: bool
    box: Box


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    """The symbol: `modules` from `left` on, without the quiet zones that `box` holds."""

    modules: str
    module_mm: float
    left: float
    top: float
    height: float
    box: Box


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """One label, ready to be drawn by any output."""

    width_mm: float
    height_mm: float
    bars: Bars
    words: tuple[Words, ...]


def place(label: LabelText, template: Template, *, language: str, measure: Measure) -> Layout:
    """Lay one label out; raises DoesNotFit, NotPrintable or a child of code.CodeRefused."""
    texts = _texts(label, template, language)
    bars = _bars(label.code, template)
    words = tuple(
        _words(texts[where.field], where, measure)
        for where in template.texts
        if texts.get(where.field)
    )
    _check(template, (bars.box, *(word.box for word in words)))
    return Layout(width_mm=template.width_mm, height_mm=template.height_mm, bars=bars, words=words)


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


def _bars(text: str, template: Template) -> Bars:
    modules = symbols.code128(text)
    width, quiet = len(modules) * template.module_mm, symbols.QUIET_MODULES * template.module_mm
    left = (template.width_mm - width) / 2
    box = Box(
        what="the bars with their quiet zones",
        left=left - quiet,
        top=template.bar_top_mm,
        right=left + width + quiet,
        bottom=template.bar_top_mm + template.bar_height_mm,
    )
    return Bars(
        modules=modules,
        module_mm=template.module_mm,
        left=left,
        top=template.bar_top_mm,
        height=template.bar_height_mm,
        box=box,
    )


def _words(text: str, where: TextPlace, measure: Measure) -> Words:
    if not text.isprintable():
        raise NotPrintable(f"{where.field}: {text[:40]!a} holds characters that cannot be seen")
    size, width = where.size_pt, measure(text, where.size_pt, where.bold)
    while width > where.width_mm and size - SHRINK_PT >= where.least_pt:
        size -= SHRINK_PT
        width = measure(text, size, where.bold)
    if width > where.width_mm + SLACK_MM:
        raise DoesNotFit(f"{where.field}: {text[:40]!a} is {width:.1f} mm wide at {size:g} pt")
    spare = {"left": 0.0, "centre": 0.5, "right": 1.0}[where.align] * (where.width_mm - width)
    left = where.left_mm + spare
    box = Box(
        what=f"{where.field} {text[:40]!a}",
        left=left,
        top=where.baseline_mm - ASCENT * size * MM_PER_PT,
        right=left + width,
        bottom=where.baseline_mm + DESCENT * size * MM_PER_PT,
    )
    return Words(
        text=text, left=left, baseline=where.baseline_mm, size_pt=size, bold=where.bold, box=box
    )


def _check(template: Template, boxes: tuple[Box, ...]) -> None:
    edge = template.margin_mm - SLACK_MM
    for box in boxes:
        inside = min(box.left, box.top) >= edge
        if not inside or box.right > template.width_mm - edge:
            raise DoesNotFit(f"{box.what}: runs over the edge of a {template.id} label")
        if box.bottom > template.height_mm - SLACK_MM:
            raise DoesNotFit(f"{box.what}: runs over the foot of a {template.id} label")
    for one, other in combinations(boxes, 2):
        if one.touches(other):
            raise DoesNotFit(f"{one.what}: runs into {other.what}")
