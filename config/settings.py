"""Where the server runs and with what: read once from the environment, loud when it is wrong.

Every variable has a default that suits one machine; all faults are told at once.
"""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

PREFIX = "UNBROKEN_"
LANGUAGES = ("en", "es")

# Variable -> what it means; `unbroken doctor` and the documentation print this table.
VARIABLES: Mapping[str, str] = {
    "UNBROKEN_DATA": "folder of the database, secrets and outputs (default: var)",
    "UNBROKEN_DATABASE_URL": "a PostgreSQL of your own, as the runtime role (default: embedded)",
    "UNBROKEN_OWNER_DATABASE_URL": "the same database as the owner role, for migrations",
    "UNBROKEN_HOST": "address to listen on (default: 127.0.0.1)",
    "UNBROKEN_PORT": "port to listen on; 0 takes a free one (default: 8080)",
    "UNBROKEN_HTTPS": "yes when pages are served over https: cookies are then marked Secure",
    "UNBROKEN_PROXY": "address of your proxy: who it says is asking, is (default: none)",
    "UNBROKEN_SECRET_FILE": "file of the session secret (default: secret.key in the data folder)",
    "UNBROKEN_LANGUAGE": "language where a person has chosen none: en or es (default: en)",
    "UNBROKEN_THREADS": "threads of the web server (default: 16)",
    "UNBROKEN_POOL_SIZE": "database connections, at least one a thread (default: as threads)",
    "UNBROKEN_LIMITS": "a limits file in place of the one that comes along",
    "UNBROKEN_DEMO": "yes for the demo world: virtual scanner, users to try (default: no)",
}


class SettingsWrong(ValueError):
    """The environment cannot be used; every fault is one line of the message."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("The settings cannot be used:\n" + "\n".join(f"- {f}" for f in faults))
        self.faults = tuple(faults)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the environment says, checked. The database addresses hold passwords: not shown."""

    data_dir: Path
    database_url: str | None = field(default=None, repr=False)
    owner_database_url: str | None = field(default=None, repr=False)
    host: str = "127.0.0.1"
    port: int = 8080
    https: bool = False
    proxy: str | None = None
    secret_file: Path
    language: str = "en"
    threads: int = 16
    pool_size: int = 16
    limits_file: Path | None = None
    demo: bool = False

    @property
    def embedded(self) -> bool:
        """Whether the database is the one that comes along."""
        return self.database_url is None

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "Settings":
        """Read the settings; raises SettingsWrong with every fault at once."""
        source = _Source(env)
        data_dir = Path(source.text("UNBROKEN_DATA", "var")).absolute()
        threads = source.whole("UNBROKEN_THREADS", default=16, least=1, most=256)
        settings = cls(
            data_dir=data_dir,
            database_url=source.database("UNBROKEN_DATABASE_URL"),
            owner_database_url=source.database("UNBROKEN_OWNER_DATABASE_URL"),
            host=source.text("UNBROKEN_HOST", "127.0.0.1"),
            port=source.whole("UNBROKEN_PORT", default=8080, least=0, most=65535),
            https=source.flag("UNBROKEN_HTTPS"),
            proxy=source.address("UNBROKEN_PROXY"),
            secret_file=source.path("UNBROKEN_SECRET_FILE", data_dir / "secret.key"),
            language=source.one_of("UNBROKEN_LANGUAGE", "en", LANGUAGES),
            threads=threads,
            pool_size=source.whole("UNBROKEN_POOL_SIZE", default=threads, least=1, most=1000),
            limits_file=source.existing_file("UNBROKEN_LIMITS"),
            demo=source.flag("UNBROKEN_DEMO"),
        )
        faults = source.faults + _contradictions(settings) + _misspelt(env)
        if faults:
            raise SettingsWrong(faults)
        return settings


class _Source:
    """The environment, read with care: faults are gathered, not raised one by one."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._env = env
        self.faults: list[str] = []

    def text(self, name: str, default: str) -> str:
        value = self._env.get(name, default).strip()
        if value:
            return value
        self.faults.append(f"{name} is empty: give a value, or leave the variable out")
        return default

    def whole(self, name: str, *, default: int, least: int, most: int) -> int:
        value = self.text(name, str(default))
        if value.isascii() and value.isdigit() and least <= int(value[:9]) <= most:
            return int(value)
        self.faults.append(f"{name} must be a whole number from {least} to {most}, is {value!r}")
        return default

    def flag(self, name: str) -> bool:
        value = self.text(name, "no").lower()
        if value in ("yes", "no", "1", "0", "true", "false"):
            return value in ("yes", "1", "true")
        self.faults.append(f"{name} must be yes or no, is {value!r}")
        return False

    def one_of(self, name: str, default: str, allowed: tuple[str, ...]) -> str:
        value = self.text(name, default)
        if value in allowed:
            return value
        self.faults.append(f"{name} must be one of {', '.join(allowed)}, is {value!r}")
        return default

    def path(self, name: str, default: Path) -> Path:
        return Path(self.text(name, str(default))).absolute()

    def existing_file(self, name: str) -> Path | None:
        value = self._given(name)
        if not value or Path(value).is_file():
            return Path(value).absolute() if value else None
        self.faults.append(f"{name}: there is no file {value!r}")
        return None

    def database(self, name: str) -> str | None:
        value = self._given(name)
        scheme = urlsplit(value).scheme
        if not value or scheme in ("postgresql", "postgres", "postgresql+psycopg"):
            return "postgresql+psycopg" + value[len(scheme) :] if value else None
        # The address itself is not repeated: it holds a password.
        self.faults.append(f"{name} must begin with postgresql://, not with {scheme!r}")
        return None

    def address(self, name: str) -> str | None:
        value = self._given(name)
        try:
            return str(ip_address(value)) if value else None
        except ValueError:
            self.faults.append(f"{name} must be an address such as 127.0.0.1, is {value!r}")
            return None

    def _given(self, name: str) -> str:
        return self.text(name, "") if name in self._env else ""


def _contradictions(settings: Settings) -> list[str]:
    faults = []
    if settings.pool_size < settings.threads:
        faults.append(
            f"UNBROKEN_POOL_SIZE is {settings.pool_size}, below the {settings.threads} threads:"
            " a thread would wait for a connection"
        )
    if settings.owner_database_url and not settings.database_url:
        faults.append("UNBROKEN_OWNER_DATABASE_URL is set without UNBROKEN_DATABASE_URL")
    if settings.data_dir.exists() and not settings.data_dir.is_dir():
        faults.append(f"UNBROKEN_DATA: {str(settings.data_dir)!r} is not a folder")
    return faults


def _misspelt(env: Mapping[str, str]) -> list[str]:
    """Names that look like one of ours by mistake; other programs may have their own."""
    strangers = sorted(name for name in env if name.startswith(PREFIX) and name not in VARIABLES)
    close = [(name, difflib.get_close_matches(name, VARIABLES, 1, 0.9)) for name in strangers]
    return [f"{name} is not known; {near[0]} is" for name, near in close if near]
