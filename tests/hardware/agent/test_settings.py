"""Settings: complete and right, or a sentence that says what to change."""

from pathlib import Path

import pytest

from hardware.agent.settings import BadSettings, ScannerSettings, make_settings, read_config
from tests.hardware.fake_server import STATION, TOKEN


@pytest.fixture
def token_file(tmp_path: Path) -> Path:
    path = tmp_path / "token"
    path.write_text(f"{TOKEN}\n")
    return path


def _told(token_file: Path, **changes: object) -> dict[str, object]:
    return {
        "server": "http://127.0.0.1:8000/",
        "station": STATION,
        "token_file": str(token_file),
        "data": str(token_file.parent / "data"),
        "scanner": ["/dev/ttyACM0"],
        **changes,
    }


def test_what_is_told_is_understood(token_file: Path) -> None:
    scanners = ["counter=/dev/serial/by-id/usb-Maker_Model_SN1-if00", "socket://10.0.0.7:4001"]
    settings = make_settings(_told(token_file, scanner=scanners, baud=115_200))
    assert (settings.server, settings.token) == ("http://127.0.0.1:8000", TOKEN)
    assert settings.scanners == (
        ScannerSettings(
            name="counter", address="/dev/serial/by-id/usb-Maker_Model_SN1-if00", baud=115_200
        ),
        ScannerSettings(
            name="socket-10-0-0-7-4001", address="socket://10.0.0.7:4001", baud=115_200
        ),
    )


def test_a_file_says_the_same_in_toml(tmp_path: Path, token_file: Path) -> None:
    config = tmp_path / "agent.toml"
    config.write_text(
        f'server = "https://lims.example"\nstation = "{STATION}"\ntoken_file = "{token_file}"\n'
        f'data = "{tmp_path}"\n[[scanner]]\nname = "dock"\naddress = "/dev/ttyUSB0"\nbaud = 19200\n'
    )
    settings = make_settings(read_config(config))
    assert settings.scanners == (ScannerSettings(name="dock", address="/dev/ttyUSB0", baud=19_200),)


def test_the_driver_is_chosen_for_all_scanners_or_for_one(token_file: Path) -> None:
    scanners = ["dock=/dev/ttyUSB0", {"name": "desk", "address": "/dev/ttyS0", "driver": "text"}]
    plain = make_settings(_told(token_file, scanner=scanners))
    assert [each.driver for each in plain.scanners] == ["text", "text"]
    ssi = make_settings(_told(token_file, scanner=scanners, driver="ssi"))
    assert [each.driver for each in ssi.scanners] == ["ssi", "text"]


def test_a_printer_is_driven_as_zpl_where_nothing_else_is_said(token_file: Path) -> None:
    settings = make_settings(_told(token_file, printer=["labels=/dev/usb/lp0"], driver="ssi"))
    (printer,) = settings.printers
    assert (printer.driver, printer.baud) == ("zpl", 9600)


def test_a_printer_that_only_takes_gets_documents_and_its_head_is_told(token_file: Path) -> None:
    told = [
        {"name": "office", "address": "Office", "driver": "cups"},
        {"name": "kept", "address": "/srv/labels", "driver": "file", "dpi": 203, "format": "zpl"},
    ]
    office, kept = make_settings(_told(token_file, printer=told)).printers
    assert (office.address, office.dpi, office.format) == ("Office", 300, "pdf")
    assert (kept.address, kept.dpi, kept.format) == ("/srv/labels", 203, "zpl")


def test_the_token_is_in_no_representation(token_file: Path) -> None:
    assert TOKEN not in repr(make_settings(_told(token_file)))


@pytest.mark.parametrize(
    ("server", "in_the_open"),
    [
        ("http://127.0.0.1:8000", False),
        ("http://localhost", False),
        ("https://lims.example", False),
        ("http://lims.example", True),
    ],
)
def test_an_unencrypted_way_over_a_network_is_noticed(
    token_file: Path, server: str, in_the_open: bool
) -> None:
    assert make_settings(_told(token_file, server=server)).in_the_open is in_the_open


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"server": None}, "--server"),
        ({"server": "lims.example"}, "no address like"),
        ({"server": "ftp://lims.example"}, "no address like"),
        ({"server": "http://"}, "no address like"),
        ({"server": "http://host:99999"}, "no address like"),
        ({"server": "https://user:secret@host"}, "no address like"),
        ({"station": None}, "--station"),
        ({"station": "TB0000000001X"}, "no station code"),
        ({"token_file": None}, "--token-file"),
        ({"token_file": "/nowhere/token"}, "cannot be read"),
        ({"data": None}, "--data"),
        ({"scanner": None}, "--scanner"),
        ({"scanner": []}, "--scanner"),
        ({"scanner": ["http://host"]}, "not a way to reach a device"),
        ({"scanner": ["socket://host"]}, "port number"),
        ({"scanner": ["a=/dev/ttyS0", "a=/dev/ttyS1"]}, "more than one device is called a"),
        ({"scanner": [{"address": "/dev/ttyS0", "speed": 9600}]}, "may have baud, driver, name"),
        ({"printer": [{"address": "/dev/ttyS1", "speed": 1}]}, "driver, format, name"),
        ({"printer": [{"address": "/dev/ttyS1", "driver": "x"}]}, "'x' is none of ours; there are"),
        ({"printer": [{"address": "/dev/ttyS1", "driver": "ssi"}]}, "there are zpl"),
        ({"printer": [{"address": "/dev/usb/lp0", "format": "pdf"}]}, "driven by zpl takes zpl"),
        ({"printer": [{"address": "q", "driver": "cups", "format": "tspl"}]}, "takes pdf or zpl"),
        ({"printer": [{"address": "q", "driver": "cups", "dpi": 200}]}, "203 or 300 or 600"),
        ({"printer": [{"address": "-o x", "driver": "cups"}]}, "lpstat -e"),
        ({"printer": [{"address": "labels", "driver": "file"}]}, "whole path"),
        ({"printer": [{"address": "/dev/ttyS1", "name": "P 1"}]}, "printer name 'P 1'"),
        ({"printer": ["a=/dev/ttyS1"], "scanner": ["a=/dev/ttyS0"]}, "more than one device"),
        ({"printer": ["http://host"]}, "printer http://host: http:// is not a way"),
        ({"printer": 1}, "should be a list"),
        ({"scanner": [{"address": "/dev/ttyS0", "name": "Dock 1"}]}, "small letters"),
        ({"baud": "fast"}, "no speed"),
        ({"driver": "sssi"}, "'sssi' is none of ours; there are text, ssi"),
        ({"scanner": [{"address": "/dev/ttyS0", "driver": 1}]}, "there are text, ssi"),
    ],
)
def test_what_is_wrong_is_said(token_file: Path, changes: dict[str, object], said: str) -> None:
    with pytest.raises(BadSettings, match=said):
        make_settings({**_told(token_file), **changes})


@pytest.mark.parametrize("content", ["", "two words of it", "short", "tab\there-and-more"])
def test_a_token_file_holds_one_token(token_file: Path, content: str) -> None:
    token_file.write_text(content)
    with pytest.raises(BadSettings, match="one token"):
        make_settings(_told(token_file))


@pytest.mark.parametrize(
    ("content", "said"), [("server =", "not TOML"), ("plotter = 1", "unknown: plotter")]
)
def test_a_wrong_file_is_said_so(tmp_path: Path, content: str, said: str) -> None:
    config = tmp_path / "agent.toml"
    config.write_text(content)
    with pytest.raises(BadSettings, match=said):
        read_config(config)
