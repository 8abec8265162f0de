"""Log lines: one event a line, whatever a stranger put into it, and nothing about people.

A line names the kind of address, never the address: codes of participants may stand in it.
"""

import logging
import sys
import time
import unicodedata
from typing import TextIO

from flask import Response, g, request

from app.kernel.work import Actor
from app.web.work import begun

log = logging.getLogger(__name__)

_HIDDEN = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))
_NOT_MODIFIED = 304
_MARK = "  | "  # before every line of a traceback, so that none can pass for a line of the log


class OneLine(logging.Formatter):
    """Writes what cannot be printed as an escape; a traceback keeps its lines, each marked."""

    def __init__(self) -> None:
        super().__init__("%(asctime)sZ %(levelname)s %(name)s %(message)s", "%Y-%m-%dT%H:%M:%S")
        self.converter = time.gmtime

    def format(self, record: logging.LogRecord) -> str:
        """The record as text, safe to append to a file that is read line by line."""
        message = printable(record.getMessage())
        plain = logging.LogRecord(
            record.name, record.levelno, record.pathname, record.lineno, message, None, None
        )
        plain.created, plain.msecs = record.created, record.msecs
        line = super().format(plain)
        trace = self.formatException(record.exc_info) if record.exc_info else ""
        return "\n".join([line, *(_MARK + printable(part) for part in trace.splitlines())])


def printable(text: str) -> str:
    """The text with everything that could move a cursor or forge a line written as an escape."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escaped(character) for character in text)


def log_to(stream: TextIO = sys.stderr, *, level: int = logging.INFO) -> None:
    """Send the log of this process to a stream, in place of wherever it went before."""
    destination = logging.StreamHandler(stream)
    destination.setFormatter(OneLine())
    root = logging.getLogger()
    root.handlers[:] = [destination]
    root.setLevel(level)


def start_watch() -> None:
    """Note when this request came in."""
    g.came_in = time.perf_counter()


def note_answer(response: Response) -> Response:
    """Write one line about this request; a file is not worth one, nor a page without news."""
    work = begun()
    at_once = work is None and response.status_code == _NOT_MODIFIED
    if request.endpoint != "static" and not at_once:
        rule = request.url_rule.rule if request.url_rule else "no such address"
        log.info(
            "web:answered %s %s %d %.0f ms %s",
            request.method,
            rule,
            response.status_code,
            (time.perf_counter() - g.came_in) * 1000,
            caller(work.actor) if work else "nobody",
        )
    return response


def caller(actor: Actor) -> str:
    """Who acts, as logs may say it: a number, never a name."""
    if actor.system:
        return "system"
    if actor.person is not None:
        return f"person:{actor.person}"
    return f"station:{actor.station}" if actor.station else "nobody"


def _escaped(character: str) -> str:
    if unicodedata.category(character) not in _HIDDEN:
        return character
    return character.encode("unicode_escape").decode("ascii")
