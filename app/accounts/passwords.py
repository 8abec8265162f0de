"""Which passwords are taken, and how one is kept: Argon2id, so that a stolen table is no use."""

import re
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.kernel.errors import Invalid

SHORTEST, LONGEST = 12, 256
FEWEST_DIFFERENT = 5

# What most guesses are built from; digits and signs around or inside them add little.
_GUESSED = [
    "password",
    "passwort",
    "passw",
    "contrasena",
    "contraseña",
    "qwerty",
    "qwertz",
    "asdf",
    "letmein",
    "welcome",
    "bienvenido",
    "admin",
    "administrator",
    "administrador",
    "iloveyou",
    "teamo",
    "monkey",
    "dragon",
    "sunshine",
    "princess",
    "football",
    "baseball",
    "superman",
    "batman",
    "master",
    "changeme",
    "secret",
    "secreto",
    "default",
    "test",
    "guest",
    "hello",
    "hola",
    "unbroken",
    "biobank",
    "biobanco",
    "biobanque",
    "specimen",
    "laboratory",
    "laboratorio",
    "hospital",
    "clinic",
    "clinica",
    "phlebotomist",
    "flebotomista",
    "technician",
    "manager",
    "spring",
    "summer",
    "autumn",
    "winter",
    "primavera",
    "verano",
    "otono",
    "invierno",
]
_LOOKALIKES = str.maketrans("013457$@!", "oleastsai")
_ROWS = ("abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm")
_RUN = 4  # so many neighbours of a row in a row count as one character

_hasher = PasswordHasher()
# Of no password of anybody, at today's cost: an unknown login is to take as long as a known one.
NOBODYS = (
    "$argon2id$v=19$m=65536,t=3,p=4$utqsXsvADyMe65uB8DBxUw"
    "$oeaUxYLcOq0GmYcBwqTqZl4VK2d5Mv3vzg3UbxMteQs"
)


class PasswordTooShort(Invalid):
    """Fewer characters than can withstand guessing."""

    message = "A password has at least %(least)s characters"
    advice = "Take a few words that do not belong together"


class PasswordTooLong(Invalid):
    """More characters than anybody types."""

    message = "A password has at most %(most)s characters"


class PasswordGuessable(Invalid):
    """A password that stands early in every list of guesses."""

    message = "This password is easily guessed"
    advice = "Take a few words that do not belong together"


def keep(password: str, *, login: str) -> str:
    """The hash to store. Raises PasswordTooShort, PasswordTooLong or PasswordGuessable."""
    plain = _plain(password)
    if len(plain) < SHORTEST:
        raise PasswordTooShort(least=SHORTEST)
    if len(plain) > LONGEST:
        raise PasswordTooLong(most=LONGEST)
    if guessable(plain, login=login):
        raise PasswordGuessable
    return _hasher.hash(plain)


def fits(password: str, kept: str | None) -> bool:
    """Whether this is the password that was kept; None is nobody's, and takes as long."""
    plain = _plain(password)
    try:
        return _hasher.verify(kept or NOBODYS, plain[: LONGEST + 1]) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


def outdated(kept: str) -> bool:
    """Whether the hash was made with weaker settings than today's."""
    return _hasher.check_needs_rehash(kept)


def rekept(password: str) -> str:
    """The hash of a password already accepted, with today's settings."""
    return _hasher.hash(_plain(password))


def guessable(password: str, *, login: str) -> bool:
    """Whether little is left of it once logins, common words and rows of keys are taken out."""
    left = password.casefold()
    for word in (login.casefold(), *re.split(r"[._-]", login.casefold())):
        left = left.replace(word, "") if len(word) > 2 else left
    spelt = left.translate(_LOOKALIKES)
    for word in _GUESSED:
        if word in spelt:
            left = re.sub(r"[\d\W_]", "", spelt).replace(word, "")
            spelt = left
    return len(set(_without_rows(left))) < FEWEST_DIFFERENT


def _without_rows(text: str) -> str:
    """The text with each run along the alphabet or the keys, either way, shrunk to its start."""
    for row in _ROWS:
        for way in (row, row[::-1]):
            for length in range(len(way), _RUN - 1, -1):
                for start in range(len(way) - length + 1):
                    run = way[start : start + length]
                    text = text.replace(run, run[0])
    return text


def _plain(password: str) -> str:
    """One form for what keyboards write in two: é, or e and an accent."""
    return unicodedata.normalize("NFC", password)
