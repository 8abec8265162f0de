"""Programs of a demo: started, told of when they die, and never left behind."""

import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from app.simulation.programs import Company as TheCompany
from app.simulation.programs import DiesAgain, NotReady, Program
from tests.builders.programs import until

SCANNER = Program(name="scanner", module="hardware.scanner.simulator", arguments=())


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


Ended = Callable[[], bool]
Wrong = Callable[[], list[Exception]]


def looked_after(company: TheCompany, stopping: threading.Event) -> tuple[Wrong, Ended]:
    """Look after it in another thread: waits for what went wrong there; whether that is over."""
    wrong: list[Exception] = []

    def look() -> None:
        try:
            company.look_after(stopping)
        except DiesAgain as error:
            wrong.append(error)

    thread = threading.Thread(target=look)
    thread.start()

    def end() -> list[Exception]:
        thread.join()
        return wrong

    return end, lambda: not thread.is_alive()


def test_it_says_where_it_is_and_ends_with_the_demo(tmp_path: Path) -> None:
    with TheCompany(tmp_path, tell=lambda _: None) as company:
        ready = company.start(SCANNER)
        (pid,) = company.pids().values()
        assert alive(pid)

    assert ready["device"]
    assert not alive(pid)
    assert (tmp_path / "scanner.log").read_text() == ""


def test_one_that_dies_is_told_of_and_started_again(tmp_path: Path) -> None:
    told: list[str] = []
    stopping = threading.Event()
    with TheCompany(tmp_path, tell=told.append) as company:
        company.start(SCANNER)
        (pid,) = company.pids().values()
        end, _ = looked_after(company, stopping)

        os.kill(pid, signal.SIGKILL)
        until(lambda: company.pids()["scanner"] != pid)
        stopping.set()

        assert end() == []
    assert "scanner has ended" in told[0]


def test_one_that_dies_again_and_again_ends_the_demo(tmp_path: Path) -> None:
    with TheCompany(tmp_path, tell=lambda _: None) as company:
        company.start(SCANNER)
        end, ended = looked_after(company, threading.Event())
        dead: set[int] = set()
        while not ended():
            pid = company.pids()["scanner"]
            if pid not in dead:
                dead.add(pid)
                os.kill(pid, signal.SIGKILL)
            until(lambda: ended() or company.pids()["scanner"] not in dead)

        (wrong,) = end()

    assert isinstance(wrong, DiesAgain)


def test_one_that_cannot_start_says_so(tmp_path: Path) -> None:
    wrong = Program(name="agent", module="hardware.__main__", arguments=("run", "--json"))

    with (
        TheCompany(tmp_path, tell=lambda _: None) as company,
        pytest.raises(NotReady, match="agent did not start"),
    ):
        company.start(wrong)
