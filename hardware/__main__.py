"""The agent's command line, `unbroken-agent`: what there is to say, and `run`."""

import argparse
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from hardware.agent.outbox import NotStored, OutboxUnusable
from hardware.agent.pairing import NotPaired, paired_in
from hardware.agent.settings import BadSettings, Settings, make_settings, read_config
from hardware.agent.station import DataInUse, DataUnusable, StationAgent, run_station
from hardware.clock import SystemClock
from hardware.console import FINE, fail, print_json
from hardware.ids import uuid7_source
from hardware.looking import list_queue, put_back, show_status
from hardware.scanner.drivers import DRIVERS
from hardware.setting_up import list_devices, pair_computer

log = logging.getLogger("hardware")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. 0: all is well; 1: something needs a person; 2: it cannot be done so."""
    chosen = command_line().parse_args(arguments)
    command: Callable[[argparse.Namespace], int] = chosen.command
    try:
        return command(chosen)
    except (BadSettings, DataUnusable, NotPaired, OutboxUnusable, NotStored) as error:
        return fail(str(error), json_wanted=chosen.json)
    except DataInUse as error:
        return fail(f"{error}; stop it first, or give another --data", json_wanted=chosen.json)
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
        print_json({"running": True, "pid": os.getpid(), "devices": devices})
    else:
        print(f"agent of station {settings.station}, server {settings.server}")
        print(f"devices: {', '.join(devices)}")
        print(f"data folder: {settings.data}. Stop with Ctrl+C", flush=True)


def command_line() -> argparse.ArgumentParser:
    """The commands and their options."""
    parser = argparse.ArgumentParser(
        prog="unbroken-agent",
        description="Keeps every scan of a station safe and takes it to the server.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    paired = commands.add_parser("pair", help="make this the computer of a station, by its code")
    paired.set_defaults(command=pair_computer)
    paired.add_argument("--server", metavar="URL", required=True, help="the server's address")
    paired.add_argument("--code", required=True, help="the code that the station's page shows")
    paired.add_argument("--data", metavar="DIR", type=Path, required=True, help="data folder")
    devices = commands.add_parser("devices", help="list what is plugged in, and whether it opens")
    devices.set_defaults(command=list_devices)
    _add_run(commands)
    _add_reader(commands, "status", show_status, "how the agent, its devices and its queue are")
    queue = _add_reader(commands, "queue", list_queue, "list the reads that wait or were set aside")
    queue.add_argument("--answered", action="store_true", help="also those already answered")
    _add_reader(commands, "put-back", put_back, "send again what had been set aside")
    for command in commands.choices.values():
        command.add_argument("--json", action="store_true", help="answer in JSON")
    return parser


def _add_run(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
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
    run.add_argument(
        "--driver", choices=tuple(DRIVERS), help="how the scanners speak (default: text)"
    )
    run.add_argument("--baud", type=int, help="speed of the serial lines (default: 9600)")
    run.add_argument("--data", metavar="DIR", help="folder for the outbox")
    run.add_argument("--config", metavar="FILE", type=Path, help="TOML file with any of these")
    run.add_argument("--log-level", choices=("debug", "info", "warning"), default="info")


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
    """The options over the file, and that over what a pairing left in the data folder.

    Raises BadSettings, NotPaired.
    """
    told = dict(read_config(chosen.config)) if chosen.config else {}
    for key in ("server", "station", "token_file", "data", "baud", "driver", "scanner", "printer"):
        if (value := getattr(chosen, key)) is not None:
            told[key] = value
    folder = told.get("data")
    paired = paired_in(Path(folder)) if isinstance(folder, str) else {}
    # The token of one station is none of another's.
    another = told.get("station", paired.get("station")) != paired.get("station")
    return told if another else {**paired, **told}


def _log_to_stderr(level: str) -> None:
    logging.basicConfig(
        stream=sys.stderr, level=level.upper(), format="%(asctime)s %(levelname)s %(message)s"
    )
    logging.getLogger("urllib3").setLevel(logging.ERROR)


if __name__ == "__main__":
    sys.exit(main())
