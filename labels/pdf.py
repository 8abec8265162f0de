"""Labels as PDF: one a page from a roll, or on sheets from any position on.

The same labels give the same bytes, so a print can be proved and compared later.
"""

import io
from collections.abc import Sequence
from typing import Final

from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from labels import layout, symbols, typeface
from labels.layout import LabelText, Layout
from labels.stock import Stock
from labels.template import Template

DPI: Final = 600  # of an office printer, to whose dots the labels are snapped
_FILL_AND_STROKE: Final = 2


def label_sheet(
    labels: Sequence[LabelText],
    template: Template,
    stock: Stock,
    *,
    start: int = 1,
    language: str = "en",
    dpi: int = DPI,
) -> bytes:
    """A PDF of these labels, the first at position `start` of the first page.

    Nothing is drawn unless every label fits: raises layout.DoesNotFit, layout.NotPrintable or a
    child of code.CodeRefused.
    """
    if not labels:
        raise layout.NotPrintable("no labels to print")
    if not 1 <= start <= stock.per_page:
        raise layout.NotPrintable(f"{stock.id} has positions 1 to {stock.per_page}, not {start}")
    placed = [layout.place(each, template, stock, dpi=dpi, language=language) for each in labels]
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


def _draw(canvas: Canvas, one: Layout, stock: Stock, position: int) -> None:
    """Draw a label in the middle of its place; PDF counts from the lower left corner."""
    dot = mm / one.dots_per_mm
    left, top = stock.corner(position)
    left = left * mm + (stock.label_width_mm * mm - one.width * dot) / 2
    top = top * mm + (stock.label_height_mm * mm - one.height * dot) / 2
    canvas.saveState()
    canvas.translate(left, stock.page_height_mm * mm - top)
    canvas.scale(dot, dot)
    placed = one.placed
    path = canvas.beginPath()
    for row, modules in enumerate(placed.symbol.rows):
        foot = -placed.top - (row + 1) * placed.row_height
        for begin, width in symbols.bars(modules):
            across = placed.left + begin * placed.module
            path.rect(across, foot, width * placed.module, placed.row_height)
    canvas.drawPath(path, stroke=0, fill=1)
    typeface.face()
    for words in one.words:
        text = canvas.beginText(words.start, -words.baseline)
        text.setFont(typeface.NAME, words.size)
        if words.bold:
            canvas.setLineWidth(typeface.BOLD * words.size)
        text.setTextRenderMode(_FILL_AND_STROKE if words.bold else 0)
        text.textOut(words.text)
        canvas.drawText(text)
    canvas.restoreState()
