"""One line per step: what does it; and which steps can be stopped before they are done."""

from collections.abc import Callable, Mapping, Sequence
from uuid import UUID

from app.kernel.work import Work
from app.scanning import chair, dock, labels, packing, shelf, tasks, undoing
from app.scanning.scan import Deed, Outcome, Stop

Verb = Callable[[Work, Sequence[Deed]], list[Outcome]]
WhyStop = Callable[[Work, Sequence[Deed]], Mapping[UUID, Stop]]


def done(work: Work, deeds: Sequence[Deed]) -> list[Outcome]:
    """The work at hand is finished: an order, a receipt, or what a station was at."""
    return [_finish(work, deed) for deed in deeds]


def _finish(work: Work, deed: Deed) -> Outcome:
    outcome = Outcome()
    if deed.intent.order is not None:
        outcome = chair.finish(work, deed)
    elif "package" in deed.context:
        outcome = dock.finish(work, deed)
    # A box that is looked through is not the end of what a station is at.
    if deed.reading.station is not None and "box" not in deed.context:
        tasks.end_task(work, station=deed.reading.station, moment=work.clock())
    return outcome


VERBS: Mapping[str, Verb] = {
    "collect": chair.collect,
    "not_collected": chair.not_collected,
    "spin_start": chair.spin_start,
    "spin_end": chair.spin_end,
    "pack": packing.pack,
    "pack_box": packing.pack_box,
    "unpack": packing.unpack,
    "seal": packing.seal,
    "check_in": dock.check_in,
    "note_condition": dock.note_condition,
    "store": shelf.store,
    "move": shelf.move,
    "print": labels.print_kit,
    "undo": undoing.undo,
    "done": done,
}

STOPS: Mapping[str, WhyStop] = {
    "collect": chair.why_stop,
    "pack": packing.withdrawn,
    "store": shelf.why_not_store,
    "move": shelf.reserved,
}
