"""Labels as a test counts them: asked for, claimed by the server, lying in a printer's tray."""

import re
from collections import Counter
from collections.abc import Iterable
from uuid import uuid5

from hardware.printer.engine import Out
from tests.app.scanning.bench import SPACE, Bench, Kit
from tests.builders.programs import until

_CODE = re.compile(rb"\^FD(TB[0-9]{10}[0-9A-Z])\^FS")
UNSETTLED = frozenset({"waiting", "sent"})


def ask(bench: Bench, kit: Kit) -> str:
    """Press Print for a kit at the bench's station; the job."""
    command = str(uuid5(SPACE, kit.order))
    path = f"/api/v1/orders/{kit.order}/print-jobs"
    answer = bench.nurse.send("POST", path, command=command, station=bench.station)
    assert answer.status_code == 201, answer.json
    return str(answer.json["id"])


def claimed(bench: Bench, *states: str) -> Counter[str]:
    """How many labels of each code the server says are so; of any state where none is named."""
    rows = bench.rows("SELECT code, state FROM print_label")
    return Counter(code for code, state in rows if state in states or not states)


def come_out(bench: Bench) -> None:
    """Wait until it is known of each label what became of it, for as long as there is progress."""
    while left := claimed(bench, *UNSETTLED).total():
        until(lambda left=left: claimed(bench, *UNSETTLED).total() < left)  # type: ignore[misc]


def in_tray(outs: Iterable[Out]) -> Counter[str]:
    """How many whole labels of each code came out."""
    found = (_CODE.search(out.content) for out in outs if out.whole)
    return Counter(match.group(1).decode() for match in found if match is not None)


def check_claims(bench: Bench, tray: Counter[str]) -> None:
    """None is claimed that is not there, none is there that nobody admits, none is there twice."""
    printed, unknown = claimed(bench, "printed"), claimed(bench, "unknown")
    assert printed <= tray
    assert tray <= printed + unknown
    assert printed + unknown == claimed(bench)
