"""Keeps one port open: opens it, serves it, and opens it again when it went away."""

import logging
import threading
from collections.abc import Callable
from typing import Final

from hardware.agent.backoff import Backoff
from hardware.agent.board import CONNECTING, Board, Condition
from hardware.agent.capture import Capture
from hardware.errors import DeviceTrouble
from hardware.scanner.protocol import Scanner

# Opening a port costs next to nothing, and somebody who has just plugged it in is waiting.
FIRST_WAIT: Final = 0.2
MOST_WAIT: Final = 2.0

log = logging.getLogger(__name__)


class PortKeeper:
    """One scanner's thread. `open_scanner` raises children of DeviceTrouble."""

    def __init__(
        self, *, open_scanner: Callable[[], Scanner], capture: Capture, board: Board
    ) -> None:
        self._open_scanner = open_scanner
        self._capture = capture
        self._board = board
        self._stopping = threading.Event()
        self._tell(Condition(state=CONNECTING))

    def stop(self) -> None:
        """End `run` within one reading of the port."""
        self._stopping.set()

    def run(self) -> None:
        """Serve the scanner until stopped, whatever happens to it."""
        backoff = Backoff(first=FIRST_WAIT, most=MOST_WAIT)
        while not self._stopping.is_set():
            try:
                self._serve(backoff)
            except DeviceTrouble as trouble:
                self._tell(_condition(trouble))
            except Exception as error:
                # A mistake of ours at one port must not take the others' scanners away.
                log.exception("%s: failed", self._capture.device_id)
                self._tell(Condition(state="failed", message=repr(error)[:300]))
            self._stopping.wait(backoff.next())

    def _serve(self, backoff: Backoff) -> None:
        scanner = self._open_scanner()
        try:
            self._capture.begin()
            log.info("%s: ready", self._capture.device_id)
            while not self._stopping.is_set():
                self._capture.serve(scanner)
                backoff.reset()
        finally:
            scanner.close()

    def _tell(self, condition: Condition) -> None:
        news = self._board.set_device(self._capture.device_id, condition)
        if news and condition.message:
            log.warning("%s: %s. %s", condition.state, condition.message, condition.remedy)


def _condition(trouble: DeviceTrouble) -> Condition:
    return Condition(state=trouble.state, message=str(trouble), remedy=trouble.remedy)
