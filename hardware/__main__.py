"""The agent's command line: `unbroken-agent run`, `status`, `queue`, `put-back`."""

import argparse
import json
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from hardware.agent.board import READY
from hardware.agent.conditions import CONNECTED
from hardware.agent.health import STATUS_FILE
from hardware.agent.outbox import NotStored, Outbox, OutboxUnusable, Read, ReadState
from hardware.agent.settings import BadSettings, Settings, make_settings, read_config
from hardware.agent.station import (
    OUTBOX_FILE,
    DataInUse,
    DataUnusable,
    StationAgent,
    is_running,
    run_station,
)
from hardware.clock import SystemClock
from hardware.ids import uuid7_source

FINE, NOT_WELL, CANNOT = 0, 1, 2
_QUEUE_LIMIT = 1000

log = logging.getLogger("hardware")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. 0: all is well; 1: something needs a person; 2: it cannot be done so."""
    chosen = command_line().parse_args(arguments)
    command: Callable[[argparse.Namespace], int] = chosen.command
    try:
        return command(chosen)
    except (BadSettings, DataUnusable, OutboxUnusable, NotStored) as error:
        return _fail(str(error), json_wanted=chosen.json)
    except DataInUse as error:
        return _fail(f"{error}; stop it first, or give another --data", json_wanted=chosen.json)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FINE


def _run(chosen: argparse.Namespace) -> int:
    _log_to_stderr(chosen.log_level)
    settings = make_settings(_told(chosen))
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    if settings.in_the_open:
        log.warning("%s: the token travels unencrypted; use https", settings.server)
    clock = SystemClock()
    run_station(
        settings,
        clock=clock,
        ids=uuid7_source(clock),
        stopping=stopping,
        started=lambda agent: _say_started(agent, settings, json_wanted=chosen.json),
    )
    return FINE


def _say_started(agent: StationAgent, settings: Settings, *, json_wanted: bool) -> None:
    devices = list(agent.board.device_states())
    if json_wanted:
        _print_json({"running": True, "pid": os.getpid(), "devices": devices})
    else:
        print(f"agent of station {settings.station}, server {settings.server}")
        print(f"devices: {', '.join(devices)}")
        print(f"data folder: {settings.data}. Stop with Ctrl+C", flush=True)


def _status(chosen: argparse.Namespace) -> int:
    folder: Path = chosen.data
    try:
        status = json.loads((folder / STATUS_FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return _fail(f"{folder}: no agent has run here", json_wanted=chosen.json)
    except (OSError, ValueError) as error:
        return _fail(f"{folder}/{STATUS_FILE}: {error}", json_wanted=chosen.json)
    status["running"] = is_running(folder)
    complaints = _complaints(status)
    if chosen.json:
        _print_json({**status, "complaints": complaints})
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


def _queue(chosen: argparse.Namespace) -> int:
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
        _print_json([_read_values(read) for read in reads])
    else:
        for read in reads:
            print(_read_line(read))
        print(
            f"{tally.waiting} waiting, {tally.conflicts} in conflict, {tally.set_aside} set aside"
        )
    return NOT_WELL if tally.conflicts or tally.set_aside else FINE


def _put_back(chosen: argparse.Namespace) -> int:
    outbox = _existing_outbox(chosen.data)
    try:
        number = outbox.put_back()
    finally:
        outbox.close()
    if chosen.json:
        _print_json({"put_back": number})
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


def command_line() -> argparse.ArgumentParser:
    """The commands and their options."""
    parser = argparse.ArgumentParser(
        prog="unbroken-agent",
        description="Keeps every scan of a station safe and takes it to the server.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    run = commands.add_parser("run", help="serve the devices of a station until stopped")
    run.set_defaults(command=_run)
    run.add_argument("--server", metavar="URL", help="the server's address")
    run.add_argument("--station", metavar="CODE", help="this station's code (ST…)")
    run.add_argument("--token-file", metavar="FILE", help="file with this station's token")
    run.add_argument(
        "--scanner",
        metavar="[NAME=]ADDRESS",
        action="append",
        help="device path, name from /dev/serial/by-id, or URL; may be repeated",
    )
    run.add_argument(
        "--printer",
        metavar="[NAME=]ADDRESS",
        action="append",
        help="a ZPL printer, by the same kinds of address; may be repeated",
    )
    run.add_argument("--baud", type=int, help="speed of the serial lines (default: 9600)")
    run.add_argument("--data", metavar="DIR", help="folder for the outbox")
    run.add_argument("--config", metavar="FILE", type=Path, help="TOML file with any of these")
    run.add_argument("--log-level", choices=("debug", "info", "warning"), default="info")
    _add_reader(commands, "status", _status, "how the agent, its devices and its queue are")
    queue = _add_reader(commands, "queue", _queue, "list the reads that wait or were set aside")
    queue.add_argument("--answered", action="store_true", help="also those already answered")
    _add_reader(commands, "put-back", _put_back, "send again what had been set aside")
    for command in commands.choices.values():
        command.add_argument("--json", action="store_true", help="answer in JSON")
    return parser


def _add_reader(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
    name: str,
    command: Callable[[argparse.Namespace], int],
    about: str,
) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=about)
    parser.set_defaults(command=command)
    parser.add_argument("--data", metavar="DIR", type=Path, required=True, help="data folder")
    return parser


def _told(chosen: argparse.Namespace) -> Mapping[str, object]:
    """The options over the file: what is given on the command line counts."""
    told = dict(read_config(chosen.config)) if chosen.config else {}
    for key in ("server", "station", "token_file", "data", "baud", "scanner", "printer"):
        if (value := getattr(chosen, key)) is not None:
            told[key] = value
    return told


def _part(whole: Mapping[str, object], key: str) -> Mapping[str, object]:
    part = whole.get(key)
    return part if isinstance(part, Mapping) else {}


def _log_to_stderr(level: str) -> None:
    logging.basicConfig(
        stream=sys.stderr, level=level.upper(), format="%(asctime)s %(levelname)s %(message)s"
    )
    logging.getLogger("urllib3").setLevel(logging.ERROR)


def _fail(text: str, *, json_wanted: bool) -> int:
    if json_wanted:
        _print_json({"error": text})
    print(f"unbroken-agent: {text}", file=sys.stderr)
    return CANNOT


def _print_json(value: object) -> None:
    print(json.dumps(value), flush=True)


if __name__ == "__main__":
    sys.exit(main())
