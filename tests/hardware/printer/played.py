"""A batch of labels played on the simulated printer, by a clock of its own."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

from hardware.printer.engine import Engine
from hardware.printer.one_label import (
    Ask,
    Label,
    Result,
    Send,
    State,
    Step,
    Tell,
    Wait,
    print_labels,
)
from hardware.printer.troubles import TROUBLES
from hardware.printer.zpl_status import whole

BATCH = 60
SEEDS = range(20)
TURN, ANSWER_SECONDS = 0.005, 1.0
ENOUGH = 300.0  # seconds after which nobody waits for the batch any longer


@dataclass
class Played:
    """One batch, played on a simulated printer by a clock of its own."""

    engine: Engine
    at: float = 0.0
    told: list[Tell] = field(default_factory=list)
    states: dict[int, State] = field(default_factory=dict)

    def play(self, labels: list[Label], *, steps_at_most: int | None = None) -> "Played":
        steps = print_labels(labels)
        self.states |= {label.number: State.WAITING for label in labels}
        result, left = None, steps_at_most
        while self.at < ENOUGH and (left is None or left > 0):
            try:
                step = next(steps) if result is None else steps.send(result)
            except StopIteration:
                break
            result = self._do(step)
            left = None if left is None else left - 1
        steps.close()
        return self

    def _do(self, step: Step) -> Result:
        content = b""
        match step:
            case Ask(query):
                self.engine.feed(query.encode(), at=self.at)
                until = self.at + ANSWER_SECONDS
                while self.at < until and not whole(query, content):
                    self.at += TURN
                    content += self.engine.said(at=self.at)
            case Send(sent):
                self.engine.feed(sent, at=self.at)
            case Wait(seconds):
                self.at += seconds
                self.engine.advance(at=self.at)
            case Tell():
                self.told.append(step)
                if step.number is not None:
                    self.states[step.number] = step.state
        return Result(at=self.at, content=content)

    @property
    def tray(self) -> Counter[int]:
        """How often each label came out whole."""
        self.engine.advance(at=self.at + 60)
        return Counter(number_of(out.content) for out in self.engine.tray if out.whole)

    def count(self, state: State) -> int:
        return sum(each is state for each in self.states.values())


def number_of(content: bytes) -> int:
    """Which label of the batch a piece of paper is."""
    return int(content[5:8])


def labels(count: int = BATCH, *, dpmm: int = 8) -> list[Label]:
    return [
        Label(number=number, content=f"^XA^A{number:03}^XZ".encode(), dpmm=dpmm)
        for number in range(1, count + 1)
    ]


def played(trouble: str, seed: int) -> Played:
    after = Random(seed).randrange(5, 40)
    return Played(Engine(seed=seed, trouble=TROUBLES[trouble], after=after)).play(labels())


def sent_all(trouble: str, seed: int, batch: Sequence[Label]) -> Counter[int]:
    """What lies in the tray of a host that sends everything and trusts that it was taken."""
    engine = Engine(seed=seed, trouble=TROUBLES[trouble], after=Random(seed).randrange(5, 40))
    for label in batch:
        engine.feed(label.content, at=0.0)
    engine.advance(at=ENOUGH)
    return Counter(number_of(out.content) for out in engine.tray if out.whole)
