"""What surrounds every page: who, where, which way on. Each capability above furnishes its part."""

from typing import TypedDict, cast
from urllib.parse import urlencode

from flask import g, request

from app.web.door import door
from app.web.language import LANGUAGES, spoken
from app.web.work import begun


class OtherLanguage(TypedDict):
    """The link to the same page in the other language."""

    code: str
    name: str
    href: str


class Shell(TypedDict):
    """What `base.html` asks for."""

    signed_in: bool
    person: str
    site: str
    nav: tuple[str, ...]
    alarms: object
    language: str
    other_language: OtherLanguage
    zone: str
    ledger: str | None
    demo: bool


def shell() -> Shell:
    """The surroundings of this page."""
    work = begun()
    signed_in = work is not None and work.actor.person is not None
    bare = Shell(
        signed_in=signed_in,
        person="",
        site="",
        nav=(),
        alarms=None,
        language=spoken(),
        other_language=_other_language(),
        zone="",
        ledger=None,
        demo=door().demo,
    )
    if work is None or not signed_in or "nothing_works" in g:
        return bare
    whole = dict(bare)
    for furnish in door().furnish:
        whole |= furnish(work)
    return cast(Shell, whole)


def local(path: str | None) -> str:
    """The path if it leads to a page of ours, else the first page: no link leads away from here."""
    plain = path is not None and path.startswith("/") and path.isprintable()
    if path is None or not plain or path.startswith("//") or "\\" in path:
        return "/"
    return path


def _other_language() -> OtherLanguage:
    code = next(code for code in LANGUAGES if code != spoken())
    href = f"/language/{code}?{urlencode({'then': request.full_path.rstrip('?')})}"
    return OtherLanguage(code=code, name=LANGUAGES[code], href=href)
