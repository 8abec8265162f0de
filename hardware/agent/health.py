"""Says how the station is: to the server, and to a file for whoever stands in front of it."""

import json
import logging
import os
import threading
from dataclasses import asdict
from pathlib import Path
from typing import Final

from hardware.agent import conditions, wire
from hardware.agent.board import Board, Condition
from hardware.agent.capture import PATIENCE_SECONDS
from hardware.agent.outbox import NotStored, Outbox, Tally
from hardware.agent.server import NoAnswer, Server
from hardware.agent.server_clock import ServerClock
from hardware.clock import Clock, moment

STATUS_FILE: Final = "status.json"
EVERY_SECONDS: Final = 30.0
_TURN_SECONDS: Final = 1.0
_SWEEP_SECONDS: Final = 3600.0
_RETRY_SECONDS: Final = 5.0
_NOT_WELL: Final = 400
_NOT_LET_IN: Final = frozenset({401, 403})

log = logging.getLogger(__name__)


class Health:
    """Reports when something has changed, and every half minute."""

    def __init__(
        self,
        *,
        station: str,
        server_url: str,
        folder: Path,
        outbox: Outbox,
        board: Board,
        server: Server,
        server_clock: ServerClock,
        clock: Clock,
    ) -> None:
        self._station = station
        self._server_url = server_url
        self._folder = folder
        self._outbox = outbox
        self._board = board
        self._server = server
        self._server_clock = server_clock
        self._clock = clock
        self._stopping = threading.Event()
        self._shown: object = None
        self._shown_at = float("-inf")
        self._told: object = None
        self._told_at = float("-inf")
        self._retry_at = float("-inf")
        self._swept_at = float("-inf")

    def stop(self) -> None:
        """End `run` soon."""
        self._stopping.set()
        self._board.changed.set()

    def run(self) -> None:
        """Report until stopped, and once more at the end: that this is the end."""
        while not self._stopping.is_set():
            self.report()
            self._board.changed.wait(_TURN_SECONDS)
            self._board.changed.clear()
        tally = self._outbox.tally()
        self._write_status(tally, running=False)
        if self._board.uplink().state == conditions.CONNECTED.state:
            self._post(self._said(tally, leaving=True))

    def report(self) -> None:
        """One turn: the file and the server, each where there is news or it is due."""
        tally = self._outbox.tally()
        now = self._clock.steady()
        shown = (tally, self._board.written())
        if shown != self._shown or now - self._shown_at >= EVERY_SECONDS:
            self._write_status(tally, running=True)
            self._shown, self._shown_at = shown, now
        self._tell_server(tally, now=now)
        self._sweep(now=now)

    def _write_status(self, tally: Tally, *, running: bool) -> None:
        measured = self._server_clock.measure(moment(self._clock))
        status = {
            "written_at": self._clock.wall().isoformat(timespec="seconds"),
            "running": running,
            "pid": os.getpid(),
            "station": self._station,
            "server": self._server_url,
            "queue": {
                "waiting": tally.waiting,
                "oldest_at": tally.oldest_at,
                "conflicts": tally.conflicts,
                "set_aside": tally.set_aside,
            },
            "clock": asdict(measured) if measured else None,
            **self._board.written(),
        }
        new = self._folder / f"{STATUS_FILE}.new"
        try:
            new.write_text(json.dumps(status, indent=1) + "\n", encoding="utf-8")
            new.replace(self._folder / STATUS_FILE)
        except OSError as error:  # no reason to stop: the reads are what matters
            log.debug("the status file cannot be written: %s", error)

    def _tell_server(self, tally: Tally, *, now: float) -> None:
        news = self._news(tally, now=now)
        told = (news, self._board.uplink().state)
        if told == self._told and now - self._told_at < EVERY_SECONDS:
            return
        if now < self._retry_at and self._board.uplink().state != conditions.CONNECTED.state:
            return
        condition = self._post(self._said(tally, leaving=False))
        # While reads wait, the uplink knows better.
        if condition is not None and tally.waiting == 0:
            self._board.set_uplink(condition)
        # As it was before: what has changed meanwhile was not told, but for the way to the server.
        self._told, self._told_at = (news, self._board.uplink().state), now
        if condition is not None and condition.message:
            self._told, self._retry_at = None, now + _RETRY_SECONDS

    def _said(self, tally: Tally, *, leaving: bool) -> bytes:
        measured = self._server_clock.measure(moment(self._clock))
        content = {
            "queue": tally.waiting,
            "oldest_at": tally.oldest_at,
            "conflicts": tally.conflicts + tally.set_aside,
            "offset_ms": measured.offset_ms if measured else None,
            "device_states": dict(self._board.device_states()),
            "leaving": leaving,
            "latencies": {
                name: {
                    "reads": took.reads,
                    "stored_ms": took.stored_p95_ms,
                    "verdict_ms": took.verdict_p95_ms,
                }
                for name, took in self._board.latencies.told().items()
            },
        }
        return json.dumps(content).encode("ascii")

    def _post(self, content: bytes) -> Condition | None:
        """Send it; returns what this says about the way to the server, if it says anything."""
        try:
            reply = self._server.post(wire.health_path(self._station), content)
        except NoAnswer as error:
            return conditions.silent(error)
        if reply.status < _NOT_WELL:
            return conditions.CONNECTED
        log.debug("health was not taken: %s", reply.words())
        return conditions.unwelcome(reply) if reply.status in _NOT_LET_IN else None

    def _news(self, tally: Tally, *, now: float) -> object:
        """What, when it differs from what was last told, is worth telling at once."""
        # A read on its way is no queue: only what its person has stopped waiting for is.
        same_boot = tally.oldest_boot == self._clock.boot()
        fresh = same_boot and now - tally.oldest_steady <= PATIENCE_SECONDS
        return (
            tally.waiting > 0 and not fresh,
            tally.conflicts,
            tally.set_aside,
            tuple(sorted(self._board.device_states().items())),
        )

    def _sweep(self, *, now: float) -> None:
        if now - self._swept_at < _SWEEP_SECONDS:
            return
        self._swept_at = now
        try:
            self._outbox.forget_answered()
        except NotStored as error:
            log.debug("old answers could not be dropped: %s", error)
