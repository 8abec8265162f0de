"""Our identifiers: two letters, ten digits and one check character, made and read back.

The check character is ISO 7064 MOD 37-2 over everything before it. It lets no single wrong
character through, and no two characters exchanged; a misread label is refused, never guessed.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import count, islice
from typing import ClassVar

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*"
MODULUS, RADIX = 37, 2
# The check characters of payloads that are never printed: not ours to print, or easily misread.
NEVER_MINTED = frozenset("*ILOU")

NAMESPACES: Mapping[str, str] = {
    "TB": "tube",
    "KT": "kit",
    "BX": "box",
    "RK": "rack",
    "SF": "shelf",
    "FZ": "freezer",
    "PK": "package",
    "PN": "participant",
    "ST": "station",
    "BD": "badge",
    "CM": "command",
}

DIGITS = 10
HIGHEST = 10**DIGITS - 1
LONGEST = 128  # nothing longer is worth comparing with a pattern

_SHAPE = re.compile(r"[A-Z]{2}[0-9]{10}[0-9A-Z]")
_GROUPED = re.compile(r"[A-Z]{2} [0-9]{4} [0-9]{4} [0-9]{2} [0-9A-Z]")
_PAYLOAD = re.compile(r"[0-9A-Z]+")
_SPACE = " \t\r\n\v\f"


class CodeRefused(ValueError):
    """A text that is no code we accept; `reason` names the case, `advice` says what to do."""

    reason: ClassVar[str] = "refused"
    advice: ClassVar[str] = "Scan again"

    def __init__(self, text: str, why: str) -> None:
        # Escaped and cut: a scanned text is a stranger's input and may end up in a log.
        super().__init__(f"{text[:40]!a}: {why}")
        self.text = text


class NotACode(CodeRefused):
    """Neither our form nor any foreign form that was asked for."""

    reason = "not_a_code"


class TooLong(NotACode):
    """More characters than any code has: several reads run together, or no code at all."""

    reason = "too_long"


class WrongCheckCharacter(CodeRefused):
    """Our form, but at least one character was misread or mistyped."""

    reason = "wrong_check_character"
    advice = "Scan again, or type the code as it is printed"


class UnknownNamespace(CodeRefused):
    """Our form with a right check character, but the two letters are none of ours."""

    reason = "unknown_namespace"


class DoubledRead(CodeRefused):
    """The same valid code twice in one read: the scanner or its cable doubles."""

    reason = "doubled_read"
    advice = "Check the scanner: it sent the code twice in one read"


class NotMintable(ValueError):
    """A number that is never given out: out of range, or its check character is easily misread."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """One of our identifiers: which kind of thing, and its number."""

    namespace: str
    number: int

    @property
    def kind(self) -> str:
        """What the namespace stands for: tube, box, participant …"""
        return NAMESPACES[self.namespace]

    @property
    def text(self) -> str:
        """The thirteen characters as they are scanned and stored."""
        payload = _payload(self.namespace, self.number)
        return payload + check_character(payload)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ours:
    """A read that is one of our own codes."""

    code: Code


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreign:
    """A read that fits a foreign form; `also` lists further forms that the text fits as well."""

    namespace: str
    text: str
    also: tuple[str, ...] = ()


@lru_cache(maxsize=1024)
def check_character(payload: str) -> str:
    """The ISO 7064 MOD 37-2 check character of capital letters and digits (may be `*`)."""
    if not _PAYLOAD.fullmatch(payload):
        raise ValueError(f"{payload[:40]!a}: only A-Z and 0-9 have a check character")
    total = 0
    for character in payload:
        total = (total + ALPHABET.index(character)) * RADIX % MODULUS
    return ALPHABET[(MODULUS + 1 - total) % MODULUS]


def mintable(namespace: str, number: int) -> bool:
    """Whether this number may be given out in this namespace."""
    if namespace not in NAMESPACES or not 1 <= number <= HIGHEST:
        return False
    return check_character(_payload(namespace, number)) not in NEVER_MINTED


def next_mintable(namespace: str, number: int) -> int:
    """The first number from `number` on that may be given out in this namespace."""
    if namespace in NAMESPACES:
        for candidate in range(max(number, 1), HIGHEST + 1):
            if mintable(namespace, candidate):
                return candidate
    raise NotMintable(f"{namespace!a}: no number from {number} on can be given out")


def make(namespace: str, number: int) -> str:
    """The code of a number; raises NotMintable for one that is never given out."""
    if not mintable(namespace, number):
        raise NotMintable(f"{namespace!a} {number}: never given out")
    return Code(namespace=namespace, number=number).text


def parse(text: str) -> Code:
    """Read one of our codes, plain and in capitals as a scanner sends it.

    Raises NotACode, WrongCheckCharacter or UnknownNamespace. Codes whose check character is
    I, L, O or U are read, though never given out.
    """
    if not _SHAPE.fullmatch(text):
        raise NotACode(text, "not two letters, ten digits and a check character")
    if check_character(text[:-1]) != text[-1]:
        raise WrongCheckCharacter(text, "the check character does not fit")
    if text[:2] not in NAMESPACES:
        raise UnknownNamespace(text, "the first two letters are none of ours")
    return Code(namespace=text[:2], number=int(text[2:-1]))


def normalise(text: str) -> str:
    """Take a typed or scanned text to the form `parse` reads: trimmed, capitals, not grouped.

    Text with anything but ASCII is only trimmed: some foreign letters become ours as capitals.
    """
    trimmed = text.strip(_SPACE)
    if not trimmed.isascii():
        return trimmed
    capitals = trimmed.upper()
    return capitals.replace(" ", "") if _GROUPED.fullmatch(capitals) else capitals


def grouped(text: str) -> str:
    """A code as it is printed for people: `TB 0001 2345 67 K`."""
    plain = parse(text).text
    return " ".join((plain[:2], plain[2:6], plain[6:10], plain[10:12], plain[12]))


def doubled(text: str) -> bool:
    """Whether this is one of our codes twice in a row."""
    half = len(text) // 2
    return len(text) == 2 * half and text[:half] == text[half:] and _is_ours(text[:half])


def recognise(text: str, foreign: Mapping[str, re.Pattern[str]]) -> Ours | Foreign:
    """Say whether a read is ours or fits one of the named foreign forms, in their order.

    Ours come first, and what has our form with one of our namespaces is never tried as foreign:
    a misread tube is a misread tube. Raises a child of CodeRefused where nothing fits.
    """
    if len(text) > LONGEST:
        raise TooLong(text, f"longer than {LONGEST} characters")
    plain = normalise(text)
    if _SHAPE.fullmatch(plain) and plain[:2] in NAMESPACES:
        return Ours(code=parse(plain))
    if doubled(plain):
        raise DoubledRead(text, "the same code twice in one read")
    trimmed = text.strip(_SPACE)
    fits = _fitting(trimmed, foreign)
    if fits:
        return Foreign(namespace=fits[0], text=trimmed, also=fits[1:])
    half = trimmed[: len(trimmed) // 2]
    if half and trimmed == half * 2 and _fitting(half, foreign):
        raise DoubledRead(text, "the same code twice in one read")
    return Ours(code=parse(plain))  # raises, with the precise reason


def command(text: str) -> str | None:
    """The word on a command card, or None when the code is no command of ours."""
    return _WORDS.get(text)


def _payload(namespace: str, number: int) -> str:
    return f"{namespace}{number:0{DIGITS}d}"


def _is_ours(text: str) -> bool:
    try:
        parse(text)
    except CodeRefused:
        return False
    return True


def _fitting(text: str, foreign: Mapping[str, re.Pattern[str]]) -> tuple[str, ...]:
    if not (text.isascii() and text.isprintable()):
        return ()
    return tuple(name for name, pattern in foreign.items() if pattern.fullmatch(text))


def _mintable_numbers(namespace: str) -> Iterator[int]:
    return (number for number in count(1) if mintable(namespace, number))


_COMMANDS = (
    "DONE",
    "UNDO",
    "NEXT",
    "NOT COLLECTED",
    "DAMAGED",
    "LEAKING",
    "LOW VOLUME",
    "HAEMOLYSED",
    "MISSING LABEL",
    "PAUSE",
    "PRINT",
    "HELP",
    "YES",
    "NO",
)

# Word -> code. New words go at the end: the cards are on the benches.
COMMAND_CARDS: Mapping[str, str] = {
    word: make("CM", number)
    for word, number in zip(_COMMANDS, islice(_mintable_numbers("CM"), len(_COMMANDS)), strict=True)
}

_WORDS: Mapping[str, str] = {code: word for word, code in COMMAND_CARDS.items()}
