"""The real application behind a real port, and a browser profile to visit it with."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page
from werkzeug.serving import WSGIRequestHandler, make_server

from app.kernel.clock import system_clock
from tests.app.collection.conftest import new_order, new_participant
from tests.browser.conftest import VIEWPORT
from tests.builders.people import PASSWORD, make_cast, make_person, make_places
from tests.builders.site import Site, Visitor
from tests.conftest import FreshDatabase


class Running:
    """The application on a port that it keeps when it is stopped and started again."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.port = 0
        self.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        open_ones: set[socket.socket] = set()

        class Door(WSGIRequestHandler):
            def setup(self) -> None:
                super().setup()
                open_ones.add(self.connection)

        self._connections = open_ones
        self._server = make_server(
            "127.0.0.1", self.port, self.site.app, threaded=True, request_handler=Door
        )
        self._server.daemon_threads = False  # each request is waited for, and its connection
        self.port = self._server.port
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    def stop(self) -> None:
        """Go down as if killed: what the browser had opened ahead answers no more."""
        self._server.shutdown()
        self._thread.join()
        for connection in self._connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self._server.server_close()


@pytest.fixture
def running(fresh_database: FreshDatabase, tmp_path: Path) -> Iterator[Running]:
    site = Site(folder=tmp_path, database=fresh_database().runtime_url, clock=system_clock)
    with site.work() as work:
        make_places(work)
        make_cast(work, ("phlebotomist",))
        make_person(work, login="phlebotomist-b", role="phlebotomist")
    running = Running(site)
    yield running
    running.stop()
    site.close()


@pytest.fixture
def profile(browser: Browser) -> Iterator[BrowserContext]:
    """One person's browser."""
    context = browser.new_context(viewport=VIEWPORT)
    yield context
    context.close()


def sign_in(context: BrowserContext, url: str, login: str) -> Page:
    """Sign in through the page, as a person does."""
    page = context.new_page()
    page.goto(f"{url}/sign-in")
    page.fill("[name=login]", login)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url(lambda address: "/sign-in" not in address)
    return page


def order_with_kit(site: Site) -> dict[str, object]:
    """A confirmed order with its kit, placed through the API."""
    nurse: Visitor = site.visitor()
    nurse.enter("phlebotomist-a")
    order = new_order(nurse, new_participant(nurse)).json["id"]
    opened: dict[str, object] = nurse.send("POST", f"/api/v1/orders/{order}/kit").json
    return opened
