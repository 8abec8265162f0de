"""Nonsense by the hundred thousand, the same for the same seed: texts, JSON, spoilt scans.

Hypothesis chooses the seeds. Built value by value it would take a thousand times as long.
"""

from collections.abc import Callable, Iterator
from random import Random
from typing import Any

AT_ONCE = 100

NASTY = (
    "\0",
    "\x1b[2J",
    "\r\nINFO forged line",
    "' OR 1=1 --",
    "%(x)s",
    "{0}",
    "../..",
    "\ud800",
    "<script>",
    "\u202e",
    "TB" * 300,
    "1" * 513,
    "💉",
    "\x1d",
    "]d1",
)
# Plain letters, controls, what is written with, halves of characters, and far away.
ALPHABETS = ((48, 90), (0, 31), (32, 0x24F), (0xD800, 0xDFFF), (0x250, 0x10FFFF))
NUMBERS = (0, 1, -1, 2**31, 2**63, -(2**63), 2**70, 10**40)
GOOD: dict[str, Any] = {
    "id": "0198a000-0000-7000-8000-000000000001",
    "raw": "TB0000000001A",
    "method": "scan",
    "device_id": "tablet",
    "device_seq": 1,
    "device_time": "2026-11-25T09:00:00-06:00",
    "intent": {"step": "read", "facts": {}},
}
NAMES = (*GOOD, "symbology", "offset_ms", "uncertainty_ms", "queued", "capture", "box", "step")
DEEP_MOST = 4


def a_text(chance: Random) -> str:
    """A text of any characters, a nasty one, several of them, or a code that is nearly one."""
    return chance.choice((_any_text, _nasty, _nasty, _near_code))(chance)


def _any_text(chance: Random) -> str:
    first, last = chance.choice(ALPHABETS)
    return "".join(chr(chance.randint(first, last)) for _ in range(chance.randint(0, 40)))


def _nasty(chance: Random) -> str:
    return "".join(chance.choices(NASTY, k=chance.randint(1, 4)))


def _near_code(chance: Random) -> str:
    code = [*chance.choice(("TB", "BX", "PK", "]C1TB", "tb")), *f"{chance.randint(0, 10**10):010}A"]
    code[chance.randrange(len(code))] = chance.choice((*NASTY, "A", "0", " ", ""))
    return "".join(code)


def anything(chance: Random, deep: int = 0) -> Any:
    """Any JSON, within limits."""
    kinds: list[Callable[[Random], Any]] = [a_text, a_text, _number, _word]
    if deep < DEEP_MOST:
        kinds += [lambda c: _list(c, deep + 1), lambda c: _object(c, deep + 1)]
    return chance.choice(kinds)(chance)


def _number(chance: Random) -> float:
    some = (chance.choice(NUMBERS), chance.randint(-(10**6), 10**6), chance.random() * 1e308)
    return chance.choice((*some, float("nan"), float("inf")))


def _word(chance: Random) -> bool | None:
    return chance.choice((None, True, False))


def _list(chance: Random, deep: int) -> list[Any]:
    return [anything(chance, deep) for _ in range(chance.randint(0, 4))]


def _object(chance: Random, deep: int) -> dict[str, Any]:
    names = [chance.choice((*NAMES, a_text(chance))) for _ in range(chance.randint(0, 4))]
    return {name: anything(chance, deep) for name in names}


def a_body(chance: Random) -> Any:
    """Any JSON, or a good scan with some of it spoilt."""
    if chance.random() < 1 / 3:
        return anything(chance)
    names = chance.choices(NAMES, k=chance.randint(0, 4))
    return GOOD | {name: anything(chance) for name in names}


def many(make: Callable[[Random], Any], seed: int) -> Iterator[Any]:
    """A hundred of one kind."""
    chance = Random(seed)
    return (make(chance) for _ in range(AT_ONCE))
