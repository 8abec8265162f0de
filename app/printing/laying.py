"""A job's labels laid out on its roll, for the heads that printers have."""

from collections.abc import Sequence

from app.printing.models import PrintJob
from labels import layout, stock, template
from labels.layout import LabelText
from labels.pdf import label_sheet
from labels.stock import Stock
from labels.template import Template

DPI = {8: 203, 12: 300, 24: 600}  # of a head, by its dots per mm


def laid(job: PrintJob, text: LabelText, dpi: int) -> layout.Layout:
    """A label of a job in dots. Raises DoesNotFit, NotPrintable, ValueError."""
    return layout.place(
        text, template.load(job.template), stock.load(job.stock), dpi=dpi, language=job.language
    )


def document(job: PrintJob, text: LabelText, dpi: int) -> bytes:
    """A label of a job as a page of its roll. Raises as `laid` does."""
    roll, printed = stock.load(job.stock), template.load(job.template)
    return label_sheet([text], printed, roll, language=job.language, dpi=dpi)


def rolls() -> list[Stock]:
    """Every stock that a printer takes label by label, the smallest first."""
    known = [one for one in map(stock.load, stock.names()) if one.per_page == 1]
    return sorted(known, key=lambda one: one.label_width_mm * one.label_height_mm)


def rolls_for(kind: Template) -> Sequence[Stock]:
    """The rolls on which a label of this kind has room, the usual one first."""
    return [
        one
        for one in rolls()
        if one.label_width_mm >= kind.width_mm and one.label_height_mm >= kind.height_mm
    ]
