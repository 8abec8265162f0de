"""Data Matrix: an independent reader finds the same text, and no codeword to correct."""

import random
import string
from collections.abc import Callable

import pytest
import zxingcpp
from PIL import Image

from labels import code, datamatrix
from labels.datamatrix import NotEncodable, codewords, data_matrix, size_of

DOTS = 3  # of a picture, for each module
PRINTABLE = "".join(chr(character) for character in range(32, 127))
# Side of the square -> how many codewords of text, and of error correction, it holds.
SQUARES = {
    10: (3, 5),
    12: (5, 7),
    14: (8, 10),
    16: (12, 12),
    18: (18, 14),
    20: (22, 18),
    22: (30, 20),
    24: (36, 24),
    26: (44, 28),
}
LONGEST = 44


def _picture(rows: tuple[str, ...]) -> Image.Image:
    """The symbol with its quiet zone and nothing else around it."""
    quiet = datamatrix.QUIET_MODULES
    side = len(rows) + 2 * quiet
    empty = ["0" * side] * quiet
    framed = [*empty, *("0" * quiet + row + "0" * quiet for row in rows), *empty]
    grey = bytes(0 if module == "1" else 255 for row in framed for module in row)
    picture = Image.frombytes("L", (side, side), grey)
    return picture.resize((side * DOTS, side * DOTS), Image.Resampling.NEAREST)


def _assert_reads_back(text: str) -> None:
    """The reader looks for the symbol itself; UEC 1.0 says that it had nothing to correct."""
    rows = data_matrix(text)
    found = zxingcpp.read_barcodes(_picture(rows), formats=zxingcpp.BarcodeFormat.DataMatrix)
    read = [(one.text, one.symbology_identifier, one.extra) for one in found]
    side = len(rows)
    assert read == [(text, "]d1", {"UEC": 1.0, "Version": f"{side}x{side}"})]


def _drawn_elsewhere(text: str) -> tuple[str, ...]:
    """The same text by the independent library, which may prefer a rectangle."""
    symbol = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.DataMatrix)
    picture = zxingcpp.write_barcode_to_image(symbol, scale=1, add_quiet_zones=False)
    return tuple(
        "".join("0" if grey else "1" for grey in row) for row in memoryview(picture).tolist()
    )


def _of_length(length: int, roll: random.Random) -> str:
    """Printable characters, with as many pairs of digits as that length needs to fit."""
    pairs = max(0, length - LONGEST)
    pieces = [f"{roll.randrange(100):02d}" for _ in range(pairs)]
    pieces += roll.choices(PRINTABLE, k=length - 2 * pairs)
    roll.shuffle(pieces)
    return "".join(pieces)


def _with_spoilt(rows: tuple[str, ...], count: int, roll: random.Random) -> tuple[str, ...]:
    """The symbol with some modules inside the frame turned from ink to paper or back."""
    inside = range(1, len(rows) - 1)
    spoilt = set(roll.sample([(row, column) for row in inside for column in inside], count))
    return tuple(
        "".join(
            str(int(module) ^ ((row, column) in spoilt)) for column, module in enumerate(modules)
        )
        for row, modules in enumerate(rows)
    )


def test_the_published_answer() -> None:
    assert codewords("123456") == (142, 164, 186, 114, 25, 5, 88, 102)


def test_padding_begins_plain_and_goes_on_scattered() -> None:
    assert codewords("1")[:3] == (50, 129, 70)
    assert codewords("12")[:3] == (142, 129, 70)
    assert codewords("1234")[:3] == (142, 164, 129)


@pytest.mark.parametrize(
    ("text", "side"),
    [
        ("12345678", 12),
        ("BB000001", 12),
        ("BB26000123", 14),
        ("BB2026000123", 14),
        (code.make("TB", 1), 14),
        ("BB-2026-000123", 16),
        ("BBK-2026-0001234", 16),
        ("https://ex.org/BB2026000123", 20),
    ],
)
def test_the_sizes_labels_are_planned_with(text: str, side: int) -> None:
    assert size_of(text) == len(data_matrix(text)) == side
    _assert_reads_back(text)


@pytest.mark.parametrize("namespace", code.NAMESPACES)
def test_our_codes_are_all_of_one_size(namespace: str) -> None:
    for number in (1, 12_345, code.HIGHEST - 100):
        assert size_of(code.make(namespace, code.next_mintable(namespace, number))) == 14


@pytest.mark.parametrize(("side", "holds"), SQUARES.items())
def test_a_square_is_filled_before_the_next_is_taken(side: int, holds: tuple[int, int]) -> None:
    data, correction = holds
    for fits in ("7" * 2 * data, "x" * data):
        assert size_of(fits) == side
        assert len(codewords(fits)) == data + correction
        _assert_reads_back(fits)
    if side < max(SQUARES):
        assert size_of("7" * 2 * data + "7") == size_of("x" * data + "x") == side + 2


@pytest.mark.parametrize("side", SQUARES)
def test_the_frame_is_solid_on_two_sides_and_broken_on_two(side: int) -> None:
    rows = data_matrix("x" * SQUARES[side][0])
    assert {len(row) for row in rows} == {len(rows)} == {side}
    assert rows[0] == "10" * (side // 2)
    assert rows[-1] == "1" * side
    assert {row[0] for row in rows} == {"1"}
    assert "".join(row[-1] for row in rows) == "01" * (side // 2)


def test_digits_are_drawn_as_the_independent_library_draws_them() -> None:
    roll, alike = random.Random(16022), set[int]()
    for length in range(1, 2 * LONGEST + 1):
        text = "".join(roll.choices(string.digits, k=length))
        drawn = _drawn_elsewhere(text)
        if len(drawn) == len(drawn[0]):
            assert data_matrix(text) == drawn
            alike.add(len(drawn))
    assert alike == set(SQUARES)


def test_printable_text_of_every_length_reads_back() -> None:
    roll = random.Random(200)
    for length in range(1, 2 * LONGEST + 1):
        _assert_reads_back(_of_length(length, roll))


@pytest.mark.parametrize("character", PRINTABLE)
def test_every_printable_character_reads_back(character: str) -> None:
    _assert_reads_back(character)
    _assert_reads_back(f"12{character}34")


@pytest.mark.parametrize("word", code.COMMAND_CARDS)
def test_every_command_reads_back(word: str) -> None:
    _assert_reads_back(code.COMMAND_CARDS[word])


def test_five_thousand_of_our_codes_read_back() -> None:
    roll = random.Random(33)
    for _ in range(5_000):
        namespace = roll.choice(list(code.NAMESPACES))
        number = code.next_mintable(namespace, roll.randrange(1, code.HIGHEST - 100))
        _assert_reads_back(code.make(namespace, number))


@pytest.mark.parametrize("side", SQUARES)
def test_spoilt_modules_are_put_right(side: int) -> None:
    roll = random.Random(side)
    data, correction = SQUARES[side]
    text = "".join(roll.choices(PRINTABLE.strip(), k=data))
    rows = data_matrix(text)
    for _ in range(20):
        # A module spoils one codeword at most; two codewords of correction put one right.
        spoilt = _with_spoilt(rows, correction // 2, roll)
        found = zxingcpp.read_barcode(
            _picture(spoilt), formats=zxingcpp.BarcodeFormat.DataMatrix, is_pure=True
        )
        assert found is not None
        assert found.text == text


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no text"),
        ("Łódź", "printable ASCII"),
        ("TB\r", "printable ASCII"),
        ("TB\x1d1", "printable ASCII"),
        ("TB\x7f", "printable ASCII"),
        ("１２", "printable ASCII"),
        ("x" * 45, "needs 45 codewords, the largest square holds 44"),
        ("7" * 89, "needs 45 codewords"),
    ],
)
@pytest.mark.parametrize("ask", [data_matrix, size_of, codewords])
def test_what_has_no_symbol_is_refused(ask: Callable[[str], object], text: str, says: str) -> None:
    with pytest.raises(NotEncodable, match=says):
        ask(text)


def test_a_refusal_quotes_a_strangers_text_escaped_and_cut() -> None:
    with pytest.raises(NotEncodable) as refused:
        data_matrix("\u202e" * 1_000)
    assert str(refused.value).isascii()
    assert len(str(refused.value)) < 300
