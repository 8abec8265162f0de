"""What a technician does at a new workstation: pair it, and see what is plugged in."""

import argparse
from dataclasses import asdict

from hardware.agent.pairing import pair
from hardware.agent.server import HttpServer
from hardware.agent.server_clock import ServerClock
from hardware.agent.settings import check_server
from hardware.agent.station import is_running
from hardware.clock import SystemClock
from hardware.connected import READY, connected
from hardware.console import FINE, NOT_WELL, print_json


def pair_computer(chosen: argparse.Namespace) -> int:
    """`pair`. Raises BadSettings, NotPaired."""
    clock = SystemClock()
    url = check_server(chosen.server)
    door = HttpServer(url=url, token=None, clock=clock, server_clock=ServerClock())
    try:
        paired = pair(door, url=url, code=chosen.code, folder=chosen.data)
    finally:
        door.close()
    if chosen.json:
        print_json({**asdict(paired), "data": str(chosen.data)})
        return FINE
    print(f"This computer is now {paired.title} ({paired.station}) at {paired.site}.")
    if is_running(chosen.data):
        print("An agent is running in this folder: stop it and start it again.")
    else:
        print(f"Start it: unbroken-agent run --data {chosen.data} --scanner ADDRESS")
        print("Its devices: unbroken-agent devices")
    return FINE


def list_devices(chosen: argparse.Namespace) -> int:
    """`devices`."""
    found = connected()
    if chosen.json:
        print_json([asdict(each) for each in found])
    elif not found:
        print("No scanner and no printer is plugged in that this computer knows of.")
        print("Plug one in and switch it on; a scanner must be set to USB serial (CDC) or RS-232.")
    else:
        for each in found:
            print(f"{each.address}: {each.state}")
            if each.cause:
                print(f"    {each.cause}. {each.remedy}")
    return FINE if all(each.state == READY for each in found) else NOT_WELL
