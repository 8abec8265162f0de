"""The real programs on a data folder of their own: server, two watchers, doctor, and their end."""

import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import urllib3

from app.kernel.postgres_embedded import Embedded
from app.kernel.postgres_roles import connect
from tests.builders.programs import PATIENCE, run, running, until
from tests.watch_over import watched_over

pytestmark = pytest.mark.slow


@pytest.fixture
def folder() -> Iterator[Path]:
    """A data folder where nothing runs yet; whatever runs there is stopped at the end."""
    folder = Path(tempfile.mkdtemp(prefix="unbroken-test-"))
    with watched_over(folder):
        try:
            yield folder
        finally:
            Embedded(folder).remove()
            shutil.rmtree(folder)


def health_of(folder: Path) -> dict[str, str]:
    _, found = run(folder, "doctor")
    return {finding["name"]: finding["health"] for finding in found["findings"]}


def answers(url: str) -> bool:
    return urllib3.request("GET", f"{url}/health", timeout=10).status == 200


def test_server_watchers_and_doctor_together_and_their_end(folder: Path) -> None:
    assert run(folder, "migrate")[0] == 0
    with ExitStack() as stack:
        served, server = stack.enter_context(running(folder, "serve"))
        _, first = stack.enter_context(running(folder, "watch"))
        _, second = stack.enter_context(running(folder, "watch"))

        assert answers(served["url"])
        assert any("user add" in note for note in served["notes"])
        until(lambda: health_of(folder).get("watcher") == "ok")
        assert run(folder, "verify")[0] == 0

        first.send_signal(signal.SIGTERM)
        assert first.wait(PATIENCE) == 0
        until(lambda: health_of(folder).get("watcher") == "ok")
        for program in (second, server):
            program.send_signal(signal.SIGTERM)
            assert program.wait(PATIENCE) == 0

    # Neither stops the database it started: others may be using it.
    assert run(folder, "db", "status")[1]["answers"]
    assert run(folder, "db", "stop")[1]["stopped"]
    assert run(folder, "db", "status")[0] == 1


@pytest.mark.parametrize(("proxy", "other"), [({"UNBROKEN_PROXY": "127.0.0.1"}, 401), ({}, 429)])
def test_behind_a_proxy_everybody_has_an_address_of_their_own(
    folder: Path, proxy: dict[str, str], other: int
) -> None:
    """Five wrong passwords close the door to where they came from, and to nobody else."""
    assert run(folder, "migrate")[0] == 0
    with running(folder, "serve", **proxy) as (served, _):

        def sign_in(address: str) -> int:
            return urllib3.request(
                "POST",
                f"{served['url']}/api/v1/session",
                json={"login": "somebody", "password": "wrong as can be"},
                headers={"X-Unbroken": "1", "X-Forwarded-For": address},
                timeout=10,
            ).status

        assert [sign_in("192.0.2.1") for _ in range(6)] == [401] * 5 + [429]
        assert sign_in("192.0.2.2") == other


def test_a_watcher_outlives_the_database(folder: Path) -> None:
    assert run(folder, "migrate")[0] == 0
    with running(folder, "watch") as (_, watcher):
        until(lambda: health_of(folder).get("watcher") == "ok")
        run(folder, "db", "stop")
        time_away = time.monotonic() + 7  # more than one turn is missed
        until(lambda: time.monotonic() > time_away)
        assert watcher.poll() is None
        run(folder, "db", "start")
        before = looked_at(folder)
        until(lambda: looked_at(folder) != before)
        watcher.send_signal(signal.SIGTERM)
        assert watcher.wait(PATIENCE) == 0


def looked_at(folder: Path) -> str:
    """When the watcher looked last, in the words of the database."""
    with connect(Embedded(folder).runtime_url) as connection:
        [at] = connection.execute("SELECT at FROM job_mark WHERE name = 'sweep'").fetchone() or [""]
    return str(at)
