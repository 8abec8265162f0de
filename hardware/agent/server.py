"""The door to the server: one POST, and either an answer or the reason why there is none."""

import json
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Final, Protocol

import urllib3
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    NewConnectionError,
    ProxyError,
    SSLError,
)

from hardware.agent.server_clock import ServerClock
from hardware.clock import Clock

CONNECT_SECONDS: Final = 2.0
ANSWER_SECONDS: Final = 10.0
_MOST_BYTES: Final = 4_000_000
_NEVER_SENT: Final = (NewConnectionError, ConnectTimeoutError, SSLError, ProxyError)


class NoAnswer(Exception):
    """Nothing came back. The server may or may not have taken what was sent."""


class NotReached(NoAnswer):
    """No connection: the server certainly has nothing of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A server's answer; `content` is None when it was no JSON object."""

    status: int
    content: dict[str, object] | None

    def words(self) -> str:
        """What the answer says is wrong, briefly."""
        said = self.content or {}
        told = [str(said[key]) for key in ("title", "detail", "advice") if said.get(key)]
        return _plain(": ".join((f"{self.status}", *told)))[:500]


class Server(Protocol):
    """Whoever takes what the agent sends."""

    def post(self, path: str, content: bytes) -> Reply:
        """Send JSON; raises NotReached or NoAnswer."""
        ...


class HttpServer:
    """The server over HTTP. Every answer teaches `server_clock` what time it is there.

    Without a token it asks as nobody, which is enough to be paired.
    """

    def __init__(
        self,
        *,
        url: str,
        token: str | None,
        clock: Clock,
        server_clock: ServerClock,
        answer_seconds: float = ANSWER_SECONDS,
    ) -> None:
        self._url = url.rstrip("/")
        self._clock = clock
        self._server_clock = server_clock
        self._headers = {
            **({"Authorization": f"Station {token}"} if token else {"X-Unbroken": "1"}),
            "Content-Type": "application/json",
            "Accept": "application/json",
            "User-Agent": "unbroken-agent",
        }
        self._pool = urllib3.PoolManager(
            maxsize=2,
            timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=answer_seconds),
            retries=False,
        )

    def post(self, path: str, content: bytes) -> Reply:
        """Send JSON to a path below the server's URL."""
        sent = self._clock.steady()
        try:
            response = self._pool.request(
                "POST",
                self._url + path,
                body=content,
                headers=self._headers,
                redirect=False,
                preload_content=False,
            )
            body = response.read(_MOST_BYTES)
        except _NEVER_SENT as error:
            raise NotReached(_cause(error)) from error
        except (HTTPError, OSError) as error:
            raise NoAnswer(_cause(error)) from error
        response.release_conn()
        reply = Reply(status=response.status, content=_json_object(body))
        self._learn(reply, date=response.headers.get("Date"), sent=sent)
        return reply

    def close(self) -> None:
        """Close the connections."""
        self._pool.clear()

    def _learn(self, reply: Reply, *, date: str | None, sent: float) -> None:
        received, boot = self._clock.steady(), self._clock.boot()
        exact = _time(str((reply.content or {}).get("server_time", "")))
        if exact is not None:
            self._server_clock.learn(exact, sent=sent, received=received, boot=boot)
        elif (coarse := _http_date(date)) is not None:
            # The header tells whole seconds, cut off.
            self._server_clock.learn(coarse, sent=sent, received=received, boot=boot, grain=1.0)


def _json_object(body: bytes) -> dict[str, object] | None:
    try:
        content = json.loads(body)
    except ValueError:
        return None
    return content if isinstance(content, dict) else None


def _time(text: str) -> datetime | None:
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return None
    return time if time.tzinfo is not None else None


def _http_date(text: str | None) -> datetime | None:
    try:
        return parsedate_to_datetime(text) if text else None
    except ValueError:
        return None


def _cause(error: Exception) -> str:
    return _plain(str(error))[:300] or type(error).__name__


def _plain(text: str) -> str:
    """One line without control characters: it goes to a log and to a terminal."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
