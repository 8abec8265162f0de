"""How a read is written for the server, and how the server's answer is read back."""

import json
from collections.abc import Iterable, Mapping, Sequence

from hardware.agent.outbox import Read, ReadState, Settled
from hardware.agent.server import Reply
from hardware.agent.server_clock import Measured
from hardware.scanner.protocol import Answer

SCANS_PATH = "/api/v1/scans"
# A clock that was never compared: nobody promises that it is right to the minute.
UNMEASURED_MS = 60_000

Results = Mapping[str, Mapping[str, object]]

_ANSWERS: Mapping[str, Answer] = {
    "accepted": Answer.ACCEPTED,
    "look": Answer.LOOK,
    "stop": Answer.STOP,
    "refused": Answer.REFUSED,
    "parked": Answer.STORED,
}


def health_path(station: str) -> str:
    """Where a station says how it is."""
    return f"/api/v1/stations/{station}/health"


def scan_body(read: Read, *, measured: Measured | None) -> str:
    """One read as the server is told it. It must never change once it may have been sent."""
    return json.dumps(
        {
            "id": read.id,
            "raw": read.text,
            "symbology": read.symbology,
            "method": "agent",
            "device_id": read.device_id,
            "device_seq": read.device_seq,
            "device_time": read.device_time,
            "offset_ms": measured.offset_ms if measured else None,
            "uncertainty_ms": measured.uncertainty_ms if measured else UNMEASURED_MS,
            "capture": None,
            "intent": None,
        }
    )


def batch_body(scans: Iterable[tuple[str, bool]]) -> bytes:
    """Reads put together, each byte for byte as it was fixed, and whether it had to wait.

    The waiting is not part of a read: it may be longer at the next try.
    """
    told = (f'{body[:-1]}, "queued": {json.dumps(queued)}}}' for body, queued in scans)
    return b'{"scans": [' + ", ".join(told).encode("ascii") + b"]}"


def results(reply: Reply, batch: Sequence[Read]) -> Results | None:
    """The server's result for each read it answered, or None when this is no such answer."""
    listed = (reply.content or {}).get("results")
    if reply.status not in {200, 409} or not isinstance(listed, list):
        return None
    sent = {read.id for read in batch}
    return {
        str(result["id"]): result
        for result in listed
        if isinstance(result, dict) and result.get("id") in sent and result.get("verdict")
    }


def settled(read_id: str, result: Mapping[str, object]) -> Settled:
    """What to write down about a read that was answered."""
    told = [str(result[key]) for key in ("rule", "title", "message") if result.get(key)]
    return Settled(
        id=read_id,
        state=ReadState.CONFLICT if result.get("conflict") else ReadState.ANSWERED,
        verdict=str(result["verdict"])[:40],
        words=": ".join(told)[:500],
    )


def answer(result: Mapping[str, object]) -> Answer:
    """The verdict as the scanner tells it; one we do not know is a reason to look."""
    return _ANSWERS.get(str(result["verdict"]), Answer.LOOK)
