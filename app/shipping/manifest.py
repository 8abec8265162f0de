"""The list that goes with a package: frozen lines, their hash, and the list as a file or paper."""

import csv
import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import rfc8785
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from app.custody.ledger import Entry, Json, Sort
from app.custody.queries import Inside
from labels import symbols

COLUMNS = ("line", "tube", "box", "position", "package", "released_at", "manifest_hash")
# What a spreadsheet takes for the beginning of a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
LEFT, TOP, STEP = 18 * mm, 279 * mm, 5.2 * mm
LINES_FIRST, LINES_MORE = 42, 50
ACROSS = (LEFT, LEFT + 15 * mm, LEFT + 60 * mm, LEFT + 105 * mm)
MODULE, BARS = 0.33 * mm, 12 * mm


class Line(NamedTuple):
    """One tube of a package: its box where it is in one, and where in it."""

    tube: int
    code: str
    box: str | None
    position: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """The frozen list of one release."""

    package: str
    lines: tuple[Line, ...]
    hash: str
    destination: str
    released_at: datetime


def lines_of(contents: Sequence[Inside]) -> tuple[Line, ...]:
    """The tubes among what is in a package, in the order of their boxes and positions."""
    boxes = {inside.subject.id: inside.subject.code for inside in contents}
    lines = (
        Line(
            inside.subject.id,
            inside.subject.code,
            boxes.get(inside.container),
            inside.position,
        )
        for inside in contents
        if inside.subject.sort is Sort.TUBE
    )
    return tuple(sorted(lines, key=lambda line: (line.box or "", _place(line), line.code)))


def _place(line: Line) -> tuple[str, int, str]:
    """A2 before A10."""
    position = line.position or ""
    number = position[1:]
    return (position[:1], int(number) if number.isdecimal() else 0, position)


def frozen(lines: Sequence[Line]) -> list[Json]:
    """The lines as they are kept in the ledger for ever."""
    return [[line.tube, line.code, line.box, line.position] for line in lines]


def hash_of(lines: list[Json]) -> str:
    """SHA-256 over the canonical JSON (RFC 8785) of the lines, in hexadecimal."""
    return hashlib.sha256(rfc8785.dumps(lines)).hexdigest()


def manifest_of(package: str, released: Entry) -> Manifest:
    """The manifest in the facts of a release."""
    kept = released.facts.get("lines")
    return Manifest(
        package=package,
        lines=tuple(_line(line) for line in kept if isinstance(line, list))
        if isinstance(kept, list)
        else (),
        hash=str(released.facts.get("manifest_hash", "")),
        destination=str(released.facts.get("destination", "")),
        released_at=released.occurred_at,
    )


def _line(kept: list[Json]) -> Line:
    tube, code, box, position = kept[:4]
    return Line(
        int(str(tube)),
        str(code),
        None if box is None else str(box),
        None if position is None else str(position),
    )


def as_csv(manifest: Manifest) -> str:
    """The list for a spreadsheet: a header, ISO times, no cell that one would run."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for number, line in enumerate(manifest.lines, start=1):
        cells = (
            str(number),
            line.code,
            line.box or "",
            line.position or "",
            manifest.package,
            manifest.released_at.isoformat(),
            manifest.hash,
        )
        writer.writerow([f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in cells])
    return out.getvalue()


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What is printed around the list, in one language; `tally` says how many tubes."""

    title: str
    about: tuple[str, ...]
    heads: tuple[str, str, str, str]
    tally: str


def as_pdf(manifest: Manifest, words: Words) -> bytes:
    """The list on paper, with the package's code as bars; the same list gives the same bytes."""
    sheet = io.BytesIO()
    canvas = Canvas(sheet, pagesize=A4, invariant=1, pageCompression=1)
    canvas.setTitle(f"{words.title} {manifest.package}")
    canvas.setCreator("unbroken")
    first, rest = manifest.lines[:LINES_FIRST], manifest.lines[LINES_FIRST:]
    _list(canvas, _head(canvas, manifest, words), words, first, 1)
    for start in range(0, len(rest), LINES_MORE):
        canvas.showPage()
        _list(canvas, TOP, words, rest[start : start + LINES_MORE], LINES_FIRST + start + 1)
    canvas.save()
    return sheet.getvalue()


def _head(canvas: Canvas, manifest: Manifest, words: Words) -> float:
    """Draw what stands above the list; where the list begins."""
    canvas.setFont("Helvetica-Bold", 16)
    canvas.drawString(LEFT, TOP, f"{words.title} {manifest.package}")
    for start, width in symbols.bars(symbols.code128(manifest.package).rows[0]):
        canvas.rect(LEFT + start * MODULE, TOP - 17 * mm, width * MODULE, BARS, stroke=0, fill=1)
    canvas.setFont("Helvetica", 9)
    y: float = TOP - 24 * mm
    for line in (*words.about, words.tally, f"SHA-256 {manifest.hash}"):
        canvas.drawString(LEFT, y, line)
        y -= STEP
    return float(y - STEP)


def _list(canvas: Canvas, top: float, words: Words, lines: Sequence[Line], number: int) -> None:
    canvas.setFont("Helvetica-Bold", 9)
    for left, head in zip(ACROSS, words.heads, strict=True):
        canvas.drawString(left, top, head)
    canvas.setFont("Helvetica", 9)
    for row, line in enumerate(lines):
        y = top - (row + 1) * STEP
        cells = (str(number + row), line.code, line.box or "-", line.position or "-")
        for left, cell in zip(ACROSS, cells, strict=True):
            canvas.drawString(left, y, cell)
