"""Errors of the operating system become ours, each with its own remedy."""

import errno
import termios

import pytest
import serial

from hardware.errors import Busy, DeviceTrouble, NotPermitted, Unplugged, trouble_from


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (errno.ENOENT, Unplugged),
        (errno.EAGAIN, Busy),
        (errno.EACCES, NotPermitted),
        (errno.EIO, Unplugged),
        (errno.EBUSY, Busy),
    ],
)
@pytest.mark.parametrize("library", [serial.SerialException, OSError, termios.error])
def test_a_number_means_the_same_from_every_library(
    number: int, kind: type[DeviceTrouble], library: type[Exception]
) -> None:
    assert type(trouble_from(library(number, "as the system says"), address="tty")) is kind


def test_an_error_without_a_number_counts_as_unplugged() -> None:
    error = serial.SerialException("device reports readiness to read but returned no data")
    assert type(trouble_from(error, address="tty")) is Unplugged


def test_unplugged_busy_and_not_permitted_say_three_different_things_to_do() -> None:
    remedies = {Unplugged.remedy, Busy.remedy, NotPermitted.remedy}
    assert len(remedies) == 3
    assert "dialout" in NotPermitted.remedy
    assert "other program" in Busy.remedy
