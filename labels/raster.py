"""One label as a picture, dot for dot as the head would burn it."""

import io
from functools import lru_cache
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from labels import symbols, typeface
from labels.layout import Layout, Placed, Words

INK, PAPER = 0, 255
THRESHOLD: Final = 128  # a head burns a dot or does not


def picture(one: Layout) -> Image.Image:
    """Black and white, one pixel a dot."""
    image = Image.new("L", (one.width, one.height), PAPER)
    draw = ImageDraw.Draw(image)
    ink(draw, one.placed)
    for words in one.words:
        write(draw, words)
    return image.point(lambda shade: PAPER if shade >= THRESHOLD else INK)


def ink(draw: ImageDraw.ImageDraw, placed: Placed) -> None:
    """Draw a symbol."""
    for row, modules in enumerate(placed.symbol.rows):
        top = placed.top + row * placed.row_height
        for begin, width in symbols.bars(modules):
            left = placed.left + begin * placed.module
            right = left + width * placed.module - 1
            draw.rectangle((left, top, right, top + placed.row_height - 1), fill=INK)


def png(one: Layout) -> bytes:
    """The picture as a file that says how large it is in print."""
    file = io.BytesIO()
    picture(one).convert("1").save(file, "PNG", dpi=(one.dpi, one.dpi), optimize=False)
    return file.getvalue()


def write(draw: ImageDraw.ImageDraw, words: Words, *, left: int = 0, top: int = 0) -> None:
    """Draw a text, moved by so many dots."""
    font = _font(words.size)
    size = words.size
    # Small letters are drawn to whole dots, which may make them a little wider than measured.
    while font.getlength(words.text) > words.width and size > 1:
        size -= 1
        font = _font(size)
    share = {"left": 0.0, "centre": 0.5, "right": 1.0}[words.align]
    spare = words.width - font.getlength(words.text)
    at = (round(words.left + spare * share) - left, words.baseline - top)
    draw.text(at, words.text, fill=INK, font=font, anchor="ls")
    if words.bold:
        draw.text((at[0] + 1, at[1]), words.text, fill=INK, font=font, anchor="ls")


@lru_cache(maxsize=64)
def _font(size: int) -> ImageFont.FreeTypeFont:
    basic = ImageFont.Layout.BASIC
    return ImageFont.truetype(str(typeface.FILE), size, layout_engine=basic)
