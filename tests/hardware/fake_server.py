"""A server on loopback that speaks the scans protocol, and has moods: slow, dying, refusing."""

import contextlib
import json
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TOKEN = "station-token-1"
STATION = "ST0000000001X"

Scan = dict[str, object]


@dataclass
class Mood:
    """How the server behaves towards the next requests."""

    token: str = TOKEN
    answer_after: threading.Event | None = None  # holds every answer until it is set
    die_after_taking: int = 0  # so many requests are taken and never answered
    status: int = 200
    cannot_read: set[str] = field(default_factory=set)  # a batch with one of these gets 400
    fails_on: set[str] = field(default_factory=set)  # a batch with one of these gets 500
    verdicts: dict[str, str] = field(default_factory=dict)
    ahead: timedelta = timedelta()  # of the real time


class FakeServer:
    """Journals each read once, answers replays as the first time, and counts what it saw."""

    def __init__(self) -> None:
        self.mood = Mood()
        self.journal: dict[str, Scan] = {}
        self.health: list[Scan] = []
        self.requests = 0
        self.largest_batch = 0
        self.changed = threading.Condition()
        self._connections: set[socket.socket] = set()
        self._http: ThreadingHTTPServer | None = None
        self._port = 0
        self.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        """Come up, on the same port as before."""
        fake = self

        class Door(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def setup(self) -> None:
                super().setup()
                fake._connections.add(self.connection)

            def do_POST(self) -> None:
                fake._answer(self)

            def log_message(self, *_: object) -> None:
                """Be quiet."""

            def handle(self) -> None:
                with contextlib.suppress(ConnectionError, ValueError, OSError):
                    super().handle()

            def finish(self) -> None:
                with contextlib.suppress(ConnectionError, ValueError, OSError):
                    super().finish()

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            block_on_close = False

        self._http = Server(("127.0.0.1", self._port), Door)
        self._port = self._http.server_address[1]
        threading.Thread(
            target=self._http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        ).start()

    def stop(self) -> None:
        """Go down as if killed: nobody gets an answer any more."""
        if self._http is not None:
            self._http.shutdown()
            self._http.server_close()
            self._http = None
        for connection in list(self._connections):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self._connections.clear()

    def seqs(self) -> list[int]:
        """The device numbers in the order in which reads first arrived."""
        return [int(str(scan["device_seq"])) for scan in self.journal.values()]

    def raws(self) -> list[str]:
        return [str(scan["raw"]) for scan in self.journal.values()]

    def wait_for(self, true: Callable[[], bool], *, seconds: float = 10.0) -> bool:
        with self.changed:
            return self.changed.wait_for(true, timeout=seconds)

    def _answer(self, door: BaseHTTPRequestHandler) -> None:
        content = json.loads(door.rfile.read(int(door.headers["Content-Length"])))
        mood = self.mood
        if door.headers["Authorization"] != f"Station {mood.token}":
            _reply(door, 401, _problem(401, "Not signed in"))
            return
        with self.changed:
            status, body = self._take(door.path, content, mood)
            self.changed.notify_all()
        if mood.answer_after is not None:
            mood.answer_after.wait(20)
        if mood.die_after_taking > 0:
            mood.die_after_taking -= 1
            door.close_connection = True
            door.connection.shutdown(socket.SHUT_RDWR)
            return
        _reply(door, status, body)

    def _take(self, path: str, content: Scan, mood: Mood) -> tuple[int, Scan]:
        if path == f"/api/v1/stations/{STATION}/health":
            self.health.append(content)
            return 200, {}
        if path != "/api/v1/scans":
            return 404, _problem(404, "No such page")
        self.requests += 1
        if mood.status != 200:
            return mood.status, _problem(mood.status, "Not now")
        scans = content["scans"]
        assert isinstance(scans, list)
        self.largest_batch = max(self.largest_batch, len(scans))
        raws = {scan["raw"] for scan in scans}
        if raws & mood.cannot_read:
            return 400, _problem(400, "Malformed", detail="raw: not a valid string")
        if raws & mood.fails_on:
            return 500, _problem(500, "Internal error")
        results = [self._result(scan, mood) for scan in scans]
        conflict = len(scans) == 1 and bool(results[0].get("conflict"))
        server_time = (datetime.now(UTC) + mood.ahead).isoformat()  # noqa: TID251 - a real server
        return 409 if conflict else 200, {"server_time": server_time, "results": results}

    def _result(self, scan: Scan, mood: Mood) -> Scan:
        read_id = str(scan["id"])
        known = self.journal.setdefault(read_id, scan)
        if _read_itself(known) != _read_itself(scan):
            return {"id": read_id, "verdict": "refused", "conflict": True, "title": "Conflict"}
        verdict = mood.verdicts.get(str(scan["raw"]), "accepted")
        return {"id": read_id, "verdict": verdict, "title": "Done", "message": "", "rule": None}


def _read_itself(scan: Scan) -> Scan:
    """All but how it travelled."""
    return {name: value for name, value in scan.items() if name != "queued"}


def _problem(status: int, title: str, *, detail: str = "") -> Scan:
    return {"type": "about:blank", "title": title, "status": status, "detail": detail}


def _reply(door: BaseHTTPRequestHandler, status: int, body: Scan) -> None:
    content = json.dumps(body).encode()
    door.send_response(status)
    door.send_header("Content-Type", "application/json")
    door.send_header("Content-Length", str(len(content)))
    door.end_headers()
    door.wfile.write(content)
