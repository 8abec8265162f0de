"""Somebody at a browser, as the server sees them: signs in, asks, says, scans."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import urllib3

from app.kernel.errors import Refused

PATIENCE = urllib3.Timeout(connect=5.0, read=30.0)
Answer = Mapping[str, Any]


class NotAsExpected(Refused):
    """The server answered otherwise than it must."""

    message = "%(method)s %(path)s was answered %(status)s: %(said)s"
    advice = "Read the log of the server"


class Visitor:
    """One browser with its session."""

    def __init__(
        self, url: str, *, name: str, clock: Callable[[], datetime], ids: Callable[[], UUID]
    ) -> None:
        self._url, self.name, self._clock, self._ids = url, name, clock, ids
        self._pool = urllib3.PoolManager(timeout=PATIENCE, retries=False)
        self._cookies: dict[str, str] = {}
        self._scans = 0

    def sign_in(self, login: str, password: str) -> Answer:
        """Begin a session."""
        told: Answer = self.post("/session", login=login, password=password)
        return told

    def get(self, path: str) -> Any:
        """What a door of the API shows."""
        return self._ask("GET", path)

    def post(self, path: str, **body: object) -> Any:
        """Say something; what is left out of the body is None."""
        return self._ask("POST", path, {k: v for k, v in body.items() if v is not None})

    def file(self, path: str) -> tuple[str, bytes]:
        """A file: its type and its bytes."""
        answer = self._send("GET", path, None)
        return str(answer.headers.get("Content-Type")), answer.data

    def scan(
        self,
        code: str,
        step: str,
        *,
        at: datetime | None = None,
        **intent: object,
    ) -> Answer:
        """One read and what it is for; `at` is the time of one that was stored offline."""
        self._scans += 1
        told: Any = self.post(
            "/scans",
            id=str(self._ids()),
            raw=code,
            method="scan",
            device_id=f"page-{self.name}",
            device_seq=self._scans,
            device_time=(at or self._clock()).isoformat(),
            offset_ms=0,
            uncertainty_ms=50,
            queued=at is not None,
            intent={"step": step, **intent},
        )
        result: Answer = told["results"][0]
        return result

    def _ask(self, method: str, path: str, body: object = None) -> Any:
        answer = self._send(method, path, body)
        return json.loads(answer.data) if answer.data else {}

    def _send(self, method: str, path: str, body: object) -> urllib3.BaseHTTPResponse:
        headers = {"X-Unbroken": "1", "Accept-Language": "en"}
        if self._cookies:
            headers["Cookie"] = "; ".join(f"{k}={v}" for k, v in self._cookies.items())
        sent = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            sent = json.dumps(body).encode()
        answer = self._pool.request(method, f"{self._url}/api/v1{path}", body=sent, headers=headers)
        for cookie in answer.headers.getlist("Set-Cookie"):
            name, _, value = cookie.partition(";")[0].partition("=")
            self._cookies[name] = value
        if answer.status >= 400:
            said = answer.data.decode("utf-8", "replace")[:300]
            raise NotAsExpected(method=method, path=path, status=answer.status, said=said)
        return answer
