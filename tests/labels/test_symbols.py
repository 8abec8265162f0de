"""What a scanner is told by a bar code is marked so: another reader takes it for an order too."""

import pytest
from PIL import Image
from zxingcpp import read_barcodes

from labels.symbols import Symbol, code128, programming

MODULE, HIGH = 3, 60  # dots


def drawn(symbol: Symbol) -> Image.Image:
    """The bars with their quiet zones, black on white."""
    (row,) = symbol.rows
    quiet = "0" * symbol.beside
    line = bytes(
        0 if module == "1" else 255 for module in f"{quiet}{row}{quiet}" for _ in range(MODULE)
    )
    return Image.frombytes("L", (len(line), HIGH), line * HIGH)


@pytest.mark.parametrize("text", ["000B0", "VSUFCR.", "91", "~ a/B"])
def test_an_order_is_read_as_one_and_a_code_is_not(text: str) -> None:
    (order,) = read_barcodes(drawn(programming(text)))
    assert (order.text, order.extra) == (text, {"ReaderInit": True})
    (plain,) = read_barcodes(drawn(code128(text)))
    assert (plain.text, plain.extra or {}) == (text, {})


@pytest.mark.parametrize("text", ["", "é", "\x00", "\xf3", "a\n"])
def test_what_no_manual_prints_is_no_order(text: str) -> None:
    with pytest.raises(ValueError, match="printable"):
        programming(text)
