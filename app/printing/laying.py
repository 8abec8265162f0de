"""A job's labels laid out on its roll, for the heads that printers have."""

from app.printing.models import PrintJob
from labels import layout, stock, template
from labels.layout import LabelText
from labels.pdf import label_sheet

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
