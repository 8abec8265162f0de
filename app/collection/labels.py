"""The labels of a kit as a document: one for each copy, in order of draw."""

from dataclasses import dataclass

from app.collection.kits import NoKitYet
from app.collection.models import Order
from app.collection.queries import label_copies, position_of, tubes_of
from app.custody.ledger import Subject
from app.custody.queries import subjects
from app.kernel.errors import Invalid
from app.kernel.work import Work
from labels import stock, template
from labels.layout import DoesNotFit, LabelText, NotPrintable
from labels.pdf import label_sheet

TEMPLATE = "tube"


class LabelsUnfit(Invalid):
    """The labels do not go onto this stock."""

    message = "The labels do not fit this stock: %(why)s"
    advice = "Choose another stock, or another first label"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What the labels are printed on, and in which language their captions are."""

    stock: str = "tube_roll"
    start: int = 1
    language: str = "en"


def kit_texts(work: Work, order: Order, language: str) -> list[tuple[Subject, LabelText]]:
    """What every label of the kit says, one for each copy. Raises NoKitYet."""
    if order.kit is None:
        raise NoKitYet
    kit = subjects(work.session, [order.kit])[order.kit]
    copies = label_copies(work, order)
    texts = []
    for tube in tubes_of(work.session, order):
        text = LabelText(code=tube.code, lines=tube_lines(work, tube, kit, language))
        texts += [(tube, text)] * copies[position_of(tube)]
    return texts


def tube_lines(work: Work, tube: Subject, kit: Subject, language: str) -> tuple[str, ...]:
    """What stands on the label of a kit's tube: its kind, its cap, and which kit it is of."""
    kind = work.catalogue.tubes.types[str(tube.facts["tube_type"])]
    return (kind.name.said(language), kind.cap.said(language), kit.code)


def kit_labels(work: Work, order: Order, sheet: Sheet) -> bytes:
    """A PDF with every label of the kit. Raises NoKitYet, LabelsUnfit."""
    try:
        return label_sheet(
            [text for _, text in kit_texts(work, order, sheet.language)],
            template.load(TEMPLATE),
            stock.load(sheet.stock),
            start=sheet.start,
            language=sheet.language,
        )
    except (DoesNotFit, NotPrintable, ValueError) as error:
        raise LabelsUnfit(why=str(error)) from error
