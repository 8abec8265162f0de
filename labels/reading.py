"""Reading stock and template files, so that a wrong one says which file and which key."""

import tomllib
from collections.abc import Mapping
from pathlib import Path


class FileWrong(ValueError):
    """A stock or template file that does not hold what it must."""


class Table:
    """One table of a file; `done` refuses keys nobody asked for."""

    def __init__(self, content: object, where: str) -> None:
        if not isinstance(content, dict):
            raise FileWrong(f"{where}: must be a table")
        self._content: Mapping[str, object] = content
        self._asked: set[str] = set()
        self.where = where

    def __contains__(self, key: str) -> bool:
        return key in self._content

    def wrong(self, key: str, why: str) -> FileWrong:
        """The error to raise about one key."""
        return FileWrong(f"{self.where}: {key}: {why}")

    def value(self, key: str) -> object:
        """The raw value of a key that must be there."""
        self._asked.add(key)
        if key not in self._content:
            raise self.wrong(key, "is missing")
        return self._content[key]

    def text(self, key: str, default: str | None = None) -> str:
        """A text that is not empty."""
        if default is not None and key not in self._content:
            return default
        value = self.value(key)
        if not isinstance(value, str) or not value.strip():
            raise self.wrong(key, f"must be a text, is {value!r}")
        return value

    def number(self, key: str, *, least: float = 0.0) -> float:
        """A number, not below `least`."""
        value = self.value(key)
        if isinstance(value, bool) or not isinstance(value, int | float) or not value >= least:
            raise self.wrong(key, f"must be a number, {least:g} or more, is {value!r}")
        return float(value)

    def whole(self, key: str) -> int:
        """A whole number above zero."""
        value = self.value(key)
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise self.wrong(key, f"must be a whole number, 1 or more, is {value!r}")
        return value

    def flag(self, key: str, *, default: bool) -> bool:
        """True or false."""
        value = self.value(key) if key in self._content else default
        if not isinstance(value, bool):
            raise self.wrong(key, f"must be true or false, is {value!r}")
        return value

    def tables(self, key: str) -> "tuple[Table, ...]":
        """A list of tables."""
        value = self.value(key)
        if not isinstance(value, list) or not value:
            raise self.wrong(key, "must hold at least one")
        return tuple(Table(item, f"{self.where}: {key} {i}") for i, item in enumerate(value, 1))

    def named(self, key: str) -> "tuple[tuple[str, Table], ...]":
        """A table of tables, each with its name."""
        value = self.value(key)
        if not isinstance(value, dict) or not value:
            raise self.wrong(key, "must hold at least one")
        return tuple(
            (name, Table(item, f"{self.where}: {key} {name}")) for name, item in value.items()
        )

    def table(self, key: str) -> "Table":
        """A table inside this one."""
        return Table(self.value(key), f"{self.where}: {key}")

    def done(self) -> None:
        """Refuse what nobody asked for: a misspelt key would otherwise be silently ignored."""
        left = sorted(set(self._content) - self._asked)
        if left:
            raise FileWrong(f"{self.where}: nobody knows the key {', '.join(left)}")


def read(path: Path) -> Table:
    """The content of a file; raises FileWrong when it cannot be read."""
    try:
        with path.open("rb") as lines:
            return Table(tomllib.load(lines), path.name)
    except (OSError, ValueError) as error:
        raise FileWrong(f"{path.name}: {error}") from error
