"""Pairs this computer with a station: a code that somebody typed is exchanged for a token.

What came of it lies in the data folder, so that the agent needs to be told nothing else.
"""

import json
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hardware.agent.health import STATUS_FILE
from hardware.agent.server import NoAnswer, Reply, Server

PAIRING_FILE: Final = "pairing.toml"
TOKEN_FILE: Final = "token"  # noqa: S105 - the name of a file
_PATH: Final = "/api/v1/pair"
_MADE: Final = 201


class NotPaired(Exception):
    """The computer is as it was; the text says why, and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paired:
    """The station that this computer is now the one of."""

    station: str
    title: str
    site: str


def pair(server: Server, *, url: str, code: str, folder: Path) -> Paired:
    """Use a code up for a token, and keep that in the data folder. Raises NotPaired.

    A folder that holds reads of a station is paired with that one alone.
    """
    _check_writable(folder)
    told = {"code": code, "station": station_of(folder)}
    try:
        reply = server.post(_PATH, json.dumps(told).encode("ascii"))
    except NoAnswer as error:
        raise NotPaired(
            f"{url} does not answer ({error}). Check the address, the network, and that the server"
            " runs; the code is good for ten minutes"
        ) from error
    token, station = _text(reply, "token"), _text(reply, "station")
    if reply.status != _MADE or not token or not station:
        raise NotPaired(_refusal(reply, url))
    _keep(folder, url=url, station=station, token=token)
    return Paired(station=station, title=_text(reply, "title"), site=_text(reply, "site"))


def paired_in(folder: Path) -> Mapping[str, object]:
    """What a pairing left in a data folder, by the names of the settings; empty without one.

    Raises NotPaired for one that cannot be read.
    """
    path = folder / PAIRING_FILE
    try:
        kept = tomllib.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, ValueError) as error:
        raise NotPaired(f"{path} cannot be read: {error}. Pair this computer again") from error
    return {**kept, "token_file": str(folder / TOKEN_FILE)}


def station_of(folder: Path) -> str | None:
    """The station whose reads may lie in a data folder, as far as the folder says."""
    try:
        kept = paired_in(folder).get("station")
    except NotPaired:
        kept = None  # it is about to be mended
    if isinstance(kept, str):
        return kept
    try:
        status = json.loads((folder / STATUS_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    said = status.get("station") if isinstance(status, dict) else None
    return said if isinstance(said, str) else None


def _check_writable(folder: Path) -> None:
    """Before the code is used up."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _write(folder / f"{PAIRING_FILE}.try", "")
        (folder / f"{PAIRING_FILE}.try").unlink()
    except OSError as error:
        raise NotPaired(
            f"data folder {folder}: {error.strerror}. Give a --data folder that this account may"
            " write to; the code has not been used"
        ) from error


def _keep(folder: Path, *, url: str, station: str, token: str) -> None:
    # The token first: a station without one says so; a token of another station would be refused.
    try:
        _write(folder / TOKEN_FILE, f"{token}\n")
        # What JSON writes of plain text, TOML reads.
        text = f"server = {json.dumps(url)}\nstation = {json.dumps(station)}\n"
        _write(folder / PAIRING_FILE, text)
    except OSError as error:
        raise NotPaired(
            f"data folder {folder}: {error.strerror}. The code is used up: free the disk, have a"
            " new one made, and pair again"
        ) from error


def _write(path: Path, text: str) -> None:
    """All of it or what was there before, for this account's eyes alone."""
    new = path.with_name(f"{path.name}.new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)


def _text(reply: Reply, name: str) -> str:
    value = (reply.content or {}).get(name)
    return value if isinstance(value, str) else ""


def _refusal(reply: Reply, url: str) -> str:
    if reply.content is None:
        return f"what answers at {url} is no Unbroken server ({reply.status}). Check the address"
    return f"not paired: {reply.words()}"
