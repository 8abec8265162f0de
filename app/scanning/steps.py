"""The steps a scan can be meant for, one line each: the right and the things it needs."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.custody.ledger import Sort

_T, _B, _R, _K, _P = Sort.TUBE, Sort.BOX, Sort.RACK, Sort.KIT, Sort.PACKAGE
ANYTHING = frozenset(Sort)


@dataclass(frozen=True, slots=True)
class Step:
    """What a step is done to, what right it needs, and which kinds of foreign code it expects.

    `needs` must all be said with it, of `one_of` one at least.
    """

    right: str | None
    sorts: frozenset[Sort] = ANYTHING
    foreign: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    one_of: tuple[str, ...] = ()


def _of(*sorts: Sort) -> frozenset[Sort]:
    return frozenset(sorts)


# Where something can be put, the innermost first.
LOCATIONS = ("box", "rack", "place")
TUBES = ("tube", "aliquot")
STEPS: Mapping[str, Step] = {
    "collect": Step("scan.collect", _of(_T), TUBES),
    "not_collected": Step("scan.collect", _of(_T), TUBES),
    "spin_start": Step("scan.process", _of(_T), TUBES),
    "spin_end": Step("scan.process", _of(_T), TUBES),
    "pack": Step("scan.pack", _of(_T), TUBES, needs=("box",)),
    "pack_box": Step("scan.pack", _of(_B), ("box",), needs=("package",)),
    "unpack": Step("scan.pack", _of(_T, _B), (*TUBES, "box")),
    "seal": Step("package.seal", _of(_P), ("package",)),
    "check_in": Step("scan.check_in", _of(_T, _B), (*TUBES, "box")),
    "note_condition": Step("condition.note", _of(_T, _B, _P), (*TUBES, "box", "package")),
    "store": Step("scan.store", _of(_T, _B, _R), (*TUBES, "box"), one_of=LOCATIONS),
    "move": Step("scan.move", _of(_T, _B, _R), (*TUBES, "box"), one_of=LOCATIONS),
    # The right is asked of the person at the station, who alone has it.
    "print": Step(None),
    "read": Step(None, foreign=("kit", *TUBES, "box", "package")),
    "undo": Step("correction.make_own"),
    "done": Step(None),
}
