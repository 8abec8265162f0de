"""What we write as ZPL, drawn again by our own reader: the same code, or an error."""

import pytest

from labels import stock, template, verify
from labels.layout import DOTS_PER_MM
from labels.raster import picture
from labels.zpl import zpl
from labels.zpl_reader import NotUnderstood, code_of
from labels.zpl_reader import picture as drawn
from tests.labels.test_outputs import NASTY, OWN_STOCK, laid


@pytest.mark.parametrize("dpi", DOTS_PER_MM)
@pytest.mark.parametrize("kind", template.names())
def test_what_was_sent_is_what_was_laid_out(kind: str, dpi: int) -> None:
    one = laid(template.load(kind), stock.load(OWN_STOCK[kind]), dpi, NASTY, "Kit", "Łódź Ω")
    content = zpl(one).decode("ascii")
    verify.check(one, drawn(content))
    assert code_of(content) == one.placed.symbol.text
    assert drawn(content).size == picture(one).size


def test_a_format_without_a_symbol_has_no_code() -> None:
    assert code_of("^XA^PW100^LL100^FT10,50^A0N,20,20^FDhello^FS^XZ") is None


@pytest.mark.parametrize(
    "content",
    [
        "",
        "hello",
        "^XA^XZ",
        "^XA^PW100^LL100^GB10,10^FS^XZ",
        "^XA^PW99999^LL100^XZ",
        "^XA^PW100^LLx^XZ",
        "^XA^PW100^LL100^FO1,1^GFA,8,8,0,FF^FS^XZ",
        "^XA^PW100^LL100^FO1,1^GFA,8,8,1,GG^FS^XZ",
        "^XA^PW100^LL100^FO1,1^FH_^FD_FF_FE^FS^XZ",
        "^XA^PW100^LL100^FO1^FDx^FS^XZ",
        "^XA^PW100^LL100^FO1,1^BXN^FDx^FS^XZ",
    ],
)
def test_what_is_not_understood_is_said_and_not_drawn(content: str) -> None:
    with pytest.raises(NotUnderstood):
        drawn(content)
