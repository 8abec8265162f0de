"""Which passwords are taken."""

import pytest

from app.accounts.passwords import (
    NOBODYS,
    PasswordGuessable,
    PasswordTooLong,
    PasswordTooShort,
    fits,
    guessable,
    keep,
    outdated,
)

GUESSED = (
    "password1234",
    "P@ssw0rd1234",
    "Contraseña2026",
    "123456789012",
    "aaaaaaaaaaaa",
    "abcabcabcabc",
    "qwertyuiop12",
    "asdfghjkl;'1",
    "Unbroken2026!",
    "biobank-biobank",
    "Summer2026!!",
    "phlebotomist-a",
    "north.desk.1",
)
TAKEN = (
    "velvet harbour ninety-one",
    "correct horse battery staple",
    "tr0mbone/kelp/9f",
    "años de lluvia fina",
    "πολύ μακρύς κωδικός",
)


@pytest.mark.parametrize("password", GUESSED)
def test_what_is_guessed_early_is_refused(password: str) -> None:
    assert guessable(password, login="north.desk.1")
    with pytest.raises(PasswordGuessable):
        keep(password, login="north.desk.1")


@pytest.mark.parametrize("password", TAKEN)
def test_a_few_words_are_taken(password: str) -> None:
    assert not guessable(password, login="north.desk.1")


def test_too_short_and_too_long() -> None:
    with pytest.raises(PasswordTooShort):
        keep("kelp 91 rub", login="x")
    with pytest.raises(PasswordTooLong):
        keep("kelp 91 ruby " * 20, login="x")


def test_a_kept_password_fits_however_its_letters_were_composed() -> None:
    kept = keep("años de lluvia fina", login="x")

    assert kept.startswith("$argon2id$")
    assert fits("an\u0303os de lluvia fina", kept)
    assert not fits("anos de lluvia fina", kept)


def test_nobody_s_password_fits_nothing() -> None:
    assert not fits("nobody signs in with this", None)
    assert not fits("anything", "not a hash")


def test_an_unknown_login_costs_as_much_as_a_known_one() -> None:
    assert not outdated(NOBODYS)
