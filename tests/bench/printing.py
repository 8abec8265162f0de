"""Who lies? What the printing loop claims in each trouble, and what sending all would believe."""

from hardware.printer.one_label import State
from hardware.printer.troubles import TROUBLES
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
