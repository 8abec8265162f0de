"""One layout, three outputs: whatever is drawn reads back, whatever would not is refused."""

import io
from collections.abc import Iterator
from itertools import pairwise

import pypdfium2
import pytest
from PIL import Image

from labels import code, layout, stock, template, verify
from labels.layout import DOTS_PER_MM, DoesNotFit, LabelText, Layout, NotPrintable
from labels.pdf import label_sheet
from labels.raster import PAPER, picture, png
from labels.stock import Stock
from labels.symbols import CODE128
from labels.template import Template
from labels.zpl import field, zpl
from tests.labels import referee
from tests.labels.referee import needs_referee

OWN_STOCK = {
    "aliquot": "cryo_roll",
    "badge": "box_roll",
    "box": "box_roll",
    "cap": "cap_roll",
    "card": "box_roll",
    "cup": "cup_roll",
    "place": "box_roll",
    "shipper": "shipper_roll",
    "tube": "tube_roll",
    "vial": "vial_roll",
}
NASTY = '^XZ^XA~_\\>,"é'
CELLS = [
    pytest.param(
        kind,
        sheet,
        dpi,
        marks=[] if OWN_STOCK[kind] == sheet else pytest.mark.soak,
        id=f"{kind}-{sheet}-{dpi}",
    )
    for kind in template.names()
    for sheet in stock.names()
    for dpi in DOTS_PER_MM
]


def label(kind: Template, *lines: str) -> LabelText:
    namespace = min(kind.captions)
    text = code.make(namespace, code.next_mintable(namespace, 8_406_713_925))
    return LabelText(code=text, lines=lines[: kind.lines])


def laid(kind: Template, sheet: Stock, dpi: int, *lines: str) -> Layout:
    return layout.place(label(kind, *lines), kind, sheet, dpi=dpi, language="es")


def refused(kind: str, sheet: str, dpi: int) -> str | None:
    """Why this label does not go onto this stock, or None."""
    try:
        laid(template.load(kind), stock.load(sheet), dpi, "1SS08")
    except DoesNotFit as error:
        return str(error)
    return None


@pytest.mark.parametrize(("kind", "sheet", "dpi"), CELLS)
def test_what_is_drawn_reads_back_or_is_refused(kind: str, sheet: str, dpi: int) -> None:
    if (why := refused(kind, sheet, dpi)) is not None:
        assert "larger than" in why or "around a tube" in why
        return
    one = laid(template.load(kind), stock.load(sheet), dpi, "1SS08", "KT 0000 0000 02 P", "Łódź")
    verify.check(one)
    pdf = label_sheet(
        [label(template.load(kind), "1SS08")], template.load(kind), stock.load(sheet), dpi=dpi
    )
    (page,) = pypdfium2.PdfDocument(pdf)
    verify.check(one, page.render(scale=DOTS_PER_MM[dpi] * 25.4 / 72).to_pil())


@needs_referee
@pytest.mark.slow
def test_somebody_elses_program_reads_every_format_we_write() -> None:
    cells = [
        laid(template.load(kind), stock.load(sheet), dpi, NASTY, "KT 0000 0000 02 P", "Ωμέγα")
        for kind, sheet in OWN_STOCK.items()
        for dpi in DOTS_PER_MM
    ]
    pictures = referee.drawn([(one, zpl(one)) for one in cells])
    for one, (drawn,) in zip(cells, pictures, strict=True):
        verify.check(one, drawn)


@needs_referee
@pytest.mark.soak
def test_a_thousand_formats_are_a_thousand_labels() -> None:
    kind, roll = template.load("tube"), stock.load("tube_roll")
    texts = [
        LabelText(code=code.make("TB", code.next_mintable("TB", 1 + 9_876_543 * n)))
        for n in range(1000)
    ]
    cells = [layout.place(each, kind, roll, dpi=203, language="en") for each in texts]
    (pictures,) = referee.drawn([(cells[0], b"".join(map(zpl, cells)))])
    for one, drawn in zip(cells, pictures, strict=True):
        verify.check(one, drawn)


@pytest.mark.parametrize("text", [NASTY, "^FDEVIL^FS", "a\\&b", "Łódź^XZ", "~JR", "_5E", "日"])
def test_no_letter_of_a_text_is_a_command(text: str) -> None:
    kind, roll = template.load("box"), stock.load("box_roll")
    try:
        content = zpl(laid(kind, roll, 203, text))
    except NotPrintable:
        assert text == "日"
        return
    assert content.count(b"^XA") == content.count(b"^XZ") == 1
    assert content.endswith(b"^XZ\n")
    assert not {b"~", b"\\"} & {content[i : i + 1] for i in range(len(content))}
    assert b"EVIL" not in content or content.count(b"^FD") == content.count(b"^FS")


def test_a_field_is_plain_or_hexadecimal() -> None:
    assert field("TB0000000001R") == "^FDTB0000000001R^FS"
    assert field("a^b") == "^FH_^FDa_5Eb^FS"
    assert field("ñ_") == "^FH_^FD_C3_B1_5F^FS"


@pytest.mark.parametrize("dpi", DOTS_PER_MM)
@pytest.mark.parametrize("kind", template.names())
def test_a_module_is_a_whole_number_of_dots(kind: str, dpi: int) -> None:
    one = laid(template.load(kind), stock.load(OWN_STOCK[kind]), dpi)
    placed, image = one.placed, picture(one)
    y = placed.top + placed.row_height // 2
    row = [image.getpixel((placed.left + x, y)) for x in range(placed.width)]
    runs = list(_runs(row))
    assert all(run % placed.module == 0 for run in runs)
    assert sum(runs) == placed.width
    if placed.symbol.kind == CODE128:
        assert f"^BY{placed.module}^BC".encode() in zpl(one)
    else:
        assert f"^BXN,{placed.module},200,{placed.symbol.across}".encode() in zpl(one)


def _runs(row: list[object]) -> Iterator[int]:
    count = 1
    for before, after in pairwise(row):
        if before == after:
            count += 1
        else:
            yield count
            count = 1
    yield count


def test_bars_around_a_tube_are_refused_and_squares_are_not() -> None:
    narrow = stock.load("tube_roll")
    around = Stock(**{name: getattr(narrow, name) for name in Stock.__slots__} | {"around_mm": 13})
    with pytest.raises(DoesNotFit, match=r"around a tube of 13 mm: a scanner reads 10\.4 mm"):
        laid(template.load("tube"), around, 300)
    verify.check(laid(template.load("aliquot"), stock.load("cryo_roll"), 300))


def test_a_head_that_is_not_made_is_refused() -> None:
    with pytest.raises(NotPrintable, match="203, 300, 600 dpi, not 150"):
        laid(template.load("tube"), stock.load("tube_roll"), 150)


def test_a_round_label_keeps_inside_its_rim() -> None:
    kind = template.load("cap")
    with pytest.raises(DoesNotFit, match="rim"):
        layout.place(
            label(kind),
            Template(**{n: getattr(kind, n) for n in Template.__slots__} | {"symbol_top_mm": 3.7}),
            stock.load("cap_roll"),
            dpi=300,
            language="en",
        )


def test_a_picture_says_how_large_it_is() -> None:
    one = laid(template.load("tube"), stock.load("tube_roll"), 300, "Łódź, Škoda, Müller, Ωμέγα")
    image = Image.open(io.BytesIO(png(one)))
    assert image.size == (600, 300)
    assert image.info["dpi"] == pytest.approx((300, 300), abs=0.1)
    assert png(one) == png(one)


def test_what_reads_as_something_else_does_not_scan() -> None:
    one = laid(template.load("tube"), stock.load("tube_roll"), 203)
    blank = Image.new("L", (one.width, one.height), PAPER)
    with pytest.raises(verify.DoesNotScan, match="as nothing"):
        verify.check(one, blank)
    other = LabelText(code=code.make("TB", code.next_mintable("TB", 7)))
    wrong = layout.place(
        other, template.load("tube"), stock.load("tube_roll"), dpi=203, language="en"
    )
    with pytest.raises(verify.DoesNotScan, match=other.code):
        verify.check(one, picture(wrong))


def test_a_template_is_known_by_what_it_says() -> None:
    digests = {template.load(name).digest for name in template.names()}
    assert len(digests) == len(template.names())
