"""The words that scripts show: one table of sentences, handed to the page in the person's language.

Places in a sentence are written `{name}`; where a number decides the form, the table holds both.
A new sentence is one line here and one entry in the Spanish catalogue.
"""

from collections.abc import Mapping

from flask_babel import gettext, ngettext

Sentence = str | dict[str, str]


def N_(text: str) -> str:  # noqa: N802 - the name that message extraction looks for
    """Mark a sentence for the catalogue; it is translated when it is asked for."""
    return text


def NN_(one: str, other: str) -> tuple[str, str]:  # noqa: N802 - the same, for two forms
    """Mark a sentence with its form for one and for other numbers."""
    return one, other


def catalogue() -> dict[str, Sentence]:
    """Every sentence in the language of this request, for the page's JSON block."""
    plain: dict[str, Sentence] = {key: gettext(text) for key, text in SENTENCES.items()}
    counted: dict[str, Sentence] = {
        key: {"one": ngettext(one, other, 1), "other": ngettext(one, other, 2)}
        for key, (one, other) in COUNTED.items()
    }
    return plain | counted


SENTENCES: Mapping[str, str] = {
    # the scan bar
    "bar.stop_spoken": N_("Stop. {text}"),
    "verdict.refused": N_("Not recorded"),
    "typed.ask": N_("You typed {code}"),
    "typed.compare": N_("Compare it with the label. Is it the same?"),
    "typed.yes": N_("Yes, it is the same"),
    "typed.no": N_("No"),
    "typed.dropped": N_("Nothing was recorded"),
    "typed.again": N_("Scan the label, or type the code again"),
    "fault.check": N_("Check the last character"),
    "fault.check_do": N_("It does not fit this code. Scan again, or type it as it is printed"),
    "fault.doubled": N_("The scanner sent the code twice in one"),
    "fault.doubled_do": N_("Nothing was recorded for it. Check the scanner, then scan again"),
    "fault.unknown": N_("Not a code from this programme"),
    "fault.unknown_do": N_("Nothing was recorded for it. Scan the label with TB"),
    "storage.failed": N_("Not saved on this device"),
    "storage.failed_do": N_("Write the code down and stop scanning"),
    "print.asked": N_("The labels are asked for"),
    "card.no_use": N_("This card has no use here"),
    "card.no_use_do": N_("Open Collect or Receive to work with cards"),
    "undo.ok": N_("Last scan undone"),
    "undo.nothing": N_("Nothing to undo on this page"),
    "undo.nothing_do": N_("Only scans made on this page can be undone here"),
    "saved.saved": N_("All saved"),
    "saved.broken": N_("Not saved on this device"),
    # a page bound to a station
    "station.opening": N_("Connecting to the station"),
    "station.hears": N_("Hears this station's scanners"),
    "station.silent": N_("Has not heard the station since {time}. Its scans are kept there"),
    "station.elsewhere": N_("The station is at something else now"),
    "station.signed_out": N_("Sign in to hear the station"),
    # collecting a kit
    "kit.right": N_("This is the right kit"),
    "kit.already": N_("Kit already scanned"),
    "kit.wrong": N_("Wrong kit"),
    "kit.wrong_do": N_("This order needs kit {kit}. Set this one aside"),
    "participant.right": N_("This is the right participant"),
    "participant.wrong": N_("Wrong participant"),
    "participant.wrong_do": N_(
        "This order is for {participant}. Do not draw. Check the person again"
    ),
    "tube.ok": N_("{tube} OK"),
    "tube.next": N_("Next: {tube}, {cap} cap"),
    "tube.out_of_order": N_("Recorded out of the order of draw. {next}"),
    "tube.already": N_("Already scanned at {time}. Nothing changed"),
    "tube.wrong": N_("This tube is not of this kit"),
    "tube.wrong_do": N_("It was not counted. Set it aside and scan the right tube"),
    "tube.state_next": N_("Next"),
    "tube.state_wait": N_("Waiting"),
    "tube.state_none": N_("Not collected"),
    "done.ok": N_("Kit finished"),
    "done.next": N_("Pack the tubes, or open the next order"),
    "done.already": N_("This kit is finished already"),
    "done.press": N_("Scan DONE, or press Finish kit"),
    "done.missing_do": N_("Give a reason for each, or scan it now"),
    "reasons.ask": N_("Which tube was not collected?"),
    "reasons.ask_do": N_("Choose its reason below"),
    "reasons.none_open": N_("Every tube is accounted for"),
    "reasons.choose": N_("Choose a reason, or scan the tube"),
    "reasons.say_what": N_("Say what the reason is"),
    "reasons.recorded": N_("{tube}: not collected, reason recorded"),
    "collect.other_kind": N_("Not a tube"),
    "collect.other_kind_do": N_(
        "Scan the tubes of this kit here. Other things have their own page"
    ),
    # receiving a package
    "package.right": N_("This is the right package"),
    "package.wrong": N_("Another package"),
    "package.wrong_do": N_("Package {code} is open here. Finish it, then open this one"),
    "package.closed": N_("Receipt closed"),
    "package.closed_do": N_("What is open has become a task for somebody"),
    "box.scan": N_("Scan the next box"),
    "box.right": N_("Box {code}"),
    "box.again": N_("This box was scanned already"),
    "box.extra": N_("This box is not on the list"),
    "box.extra_do": N_("It is recorded here and becomes a task. Set it aside"),
    "box.closed": N_("Closed"),
    "tube.received": N_("Place {place} OK"),
    "tube.already_here": N_("Already scanned here. Nothing changed"),
    "tube.extra": N_("This tube is not on the list"),
    "tube.extra_do": N_("It is recorded here and becomes a task. Set it aside"),
    "tube.other_box": N_("This tube was said to be in another box"),
    "tube.other_box_do": N_("The list says box {box}. It is recorded here and becomes a task"),
    "condition.which": N_("{condition}: which tube?"),
    "condition.which_do": N_("Scan the tube now"),
    "condition.noted": N_("{condition}, place {place}: recorded"),
    "unlabelled.noted": N_("A tube without a readable label is recorded"),
    "unlabelled.noted_do": N_("Set it aside. Its new label is in the list of exceptions"),
    "close.missing_do": N_("Look at {places}. Close the box if they are not there"),
    "close.no": N_("Keep looking"),
    "close.goes_on": N_("The box stays open"),
    "close.done": N_("Box closed: {received} received, {missing} missing"),
    "close.package": N_("Every box is closed. Scan DONE to close the receipt"),
    "receive.other_kind": N_("Not a box and not a tube"),
    "receive.other_kind_do": N_("Scan boxes and tubes of this package here"),
    "cell.due": N_("{place}, expected"),
    "cell.in": N_("{place}, tube {tube}, received"),
    "cell.hold": N_("{place}, tube {tube}, damaged"),
    "cell.missing": N_("{place}, missing"),
    "line.due": N_("Expected"),
    "line.in": N_("Received"),
    "line.hold": N_("Damaged"),
    "line.missing": N_("Missing"),
    "tally.tubes": N_("tubes"),
    "tally.boxes": N_("boxes"),
    "exception.extra": N_("Extra"),
    "exception.extra_box": N_("Extra box"),
    "exception.other_box": N_("Other box"),
    "exception.missing": N_("Missing"),
    "exception.broken": N_("Damaged"),
    "exception.leaked": N_("Leaking"),
    "exception.low_volume": N_("Low volume"),
    "exception.haemolysed": N_("Haemolysed"),
    "exception.unlabelled": N_("No readable label"),
    "exception.none": N_("none so far"),
    "exception.no_label": N_("a new label is being made"),
    # every page
    "age.fresh": N_("Up to date"),
    "form.not_done": N_("It was not done"),
    "form.no_server": N_("The server did not answer"),
    "form.no_server_do": N_("Nothing was changed. Try again in a moment"),
    "virtual.nobody": N_("No page is listening. Open Collect or Receive in another tab"),
    "virtual.sent": N_("Scanned: {code}"),
    # the scanner check
    "check.good": N_("The scanner is set up well"),
    "check.slow": N_(
        "Typed by hand, or the scanner waits between keys. Set its delay between characters to none"
    ),
    "check.suffix": N_("No Enter came after the code. Set the suffix of the scanner to Enter (CR)"),
    "check.prefix": N_(
        "The scanner does not say which kind of barcode it read. Set its code identifier to AIM"
    ),
    "check.doubled": N_(
        "The code came twice in one. Switch off the scanner's repeated sending or second symbol"
    ),
    "check.layout": N_(
        "Other characters arrived than are printed. Set the scanner's keyboard layout to US English"
    ),
    "check.caps": N_(
        "Caps Lock is on here. Codes are read right all the same; switch it off for other programs"
    ),
    "check.case": N_(
        "The scanner changes capital and small letters. Set its case conversion to none"
    ),
    "check.other": N_("That is none of the codes of this page. Scan one of the codes below"),
    "check.long": N_(
        "More characters arrived than any code has. Scan one of the codes below, once"
    ),
    "check.none": N_("none seen"),
    "check.yes": N_("yes"),
    "check.no": N_("no"),
    "check.right": N_("right"),
    "check.wrong": N_("not right"),
    "check.unknown": N_("cannot be told"),
    "check.gap": N_("{count} ms"),
    # the check of a scanner at a station
    "serial.good": N_("The code arrived whole and once, and its kind of barcode with it"),
    "serial.twice": N_(
        "The same code came again at once. Set the scanner's time between two reads of one code"
        " to a second"
    ),
    "serial.added": N_(
        "Characters were added to the code. Switch off the scanner's prefix, and any suffix but CR"
    ),
    "serial.cut": N_(
        "Only a part of the code arrived. Set the scanner's suffix to CR, and its delay between"
        " characters to none"
    ),
    "serial.garbled": N_(
        "Other characters arrived than are printed. Set the same speed and parity at the scanner"
        " and in the station's settings"
    ),
    "serial.kind": N_(
        "The scanner names another kind of barcode than is printed. Set its code identifier to AIM"
    ),
    "serial.character": N_(
        "The check character does not fit: a part of this label was read wrong. Scan it again;"
        " if it stays so, print it anew"
    ),
    "serial.ours": N_(
        "A label of this programme, read whole: its check character fits, and the read was noted."
        " For this check scan the codes below"
    ),
    "serial.waited": N_(
        "The read was long on its way. Look at the network of the station, and at what waits there"
    ),
    "serial.took": N_("{count} ms from the read to the server"),
    "serial.no_time": N_("time unknown, the station's clock was not compared"),
    "serial.no_kind": N_("kind of barcode not said"),
}

COUNTED: Mapping[str, tuple[str, str]] = {
    "net.offline": NN_(
        "Saved on this device, {count} waiting to send. Keep scanning",
        "Saved on this device, {count} waiting to send. Keep scanning",
    ),
    "net.signed_out": NN_(
        "Saved on this device, {count} waiting to send. Sign in to send it",
        "Saved on this device, {count} waiting to send. Sign in to send them",
    ),
    "saved.waiting": NN_("{count} waiting to send", "{count} waiting to send"),
    "saved.offline": NN_("{count} waiting to send", "{count} waiting to send"),
    "saved.signed_out": NN_(
        "{count} waiting, sign in to send it", "{count} waiting, sign in to send them"
    ),
    "saved.refused": NN_("{count} scan needs a look", "{count} scans need a look"),
    "done.missing": NN_("{count} tube has no scan: {tubes}", "{count} tubes have no scan: {tubes}"),
    "box.scan_tubes": NN_("Scan its tube: {count} expected", "Scan its tubes: {count} expected"),
    "box.tubes": NN_("{count} tube", "{count} tubes"),
    "box.left": NN_(
        "{count} tube still expected in this box", "{count} tubes still expected in this box"
    ),
    "package.boxes_left": NN_("{count} box is still open", "{count} boxes are still open"),
    "close.missing": NN_("{count} tube was not found", "{count} tubes were not found"),
    "close.yes": NN_("Close the box: {count} missing", "Close the box: {count} missing"),
    "close.next_box": NN_("Scan the next box, {count} to go", "Scan the next box, {count} to go"),
    "exception.count": NN_("{count}, it becomes a task", "{count}, each becomes a task"),
    "age.amber": NN_("{count} min old", "{count} min old"),
    "age.red": NN_(
        "Not connected for {count} min. What you see is from {time}",
        "Not connected for {count} min. What you see is from {time}",
    ),
}
