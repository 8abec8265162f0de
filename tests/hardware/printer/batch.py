"""A batch of labels printed in a thread of its own, and what was told of it."""

import threading

from hardware.printer.one_label import Label, State, Tell
from hardware.printer.protocol import Printer


def labels(count: int, *, dpmm: int = 8) -> list[Label]:
    return [
        Label(number=number, content=f"^XA^A{number:03}^XZ".encode(), dpmm=dpmm)
        for number in range(1, count + 1)
    ]


class Batch:
    """A batch in a thread of its own, and what was told of it."""

    def __init__(self, printer: Printer, batch: list[Label]) -> None:
        self.states = {label.number: State.WAITING for label in batch}
        self.told: list[Tell] = []
        self.error: Exception | None = None
        self._stop = threading.Event()
        self._news = threading.Condition()
        self._thread = threading.Thread(target=self._print, args=(printer, batch), daemon=True)
        self._thread.start()

    def ended(self, *, seconds: float) -> bool:
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def wait_for(self, reason: str, *, seconds: float = 10) -> bool:
        with self._news:
            return self._news.wait_for(
                lambda: any(reason in tell.reasons for tell in self.told), timeout=seconds
            )

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()

    def count(self, state: State) -> int:
        return sum(each is state for each in self.states.values())

    def _print(self, printer: Printer, batch: list[Label]) -> None:
        try:
            printer.print_labels(batch, tell=self._tell, stop=self._stop)
        except Exception as error:
            self.error = error

    def _tell(self, tell: Tell) -> None:
        with self._news:
            self.told.append(tell)
            if tell.number is not None:
                self.states[tell.number] = tell.state
            self._news.notify_all()
