"""Which language a request is answered in, and the catalogues, compiled when the program starts."""

from functools import lru_cache
from io import BytesIO
from pathlib import Path
from tempfile import NamedTemporaryFile

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask, Request, has_request_context, request
from flask_babel import Babel, gettext
from werkzeug.wrappers import Response

from app.kernel.errors import HouseError
from app.web.door import door
from app.web.work import begun

LANGUAGES = {"en": "English", "es": "Español"}
COOKIE = "language"
COOKIE_SECONDS = 365 * 24 * 3600
SOURCES = Path(__file__).parent / "translations"


def asked_for(asking: Request) -> str:
    """The language this browser prefers: what was chosen in it, then what it says of itself."""
    chosen = asking.cookies.get(COOKIE)
    if chosen in LANGUAGES:
        return str(chosen)
    return asking.accept_languages.best_match(list(LANGUAGES)) or door().language


def spoken() -> str:
    """The language of this answer: the person's own, else what the browser prefers."""
    work = begun() if has_request_context() else None
    if work is not None:
        return work.actor.language
    return asked_for(request) if has_request_context() else door().language


def remember(response: Response, language: str) -> None:
    """Keep the choice in this browser, for when nobody is signed in."""
    response.set_cookie(
        COOKIE,
        language,
        max_age=COOKIE_SECONDS,
        httponly=True,
        samesite="Strict",
        secure=door().https,
    )


def said(error: HouseError) -> tuple[str, str]:
    """What the error says and what it advises, in the language of this answer."""
    return _filled(error.message, error.values), _filled(error.advice, error.values)


def _filled(source: str, values: dict[str, object]) -> str:
    words = str(gettext(source)) if source else ""
    return words % values if values else words


def site_zone() -> str:
    """The zone of the times on this page: that of the site where the person works."""
    work = begun() if has_request_context() else None
    return door().zone_of(work) if work is not None else "UTC"


def translate(app: Flask, catalogues: Path) -> None:
    """Let the application speak the languages whose catalogues are compiled in this folder."""
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(catalogues)
    Babel().init_app(app, locale_selector=spoken, timezone_selector=site_zone)


def compile_catalogues(target: Path, *, sources: Path = SOURCES) -> Path:
    """Compile every .po into `target`, the form in which they are read, and return `target`."""
    for source in sources.glob("*/LC_MESSAGES/*.po"):
        compiled = (target / source.relative_to(sources)).with_suffix(".mo")
        compiled.parent.mkdir(parents=True, exist_ok=True)
        # Aside first: another process may be compiling, or reading, at the same time.
        with NamedTemporaryFile(dir=target, delete=False) as out:
            out.write(_compiled(source.read_bytes()))
        Path(out.name).replace(compiled)
    return target


@lru_cache(maxsize=4)
def _compiled(lines: bytes) -> bytes:
    """A catalogue in the form in which it is read."""
    out = BytesIO()
    write_mo(out, read_po(BytesIO(lines)))
    return out.getvalue()
