"""A real Chromium, a wedge scanner made of key events, and a site to point them at."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
from playwright.sync_api import Browser, BrowserContext, CDPSession, Page

from app.kernel.clock import system_clock
from app.web.language import compile_catalogues
from tests.browser.site import Site

VIEWPORT = {"width": 1180, "height": 820}
DEADLINE = 10.0
EVENT_SECONDS = 0.002  # from one event of a wedge to the next: a key is two
_CODES = {" ": "Space", "-": "Minus", "]": "BracketRight", "/": "Slash", ".": "Period"}
# What a browser says of a server that was stopped on purpose, also in mid-answer, or that refused.
_EXPECTED = ("ERR_CONNECTION", "ERR_SOCKET_NOT_CONNECTED", "ERR_EMPTY_RESPONSE", "status of 4")
_TERMINATORS = {"Enter": 13, "Tab": 9}


@pytest.fixture(scope="session")
def translations(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The compiled catalogues."""
    return compile_catalogues(tmp_path_factory.mktemp("translations"))


@pytest.fixture
def site(translations: Path) -> Iterator[Site]:
    """The site, running."""
    running = Site(translations=translations)
    yield running
    running.stop()


class Visitor:
    """One browser profile: its pages, its cookies, and everything it was seen to do."""

    def __init__(self, context: BrowserContext, url: str) -> None:
        self.context = context
        self.url = url
        self.complaints: list[str] = []
        self.foreign: list[str] = []
        context.on("request", self._note_request)
        context.on("console", lambda message: self._note(message.type, message.text))
        context.on("weberror", lambda error: self._note("error", str(error.error)))

    def sign_in(self, person: str, language: str = "en") -> None:
        """Be this person from now on."""
        self.context.add_cookies(
            [
                {"name": "person", "value": person, "url": self.url},
                {"name": "language", "value": language, "url": self.url},
            ]
        )

    def open(self, path: str) -> Page:
        """A new tab that has started."""
        page = self.context.new_page()
        page.goto(self.url + path)
        page.locator('html[data-ready="yes"]').wait_for()
        return page

    def _note_request(self, request: Any) -> None:
        if not request.url.startswith((self.url, "data:", "blob:")):
            self.foreign.append(request.url)

    def _note(self, kind: str, text: str) -> None:
        if kind == "error" and not any(each in text for each in _EXPECTED):
            self.complaints.append(text)


@pytest.fixture
def visit(browser: Browser, site: Site) -> Iterator[Callable[..., Visitor]]:
    """Make visitors; at the end, nobody may have complained or left the host."""
    visitors: list[Visitor] = []

    def make(*, person: str = "phlebotomist-A", language: str = "en", **options: Any) -> Visitor:
        context = browser.new_context(
            **{"viewport": VIEWPORT, "service_workers": "block", **options}
        )
        visitor = Visitor(context, site.url)
        visitor.sign_in(person, language)
        visitors.append(visitor)
        return visitor

    yield make
    for visitor in visitors:
        visitor.context.close()
    assert [visitor.complaints for visitor in visitors if visitor.complaints] == []
    assert [visitor.foreign for visitor in visitors if visitor.foreign] == []


class Wedge:
    """A scanner that types: key events as the operating system sends them, no pause between.

    Each says when it was sent, as a system does, however long a busy machine takes to send it.
    """

    _last: ClassVar[float] = 0.0  # when the last event of any wedge was sent, in seconds

    def __init__(self, page: Page) -> None:
        self._session: CDPSession = page.context.new_cdp_session(page)

    def scan(
        self,
        text: str,
        *,
        end: tuple[str, ...] = ("Enter",),
        key: Callable[[str], str] = lambda character: character,
        shift: bool = True,
    ) -> None:
        """Type a code and its terminator. `key` bends what the layout or Caps Lock makes of it."""
        Wedge._last = max(Wedge._last, system_clock().timestamp())
        for character in text:
            self._character(character, key(character), shift=shift)
        for name in end:
            self.press(name)

    def press(self, name: str) -> None:
        """A key without a character of its own, or the space bar."""
        if name == "Space":
            return self._character(" ", " ", shift=False)
        enter = {"text": "\r"} if name == "Enter" else {}
        number = _TERMINATORS.get(name, 0)
        self._event("rawKeyDown" if not enter else "keyDown", name, name, number, **enter)
        self._event("keyUp", name, name, number)
        return None

    def _character(self, character: str, key: str, *, shift: bool) -> None:
        held = 8 if shift and character.isupper() else 0
        place = _physical(character)
        number = ord(character.upper())
        self._event("keyDown", key, place, number, text=key, modifiers=held)
        self._event("keyUp", key, place, number, modifiers=held)

    def _event(self, kind: str, key: str, place: str, number: int, **more: Any) -> None:
        Wedge._last += EVENT_SECONDS
        event = {"type": kind, "key": key, "code": place, "windowsVirtualKeyCode": number}
        event |= {"timestamp": Wedge._last, **more}
        self._session.send("Input.dispatchKeyEvent", event)


def _physical(character: str) -> str:
    if character.isalpha() and character.isascii():
        return f"Key{character.upper()}"
    return f"Digit{character}" if character.isdigit() else _CODES[character]


def until(true: Callable[[], bool], *, what: str, deadline: float = DEADLINE) -> None:
    """Wait for something that happens elsewhere, or say what did not."""
    end = time.monotonic() + deadline
    while not true():
        assert time.monotonic() < end, f"did not happen in {deadline} s: {what}"
        time.sleep(0.02)
