"""Labels as PDF: one a page from a roll, or on sheets from any position on.

The same labels give the same bytes, so a print can be proved and compared later.
"""

import io
from collections.abc import Sequence

from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from labels import layout, symbols
from labels.layout import LabelText, Layout
from labels.stock import Stock
from labels.template import Template

PLAIN, BOLD = "Helvetica", "Helvetica-Bold"


def label_sheet(
    labels: Sequence[LabelText],
    template: Template,
    stock: Stock,
    *,
    start: int = 1,
    language: str = "en",
) -> bytes:
    """A PDF of these labels, the first at position `start` of the first page.

    Nothing is drawn unless every label fits: raises layout.DoesNotFit, layout.NotPrintable or a
    child of code.CodeRefused.
    """
    _check(labels, template, stock, start)
    placed = [
        layout.place(label, template, language=language, measure=_measure) for label in labels
    ]
    page = (stock.page_width_mm * mm, stock.page_height_mm * mm)
    sheet = io.BytesIO()
    canvas = Canvas(sheet, pagesize=page, invariant=1, pageCompression=1, lang=language)
    canvas.setTitle(f"{template.id} v{template.version}: {len(labels)}")
    canvas.setCreator("unbroken")
    for position, one in enumerate(placed, start - 1):
        on_page = position % stock.per_page
        if on_page == 0 and position >= stock.per_page:
            canvas.showPage()
        _draw(canvas, one, stock, on_page)
    canvas.save()
    return sheet.getvalue()


def _check(labels: Sequence[LabelText], template: Template, stock: Stock, start: int) -> None:
    if not labels:
        raise layout.NotPrintable("no labels to print")
    if not 1 <= start <= stock.per_page:
        raise layout.NotPrintable(f"{stock.id} has positions 1 to {stock.per_page}, not {start}")
    wide = template.width_mm > stock.label_width_mm + layout.SLACK_MM
    if wide or template.height_mm > stock.label_height_mm + layout.SLACK_MM:
        raise layout.DoesNotFit(f"a {template.id} label is larger than a label of {stock.id}")


def _measure(text: str, size_pt: float, bold: bool) -> float:
    try:
        text.encode("cp1252")
    except UnicodeEncodeError as error:
        raise layout.NotPrintable(f"{text[:40]!a}: a letter this typeface lacks") from error
    return float(stringWidth(text, BOLD if bold else PLAIN, size_pt) / mm)


def _draw(canvas: Canvas, one: Layout, stock: Stock, position: int) -> None:
    """Draw a label in the middle of its place; PDF counts from the lower left corner."""
    left, top = stock.corner(position)
    left += (stock.label_width_mm - one.width_mm) / 2
    top += (stock.label_height_mm - one.height_mm) / 2
    foot = stock.page_height_mm - top
    bars = one.bars
    for start, width in symbols.bars(bars.modules):
        canvas.rect(
            (left + bars.left + start * bars.module_mm) * mm,
            (foot - bars.top - bars.height) * mm,
            width * bars.module_mm * mm,
            bars.height * mm,
            stroke=0,
            fill=1,
        )
    for words in one.words:
        canvas.setFont(BOLD if words.bold else PLAIN, words.size_pt)
        canvas.drawString((left + words.left) * mm, (foot - words.baseline) * mm, words.text)
