"""Running it: the web server and the watcher."""

import gc
import logging
import os
import signal
import threading
from typing import Any, NoReturn

import click
from waitress.server import create_server

from app import factory, jobs
from app.accounts import queries
from app.alarms.marks import SWEEP, looks
from app.alarms.queries import mark_of
from app.commands.home import IDS, Home
from app.console import FINE, answer, with_json
from app.kernel.clock import system_clock
from app.kernel.work import Work
from app.web.logs import log_to
from config.settings import Settings

LOOPBACK = ("127.0.0.1", "::1", "localhost")
# A page that asks each second keeps its connection; a process may have 1,024 files open.
_CONNECTIONS = 800
_LOOK_THROUGH = 10_000  # objects made and kept before the first look for waste among them


@click.command()
@click.option("--host", help="Address to listen on, in place of UNBROKEN_HOST.")
@click.option("--port", type=click.IntRange(0, 65535), help="In place of UNBROKEN_PORT; 0: any.")
@with_json
def serve(host: str | None, port: int | None) -> None:
    """Run the web server until Ctrl+C; starts the embedded database when it does not run."""
    home = Home.here()
    home.ready()
    settings = home.settings
    log_to()
    app = factory.create_app(
        settings, clock=system_clock, ids=IDS, database=home.database.runtime_url
    )
    chosen = host or settings.host
    server = create_server(
        app,
        host=chosen,
        port=settings.port if port is None else port,
        threads=settings.threads,
        ident=None,
        connection_limit=_CONNECTIONS,
        asyncore_use_poll=True,
        **_trust(settings),
    )
    _end_on_signals()
    url = f"{'https' if settings.https else 'http'}://{_address(server, chosen)}"
    notes = home.do(lambda work: _missing(work, settings, chosen))
    answer(
        {"url": url, "pid": os.getpid(), "notes": notes},
        "\n".join([f"Unbroken answers at {url} (Ctrl+C stops it)", *notes]),
    )
    # What is there before the first request stays: nobody need look through it again for waste.
    gc.collect()
    gc.freeze()
    # Nor need a rack's entries be looked through eight times while it is being taken in.
    gc.set_threshold(_LOOK_THROUGH)
    server.run()


def _trust(settings: Settings) -> dict[str, Any]:
    """Whose word counts for who is asking: sign-in attempts are counted by address."""
    if settings.proxy is None:
        return {}
    headers = {"x-forwarded-for"}
    return {
        "trusted_proxy": settings.proxy,
        "trusted_proxy_count": 1,
        "trusted_proxy_headers": headers,
    }


def _address(server: object, host: str) -> str:
    listened = getattr(server, "effective_listen", None) or [
        (host, getattr(server, "effective_port", 0))
    ]
    name, port = listened[0][:2]
    return f"[{name}]:{port}" if ":" in str(name) else f"{name}:{port}"


def _missing(work: Work, settings: Settings, host: str) -> list[str]:
    """What this server would need to be of use, or safe."""
    notes = []
    if not settings.https and host not in LOOPBACK:
        notes.append(
            "Pages travel unencrypted: put a proxy with https before it, and set UNBROKEN_HTTPS=yes"
            " and UNBROKEN_PROXY to its address"
        )
    if not queries.logins(work):
        notes.append("Nobody can sign in yet: unbroken user add LOGIN --role administrator")
    seen = mark_of(work, SWEEP)
    if seen is None or not looks(seen.at, work.clock()):
        notes.append("No watcher is looking, so no gap becomes an alarm: unbroken watch")
    return notes


@click.command()
@with_json
def watch() -> None:
    """Run the watcher until Ctrl+C. Any number may run; one at a time looks."""
    home = Home.here()
    home.ready()
    log_to()
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    with home.works() as work_factory:
        watcher = jobs.Watcher(work_factory=work_factory, holder=IDS())
        answer(
            {"watching": True, "pid": os.getpid()},
            "The watcher looks every 5 s (Ctrl+C stops it)",
        )
        jobs.watch(watcher, stopping=stopping)


def _end_on_signals() -> None:
    def end(*_: object) -> NoReturn:
        raise SystemExit(FINE)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
