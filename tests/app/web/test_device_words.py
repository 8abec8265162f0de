"""What agents say of devices has words for people."""

import pytest

from app.web.device_words import device_words

# By the names that the drivers of printers give.
ASKED = ("silent", "garbled", "not_taken", "not_counted", "miscounted", "endless", "line_lost")
HANDED = ("no_spooler", "spooler_down", "spooler_silent", "spooler_refused", "queue_unknown")
HELD = ("queue_closed", "folder_gone", "folder_closed", "folder_refused", "disk_full", "stopped")


@pytest.mark.parametrize("reason", [*ASKED, *HANDED, *HELD])
def test_every_reason_a_printer_gives_has_words(reason: str) -> None:
    assert device_words(f"cannot print: {reason}").state.startswith("Cannot print: ")


def test_a_printer_that_nobody_understands_is_said_with_what_to_do() -> None:
    words = device_words("answers what nobody understands")
    assert words.state == "Answers what nobody understands"
    assert "ZPL" in words.advice
