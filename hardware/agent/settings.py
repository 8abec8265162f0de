"""What an agent is told when it starts: checked once, loud about what is missing or wrong."""

import re
import tomllib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from hardware.errors import BadAddress
from hardware.ports import BAUD, BY_ID, check_address
from hardware.printer import drivers as printers
from hardware.printer.protocol import DPMM, ZPL
from hardware.scanner import drivers as scanners

_STATION: Final = re.compile(r"ST[0-9]{10}[0-9A-Z]")
_TOKEN: Final = re.compile(r"[!-~]{8,512}")
_NAMED: Final = re.compile(r"([a-z0-9][a-z0-9_-]{0,39})=(.+)")
_NAME_LONGEST: Final = 40
DPI: Final = 300
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_SCANNER_KEYS: Final = frozenset({"name", "address", "baud", "driver"})
_PRINTER_KEYS: Final = frozenset({"name", "address", "baud", "driver", "dpi", "format"})
_KEYS: Final = frozenset(
    {"server", "station", "token_file", "data", "baud", "driver", "scanner", "printer"}
)


class BadSettings(Exception):
    """The agent cannot start like this; the text says what to change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScannerSettings:
    """One scanner: a name that stays, where to find it, and by which driver it is understood."""

    name: str
    address: str
    baud: int = BAUD
    driver: str = scanners.DEFAULT_DRIVER


@dataclass(frozen=True, slots=True, kw_only=True)
class PrinterSettings:
    """One printer: a name that stays, where to find it, and by which driver it is driven.

    `dpi` is of its head where the driver cannot ask; `format` is what labels are written in.
    """

    name: str
    address: str
    baud: int = BAUD
    driver: str = printers.DEFAULT_DRIVER
    dpi: int = DPI
    format: str = ZPL


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything an agent needs to know."""

    server: str
    station: str
    token: str = field(repr=False)  # never in a log
    data: Path
    scanners: tuple[ScannerSettings, ...]
    printers: tuple[PrinterSettings, ...] = ()

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
    baud = _baud(told.get("baud", BAUD))
    driver = _driver(told.get("driver", scanners.DEFAULT_DRIVER), scanners.DRIVERS)
    settings = Settings(
        server=check_server(_text(told, "server")),
        station=_station(_text(told, "station")),
        token=_token(Path(_text(told, "token_file"))),
        data=Path(_text(told, "data")),
        scanners=tuple(_scanner(e, baud=baud, driver=driver) for e in _devices(told, "scanner")),
        printers=tuple(_printer(each, baud=baud) for each in _devices(told, "printer")),
    )
    names = [each.name for each in settings.scanners]
    names += [each.name for each in settings.printers]
    if not names:
        raise BadSettings(
            "scanner is missing: give --scanner ADDRESS or --printer ADDRESS at least once"
        )
    _check_names(names)
    return settings


def _text(told: Mapping[str, object], key: str) -> str:
    value = told.get(key)
    if not isinstance(value, str) or not value:
        option = key.replace("_", "-")
        raise BadSettings(f"{key} is missing: give --{option}, or {key} in the --config file")
    return value


def check_server(url: str) -> str:
    """The address of a server without its last slash. Raises BadSettings."""
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


def _driver(name: object, drivers: Collection[str]) -> str:
    if not isinstance(name, str) or name not in drivers:
        raise BadSettings(f"driver {name!a} is none of ours; there are {', '.join(drivers)}")
    return name


def _dpi(value: object) -> int:
    if not isinstance(value, int) or value not in DPMM:
        raise BadSettings(f"dpi {value!a} is no head that labels are laid out for: {_either(DPMM)}")
    return value


def _format(name: object, driver: str, formats: Collection[str]) -> str:
    if not isinstance(name, str) or name not in formats:
        raise BadSettings(f"format {name!a}: a printer driven by {driver} takes {_either(formats)}")
    return name


def _devices(told: Mapping[str, object], key: str) -> Sequence[object]:
    found = told.get(key) or ()
    if not isinstance(found, Sequence) or isinstance(found, str):
        raise BadSettings(f"{key} {found!a}: should be a list")
    return found


def _check_names(names: Sequence[str]) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise BadSettings(f"more than one device is called {', '.join(twice)}")


def _scanner(told: object, *, baud: int, driver: str) -> ScannerSettings:
    name, address, more = _device(told, "scanner", _SCANNER_KEYS)
    _check(check_address, "scanner", address)
    return ScannerSettings(
        name=name,
        address=address,
        baud=_baud(more.get("baud", baud)),
        driver=_driver(more.get("driver", driver), scanners.DRIVERS),
    )


def _printer(told: object, *, baud: int) -> PrinterSettings:
    name, address, more = _device(told, "printer", _PRINTER_KEYS)
    driver = _driver(more.get("driver", printers.DEFAULT_DRIVER), printers.DRIVERS)
    _check(printers.DRIVERS[driver].check, "printer", address)
    formats = printers.DRIVERS[driver].formats
    return PrinterSettings(
        name=name,
        address=address,
        baud=_baud(more.get("baud", baud)),
        driver=driver,
        dpi=_dpi(more.get("dpi", DPI)),
        format=_format(more.get("format", formats[0]), driver, formats),
    )


def _device(
    told: object, what: str, keys: frozenset[str]
) -> tuple[str, str, Mapping[object, object]]:
    """A device's name and address, and whatever else was said of it."""
    more: Mapping[object, object] = {}
    if isinstance(told, str):
        named = _NAMED.fullmatch(told)
        name, address = named.groups() if named else (None, told)
    elif isinstance(told, Mapping) and told.keys() <= keys:
        name, address, more = told.get("name"), str(told.get("address", "")), told
    else:
        listed = _listed(keys - {"address"})
        raise BadSettings(f"{what} {told!a}: needs an address, and may have {listed}")
    return _name(name, address, what), address, more


def _check(check: Callable[[str], None], what: str, address: str) -> None:
    try:
        check(address)
    except BadAddress as error:
        raise BadSettings(f"{what} {error}. {error.remedy}") from error


def _name(name: object, address: str, what: str) -> str:
    if name is not None:
        if not isinstance(name, str) or not _NAMED.fullmatch(f"{name}=x"):
            raise BadSettings(f"{what} name {name!a}: use small letters, digits, - and _")
        return name
    plain = address.removeprefix(f"{BY_ID}/").removeprefix("/dev/").lower()
    return re.sub("[^a-z0-9]+", "-", plain).strip("-")[-_NAME_LONGEST:].strip("-") or what


def _either(values: Collection[object]) -> str:
    return " or ".join(map(str, values))


def _listed(names: frozenset[str]) -> str:
    return ", ".join(sorted(names))
