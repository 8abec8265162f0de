"""What a station installs beside the agent: its unit starts it as the agent is started."""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from hardware.__main__ import command_line
from hardware.agent.station import OUTBOX_FILE

CONFIG = Path(__file__).parents[2] / "config"


def test_the_unit_starts_the_agent_with_options_it_has() -> None:
    unit = (CONFIG / "systemd" / "unbroken-agent.service").read_text(encoding="utf-8")
    (command,) = re.findall(r"^ExecStart=(.*)$", unit, re.MULTILINE)
    program, *arguments = shlex.split(command)
    chosen = command_line().parse_args(arguments)
    assert Path(program).name == "unbroken-agent"
    assert Path(chosen.data).name == "unbroken-agent"  # the StateDirectory, where OUTBOX_FILE lies
    assert re.search(r"^StateDirectory=unbroken-agent$", unit, re.MULTILINE), OUTBOX_FILE
    assert re.search(r"^Restart=always$", unit, re.MULTILINE)


def test_every_line_of_the_rules_keeps_the_modem_talk_away_or_is_of_a_printer() -> None:
    text = (CONFIG / "udev" / "60-unbroken.rules").read_text(encoding="utf-8")
    rules = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert len(rules) >= 8
    for rule in rules:
        assert re.search(r'ATTRS\{idVendor\}=="[0-9a-f]{4}"', rule), rule
        assert re.search(r'GROUP="(dialout|lp)", MODE="0660"$', rule), rule
        is_line = 'SUBSYSTEM=="tty"' in rule
        assert ('ENV{ID_MM_DEVICE_IGNORE}="1"' in rule) is is_line, rule


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="asks Linux for the memory")
def test_an_agent_needs_only_what_the_base_installs_and_little_memory() -> None:
    """After importing all of it; the server's libraries are an extra that a station has not."""
    look = (
        "import json, sys, hardware.__main__, hardware.agent.station, labels, pathlib\n"
        "told = pathlib.Path('/proc/self/status').read_text().split('VmHWM:')[1]\n"
        "used = int(told.split()[0]) / 1024\n"
        "print(json.dumps([used, sorted({name.partition('.')[0] for name in sys.modules})]))"
    )
    told = subprocess.run([sys.executable, "-c", look], capture_output=True, check=True)
    used, modules = json.loads(told.stdout)
    assert used < 60
    servers = {"flask", "sqlalchemy", "psycopg", "marshmallow", "reportlab", "PIL", "zxingcpp"}
    assert not servers & set(modules)
    assert {"serial", "urllib3"} <= set(modules)
