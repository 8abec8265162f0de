"""The time of day, asked once at the edge and passed in from there."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """Now, in UTC, as the server's own clock tells it."""
    return datetime.now(UTC)
