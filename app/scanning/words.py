"""What is said about a scan, in the caller's language: what happened, what it means, what to do.

The rules' own words come from the limits; the rest stands in the two tables below.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import cast

from flask_babel import gettext

from app.kernel.work import Work
from app.scanning.rules import rule_words
from app.scanning.scan import Answer, Say
from app.web.catalogue import N_
from labels.code import CodeRefused, grouped

# What happened, what it means, what to do next.
SAYINGS: Mapping[Say, tuple[str, str, str]] = {
    Say.RECORDED: ("", "", ""),
    Say.ALREADY: (
        N_("Already scanned"),
        N_("You recorded its draw before. This scan was noted as a read"),
        "",
    ),
    Say.NOT_OURS: (
        N_("Not a code from this programme"),
        N_("Nothing was recorded for it"),
        N_("Scan the label with TB"),
    ),
    Say.CHECK_CHARACTER: (
        N_("Check the last character"),
        N_("It does not fit this code"),
        N_("Scan again, or type it as it is printed"),
    ),
    Say.DOUBLED: (
        N_("The scanner sent the code twice in one"),
        N_("Nothing was recorded for it"),
        N_("Check the scanner, then scan again"),
    ),
    Say.TOO_LONG: (
        N_("Several codes were read as one"),
        N_("Nothing was recorded for it"),
        N_("Scan one label at a time"),
    ),
    Say.DOES_NOT_FIT: (
        N_("The read does not fit"),
        N_("Nothing was recorded for it but the read itself"),
        N_("Tell the administrator which device it was"),
    ),
    Say.NEVER_ISSUED: (
        N_("Nobody issued this code"),
        N_("It is recorded as found"),
        N_("Set it aside, and find out where it comes from"),
    ),
    Say.UNKNOWN: (
        N_("This code has no story here"),
        N_("Only the read was noted"),
        N_("Scan the tube, the box or the package"),
    ),
    Say.ANOTHER_SITE: (N_("It belongs to another site"), N_("It is recorded here"), ""),
    Say.UNATTRIBUTED: (
        N_("Recorded, and nobody knows by whom"),
        N_("Nobody was signed in where it was scanned"),
        N_("Sign in, and open the page for this station"),
    ),
    Say.NO_SITE: (
        N_("Nobody knows where this was scanned"),
        N_("Nothing was recorded for it"),
        N_("Ask the administrator to name the site where you work"),
    ),
    Say.NO_USE: (
        N_("This cannot be done with it"),
        N_("Only the read was noted"),
        N_("Scan what belongs to this step"),
    ),
    Say.CARD: (N_("Card read"), "", ""),
    Say.CARD_NO_USE: (
        N_("This card has no use here"),
        "",
        N_("Open Collect or Receive to work with cards"),
    ),
    Say.CARD_WAITS: (N_("Which tube?"), "", N_("Scan the tube now")),
    Say.TEST_CODE: (N_("A test code of the scanner check"), N_("Nothing else was recorded"), ""),
    Say.CONTEXT_MISSING: (
        N_("What it goes with is not known"),
        N_("Only the read was noted"),
        N_("Scan the box or the package first, then this again"),
    ),
    Say.WRONG_PARTICIPANT: (
        N_("Wrong participant"),
        N_("This tube belongs to another kit"),
        N_("Set it aside"),
    ),
    Say.WRONG_KIT: (
        N_("Another kit of the same participant"),
        N_("This tube belongs to another kit"),
        N_("Set it aside"),
    ),
    Say.WITHDRAWN: (
        N_("Consent was withdrawn"),
        N_("Do not draw"),
        N_("Call the site coordinator"),
    ),
    Say.HOLD: (
        N_("Consent was withdrawn"),
        N_("It must not go on"),
        N_("Put it in quarantine, and call the manager"),
    ),
    Say.NO_CONSENT: (
        N_("No consent is on record"),
        N_("Do not draw"),
        N_("Record the consent first, or call the site coordinator"),
    ),
    Say.RESERVED: (
        N_("This place is kept for another"),
        N_("It was not put there"),
        N_("Choose another place"),
    ),
    Say.NEW_CODE: (
        N_("A tube without a readable label is recorded"),
        N_("Its new code is %(code)s"),
        N_("Write the code on the tube, and set it aside"),
    ),
    Say.BOX_CLOSED: (N_("Closed"), N_("What was not seen is missing"), ""),
    Say.RECEIPT_CLOSED: (
        N_("Receipt closed"),
        N_("What is open has become a task for somebody"),
        "",
    ),
    Say.UNDONE: (N_("Last scan undone"), "", ""),
    Say.NOTHING_TO_UNDO: (N_("Nothing to undo"), N_("Nothing changed"), ""),
    Say.PRINTING: (
        N_("Labels are being printed"),
        N_("%(count)s of them, at %(station)s"),
        "",
    ),
    Say.BEING_PRINTED: (
        N_("The labels are being printed already"),
        N_("They come out at %(station)s. Nothing more was asked for"),
        N_("Look at the printer, or open the labels of the kit"),
    ),
    Say.CONFLICT: (
        N_("Another read is known by this number"),
        N_("This one was not recorded"),
        N_("Write the code down, and tell the administrator which device it was"),
    ),
    Say.PARKED: (
        N_("Kept until the scans before it are here"),
        N_("It is counted as soon as they are"),
        "",
    ),
}

# What a deed that was simply done is called.
DEEDS: Mapping[str, str] = {
    "collect": N_("%(what)s: drawn"),
    "not_collected": N_("%(what)s: not collected, reason recorded"),
    "spin_start": N_("%(what)s: spin started"),
    "spin_end": N_("%(what)s: spin ended"),
    "pack": N_("%(what)s: in the box"),
    "pack_box": N_("%(what)s: in the package"),
    "unpack": N_("%(what)s: taken out"),
    "seal": N_("%(what)s: sealed"),
    "check_in": N_("%(what)s: checked in"),
    "note_condition": N_("%(what)s: condition recorded"),
    "store": N_("%(what)s: stored"),
    "move": N_("%(what)s: moved"),
    "read": N_("%(what)s: read"),
    "done": N_("Done"),
    "print": N_("Labels are being printed"),
    "undo": N_("Undone"),
}
KINDS: Mapping[str, str] = {
    "tube": N_("Tube"),
    "box": N_("Box"),
    "rack": N_("Rack"),
    "package": N_("Package"),
    "kit": N_("Kit"),
    "participant": N_("Participant"),
    "place": N_("Place"),
    "station": N_("Station"),
}


def said(work: Work, answer: Answer, *, now: datetime) -> dict[str, str]:
    """Title, message and action of an answer."""
    if answer.saying == Say.FOUND_GAP and answer.rule is not None:
        return _of_rule(work, answer.rule, now)
    if answer.saying == Say.ERROR:
        return _of_error(answer)
    title, message, action = SAYINGS[Say(answer.saying)]
    return {
        "title": _text(title) if title else _deed(work, answer),
        "message": _faults(answer) or _kit(answer) or _filled(message, answer),
        "action": _text(action),
    }


def finding(work: Work, rule: str, *, now: datetime) -> dict[str, str]:
    """A rule that objects, in words."""
    words = _of_rule(work, rule, now)
    return {"rule": rule, "title": words["title"], "message": words["message"]}


def _of_rule(work: Work, rule: str, now: datetime) -> dict[str, str]:
    words, language = rule_words(work, rule, now=now), work.actor.language
    return {
        "title": words.title(language),
        "message": words.trigger(language),
        "action": words.action(language),
    }


def _of_error(answer: Answer) -> dict[str, str]:
    values = cast("dict[str, str]", answer.values["values"])
    title, advice = (_text(str(answer.values[key])) for key in ("message", "advice"))
    return {
        "title": title % values if values else title,
        "message": "",
        "action": advice % values if values else advice,
    }


def _deed(work: Work, answer: Answer) -> str:
    step = str(answer.values.get("step", "read"))
    return _text(DEEDS[step]) % {"what": _what(work, answer)}


def _what(work: Work, answer: Answer) -> str:
    tube = work.catalogue.tubes.types.get(str(answer.values.get("tube_type")))
    if tube is not None:
        return tube.name.said(work.actor.language)
    return _text(KINDS.get(answer.kind or "", ""))


def _filled(source: str, answer: Answer) -> str:
    words = _text(source)
    if "%(" not in words:
        return words
    return words % {name: grouped_or_plain(str(value)) for name, value in answer.values.items()}


def _kit(answer: Answer) -> str:
    kit = answer.values.get("kit")
    belongs = N_("This tube belongs to kit %(kit)s")
    return _text(belongs) % {"kit": grouped_or_plain(str(kit))} if kit else ""


def grouped_or_plain(code: str) -> str:
    """One of our codes as it is printed; anything else as it stands."""
    try:
        return grouped(code)
    except CodeRefused:
        return code


def _faults(answer: Answer) -> str:
    listed = answer.values.get("faults")
    pairs = cast("list[list[str]]", listed) if isinstance(listed, list) else []
    return ". ".join(f"{path}: {message}" for path, message in pairs)


def _text(source: str) -> str:
    return str(gettext(source)) if source else ""
