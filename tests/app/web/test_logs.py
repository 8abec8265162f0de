"""Log lines: one event a line whatever a stranger sends, and no code of a participant in it."""

import io
import logging
from collections.abc import Iterator

import pytest
from flask import Flask, Response

from app.web import guard
from app.web.logs import OneLine, printable
from tests.app.web.house import PERSON


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What the log of a test holds; the loggers are put back as they were."""
    stream = io.StringIO()
    destination = logging.StreamHandler(stream)
    destination.setFormatter(OneLine())
    logger = logging.getLogger("app.web")
    level = logger.level
    logger.addHandler(destination)
    logger.setLevel(logging.INFO)
    yield stream
    logger.removeHandler(destination)
    logger.setLevel(level)


HOSTILE = "x\n2026-11-25T00:00:00Z INFO forged\r\x1b[2J\u202e\u2028\x85\x00 é 試"


def test_a_forged_line_stays_inside_its_own(lines: io.StringIO) -> None:
    logging.getLogger("app.web.test").warning("read %s", HOSTILE)

    assert len(lines.getvalue().splitlines()) == 1
    assert r"x\n2026" in lines.getvalue()
    assert "é 試" in lines.getvalue()


def test_a_traceback_keeps_its_lines_each_marked(lines: io.StringIO) -> None:
    try:
        raise ValueError(HOSTILE)
    except ValueError:
        logging.getLogger("app.web.test").exception("failed")

    _, *trace = lines.getvalue().splitlines()
    assert len(trace) > 2
    assert all(line.startswith("  | ") for line in trace)


def test_what_can_be_printed_is_left_alone() -> None:
    assert printable("código 7 µL") == "código 7 µL"


def test_an_answer_is_one_line_without_the_address_asked_for(
    app: Flask, lines: io.StringIO
) -> None:
    app.add_url_rule("/p/<code>", view_func=guard.known(lambda code: code))

    app.test_client().get("/p/PN0000000001X?q=PN0000000001X", headers=PERSON)

    (line,) = lines.getvalue().splitlines()
    assert "web:answered GET /p/<code> 200" in line
    assert "person:1" in line
    assert "PN0000" not in line


def test_a_page_that_is_told_at_once_that_there_is_no_news_is_worth_no_line(
    app: Flask, lines: io.StringIO
) -> None:
    view = guard.unless(lambda: Response(status=304))(guard.signed_in(lambda: "news"))
    app.add_url_rule("/it", view_func=view)

    assert app.test_client().get("/it").status_code == 304
    assert lines.getvalue() == ""
