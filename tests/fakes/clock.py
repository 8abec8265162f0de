"""A clock that stands until it is told to go on."""

from datetime import UTC, datetime, timedelta

START = datetime(2026, 11, 25, 15, 0, tzinfo=UTC)


class SetClock:
    """Implements `Clock`: says the same time until `wait` is called."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def wait(self, **time: float) -> datetime:
        """Let so much time pass, as for `timedelta`, and return what it is then."""
        self.now += timedelta(**time)
        return self.now
