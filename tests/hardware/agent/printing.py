"""What tests of printing at a station share: a server with jobs, and a keeper at work."""

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from hardware.agent.print_jobs import PrintKeeper
from hardware.agent.server import NotReached, Reply
from hardware.printer.protocol import PDF

STATION = "ST0000000001Y"
PATIENCE = 10.0


class FakeServer:
    """Jobs, leased once each but to who names the lease; it can be away, or give one to another."""

    def __init__(self, *jobs: int) -> None:
        self.jobs = [(f"job-{n}", count) for n, count in enumerate(jobs)]
        self.told: list[tuple[str, int, str]] = []
        self.away = False
        self.held = True
        self.status = 200
        self.beats = 0
        self.broken, self.failed, self.asked = False, 0, 0
        self.format = ""
        self.leases: dict[str, tuple[str, int]] = {}  # the job of each, and of how many labels
        self._news = threading.Condition()

    def post(self, path: str, content: bytes) -> Reply:
        with self._news:
            self._news.notify_all()
            if self.away:
                raise NotReached("away")
            body: dict[str, Any] = json.loads(content)
            if path.endswith("/lease"):
                self.asked += 1
                self.format = body["format"]
                return self._lease(body.get("held"))
            if self.broken:
                self.failed += 1
                raise RuntimeError("a mistake of ours")
            self.beats += 1
            if self.status != 200:
                return Reply(status=self.status, content={"title": "no"})
            job = path.split("/")[-2]
            self.told += [(job, each["number"], each["state"]) for each in body["outcomes"]]
            return Reply(status=200, content={"held": self.held})

    def wait_until(self, true: Any) -> bool:
        with self._news:
            return self._news.wait_for(true, timeout=PATIENCE)

    def _lease(self, held: str | None) -> Reply:
        job, count = self.leases.pop(held or "", ("", 0)) if self.held else ("", 0)
        left = [n for n in range(1, count + 1) if n not in states(self, job)]
        if not left:
            if not self.jobs:
                return Reply(status=204, content=None)
            job, count = self.jobs.pop(0)
            left = list(range(1, count + 1))
        lease = f"{self.asked}-of-{job}"
        self.leases[lease] = (job, count)
        labels = [{"number": n, "content": self._content(n)} for n in left]
        told = {"job": job, "lease": lease, "dpmm": 8, "format": self.format}
        return Reply(status=200, content={**told, "labels": labels})

    def _content(self, number: int) -> str:
        if self.format == PDF:
            return base64.b64encode(b"%PDF \xff" + bytes([number])).decode()
        return f"^XA{number}^XZ"


@contextmanager
def working(keeper: PrintKeeper) -> Iterator[None]:
    threads = [threading.Thread(target=each) for each in (keeper.run, keeper.tell)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        keeper.stop()
        for thread in threads:
            thread.join(PATIENCE)
    assert not any(thread.is_alive() for thread in threads)


def states(server: FakeServer, job: str) -> dict[int, str]:
    return {number: state for each, number, state in server.told if each == job}
