"""A job's labels laid out on its roll, for the heads that printers have."""

from app.printing.models import PrintJob
from labels import layout, stock, template
from labels.layout import LabelText

DPI = {8: 203, 12: 300, 24: 600}  # of a head, by its dots per mm


def laid(job: PrintJob, text: LabelText, dpi: int) -> layout.Layout:
    """A label of a job in dots. Raises DoesNotFit, NotPrintable, ValueError."""
    return layout.place(
        text, template.load(job.template), stock.load(job.stock), dpi=dpi, language=job.language
    )
