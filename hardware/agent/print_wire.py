"""How print jobs are taken from the server, and how it is told what became of their labels."""

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from hardware.agent.print_book import Noted
from hardware.agent.server import Reply
from hardware.printer.one_label import Label
from hardware.printer.protocol import PDF, ZPL

OK: Final = 200
NO_CONTENT: Final = 204


@dataclass(frozen=True, slots=True, kw_only=True)
class Leased:
    """A job that was taken, and by number what of it was not begun yet."""

    job: str
    lease: str
    dpmm: int
    labels: dict[int, Label]


def lease_path(station: str) -> str:
    """Where a station's jobs are given out."""
    return f"/api/v1/stations/{station}/print-jobs/lease"


def outcomes_path(station: str, job: str) -> str:
    """Where it is told what became of a job's labels."""
    return f"/api/v1/stations/{station}/print-jobs/{job}/outcomes"


def lease_body(*, printer: str, dpmm: int, format: str, held: str | None) -> bytes:
    """Which printer is here, its dots per mm, in what it takes labels, the lease it had last."""
    here: dict[str, object] = {"printer": printer, "dpmm": dpmm, "format": format}
    return json.dumps(here if held is None else {**here, "held": held}).encode()


def outcomes_body(lease: str, noted: Sequence[Noted]) -> bytes:
    """What became of labels; with none, that the job goes on."""
    outcomes = [
        {
            "number": each.number,
            "state": each.state,
            "reasons": list(each.reasons),
            "counted": list(each.counted),
        }
        for each in noted
    ]
    return json.dumps({"lease": lease, "outcomes": outcomes}).encode()


def leased(told: Mapping[str, object]) -> Leased:
    """A job as the server gives it out, its labels laid out for one kind of head."""
    found = told.get("labels")
    dpmm = int(str(told["dpmm"]))
    read = _READ[str(told.get("format", ZPL))]
    labels = [
        Label(number=int(each["number"]), content=read(str(each["content"])), dpmm=dpmm)
        for each in (found if isinstance(found, list) else ())
    ]
    return Leased(
        job=str(told["job"]),
        lease=str(told["lease"]),
        dpmm=dpmm,
        labels={label.number: label for label in labels},
    )


_READ: Final[Mapping[str, Callable[[str], bytes]]] = {ZPL: str.encode, PDF: base64.b64decode}


def held(reply: Reply | None) -> bool:
    """Whether the server says that the job is still this agent's."""
    return reply is not None and reply.status == OK and (reply.content or {}).get("held") is True
