"""Labels as ZPL II, one format each: never a counter of the printer's, never more than one copy.

After Zebra's ZPL II programming guide. What a person has written reaches the printer as hexadecimal
or as a picture, so that no letter of it can be taken for a command.
"""

import re
from typing import Final

from PIL import Image, ImageDraw

from labels import raster, typeface
from labels.layout import Layout, Placed, Words
from labels.symbols import CODE128

# The label that an error cut off is printed once more; the printer forgets this when switched off.
_BEGIN: Final = "^XA^CI28^LH0,0^PON^PQ1^JZY"
_ALIGN: Final = {"left": "L", "centre": "C", "right": "R"}
_SAFE = re.compile(r"[A-Za-z0-9 ]")
_ECC_200: Final = 200


def zpl(one: Layout) -> bytes:
    """The whole format of one label."""
    parts = [_BEGIN, f"^PW{one.width}^LL{one.height}", _symbol(one.placed)]
    parts += [_words(words) for words in one.words]
    return ("".join(parts) + "^XZ\n").encode("ascii")


def field(text: str) -> str:
    """A field's data; all but the plainest letters as the hexadecimal of their UTF-8 bytes."""
    if all(map(_SAFE.fullmatch, text)):
        return f"^FD{text}^FS"
    escaped = "".join(
        letter if _SAFE.fullmatch(letter) else "".join(f"_{byte:02X}" for byte in letter.encode())
        for letter in text
    )
    return f"^FH_^FD{escaped}^FS"


def _symbol(placed: Placed) -> str:
    at, data = f"^FO{placed.left},{placed.top}", field(placed.symbol.text)
    if placed.symbol.kind == CODE128:
        # Mode A: the printer changes code sets where that is shorter, as the layout did.
        return f"{at}^BY{placed.module}^BCN,{placed.row_height},N,N,N,A{data}"
    side = placed.symbol.across
    return f"{at}^BXN,{placed.module},{_ECC_200},{side},{side}{data}"


def _words(words: Words) -> str:
    if not _printer_has(words.text):
        return _drawn(words)
    # Bold is printed twice, a dot apart: the printer's own font has one weight.
    return "".join(
        f"^FT{words.left + shift},{words.baseline}^A0N,{words.size},{words.size}"
        f"^FB{words.width},1,0,{_ALIGN[words.align]},0{field(words.text)}"
        for shift in range(1 + words.bold)
    )


def _printer_has(text: str) -> bool:
    """Whether every printer's own font has these letters: those of Western Europe.

    In a block of text (^FB) a backslash begins a command, also one written in hexadecimal.
    """
    if "\\" in text:
        return False
    try:
        text.encode("latin-1")
    except UnicodeEncodeError:
        return False
    return True


def _drawn(words: Words) -> str:
    """A text in letters that a printer may lack, as a picture."""
    top = words.baseline - round(words.size * (typeface.ASCENT + typeface.DESCENT))
    height = round(words.size * (typeface.ASCENT + 2 * typeface.DESCENT))
    image = Image.new("L", (words.width, height), raster.PAPER)
    raster.write(ImageDraw.Draw(image), words, left=words.left, top=top)
    ink = image.point(lambda shade: raster.PAPER - shade).convert("1", dither=Image.Dither.NONE)
    row = -(-words.width // 8)
    content = ink.tobytes()
    return (
        f"^FO{words.left},{top}^GFA,{len(content)},{len(content)},{row},{content.hex().upper()}^FS"
    )
