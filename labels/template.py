"""Templates: which words and bars a label has, and where; read from `templates/*.toml`."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from labels.code import NAMESPACES
from labels.reading import FileWrong, Table, read
from labels.symbols import CODE128, MODULE_MM_LEAST

FOLDER = Path(__file__).with_name("templates")
FIELDS = ("caption", "id", "line1", "line2", "line3")
ALIGNMENTS = ("left", "centre", "right")


@dataclass(frozen=True, slots=True, kw_only=True)
class TextPlace:
    """Where one text stands, and how far it may shrink to fit."""

    field: str
    left_mm: float
    baseline_mm: float
    width_mm: float
    size_pt: float
    least_pt: float
    align: str
    bold: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """One kind of label. `captions` names what the code stands for, by namespace and language."""

    id: str
    version: int
    width_mm: float
    height_mm: float
    margin_mm: float
    round: bool
    symbol: str
    module_mm: float
    bar_height_mm: float | None  # of a linear code; squares are as high as they are wide
    symbol_top_mm: float
    symbol_left_mm: float | None  # None: in the middle
    captions: Mapping[str, Mapping[str, str]] = field(hash=False)
    texts: tuple[TextPlace, ...]
    digest: str  # of the file: kept with each print

    @property
    def lines(self) -> int:
        """How many lines of the caller's own it has room for."""
        return sum(place.field.startswith("line") for place in self.texts)


def load(name: str, folder: Path = FOLDER) -> Template:
    """A template by its id; raises FileWrong."""
    if name not in names(folder):
        raise FileWrong(f"there is no label template {name!r}")
    path = folder / f"{name}.toml"
    return _template(read(path), hashlib.sha256(path.read_bytes()).hexdigest())


def names(folder: Path = FOLDER) -> tuple[str, ...]:
    """The ids of all templates."""
    return tuple(sorted(path.stem for path in folder.glob("*.toml")))


def _template(table: Table, digest: str) -> Template:
    symbol = table.table("symbol")
    kind = _one_of(symbol, "kind", tuple(MODULE_MM_LEAST))
    template = Template(
        id=table.text("id"),
        version=table.whole("version"),
        width_mm=table.number("width_mm", least=5),
        height_mm=table.number("height_mm", least=5),
        margin_mm=table.number("margin_mm"),
        round=table.flag("round", default=False),
        symbol=kind,
        module_mm=symbol.number("module_mm", least=MODULE_MM_LEAST[kind]),
        bar_height_mm=symbol.number("height_mm", least=5) if kind == CODE128 else None,
        symbol_top_mm=symbol.number("top_mm"),
        symbol_left_mm=symbol.number("left_mm") if "left_mm" in symbol else None,
        captions=MappingProxyType({ns: _caption(ns, t) for ns, t in table.named("caption")}),
        texts=tuple(map(_text, table.tables("text"))) if "text" in table else (),
        digest=digest,
    )
    symbol.done()
    table.done()
    fields = [place.field for place in template.texts]
    if len(set(fields)) != len(fields) or ("id" not in fields and not template.round):
        raise table.wrong("text", "each field once, and the id among them")
    if template.round and template.width_mm != template.height_mm:
        raise table.wrong("round", "must be as high as it is wide")
    return template


def _caption(namespace: str, table: Table) -> Mapping[str, str]:
    if namespace not in NAMESPACES:
        raise FileWrong(f"{table.where}: is no namespace of ours")
    caption = MappingProxyType({"en": table.text("en"), "es": table.text("es")})
    table.done()
    return caption


def _text(table: Table) -> TextPlace:
    place = TextPlace(
        field=_one_of(table, "field", FIELDS),
        left_mm=table.number("left_mm"),
        baseline_mm=table.number("baseline_mm"),
        width_mm=table.number("width_mm", least=1),
        size_pt=table.number("size_pt", least=4),
        least_pt=table.number("least_pt", least=4),
        align=_one_of(table, "align", ALIGNMENTS),
        bold=table.flag("bold", default=False),
    )
    table.done()
    if place.least_pt > place.size_pt:
        raise table.wrong("least_pt", "must not be above size_pt")
    return place


def _one_of(table: Table, key: str, allowed: tuple[str, ...]) -> str:
    value = table.text(key)
    if value not in allowed:
        raise table.wrong(key, f"{value!r} is none of {', '.join(allowed)}")
    return value
