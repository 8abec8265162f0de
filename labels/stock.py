"""Label stock: how large a label is, and how labels lie on a roll or a sheet."""

from dataclasses import dataclass
from pathlib import Path

from labels.reading import FileWrong, Table, read

FOLDER = Path(__file__).with_name("stock")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """One stock. A roll is a page with a single label on it."""

    id: str
    name_en: str
    name_es: str
    page_width_mm: float
    page_height_mm: float
    label_width_mm: float
    label_height_mm: float
    columns: int
    rows: int
    left_mm: float
    top_mm: float
    pitch_x_mm: float
    pitch_y_mm: float
    around_mm: float | None = None  # diameter of the tube that its width goes around

    @property
    def per_page(self) -> int:
        """How many labels a page holds."""
        return self.columns * self.rows

    def corner(self, position: int) -> tuple[float, float]:
        """Left and top edge, in mm from the page's, of a position counted from 0 along the rows."""
        row, column = divmod(position, self.columns)
        return self.left_mm + column * self.pitch_x_mm, self.top_mm + row * self.pitch_y_mm


def load(name: str, folder: Path = FOLDER) -> Stock:
    """A stock by its id; raises FileWrong."""
    path = folder / f"{name}.toml"
    if name not in names(folder):
        raise FileWrong(f"there is no label stock {name!r}")
    return _stock(read(path))


def names(folder: Path = FOLDER) -> tuple[str, ...]:
    """The ids of all stocks."""
    return tuple(sorted(path.stem for path in folder.glob("*.toml")))


def _stock(table: Table) -> Stock:
    stock = Stock(
        id=table.text("id"),
        name_en=table.text("name_en"),
        name_es=table.text("name_es"),
        page_width_mm=table.number("page_width_mm", least=5),
        page_height_mm=table.number("page_height_mm", least=5),
        label_width_mm=table.number("label_width_mm", least=5),
        label_height_mm=table.number("label_height_mm", least=5),
        columns=table.whole("columns"),
        rows=table.whole("rows"),
        left_mm=table.number("left_mm"),
        top_mm=table.number("top_mm"),
        pitch_x_mm=table.number("pitch_x_mm"),
        pitch_y_mm=table.number("pitch_y_mm"),
        around_mm=table.number("around_mm", least=4) if "around_mm" in table else None,
    )
    table.done()
    left, top = stock.corner(stock.per_page - 1)
    if left + stock.label_width_mm > stock.page_width_mm + 0.01:
        raise table.wrong("columns", "the last column lies beyond the page")
    if top + stock.label_height_mm > stock.page_height_mm + 0.01:
        raise table.wrong("rows", "the last row lies beyond the page")
    if stock.columns > 1 and stock.pitch_x_mm < stock.label_width_mm:
        raise table.wrong("pitch_x_mm", "labels of a row would overlap")
    if stock.rows > 1 and stock.pitch_y_mm < stock.label_height_mm:
        raise table.wrong("pitch_y_mm", "labels of a column would overlap")
    return stock
