"""What an agent is told when it starts: checked once, loud about what is missing or wrong."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from hardware.errors import BadAddress
from hardware.ports import BAUD, BY_ID, check_address
from hardware.scanner.drivers import DEFAULT_DRIVER, DRIVERS

_STATION: Final = re.compile(r"ST[0-9]{10}[0-9A-Z]")
_TOKEN: Final = re.compile(r"[!-~]{8,512}")
_NAMED: Final = re.compile(r"([a-z0-9][a-z0-9_-]{0,39})=(.+)")
_NAME_LONGEST: Final = 40
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_SCANNER_KEYS: Final = frozenset({"name", "address", "baud", "driver"})
_KEYS: Final = frozenset({"server", "station", "token_file", "data", "baud", "driver", "scanner"})


class BadSettings(Exception):
    """The agent cannot start like this; the text says what to change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScannerSettings:
    """One scanner: a name that stays, where to find it, and by which driver it is understood."""

    name: str
    address: str
    baud: int = BAUD
    driver: str = DEFAULT_DRIVER


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything an agent needs to know."""

    server: str
    station: str
    token: str = field(repr=False)  # never in a log
    data: Path
    scanners: tuple[ScannerSettings, ...]

    @property
    def in_the_open(self) -> bool:
        """Whether the token and the reads travel unencrypted over a network."""
        parts = urlsplit(self.server)
        return parts.scheme == "http" and parts.hostname not in _LOOPBACK


def read_config(path: Path) -> Mapping[str, object]:
    """The settings in a TOML file, by the names of the options."""
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadSettings(f"{path}: cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadSettings(f"{path}: is not TOML: {error}") from error
    unknown = sorted(told.keys() - _KEYS)
    if unknown:
        raise BadSettings(f"{path}: unknown: {', '.join(unknown)}; there are {_listed(_KEYS)}")
    return told


def make_settings(told: Mapping[str, object]) -> Settings:
    """Check all that was told; raises BadSettings with what to change."""
    return Settings(
        server=_server(_text(told, "server")),
        station=_station(_text(told, "station")),
        token=_token(Path(_text(told, "token_file"))),
        data=Path(_text(told, "data")),
        scanners=_scanners(
            told.get("scanner"),
            baud=_baud(told.get("baud", BAUD)),
            driver=_driver(told.get("driver", DEFAULT_DRIVER)),
        ),
    )


def _text(told: Mapping[str, object], key: str) -> str:
    value = told.get(key)
    if not isinstance(value, str) or not value:
        option = key.replace("_", "-")
        raise BadSettings(f"{key} is missing: give --{option}, or {key} in the --config file")
    return value


def _server(url: str) -> str:
    parts = urlsplit(url)
    try:
        sound = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        sound = False
    if not sound or parts.query or parts.fragment or parts.username:
        raise BadSettings(f"server {url!a} is no address like https://host or http://host:port")
    return url.rstrip("/")


def _station(code: str) -> str:
    if not _STATION.fullmatch(code):
        raise BadSettings(f"station {code!a} is no station code: ST, ten digits, one character")
    return code


def _token(path: Path) -> str:
    try:
        token = path.read_text(encoding="ascii").strip()
    except OSError as error:
        raise BadSettings(
            f"token file {path}: cannot be read: {error.strerror}. "
            "An administrator makes one for this station"
        ) from error
    except UnicodeDecodeError as error:
        raise BadSettings(f"token file {path}: holds more than a token") from error
    if not _TOKEN.fullmatch(token):
        raise BadSettings(f"token file {path}: should hold one token and nothing else")
    return token


def _baud(value: object) -> int:
    if not isinstance(value, int) or not 50 <= value <= 4_000_000:
        raise BadSettings(f"baud {value!a} is no speed of a serial line")
    return value


def _driver(name: object) -> str:
    if not isinstance(name, str) or name not in DRIVERS:
        raise BadSettings(f"driver {name!a} is none of ours; there are {', '.join(DRIVERS)}")
    return name


def _scanners(told: object, *, baud: int, driver: str) -> tuple[ScannerSettings, ...]:
    if not isinstance(told, Sequence) or isinstance(told, str) or not told:
        raise BadSettings("scanner is missing: give --scanner ADDRESS at least once")
    scanners = tuple(_scanner(each, baud=baud, driver=driver) for each in told)
    names = [scanner.name for scanner in scanners]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise BadSettings(f"more than one scanner is called {', '.join(twice)}")
    return scanners


def _scanner(told: object, *, baud: int, driver: str) -> ScannerSettings:
    if isinstance(told, str):
        named = _NAMED.fullmatch(told)
        name, address = named.groups() if named else (None, told)
    elif isinstance(told, Mapping) and told.keys() <= _SCANNER_KEYS:
        name, address = told.get("name"), str(told.get("address", ""))
        baud = _baud(told.get("baud", baud))
        driver = _driver(told.get("driver", driver))
    else:
        raise BadSettings(
            f"scanner {told!a}: needs an address, and may have a name, a baud and a driver"
        )
    try:
        check_address(address)
    except BadAddress as error:
        raise BadSettings(f"scanner {error}. {error.remedy}") from error
    return ScannerSettings(name=_name(name, address), address=address, baud=baud, driver=driver)


def _name(name: object, address: str) -> str:
    if name is not None:
        if not isinstance(name, str) or not _NAMED.fullmatch(f"{name}=x"):
            raise BadSettings(f"scanner name {name!a}: use small letters, digits, - and _")
        return name
    plain = address.removeprefix(f"{BY_ID}/").removeprefix("/dev/").lower()
    return re.sub("[^a-z0-9]+", "-", plain).strip("-")[-_NAME_LONGEST:].strip("-") or "scanner"


def _listed(names: frozenset[str]) -> str:
    return ", ".join(sorted(names))
