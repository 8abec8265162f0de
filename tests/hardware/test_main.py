"""The agent as a program: started, asked, stopped, killed; and never a scan lost that was safe."""

import json
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from hardware.__main__ import main
from hardware.scanner.protocol import Answer
from hardware.scanner.simulated import SimulatedScanner
from tests.counts import SOAK
from tests.hardware.fake_server import STATION, TOKEN, FakeServer

KILLS = 20 if SOAK else 5
PROGRAM = [sys.executable, "-m", "hardware"]
CODE = "TB0000000006H"


@pytest.fixture
def scanner(tmp_path: Path) -> Iterator[SimulatedScanner]:
    with SimulatedScanner(seed=1, link=tmp_path / "by-id") as simulated:
        yield simulated


@pytest.fixture
def token_file(tmp_path: Path) -> Path:
    path = tmp_path / "token"
    path.write_text(TOKEN)
    return path


class Station:
    """How to run the agent of one station."""

    def __init__(self, *, server: FakeServer, scanner: SimulatedScanner, token_file: Path) -> None:
        self.data = token_file.parent / "data"
        self._arguments = [
            *("--server", server.url, "--station", STATION, "--token-file", str(token_file)),
            *("--scanner", f"counter={scanner.device}", "--data", str(self.data)),
        ]

    @contextmanager
    def running(self) -> Iterator["subprocess.Popen[str]"]:
        """An agent that has opened its outbox; killed at the end if it still runs."""
        command = [*PROGRAM, "run", "--json", "--log-level", "warning", *self._arguments]
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        ) as process:
            try:
                assert process.stdout is not None
                assert json.loads(process.stdout.readline())["pid"] == process.pid
                yield process
            finally:
                process.kill()

    def ask(self, command: str, *options: str) -> tuple[int, Any]:
        """Ask `status` or `queue`; returns the exit code and the answer."""
        asked = [*PROGRAM, command, "--json", "--data", str(self.data), *options]
        done = subprocess.run(asked, stdout=subprocess.PIPE, text=True, timeout=20, check=False)
        return done.returncode, json.loads(done.stdout)


@pytest.fixture
def station(server: FakeServer, scanner: SimulatedScanner, token_file: Path) -> Station:
    return Station(server=server, scanner=scanner, token_file=token_file)


def _scan_until_safe(scanner: SimulatedScanner, code: str) -> int:
    """Scan as a person does: again, when the scanner did not say that it is safe."""
    for _ in range(50):
        number = scanner.scan(code)
        if scanner.answer_to(number, seconds=1.0) == "ack":
            return number
    raise AssertionError(f"{code} was never taken")


def _grown(scanner: SimulatedScanner, codes: list[str], *, to: int) -> bool:
    return scanner.wait_until(lambda: len(codes) >= to, seconds=20)


def _fail(*arguments: str) -> tuple[int, str]:
    done = subprocess.run(
        [*PROGRAM, *arguments], stderr=subprocess.PIPE, text=True, timeout=20, check=False
    )
    return done.returncode, done.stderr


def test_a_scan_goes_from_the_wire_to_the_server_and_its_verdict_back(
    station: Station,
    server: FakeServer,
    scanner: SimulatedScanner,
    capsys: pytest.CaptureFixture[str],
) -> None:
    server.mood.verdicts[CODE] = "look"
    with station.running() as agent:
        assert scanner.verdict_on(_scan_until_safe(scanner, CODE)) is Answer.LOOK
        assert server.raws() == [CODE]
        assert [scan["queued"] for scan in server.journal.values()] == [False]
        assert [scan["symbology"] for scan in server.journal.values()] == ["code128"]
        code, status = station.ask("status")
        assert (code, status["running"], status["complaints"]) == (0, True, [])
        agent.send_signal(signal.SIGTERM)
        assert agent.wait(5) == 0
    code, status = station.ask("status")
    assert (code, status["complaints"]) == (1, ["the agent is not running"])
    (device,) = status["devices"].values()
    assert device["latency"]["reads"] == 1
    main(["status", "--data", str(station.data)])
    assert f"answered in {device['latency']['verdict_p95_ms']} ms (the last 1)" in (
        capsys.readouterr().out
    )
    assert station.ask("queue") == (0, [])
    (read,) = station.ask("queue", "--answered")[1]
    assert (read["text"], read["verdict"]) == (CODE, "look")


@pytest.mark.slow
def test_without_a_server_it_goes_on_and_sends_everything_later_in_order(
    station: Station, server: FakeServer, scanner: SimulatedScanner
) -> None:
    server.stop()
    codes = [f"TB{number:010d}X" for number in range(6)]
    with station.running():
        numbers = [_scan_until_safe(scanner, code) for code in codes]
        assert scanner.verdict_on(numbers[0]) is Answer.STORED
        code, status = station.ask("status")
        assert code == 1
        assert status["queue"]["waiting"] == 6
        assert [read["text"] for read in station.ask("queue")[1]] == codes
        server.start()
        assert server.wait_for(lambda: len(server.journal) == 6)
    assert server.raws() == codes
    assert any(scan["queued"] for scan in server.journal.values())


@pytest.mark.slow
def test_killed_again_and_again_every_scan_said_to_be_safe_arrives_once(
    station: Station, server: FakeServer, scanner: SimulatedScanner
) -> None:
    roll, codes, done = random.Random(7), list[str](), threading.Event()

    def hand() -> None:
        while not done.is_set():
            code = f"TB{len(codes):010d}X"
            if scanner.answer_to(scanner.scan(code), seconds=0.3) == "ack":
                codes.append(code)

    person = threading.Thread(target=hand, daemon=True)
    person.start()
    for kill in range(KILLS):
        server.mood.die_after_taking = kill % 2
        with station.running() as agent:
            wanted = len(codes) + roll.randint(5, 30)
            assert _grown(scanner, codes, to=wanted)
            agent.kill()
    done.set()
    person.join(5)
    with station.running():
        assert server.wait_for(lambda: set(codes) <= set(server.raws()), seconds=20)
        assert any(station.ask("queue")[1] == [] for _ in range(20)), "some wait for ever"
    assert server.seqs() == list(range(1, len(server.journal) + 1))
    # A scan whose acknowledgement was lost in the kill was made again, under its own id; each
    # one that the scanner was told is safe is there once.
    repeats = [code for code in codes if server.raws().count(code) > 1]
    assert len(repeats) <= KILLS


@pytest.mark.slow
def test_a_second_agent_on_the_same_data_says_so_and_leaves_the_first_alone(
    station: Station, server: FakeServer, scanner: SimulatedScanner
) -> None:
    with station.running():
        code, text = _fail("run", *station._arguments)  # noqa: SLF001 - the very same start
        assert code == 2
        assert "another agent is using the data folder" in text
        _scan_until_safe(scanner, CODE)
        assert server.wait_for(lambda: server.raws() == [CODE])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["run"], "server is missing"),
        (["run", "--config", "/nowhere/agent.toml"], "cannot be read"),
        (["status", "--data", "/nowhere"], "no agent has run here"),
        (["queue", "--data", "/nowhere"], "no agent has run here"),
        (["put-back", "--data", "/nowhere"], "no agent has run here"),
    ],
)
def test_what_cannot_be_done_is_said_with_exit_code_2(
    capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    assert main(arguments) == 2
    assert said in capsys.readouterr().err


def test_a_missing_token_file_stops_the_start(tmp_path: Path) -> None:
    code, text = _fail(
        *("run", "--server", "http://127.0.0.1:1", "--station", STATION, "--data", str(tmp_path)),
        *("--scanner", "loop://", "--token-file", str(tmp_path / "nothing")),
    )
    assert code == 2
    assert "An administrator makes one" in text
