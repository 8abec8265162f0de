"""Lists to choose from: conditions, deviations, reasons, verdicts, in both languages."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from config.reading import Table, once_each, read
from config.rules import PRIORITIES
from config.words import Words, words

FILE = Path(__file__).with_name("reasons.toml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One line of a list. What does not belong to its list is None."""

    code: str
    words: Words
    comment_required: bool
    severity: str | None
    group: str | None
    ship: bool | None
    ok: bool | None
    kg_required: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonList:
    """One list, by code, in the order it is shown."""

    id: str
    note: str
    items: Mapping[str, Reason] = field(hash=False)


def load(path: Path = FILE) -> Mapping[str, ReasonList]:
    """Read and check all lists; raises ConfigWrong."""
    table = read(path)
    table.whole("version", least=1)
    lists = tuple(_list(inner) for inner in table.tables("list"))
    once_each((found.id for found in lists), table.where)
    table.done()
    return MappingProxyType({found.id: found for found in lists})


def _list(table: Table) -> ReasonList:
    items = tuple(_reason(inner) for inner in table.tables("item"))
    once_each((reason.code for reason in items), table.where)
    found = ReasonList(
        id=table.text("id"),
        note=table.text("note"),
        items=MappingProxyType({reason.code: reason for reason in items}),
    )
    table.done()
    return found


def _reason(table: Table) -> Reason:
    reason = Reason(
        code=table.text("code"),
        words=words(table),
        comment_required=table.maybe(table.flag, "comment_required") or False,
        severity=table.maybe(lambda key: table.one_of(key, PRIORITIES), "severity"),
        group=table.maybe(table.text, "group"),
        ship=table.maybe(table.flag, "ship"),
        ok=table.maybe(table.flag, "ok"),
        kg_required=table.maybe(table.flag, "kg_required") or False,
    )
    table.done()
    return reason
