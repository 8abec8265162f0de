"""How an agent is, from its data folder: its state, its queue, and what was set aside."""

import argparse
import json
from collections.abc import Mapping
from pathlib import Path

from hardware.agent.board import READY
from hardware.agent.conditions import CONNECTED
from hardware.agent.health import STATUS_FILE
from hardware.agent.outbox import Outbox, Read, ReadState
from hardware.agent.station import OUTBOX_FILE, DataUnusable, is_running
from hardware.clock import SystemClock
from hardware.console import FINE, NOT_WELL, fail, print_json
from hardware.ids import uuid7_source

_QUEUE_LIMIT = 1000


def show_status(chosen: argparse.Namespace) -> int:
    """`status`."""
    folder: Path = chosen.data
    try:
        status = json.loads((folder / STATUS_FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return fail(f"{folder}: no agent has run here", json_wanted=chosen.json)
    except (OSError, ValueError) as error:
        return fail(f"{folder}/{STATUS_FILE}: {error}", json_wanted=chosen.json)
    status["running"] = is_running(folder)
    complaints = _complaints(status)
    if chosen.json:
        print_json({**status, "complaints": complaints})
    else:
        print("\n".join(_status_lines(status)))
        for complaint in complaints:
            print(f"! {complaint}")
    return NOT_WELL if complaints else FINE


def _status_lines(status: Mapping[str, object]) -> list[str]:
    queue, uplink, devices = (_part(status, each) for each in ("queue", "uplink", "devices"))
    since = f", the oldest since {queue['oldest_at']}" if queue.get("oldest_at") else ""
    lines = [
        f"station {status.get('station')}: {'running' if status['running'] else 'not running'}",
        f"server {status.get('server')}: {uplink.get('state')} since {uplink.get('since')}",
        f"waiting {queue.get('waiting')}{since}",
    ]
    for name in devices:
        device = _part(devices, name)
        counts = ", ".join(f"{what} {n}" for what, n in _part(device, "counts").items())
        lines.append(f"device {name}: {device.get('state')} since {device.get('since')} {counts}")
        lines += _latency_lines(_part(device, "latency"))
    return lines


def _latency_lines(took: Mapping[str, object]) -> list[str]:
    """How long a person waited at a scanner, where it has read something."""
    if not took:
        return []
    kept = f"kept in {took.get('stored_p95_ms')} ms"
    verdict = took.get("verdict_p95_ms")
    answered = f"answered in {verdict} ms" if verdict is not None else "not answered in time"
    return [f"  95 of 100 reads {kept}, {answered} (the last {took.get('reads')})"]


def _complaints(status: Mapping[str, object]) -> list[str]:
    queue, uplink, devices = (_part(status, each) for each in ("queue", "uplink", "devices"))
    found = [] if status["running"] else ["the agent is not running"]
    parts = {"server": (uplink, CONNECTED.state)}
    parts |= {f"device {name}": (_part(devices, name), READY) for name in devices}
    for name, (part, well) in parts.items():
        if part.get("state") != well:
            told = [part.get("state"), part.get("message"), part.get("remedy")]
            found.append(f"{name}: " + ". ".join(str(each) for each in told if each))
    if queue.get("conflicts"):
        found.append(f"{queue['conflicts']} reads conflict with others at the server: see `queue`")
    if queue.get("set_aside"):
        found.append(f"{queue['set_aside']} reads were not taken by the server: see `queue`")
    return found


def list_queue(chosen: argparse.Namespace) -> int:
    """`queue`. Raises DataUnusable, OutboxUnusable."""
    states = [ReadState.WAITING, ReadState.CONFLICT, ReadState.SET_ASIDE]
    if chosen.answered:
        states.append(ReadState.ANSWERED)
    outbox = _existing_outbox(chosen.data)
    try:
        reads = outbox.listed(states, limit=_QUEUE_LIMIT)
        tally = outbox.tally()
    finally:
        outbox.close()
    if chosen.json:
        print_json([_read_values(read) for read in reads])
    else:
        for read in reads:
            print(_read_line(read))
        print(
            f"{tally.waiting} waiting, {tally.conflicts} in conflict, {tally.set_aside} set aside"
        )
    return NOT_WELL if tally.conflicts or tally.set_aside else FINE


def put_back(chosen: argparse.Namespace) -> int:
    """`put-back`. Raises DataUnusable, OutboxUnusable, NotStored."""
    outbox = _existing_outbox(chosen.data)
    try:
        number = outbox.put_back()
    finally:
        outbox.close()
    if chosen.json:
        print_json({"put_back": number})
    else:
        print(f"{number} reads wait again")
    return FINE


def _existing_outbox(folder: Path) -> Outbox:
    path = folder / OUTBOX_FILE
    if not path.exists():
        raise DataUnusable(f"{folder}: no agent has run here")
    return Outbox(path, ids=uuid7_source(SystemClock()))


def _read_values(read: Read) -> dict[str, object]:
    return {
        "id": read.id,
        "device_id": read.device_id,
        "device_seq": read.device_seq,
        "device_time": read.device_time,
        "text": read.text,
        "symbology": read.symbology,
        "count": read.count,
        "state": read.state,
        "verdict": read.verdict,
        "words": read.words,
    }


def _read_line(read: Read) -> str:
    # Escaped: what was scanned is a stranger's text, and this is somebody's terminal.
    line = f"{read.device_time}  {read.state:9}  {read.device_id} {read.device_seq}  {read.text!a}"
    times = f"  read {read.count} times" if read.count > 1 else ""
    words = f"  {read.verdict}: {read.words!a}" if read.verdict else ""
    return line + times + words


def _part(whole: Mapping[str, object], key: str) -> Mapping[str, object]:
    part = whole.get(key)
    return part if isinstance(part, Mapping) else {}
