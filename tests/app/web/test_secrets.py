"""The secret file, and what is signed with it."""

from pathlib import Path

import pytest

from app.web.secrets import SecretUnsafe, keep_secret, opened, signed


def test_the_secret_is_made_once_and_for_us_alone(tmp_path: Path) -> None:
    file = tmp_path / "inner" / "secret.key"

    secret = keep_secret(file)

    assert len(secret) > 32
    assert file.stat().st_mode & 0o777 == 0o600
    assert keep_secret(file) == secret
    assert list(file.parent.iterdir()) == [file]


def test_a_secret_others_may_read_is_not_used(tmp_path: Path) -> None:
    file = tmp_path / "secret.key"
    keep_secret(file)
    file.chmod(0o640)

    with pytest.raises(SecretUnsafe):
        keep_secret(file)


def test_a_short_secret_is_not_used(tmp_path: Path) -> None:
    file = tmp_path / "secret.key"
    file.write_text("short\n")
    file.chmod(0o600)

    with pytest.raises(SecretUnsafe):
        keep_secret(file)


def test_a_signature_holds_for_one_secret_and_one_purpose() -> None:
    text = signed({"person": 1}, secret="one", purpose="session")

    assert opened(text, secret="one", purpose="session") == {"person": 1}
    assert opened(text, secret="two", purpose="session") is None
    assert opened(text, secret="one", purpose="capture") is None
    assert opened(text + "x", secret="one", purpose="session") is None
    assert opened("", secret="one", purpose="session") is None
