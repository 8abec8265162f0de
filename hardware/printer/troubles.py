"""The troubles a simulated printer can have, each by its name."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """What goes wrong while a label is printed: `seconds` until it is over, 0 for never."""

    happens: str | None = None
    seconds: float = 0.0
    silent_in_error: bool = False
    reprints: bool = True  # the label that was cut off, once it can print again (^JZY)
    counts_halves: bool = False


NONE: Final = Trouble()
TROUBLES: Final[Mapping[str, Trouble]] = {
    "none": NONE,
    "roll_end": Trouble(happens="roll_end", seconds=5),
    "silent_on_error": Trouble(happens="roll_end", seconds=5, silent_in_error=True),
    "no_reprint": Trouble(happens="roll_end", seconds=5, reprints=False),
    "half_label_counted": Trouble(
        happens="roll_end", seconds=5, reprints=False, counts_halves=True
    ),
    "roll_end_nobody": Trouble(happens="roll_end"),
    "reboot": Trouble(happens="reboot", seconds=0.3),
    "reboot_silent": Trouble(happens="reboot", seconds=8),
    "head_open": Trouble(happens="head_open", seconds=0.6),
    "replies_lost": Trouble(happens="replies_lost"),
    "dead": Trouble(happens="dead"),
}
