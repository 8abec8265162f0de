"""Who lies? What the printing loop claims in each trouble, and what sending all would believe.

And how long a thousand labels take to be laid out and drawn.
"""

import time
from collections.abc import Callable
from statistics import median

from hardware.printer.one_label import State
from hardware.printer.troubles import TROUBLES
from labels import code, layout, stock, template
from labels.layout import LabelText
from labels.pdf import label_sheet
from labels.zpl import zpl
from tests.bench.figures import Figure
from tests.hardware.printer.played import BATCH, SEEDS, labels, played, sent_all


def truth_table() -> list[Figure]:
    """A line for each trouble: the worst of 20 batches of 60 labels, by the simulated clock."""
    return [_line(trouble) for trouble in TROUBLES]


def _line(trouble: str) -> Figure:
    batches = [played(trouble, seed) for seed in SEEDS]
    false = twice = 0
    for batch in batches:
        tray = batch.tray
        said = {number for number, state in batch.states.items() if state is State.PRINTED}
        false = max(false, len(said - set(tray)))
        twice = max(twice, sum(count > 1 for count in tray.values()))
    unknown = max(batch.count(State.UNKNOWN) for batch in batches)
    waiting = max(batch.count(State.WAITING) for batch in batches)
    believed = max(BATCH - len(sent_all(trouble, seed, labels())) for seed in SEEDS)
    return Figure(
        name=f"{trouble}: falsely printed",
        value=false,
        unit=f"of {BATCH}",
        most=0,
        note=f"twice {twice}, unknown {unknown}, waiting {waiting}; send all: {believed} false",
    )


LABELS, ROUNDS = 1000, 3


def label_speed() -> list[Figure]:
    """A thousand tube labels as ZPL, and as PDF on a roll and on sheets; the middle of three."""
    kind, roll, sheet = template.load("tube"), stock.load("tube_roll"), stock.load("a4_24")
    texts = [
        LabelText(
            code=code.make("TB", code.next_mintable("TB", 1 + 9_876_543 * number)),
            lines=("1SS08", "gold", "KT0000000002P"),
        )
        for number in range(LABELS)
    ]

    def as_zpl() -> None:
        for text in texts:
            zpl(layout.place(text, kind, roll, dpi=203, language="en"))

    ways: dict[str, tuple[Callable[[], object], float]] = {
        "ZPL": (as_zpl, 0.5),
        "PDF, a roll": (lambda: label_sheet(texts, kind, roll), 1.5),
        "PDF, sheets": (lambda: label_sheet(texts, kind, sheet), 1.5),
    }
    return [
        Figure(name=f"{LABELS} labels, {way}", value=_middle(draw), unit="s", most=most)
        for way, (draw, most) in ways.items()
    ]


def _middle(draw: Callable[[], object]) -> float:
    took = []
    for _ in range(ROUNDS):
        begun = time.monotonic()
        draw()
        took.append(time.monotonic() - begun)
    return median(took)
