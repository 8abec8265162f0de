"""Reading a configuration file key by key, so that a wrong one says which file, where and why."""

import math
import tomllib
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import TypeVar

Answer = TypeVar("Answer")


class ConfigWrong(ValueError):
    """A configuration file that does not hold what it must; the message names file and key."""


class Table:
    """One table of a file. Each key is asked for once; `done` refuses keys nobody asked for."""

    def __init__(self, content: object, where: str) -> None:
        if not isinstance(content, dict):
            raise ConfigWrong(f"{where}: must be a table")
        self._content: dict[str, object] = {str(key): value for key, value in content.items()}
        self._asked: set[str] = set()
        self.where = where

    def wrong(self, key: str, why: str) -> ConfigWrong:
        """The error to raise about one key of this table."""
        return ConfigWrong(f"{self.where}: {key}: {why}")

    def has(self, key: str) -> bool:
        """Whether the key is there."""
        return key in self._content

    def maybe(self, read: Callable[[str], Answer], key: str) -> Answer | None:
        """What `read` makes of the key, or None where the key is absent."""
        return read(key) if self.has(key) else None

    def value(self, key: str) -> object:
        """The raw value of a key that must be there."""
        self._asked.add(key)
        if key not in self._content:
            raise self.wrong(key, "is missing")
        return self._content[key]

    def text(self, key: str) -> str:
        """A text with at least one visible character."""
        value = self.text_or_empty(key)
        if not value.strip():
            raise self.wrong(key, "must not be empty")
        return value

    def text_or_empty(self, key: str) -> str:
        """A text that may be empty."""
        value = self.value(key)
        if not isinstance(value, str):
            raise self.wrong(key, f"must be a text, is {value!r}")
        return value

    def one_of(self, key: str, allowed: Collection[str]) -> str:
        """A text out of a fixed few."""
        value = self.text(key)
        if value not in allowed:
            raise self.wrong(key, f"{value!r} is none of {', '.join(sorted(allowed))}")
        return value

    def flag(self, key: str) -> bool:
        """True or false."""
        value = self.value(key)
        if not isinstance(value, bool):
            raise self.wrong(key, f"must be true or false, is {value!r}")
        return value

    def whole(self, key: str, *, least: int = 0) -> int:
        """A whole number, not below `least`."""
        value = self.value(key)
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.wrong(key, f"must be a whole number, is {value!r}")
        if value < least:
            raise self.wrong(key, f"must be {least} or more, is {value}")
        return value

    def number(self, key: str, *, least: float = 0.0) -> float:
        """A finite number, not below `least`."""
        value = self.value(key)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.wrong(key, f"must be a number, is {value!r}")
        if not math.isfinite(value) or value < least:
            raise self.wrong(key, f"must be {least:g} or more, is {value!r}")
        return float(value)

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts, possibly empty, none of them twice."""
        value = self.items(key)
        texts = tuple(item for item in value if isinstance(item, str) and item)
        if len(texts) != len(value):
            raise self.wrong(key, f"must hold texts only, is {value!r}")
        if len(set(texts)) != len(texts):
            raise self.wrong(key, f"names one of them twice: {value!r}")
        return texts

    def wholes(self, key: str) -> tuple[int, ...]:
        """A list of whole numbers."""
        value = self.items(key)
        wholes = tuple(i for i in value if isinstance(i, int) and not isinstance(i, bool))
        if len(wholes) != len(value):
            raise self.wrong(key, f"must hold whole numbers only, is {value!r}")
        return wholes

    def items(self, key: str) -> list[object]:
        """A list of anything."""
        value = self.value(key)
        if not isinstance(value, list):
            raise self.wrong(key, f"must be a list, is {value!r}")
        return value

    def table(self, key: str) -> "Table":
        """A table inside this one."""
        return Table(self.value(key), f"{self.where}: {key}")

    def tables(self, key: str) -> tuple["Table", ...]:
        """A list of tables, at least one; each is called by its id, code or place in messages."""
        value = self.items(key)
        if not value:
            raise self.wrong(key, "must hold at least one")
        return tuple(Table(item, _named(self.where, key, i, item)) for i, item in enumerate(value))

    def named(self, key: str) -> tuple[tuple[str, "Table"], ...]:
        """The tables of a table of tables, each with its name."""
        inner = self.table(key)
        return tuple((name, inner.table(name)) for name in inner.keys_left())

    def keys_left(self) -> tuple[str, ...]:
        """The keys nobody has asked for yet."""
        return tuple(key for key in self._content if key not in self._asked)

    def done(self) -> None:
        """Refuse what nobody asked for: a misspelt key would otherwise be silently ignored."""
        left = self.keys_left()
        if left:
            raise ConfigWrong(f"{self.where}: nobody knows the key {', '.join(left)}")


def read(path: Path) -> Table:
    """The content of a TOML file; raises ConfigWrong when it cannot be read."""
    try:
        with path.open("rb") as lines:
            return Table(tomllib.load(lines), path.name)
    except (OSError, ValueError) as error:
        raise ConfigWrong(f"{path}: {error}") from error


def once_each(keys: Iterable[str], where: str) -> None:
    """Refuse a list in which a key comes twice."""
    seen: set[str] = set()
    for key in keys:
        if key in seen:
            raise ConfigWrong(f"{where}: {key}: is there twice")
        seen.add(key)


def _named(where: str, key: str, place: int, item: object) -> str:
    if isinstance(item, dict):
        for naming in ("id", "code", "kind", "position"):
            if naming in item:
                return f"{where}: {key} {item[naming]}"
    return f"{where}: {key} number {place + 1}"
