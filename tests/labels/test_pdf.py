"""PDF labels: what is drawn is read back by an independent reader; the rest is refused."""

from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

import pypdfium2
import pytest
import zxingcpp

from labels import code, stock, template
from labels.cards import command_cards
from labels.layout import DoesNotFit, LabelText, NotPrintable
from labels.pdf import label_sheet
from labels.reading import FileWrong
from tests.counts import SOAK

DPI = 300
SMALL = ("cap_roll", "cryo_roll", "vial_roll")  # too small for a tube's label


def _label(namespace: str, number: int, *lines: str) -> LabelText:
    text = code.make(namespace, code.next_mintable(namespace, number))
    return LabelText(code=text, lines=lines)


def _tubes(count: int) -> list[LabelText]:
    return [_label("TB", 1 + 9_876_543 * n, "1SS08", "KT 0000 0000 02 P") for n in range(count)]


def _pages(pdf: bytes) -> Iterator[list[str]]:
    """The codes of each page, from the top left to the bottom right."""
    document = pypdfium2.PdfDocument(pdf)
    for page in document:
        found = zxingcpp.read_barcodes(page.render(scale=DPI / 72).to_pil())
        places = [(b.position.top_left.y // 20, b.position.top_left.x, b.text) for b in found]
        yield [text for _, _, text in sorted(places)]
    document.close()


def _text(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    text = "\n".join(str(page.get_textpage().get_text_range()) for page in document)
    document.close()
    return text


def _only(kinds: Iterable[template.Template], namespace: str) -> template.Template:
    (kind,) = [one for one in kinds if namespace in one.captions and namespace != "TB"]
    return kind


@pytest.mark.parametrize("namespace", code.NAMESPACES)
def test_every_namespace_has_a_label_that_reads_back(namespace: str) -> None:
    kinds = [template.load(name) for name in template.names()]
    told = {kind.id: kind for kind in kinds if "caption" in {t.field for t in kind.texts}}
    kind = told["tube"] if namespace == "TB" else _only(told.values(), namespace)
    lines = ("One line", "Another line", "A third")
    label = _label(namespace, 8_406_713_925, *lines[: kind.lines])
    roll = "tube_roll" if kind.id == "tube" else "box_roll"
    pdf = label_sheet([label], kind, stock.load(roll))
    assert list(_pages(pdf)) == [[label.code]]
    assert code.grouped(label.code) in _text(pdf)
    assert kind.captions[namespace]["en"] in _text(pdf)


@pytest.mark.parametrize("name", [n for n in stock.names() if n not in SMALL])
def test_every_position_of_every_stock_reads_back(name: str) -> None:
    sheet = stock.load(name)
    labels = _tubes(sheet.per_page + 1)
    pages = list(_pages(label_sheet(labels, template.load("tube"), sheet)))
    written = [label.code for label in labels]
    assert pages == [written[: sheet.per_page], written[sheet.per_page :]]


def test_a_roll_has_one_label_a_page() -> None:
    labels = _tubes(3)
    pages = list(_pages(label_sheet(labels, template.load("tube"), stock.load("tube_roll"))))
    assert pages == [[label.code] for label in labels]


def test_a_begun_sheet_goes_on_where_it_was_left() -> None:
    sheet, labels = stock.load("letter_10"), _tubes(4)
    pages = list(_pages(label_sheet(labels, template.load("tube"), sheet, start=8)))
    assert pages == [[label.code for label in labels[:3]], [labels[3].code]]


@pytest.mark.parametrize("start", [0, -1, 11])
def test_a_position_that_is_not_on_the_sheet_is_refused(start: int) -> None:
    with pytest.raises(NotPrintable, match="positions 1 to 10"):
        label_sheet(_tubes(1), template.load("tube"), stock.load("letter_10"), start=start)


def test_the_same_labels_give_the_same_bytes() -> None:
    first, second = (
        label_sheet(_tubes(8), template.load("tube"), stock.load("a4_24")) for _ in range(2)
    )
    assert first == second
    assert first != label_sheet(_tubes(8), template.load("tube"), stock.load("a4_24"), start=2)


def test_letters_of_europe_are_letters_in_the_document() -> None:
    names = "Łódź, Škoda, Müller, Ωμέγα"
    pdf = label_sheet([_label("BX", 2, names)], template.load("box"), stock.load("box_roll"))
    assert names in _text(pdf)


def test_captions_follow_the_language() -> None:
    box = [_label("BX", 2, "Clínica Brookfield")]
    kind, roll = template.load("box"), stock.load("box_roll")
    assert "Caja" in _text(label_sheet(box, kind, roll, language="es"))
    assert "Clínica Brookfield" in _text(label_sheet(box, kind, roll, language="es"))
    assert "Box" in _text(label_sheet(box, kind, roll, language="en"))


def test_command_cards_say_both_languages_and_read_back() -> None:
    cards = command_cards()
    pdf = label_sheet(cards, template.load("card"), stock.load("letter_10"))
    assert list(chain.from_iterable(_pages(pdf))) == list(code.COMMAND_CARDS.values())
    assert "NOT COLLECTED" in _text(pdf)
    assert "NO RECOLECTADO" in _text(pdf)


def test_a_long_line_shrinks_before_it_is_refused() -> None:
    kind, roll = template.load("tube"), stock.load("tube_roll")
    label = _label("TB", 1, "Tubo con estabilizador de ADN libre circulante")
    assert list(_pages(label_sheet([label], kind, roll))) == [[label.code]]
    with pytest.raises(DoesNotFit, match="line1"):
        label_sheet([_label("TB", 1, "x" * 200)], kind, roll)


@pytest.mark.parametrize(
    ("label", "refused"),
    [
        (LabelText(code="TB0000000001S"), code.WrongCheckCharacter),
        (LabelText(code="TB 0000 0000 01 R"), code.NotACode),
        (LabelText(code="BX0000000002M"), NotPrintable),
        (LabelText(code="TB0000000001R", lines=("1", "2", "3", "4")), NotPrintable),
        (LabelText(code="TB0000000001R", lines=("a\nb",)), NotPrintable),
        (LabelText(code="TB0000000001R", lines=("日本",)), NotPrintable),
        (LabelText(code="TB0000000001R", lines=("\u202etebut",)), NotPrintable),
    ],
)
def test_what_must_not_be_printed_is_refused(label: LabelText, refused: type[Exception]) -> None:
    with pytest.raises(refused):
        label_sheet([label], template.load("tube"), stock.load("tube_roll"))


def test_no_labels_are_no_print() -> None:
    with pytest.raises(NotPrintable, match="no labels"):
        label_sheet([], template.load("tube"), stock.load("tube_roll"))


def test_a_language_without_captions_is_refused() -> None:
    with pytest.raises(NotPrintable, match="'fr'"):
        label_sheet(_tubes(1), template.load("tube"), stock.load("tube_roll"), language="fr")


def test_a_template_larger_than_the_stock_is_refused() -> None:
    with pytest.raises(DoesNotFit, match="larger"):
        label_sheet([_label("BX", 2)], template.load("box"), stock.load("tube_roll"))


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("top_mm = 8.3", "top_mm = 16.0", "over the foot|runs into"),
        ("top_mm = 8.3", "top_mm = 6.0", "runs into"),
        ("module_mm = 0.254", "module_mm = 0.338", "over the edge"),
        ("baseline_mm = 4.0", "baseline_mm = 2.0", "over the edge"),
        ("baseline_mm = 21.6", "baseline_mm = 23.4", "runs into"),
    ],
)
def test_a_template_that_would_not_scan_is_refused(
    tmp_path: Path, old: str, new: str, says: str
) -> None:
    content = (template.FOLDER / "tube.toml").read_text(encoding="utf-8")
    assert old in content
    (tmp_path / "tube.toml").write_text(content.replace(old, new, 1), encoding="utf-8")
    label = _label("TB", 1, "1SS08", "KT 0000 0000 02 P", "Brookfield clinic, Monday")
    with pytest.raises(DoesNotFit, match=says):
        label_sheet([label], template.load("tube", tmp_path), stock.load("tube_roll"))


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("module_mm = 0.254", "module_mm = 0.1", "symbol: module_mm"),
        ("[caption.TB]", "[caption.XX]", "caption XX"),
        ('es = "Tubo"\n', "", "es: is missing"),
        ('field = "line1"', 'field = "line9"', "text 1: field"),
        ('field = "line1"', 'field = "line2"', "each field once"),
        ('align = "left"', 'align = "middle"', "align"),
        ("least_pt = 5.5", "least_pt = 50", "least_pt"),
        ("bold = true", 'bold = "yes"', "bold"),
        ("version = 1", "version = 1.5", "version"),
        ("margin_mm = 1.2", "margin_mm = 1.2\ncolour = 1", "nobody knows the key colour"),
        ("margin_mm = 1.2", "margin_mm = = 1.2", r"tube\.toml"),
    ],
)
def test_a_wrong_template_says_which_key(tmp_path: Path, old: str, new: str, says: str) -> None:
    content = (template.FOLDER / "tube.toml").read_text(encoding="utf-8")
    assert old in content
    (tmp_path / "tube.toml").write_text(content.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(FileWrong, match=says):
        template.load("tube", tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("columns = 2", "columns = 3", "last column"),
        ("rows = 5", "rows = 6", "last row"),
        ("rows = 5", "rows = 0", "rows: must be"),
        ("pitch_x_mm = 106.4", "pitch_x_mm = 90.0", "pitch_x_mm"),
        ("pitch_y_mm = 50.8", "pitch_y_mm = 40.0", "pitch_y_mm"),
        ("left_mm = 3.96", "left_mm = nan", "left_mm"),
    ],
)
def test_a_wrong_stock_says_which_key(tmp_path: Path, old: str, new: str, says: str) -> None:
    content = (stock.FOLDER / "letter_10.toml").read_text(encoding="utf-8")
    assert old in content
    (tmp_path / "letter_10.toml").write_text(content.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(FileWrong, match=says):
        stock.load("letter_10", tmp_path)


@pytest.mark.parametrize("name", ["nowhere", "../stock/tube_roll", ""])
def test_what_is_not_in_the_folder_cannot_be_loaded(name: str) -> None:
    with pytest.raises(FileWrong, match="there is no"):
        stock.load(name)
    with pytest.raises(FileWrong, match="there is no"):
        template.load(name)


@pytest.mark.slow
def test_a_thousand_labels_read_back_from_sheets() -> None:
    labels = _tubes(1000 if SOAK else 240)
    pdf = label_sheet(labels, template.load("tube"), stock.load("a4_24"))
    assert list(chain.from_iterable(_pages(pdf))) == [label.code for label in labels]
