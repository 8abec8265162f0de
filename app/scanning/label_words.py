"""What became of a thing's labels, in words: each print, what is void, and which is valid now."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from flask_babel import gettext

from app.custody.history import History
from app.custody.ledger import Entry, Kind
from app.kernel.work import Work
from app.scanning.subject_words import kind_words
from app.web.catalogue import N_
from app.web.device_words import reason_words

LABELS = frozenset({Kind.LABEL_PRINTED, Kind.LABEL_VOIDED, Kind.TUBE_COMMISSIONED})
# By kind and by what the entry says of the label, as `_said` finds it.
_WORDS: Mapping[tuple[Kind, str], str] = {
    (Kind.LABEL_PRINTED, "printed"): N_("Label printed (print %(number)s)"),
    (Kind.LABEL_PRINTED, "seen"): N_("Label of print %(number)s is there: somebody saw it"),
    (Kind.LABEL_PRINTED, "handed over"): N_("Label handed to the printer (print %(number)s)"),
    (Kind.LABEL_PRINTED, "document"): N_("Label made as a document (print %(number)s)"),
    (Kind.LABEL_PRINTED, "unknown"): N_("Is the label of print %(number)s there? Unknown"),
    (Kind.LABEL_VOIDED, "reprinted"): N_("Label of print %(number)s void: printed again"),
    (Kind.LABEL_VOIDED, "not there"): N_("Label of print %(number)s void: it was not there"),
    (Kind.TUBE_COMMISSIONED, "read"): N_("Label read: this tube carries print %(number)s"),
    (Kind.TUBE_COMMISSIONED, "typed"): N_("Code typed: print %(number)s was not read"),
}
# The same where the entry does not say which print it was.
_UNNUMBERED: Mapping[tuple[Kind, str], str] = {
    (Kind.TUBE_COMMISSIONED, "read"): N_("Label read on the tube"),
    (Kind.TUBE_COMMISSIONED, "typed"): N_("Code typed: its label was not read"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Prints:
    """Which prints of a thing's label there are: the valid one, and those that are void.

    `sure`: a printer counted the valid one, somebody saw it, or it was read on the thing.
    """

    valid: int | None
    sure: bool
    void: tuple[int, ...]


def label_entries(history: History) -> tuple[Entry, ...]:
    """The entries about its labels that count, in event order."""
    return tuple(entry for entry in history.bookkeeping if entry.kind in LABELS)


def prints_of(entries: Sequence[Entry]) -> Prints:
    """Which print is valid after these entries: the newest that was printed and is not void."""
    by_kind: dict[Kind, set[int]] = {kind: set() for kind in LABELS}
    for entry in entries:
        number = _number(entry)
        if number is not None:
            by_kind[entry.kind].add(number)
    void = by_kind[Kind.LABEL_VOIDED]
    valid = max(by_kind[Kind.LABEL_PRINTED] - void, default=None)
    known = {_number(each) for each in entries if _said(each) in ("printed", "seen", "read")}
    sure = valid is not None and valid in known
    return Prints(valid=valid, sure=sure, void=tuple(sorted(void)))


def label_words(work: Work, entry: Entry) -> str:
    """What an entry about a label says happened."""
    number, key = _number(entry), (entry.kind, _said(entry))
    words = _UNNUMBERED.get(key) if number is None else _WORDS.get(key)
    return str(gettext(words, number=number)) if words else kind_words(work, entry.kind)


def label_details(entry: Entry) -> Iterator[str]:
    """What more is known of it: why nobody knows whether it is there, and which printer it was."""
    reasons = entry.facts.get("reasons")
    why = reason_words([str(each) for each in reasons]) if isinstance(reasons, list) else ""
    if why:
        yield why
    if isinstance(printer := entry.facts.get("printer"), str):
        yield printer


def prints_words(prints: Prints) -> Iterator[tuple[str, str]]:
    """The valid print and the void ones, as facts of a thing; nothing where none was printed."""
    if prints.valid is not None:
        words = (
            gettext("print %(number)s", number=prints.valid)
            if prints.sure
            else gettext("print %(number)s; nobody has seen it yet", number=prints.valid)
        )
        yield str(gettext("Valid label")), str(words)
    elif prints.void:
        yield str(gettext("Valid label")), str(gettext("no print"))
    if prints.void:
        numbers = ", ".join(map(str, prints.void))
        yield str(gettext("Void labels")), str(gettext("print %(number)s", number=numbers))


def _number(entry: Entry) -> int | None:
    """Which print of the label it is about, where it says so."""
    number = entry.facts.get("generation")
    return number if isinstance(number, int) else None


def _said(entry: Entry) -> str:
    """What an entry says of its label, as the tables of words call it."""
    facts = entry.facts
    if entry.kind is Kind.LABEL_VOIDED:
        return str(facts.get("reason"))
    if entry.kind is Kind.TUBE_COMMISSIONED:
        return "read" if facts.get("scan_back") else "typed"
    if facts.get("proof") == "seen":
        return "seen"
    by_no_printer = facts.get("status") == "handed over" and "printer" not in facts
    return "document" if by_no_printer else str(facts.get("status"))
