"""The secret that cookies and tokens are signed with, and the signing itself."""

import hashlib
import os
import secrets
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

from itsdangerous import BadData, URLSafeSerializer

from app.kernel.errors import Unavailable

_SHORTEST = 32


class SecretUnsafe(Unavailable):
    """The file of the secret is too short, or others may read it."""

    message = "The secret in %(file)s is too short, or others may read it"
    advice = "Delete the file; a new one is made at the next start, and everybody signs in again"


def keep_secret(file: Path) -> str:
    """The secret in `file`, made up and written for us alone where there is none.

    Raises SecretUnsafe.
    """
    if not file.exists():
        _make(file)
    secret = file.read_text().strip()
    if file.stat().st_mode & 0o077 or len(secret) < _SHORTEST:
        raise SecretUnsafe(file=str(file))
    return secret


def _make(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=file.parent) as folder:
        fresh = Path(folder, file.name)
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT, 0o600), "w") as out:
            out.write(secrets.token_urlsafe(48) + "\n")
            out.flush()
            os.fsync(out.fileno())
        try:
            # A link, unlike a rename, lets the first of two processes keep its secret.
            os.link(fresh, file)
        except FileExistsError:
            return


def signed(facts: Mapping[str, object], *, secret: str, purpose: str) -> str:
    """The facts as a text that nobody else can make, for this purpose only; it hides nothing."""
    return str(_serializer(secret, purpose).dumps(dict(facts)))


def opened(text: str, *, secret: str, purpose: str) -> Mapping[str, object] | None:
    """The facts in a signed text, or None when it was not made by us for this purpose."""
    try:
        facts = _serializer(secret, purpose).loads(text)
    except BadData:
        return None
    return facts if isinstance(facts, dict) else None


@lru_cache(maxsize=16)
def _serializer(secret: str, purpose: str) -> URLSafeSerializer:
    return URLSafeSerializer(
        secret,
        salt=f"unbroken {purpose}",
        signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256},
    )
