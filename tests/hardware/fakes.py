"""Stand-ins that implement the agent's protocols: a clock, a scanner, an id source."""

import itertools
from collections import deque
from datetime import UTC, datetime, timedelta
from uuid import UUID

from hardware.agent.server import NoAnswer, Reply
from hardware.ids import IdSource
from hardware.scanner.protocol import Answer, Flaw, Heard
from hardware.symbology import Scan, read_code

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class FakeClock:
    """Stands still until it is moved; the wall can be set, the steady clock cannot."""

    def __init__(self) -> None:
        self._wall = START
        self._steady = 1000.0
        self._boot = "boot-1"

    def wall(self) -> datetime:
        return self._wall

    def steady(self) -> float:
        return self._steady

    def boot(self) -> str:
        return self._boot

    def advance(self, seconds: float) -> None:
        self._wall += timedelta(seconds=seconds)
        self._steady += seconds

    def set_wall(self, step: timedelta) -> None:
        self._wall += step

    def reboot(self) -> None:
        self._boot += "+"
        self._steady = 5.0


class FakeScanner:
    """Says what it was told to say, and remembers what it was answered."""

    whole = "Set it to say the whole of it"

    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self._to_say: deque[Heard] = deque()

    def say(self, text: str, *, flaw: Flaw | None = None) -> None:
        self._to_say.append(Heard(scan=scan_of(text), flaw=flaw))

    def listen(self) -> list[Heard]:
        heard = list(self._to_say)
        self._to_say.clear()
        return heard

    def acknowledge(self, answer: Answer) -> None:
        self.answers.append(answer)

    def close(self) -> None:
        self._to_say.clear()


class ScriptedServer:
    """Answers each post with the next reply or error of its script."""

    def __init__(self, *script: Reply | NoAnswer) -> None:
        self.posts: list[tuple[str, bytes]] = []
        self._script = deque(script)

    def post(self, path: str, content: bytes) -> Reply:
        self.posts.append((path, content))
        step = self._script.popleft()
        if isinstance(step, NoAnswer):
            raise step
        return step


def scan_of(text: str) -> Scan:
    return read_code(b"]C0" + text.encode("latin-1"))


def ids_in_order() -> IdSource:
    numbers = itertools.count(1)
    return lambda: UUID(int=0x0190_0000_0000_7000_8000_0000_0000_0000 + next(numbers))
