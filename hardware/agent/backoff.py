"""How long to wait before trying again: twice as long each time, up to a limit."""


class Backoff:
    """Waits of `first` seconds, then doubled up to `most`; `reset` after a success."""

    def __init__(self, *, first: float, most: float) -> None:
        self._first = first
        self._most = most
        self._next = first

    def next(self) -> float:
        """The seconds to wait now."""
        wait, self._next = self._next, min(self._next * 2, self._most)
        return wait

    def reset(self) -> None:
        """Begin again with the shortest wait."""
        self._next = self._first
