"""One line per step: what does it; and which steps can be stopped before they are done."""

from collections.abc import Callable, Mapping, Sequence
from uuid import UUID

from app.kernel.work import Work
from app.scanning import chair, packing, tasks, undoing
from app.scanning.scan import Deed, Outcome, Stop

Verb = Callable[[Work, Sequence[Deed]], list[Outcome]]
WhyStop = Callable[[Work, Sequence[Deed]], Mapping[UUID, Stop]]


def done(work: Work, deeds: Sequence[Deed]) -> list[Outcome]:
    """The work at hand is finished: an order, a receipt, or what a station was at."""
    return [_finish(work, deed) for deed in deeds]


def _finish(work: Work, deed: Deed) -> Outcome:
    outcome = chair.finish(work, deed) if deed.intent.order is not None else Outcome()
    station = deed.reading.station
    if station is not None:
        tasks.end_task(work, station=station, moment=work.clock())
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
    "undo": undoing.undo,
    "done": done,
}

STOPS: Mapping[str, WhyStop] = {
    "collect": chair.why_stop,
    "pack": packing.withdrawn,
}
