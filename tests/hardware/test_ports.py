"""Ports: found by lasting name, held alone, and never a stranger's exception."""

import errno
import os
from pathlib import Path

import pytest
import serial

from hardware.errors import BadAddress, Busy, NoReply, NotPermitted, Unplugged
from hardware.ports import check_address, open_port, resolve
from hardware.scanner.protocol import Answer
from hardware.scanner.text import TextScanner
from tests.hardware.lines import PtyLine, SocketLine


def test_a_second_opener_is_told_busy_and_does_not_disturb_the_first() -> None:
    line = PtyLine()
    first = open_port(line.address)
    with pytest.raises(Busy):
        open_port(line.address)
    line.send(b"]C0TB")
    assert first.read().startswith(b"]")
    first.close()
    line.unplug()


def test_what_is_not_there_is_unplugged(tmp_path: Path) -> None:
    with pytest.raises(Unplugged):
        open_port(str(tmp_path / "ttyACM0"))


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may open every port")
def test_a_port_of_others_is_not_permitted(tmp_path: Path) -> None:
    locked = tmp_path / "ttyACM0"
    locked.touch(mode=0)
    with pytest.raises(NotPermitted):
        open_port(str(locked))


def test_a_tcp_line_that_nobody_serves_is_unplugged() -> None:
    with pytest.raises(Unplugged):
        open_port("socket://127.0.0.1:1")


def test_a_line_without_modem_lines_is_as_good_as_any() -> None:
    """Acceptance point 15: a pty has none, and asking for one is an error."""
    line = PtyLine()
    with serial.Serial(line.address) as plain, pytest.raises(OSError, match="ioctl") as refused:
        plain.cts  # noqa: B018 - asked for, to see that it cannot be told
    assert refused.value.errno == errno.ENOTTY
    port = open_port(line.address)
    scanner = TextScanner(port)
    line.send(b"TB0000000001R\r")
    assert [heard.scan.text for heard in scanner.listen()] == ["TB0000000001R"]
    scanner.acknowledge(Answer.ACCEPTED)
    assert line.received(1)
    scanner.close()
    line.unplug()


def test_reading_after_an_unplugging_is_unplugged_and_closing_is_safe() -> None:
    line = PtyLine()
    port = open_port(line.address)
    line.unplug()
    with pytest.raises(Unplugged):
        port.read()
    with pytest.raises(Unplugged):
        port.write(b"\x06")
    port.close()
    port.close()
    with pytest.raises(Unplugged):
        port.read()


def test_a_device_that_takes_no_bytes_gives_up_at_the_deadline() -> None:
    line = PtyLine()
    port = open_port(line.address)
    with pytest.raises(NoReply):
        port.write(b"x" * 1_000_000)
    line.unplug()
    port.close()


@pytest.mark.parametrize("wire", [PtyLine, SocketLine])
def test_what_was_said_before_can_be_forgotten(wire: type[PtyLine | SocketLine]) -> None:
    line = wire()
    port = open_port(line.address)
    port.drop()
    line.send(b"old")
    assert port.read()
    port.drop()
    line.send(b"new")
    assert port.read() == b"new"
    line.unplug()
    port.close()
    with pytest.raises(Unplugged):
        port.drop()


def test_loop_gives_back_what_was_written() -> None:
    port = open_port("loop://")
    port.write(b"TB")
    assert port.read() == b"TB"
    port.close()


def test_silence_comes_back_empty_handed() -> None:
    line = PtyLine()
    port = open_port(line.address)
    assert port.read() == b""
    port.close()
    line.unplug()


@pytest.mark.parametrize(
    "address",
    [
        "",
        " ",
        "http://host:1",
        "socket://",
        "socket://host",
        "socket://host:x",
        "a\nb",
        "usb://",
        "usb://0a5f:01",
        "usb://zebra:0166",
        "usb://0a5f:0166:",
    ],
)
def test_an_address_that_can_never_be_opened_is_said_so(address: str) -> None:
    with pytest.raises(BadAddress):
        check_address(address)


@pytest.mark.parametrize(
    "address",
    [
        "/dev/ttyACM0",
        "loop://",
        "socket://127.0.0.1:4001",
        "usb-Maker_Model_SN1-if00",
        "/dev/usb/lp0",
        "usb://0a5f:0166",
        "usb://0A5F:0166:52J201500123",
    ],
)
def test_an_address_that_may_be_opened_passes(address: str) -> None:
    check_address(address)


def test_a_lasting_name_is_followed_wherever_it_points_now(tmp_path: Path) -> None:
    name, lines = tmp_path / "usb-Maker_Model_SN1-if00", (PtyLine(), PtyLine())
    for line in lines:
        name.unlink(missing_ok=True)
        name.symlink_to(line.address)
        port = open_port("usb-Maker_Model_SN1-if00", by_id=tmp_path)
        line.send(b"T")
        assert port.read() == b"T"
        port.close()
        line.unplug()


def test_part_of_a_name_is_enough_when_it_fits_one_device(tmp_path: Path) -> None:
    (tmp_path / "usb-Maker_Model_SN1-if00").touch()
    (tmp_path / "usb-Maker_Model_SN2-if00").touch()
    assert resolve("SN2", by_id=tmp_path).endswith("SN2-if00")
    with pytest.raises(BadAddress, match="more than one"):
        resolve("Model", by_id=tmp_path)
    with pytest.raises(Unplugged):
        resolve("SN3", by_id=tmp_path)
