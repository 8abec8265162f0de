"""The unit of work of the current request: views take it from here and hand it to one service."""

from typing import cast

from flask import g

from app.kernel.work import Work


def begin(work: Work) -> None:
    """Make this the work of the current request."""
    g.work = work


def work() -> Work:
    """The work of the current request; there is one inside every guarded view."""
    return cast(Work, g.work)


def begun() -> Work | None:
    """The work of the current request, or None where none has begun: an error page may ask."""
    return cast("Work | None", g.get("work"))
