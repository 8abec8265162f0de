"""The ways to connect a scanner, and what to set at it for each: a table, one entry a way."""

from dataclasses import dataclass
from typing import Final

from app.web.catalogue import N_


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way. `settings` are the words of scanner manuals, which nobody translates."""

    name: str
    good_for: str
    connect: str
    settings: tuple[str, ...]


WAYS: Final = (
    Way(
        name=N_("Serial text"),
        good_for=N_("Scanners of any make. The scanner is heard whatever page is open."),
        connect=N_("Join it to the station's computer, and name it in the agent's settings."),
        settings=(
            "Host type: USB CDC (virtual COM port) or RS-232",
            "Suffix: CR",
            "Transmit Code ID Character: AIM",
        ),
    ),
    Way(
        name=N_("Zebra SSI"),
        good_for=N_("Zebra scanners. Each read is checked and acknowledged on the line."),
        connect=N_("As serial text; in the agent's settings its driver is ssi."),
        settings=("Host type: SSI", "Software handshaking: ACK/NAK"),
    ),
    Way(
        name=N_("Keyboard"),
        good_for=N_("A browser without the agent. Only the page in front hears the scanner."),
        connect=N_("Join it by USB to any computer. Then scan the codes of this page."),
        settings=(
            "Host type: HID keyboard",
            "Country keyboard type: US English",
            "Suffix: CR (Enter)",
            "Transmit Code ID Character: AIM",
        ),
    ),
)
