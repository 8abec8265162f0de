"""What agents say of devices, in words for people: state, what it means to them, what to do."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import gettext

from app.web.catalogue import N_

# Why a printer does not print, by the names that the printer's own language gives.
REASONS: Mapping[str, str] = {
    "paper_out": N_("the printer is out of labels"),
    "media_out": N_("the printer is out of labels"),
    "ribbon_out": N_("the ribbon is used up"),
    "head_open": N_("the lid is open"),
    "pause": N_("the printer is paused"),
    "clean_head": N_("the print head wants cleaning"),
    "silent": N_("the printer did not answer"),
    "garbled": N_("what the printer answers cannot be understood"),
    "not_taken": N_("the printer took only a part of it"),
    "not_counted": N_("the printer did not count it"),
    "miscounted": N_("the printer counted something else"),
    "endless": N_("the printer did not come to an end"),
    "line_lost": N_("the printer was unplugged"),
    "stopped": N_("the station's program stopped"),
    "agent_ended": N_("the station's program ended"),
    "reprinted": N_("another was asked for"),
    "not_there": N_("it was not there; another was asked for"),
    "given_up": N_("nobody waits for it any more"),
    "lease_ended": N_("the station was not heard of"),
    "resolution": N_("the printer has another resolution"),
    "no_spooler": N_("the station's computer has no print spooler"),
    "spooler_down": N_("the print spooler does not run"),
    "spooler_silent": N_("the print spooler did not answer"),
    "spooler_refused": N_("the print spooler did not take it"),
    "queue_unknown": N_("the print spooler has no queue of that name"),
    "queue_closed": N_("the print queue takes nothing now"),
    "folder_gone": N_("the folder for labels is not there"),
    "folder_closed": N_("the station's program may not write into the folder for labels"),
    "folder_refused": N_("the folder for labels cannot be written"),
    "disk_full": N_("the disk is full"),
}
_STATES: Mapping[str, tuple[str, str, str, str]] = {
    "ready": (N_("Ready"), "", "ok", "check"),
    "printing": (N_("Printing"), "", "act", "wait"),
    "connecting": (N_("Connecting"), "", "quiet", "wait"),
    "unplugged": (N_("Unplugged"), N_("Plug it in and switch it on"), "stop", "cross"),
    "busy": (
        N_("Used by another program"),
        N_("Close the other program that uses this device"),
        "stop",
        "cross",
    ),
    "not permitted": (
        N_("Not permitted"),
        N_("An administrator of this computer must allow the station's program to use it"),
        "stop",
        "cross",
    ),
    "not answering": (
        N_("Not answering"),
        N_("A printer may be out of labels or have its lid open; else switch it off and on"),
        "stop",
        "cross",
    ),
    "answers what nobody understands": (
        N_("Answers what nobody understands"),
        N_("Look that it is a ZPL printer, and that its speed is as in the station's settings"),
        "stop",
        "cross",
    ),
    "cannot print": (N_("Cannot print"), "", "warn", "high"),
    "unreadable data, check baud": (
        N_("What it sends cannot be read"),
        N_("Set the same speed at the device and in the station's settings"),
        "stop",
        "cross",
    ),
    "reads without an end": (
        N_("Its reads are cut short"),
        N_("Set the scanner's suffix to CR, and its delay between characters to none"),
        "stop",
        "cross",
    ),
    "address not understood": (
        N_("Address not understood"),
        N_("Correct its address in the station's settings"),
        "stop",
        "cross",
    ),
}
_OTHER = (N_("In trouble"), N_("Unplug it, plug it in again, and look at the agent's log"))


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceWords:
    """A device's state in words; `advice` is empty where nothing is to be done."""

    state: str
    advice: str
    tone: str
    sign: str


def device_words(said: str) -> DeviceWords:
    """What an agent's word for a device means: a state, perhaps with reasons behind a colon."""
    state, _, reasons = said.partition(": ")
    words, advice, tone, sign = _STATES.get(state, (*_OTHER, "stop", "cross"))
    why = reason_words(reasons.split(", ") if reasons else ())
    told = gettext(words) + (f": {why}" if why else "")
    return DeviceWords(state=told, advice=gettext(advice) if advice else "", tone=tone, sign=sign)


def reason_words(reasons: tuple[str, ...] | list[str]) -> str:
    """Reasons in one line, each said once; one that nobody has words for is left out."""
    words = (gettext(REASONS[each]) for each in reasons if each in REASONS)
    return ", ".join(dict.fromkeys(words))
