"""A square Data Matrix as rows of modules, for what is too small for bars: caps and vials.

ECC 200 after ISO/IEC 16022, the nine squares of one region. Text is written in the ASCII
encodation, digits in pairs; none is shorter for our own codes. A long run of capitals would be
shorter in C40, which is not written here.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

# Empty modules a reader needs on all four sides of a Data Matrix.
QUIET_MODULES = 1

_PIECE = re.compile(r"[0-9]{2}|.")
_DIGITS_FROM, _PAD = 130, 129
_FIELD = 0x12D  # x^8 + x^5 + x^3 + x^2 + 1, which makes bytes a field

_Place = tuple[int, int]  # row and column, from the top left corner


class NotEncodable(ValueError):
    """A text that no symbol here holds: empty, too long, or with anything but printable ASCII."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Square:
    """A size of symbol: modules along a side, and how many codewords of each sort it holds."""

    side: int
    data: int
    correction: int


# ISO/IEC 16022, table 7: the squares with a single region.
_SQUARES = (
    _Square(side=10, data=3, correction=5),
    _Square(side=12, data=5, correction=7),
    _Square(side=14, data=8, correction=10),
    _Square(side=16, data=12, correction=12),
    _Square(side=18, data=18, correction=14),
    _Square(side=20, data=22, correction=18),
    _Square(side=22, data=30, correction=20),
    _Square(side=24, data=36, correction=24),
    _Square(side=26, data=44, correction=28),
)


def data_matrix(text: str) -> tuple[str, ...]:
    """The smallest square for a text, from the top down: `1` for ink, `0` for paper.

    The quiet zone is not among the rows. Raises NotEncodable.
    """
    side = size_of(text)
    return _framed(side, _inked(side - 2, codewords(text)))


def size_of(text: str) -> int:
    """Modules along a side of the symbol, without the quiet zone. Raises NotEncodable."""
    return _smallest(text, len(_written(text))).side


def codewords(text: str) -> tuple[int, ...]:
    """What the smallest square holds: text, padding, then error correction.

    Raises NotEncodable.
    """
    written = _written(text)
    square = _smallest(text, len(written))
    data = (*written, *_padding(len(written), square.data))
    return (*data, *_correction(data, square.correction))


def _written(text: str) -> list[int]:
    if not text:
        raise NotEncodable("no text to encode")
    if not (text.isascii() and text.isprintable()):
        raise NotEncodable(f"{text[:40]!a}: only printable ASCII is encoded")
    pieces = _PIECE.findall(text)
    return [_DIGITS_FROM + int(one) if len(one) == 2 else ord(one) + 1 for one in pieces]


def _smallest(text: str, count: int) -> _Square:
    for square in _SQUARES:
        if count <= square.data:
            return square
    room = _SQUARES[-1].data
    raise NotEncodable(f"{text[:40]!a}: needs {count} codewords, the largest square holds {room}")


def _padding(written: int, room: int) -> Iterator[int]:
    """Fill the room; all but the first are scattered, lest they make a pattern (annex B.1)."""
    if written < room:
        yield _PAD
    for position in range(written + 2, room + 1):
        scattered = _PAD + 149 * position % 253 + 1
        yield scattered if scattered <= 254 else scattered - 254


def _powers_of_two() -> Iterator[int]:
    power = 1
    for _ in range(255):
        yield power
        power = power << 1 if power < 128 else (power << 1) ^ _FIELD


_POWERS = tuple(_powers_of_two())
_EXPONENTS = {power: exponent for exponent, power in enumerate(_POWERS)}


def _times(one: int, other: int) -> int:
    if one == 0 or other == 0:
        return 0
    return _POWERS[(_EXPONENTS[one] + _EXPONENTS[other]) % 255]


@lru_cache(maxsize=len(_SQUARES))
def _generator(count: int) -> tuple[int, ...]:
    """(x - 2)(x - 2²)…(x - 2^count), the highest power first and its coefficient 1 left out."""
    product = [1]
    for root in _POWERS[1 : count + 1]:
        pairs = zip([*product, 0], [0, *product], strict=True)
        product = [higher ^ _times(root, lower) for higher, lower in pairs]
    return tuple(product[1:])


def _correction(data: Iterable[int], count: int) -> list[int]:
    """The Reed-Solomon codewords: what is left when the data are divided by the generator."""
    left = [0] * count
    for codeword in data:
        factor = codeword ^ left[0]
        pairs = zip([*left[1:], 0], _generator(count), strict=True)
        left = [carried ^ _times(factor, term) for carried, term in pairs]
    return left


def _inked(size: int, words: Iterable[int]) -> set[_Place]:
    """The places inside the frame that carry ink."""
    ink = {
        place
        for word, places in zip(words, _places(size), strict=True)
        for bit, place in enumerate(places)
        if (word << bit) & 0x80
    }
    if size % 4 == 2:  # four modules are left over in the last corner
        ink |= {(size - 1, size - 1), (size - 2, size - 2)}
    return ink


@lru_cache(maxsize=len(_SQUARES))
def _places(size: int) -> tuple[tuple[_Place, ...], ...]:
    """Where the eight bits of each codeword go, the highest bit first (annex F).

    Every fourth diagonal is walked, upwards and downwards in turn, and each free place on it is
    the lower right end of a codeword. Of the four corner shapes only two occur in squares.
    """
    shapes: list[tuple[_Place, ...]] = []
    taken: set[_Place] = set()
    for diagonal in range(4, 2 * size, 4):
        corner = _corner(size, diagonal)
        if corner:
            shapes.append(corner)
            taken.update(corner)
        for end in _walk(size, diagonal):
            if end not in taken:
                shapes.append(_around(size, end))
                taken.update(shapes[-1])
    return tuple(shapes)


def _walk(size: int, diagonal: int) -> Iterator[_Place]:
    """The ends on a diagonal (row and column add up to its number) that lie in the symbol."""
    upwards = diagonal % 8 == 4
    for step in range(0 if upwards else 1, diagonal + 1, 2):
        rest = diagonal - step
        if max(step, rest) < size:
            yield (rest, step) if upwards else (step, rest)


def _around(size: int, end: _Place) -> tuple[_Place, ...]:
    """The common shape, two modules above three above three, wrapped at the upper and left edge."""
    shape = ((-2, -2), (-2, -1), (-1, -2), (-1, -1), (-1, 0), (0, -2), (0, -1), (0, 0))
    return tuple(_wrapped(size, end[0] + down, end[1] + right) for down, right in shape)


def _wrapped(size: int, row: int, column: int) -> _Place:
    shift = 4 - (size + 4) % 8
    if row < 0:
        row, column = row + size, column + shift
    if column < 0:
        row, column = row + shift, column + size
    return row, column


def _corner(size: int, diagonal: int) -> tuple[_Place, ...]:
    """The shape split between two corners that comes before this diagonal; mostly none."""
    last = size - 1
    if diagonal % 8 == 4 and diagonal == size:
        lower_left = ((last, 0), (last, 1), (last, 2))
        return (*lower_left, (0, last - 1), (0, last), (1, last), (2, last), (3, last))
    if diagonal % 8 == 4 and diagonal == size - 2:
        lower_left = ((last - 2, 0), (last - 1, 0), (last, 0))
        return (*lower_left, (0, last - 3), (0, last - 2), (0, last - 1), (0, last), (1, last))
    return ()


def _framed(side: int, ink: set[_Place]) -> tuple[str, ...]:
    """Solid ink on the left and below, ink and paper in turn above and on the right."""
    inner = range(side - 2)
    rows = ("".join("1" if (row, column) in ink else "0" for column in inner) for row in inner)
    middle = (f"1{modules}{'10'[row % 2]}" for row, modules in enumerate(rows))
    return ("10" * (side // 2), *middle, "1" * side)
