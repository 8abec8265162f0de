"""The one typeface of all labels: open, embedded, with Latin, Greek and Cyrillic letters.

The same file is measured by the layout and drawn by every output. Bold is the same letters with a
thicker stroke, so that it is no wider.
"""

from functools import lru_cache
from pathlib import Path

import fontpkg_ibm_plex_sans
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

NAME = "IBMPlexSans"
FILE = Path(fontpkg_ibm_plex_sans.ROOT) / "files" / "IBMPlexSans[wdth,wght].ttf"
# Parts of the type size: what ink needs above and below the baseline, and how thick bold is drawn.
ASCENT, DESCENT, BOLD = 0.78, 0.22, 0.035


@lru_cache(maxsize=1)
def face() -> TTFont:
    """The typeface, read once and known to the PDF library by NAME."""
    font = TTFont(NAME, str(FILE))
    pdfmetrics.registerFont(font)
    return font


def width(text: str, size: float) -> float:
    """How wide a text is, in the unit of its size."""
    return float(face().stringWidth(text, size))


def missing(text: str) -> str:
    """The letters that this typeface lacks, each once."""
    known = face().face.charToGlyph
    return "".join(dict.fromkeys(letter for letter in text if ord(letter) not in known))
