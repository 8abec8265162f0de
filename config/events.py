"""What each kind of ledger entry is called, in both languages."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from config.reading import Table, once_each, read
from config.words import Words, words

FILE = Path(__file__).with_name("events.toml")


def load(path: Path = FILE) -> Mapping[str, Words]:
    """Read the titles by kind; raises ConfigWrong."""
    table = read(path)
    table.whole("version", least=1)
    events = tuple(_event(inner) for inner in table.tables("event"))
    once_each((kind for kind, _ in events), table.where)
    table.done()
    return MappingProxyType(dict(events))


def _event(table: Table) -> tuple[str, Words]:
    event = (table.text("kind"), words(table, "title"))
    table.done()
    return event
