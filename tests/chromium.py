"""One Chromium for the whole test run: its driver cannot be started twice in one process."""

import shutil
import sys
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
_NAMES = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium; without one the tests are skipped, and say so."""
    program = next((found for name in _NAMES if (found := shutil.which(name))), None)
    if program is None:
        sys.stderr.write("\nNO CHROMIUM: the browser tests are SKIPPED. apt-get install chromium\n")
        pytest.skip("no Chromium on this machine: apt-get install chromium fonts-liberation")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield running
        running.close()
