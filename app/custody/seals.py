"""Seals: what the ledger's heads were, signed, in a file kept elsewhere.

Chains alone cannot show that a last entry went together with its state, or a whole subject. A
seal holds every head, their count and Merkle root, and an Ed25519 signature over the root.
"""

import base64
import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import cast

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlalchemy.orm import Session

from app.kernel.errors import Invalid
from app.kernel.sql import ask

FORMAT = "unbroken-seal-1"
Head = tuple[int, tuple[int, bytes]]


class SealUnreadable(Invalid):
    """The file is not a seal, or was changed."""

    message = "The seal cannot be trusted: %(why)s"
    advice = "Use the file as it was written, from where it was kept"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """Every subject's last entry at one moment: (subject, (seq, hash)), by subject."""

    made_at: datetime
    entries: int
    heads: tuple[Head, ...]

    @property
    def root(self) -> bytes:
        return merkle_root([_leaf(head) for head in self.heads])


def merkle_root(leaves: Sequence[bytes]) -> bytes:
    """RFC 9162 shape: leaves prefixed 00, nodes 01, an odd one goes up unchanged."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    level = [hashlib.sha256(b"\x00" + leaf).digest() for leaf in leaves]
    while len(level) > 1:
        pairs = [
            hashlib.sha256(b"\x01" + left + right).digest()
            for left, right in zip(level[::2], level[1::2], strict=False)
        ]
        level = pairs + level[len(level) & ~1 :]
    return level[0]


def _leaf(head: Head) -> bytes:
    subject, (seq, hash_) = head
    return subject.to_bytes(8, "big") + seq.to_bytes(8, "big") + hash_


def take(session: Session, *, now: datetime) -> Seal:
    """The heads as they stand."""
    rows = ask(session, "SELECT subject_id, seq, head FROM subject_state ORDER BY subject_id")
    heads = tuple(
        (cast(int, id_), (cast(int, seq), bytes(cast(bytes, head)))) for id_, seq, head in rows
    )
    return Seal(made_at=now, entries=sum(seq for _, (seq, _) in heads), heads=heads)


def write(seal: Seal, file: Path, *, key: Ed25519PrivateKey) -> None:
    """Write a seal, whole or not at all."""
    signed = _signed(seal)
    content = {
        "format": FORMAT,
        "made_at": seal.made_at.isoformat(),
        "subjects": len(seal.heads),
        "entries": seal.entries,
        "root": seal.root.hex(),
        "public_key": key.public_key().public_bytes_raw().hex(),
        "signature": key.sign(signed).hex(),
        "heads": base64.b64encode(b"".join(_leaf(head) for head in seal.heads)).decode(),
    }
    draft = file.with_name(f"{file.name}.part")
    with draft.open("w") as out:
        json.dump(content, out)
        out.flush()
        os.fsync(out.fileno())
    draft.replace(file)


def read(file: Path, *, public_key: bytes | None = None) -> Seal:
    """A seal from its file; raises SealUnreadable when a byte of it was changed.

    With `public_key` it must also be signed by that key, not just by the one it names.
    """
    try:
        content = json.loads(file.read_text())
        packed = base64.b64decode(content["heads"], validate=True)
        made_at = datetime.fromisoformat(content["made_at"])
        key, signature = bytes.fromhex(content["public_key"]), bytes.fromhex(content["signature"])
        seal = Seal(made_at=made_at, entries=int(content["entries"]), heads=_heads(packed))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SealUnreadable(why=str(error)[:80]) from error
    if public_key is not None and key != public_key:
        raise SealUnreadable(why="another key signed it")
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, _signed(seal))
    except (InvalidSignature, ValueError) as error:
        raise SealUnreadable(why="it was changed after it was signed") from error
    return seal


def _signed(seal: Seal) -> bytes:
    text = f"{FORMAT}\n{seal.made_at.isoformat()}\n{len(seal.heads)}\n{seal.entries}\n"
    return text.encode() + seal.root


def _heads(packed: bytes) -> tuple[Head, ...]:
    if len(packed) % 48:
        raise ValueError("its heads are cut")
    return tuple(
        (
            int.from_bytes(packed[i : i + 8], "big"),
            (int.from_bytes(packed[i + 8 : i + 16], "big"), packed[i + 16 : i + 48]),
        )
        for i in range(0, len(packed), 48)
    )


def signing_key(file: Path) -> Ed25519PrivateKey:
    """The key of this installation, made at first use and kept for its owner alone."""
    if not file.exists():
        draft = file.with_name(f"{file.name}.part")
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as out:
            out.write(Ed25519PrivateKey.generate().private_bytes_raw())
        draft.replace(file)
    return Ed25519PrivateKey.from_private_bytes(file.read_bytes())
