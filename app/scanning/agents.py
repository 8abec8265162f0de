"""What a read of a station's own scanner means: the station's open task, and the card before it.

Pure: a read, the task and what the device remembers, in; an intent, or what to say, out.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from app.custody.ledger import Facts, Sort
from app.scanning.reading import sort_of
from app.scanning.scan import Intent, Read, Say
from app.scanning.steps import STEPS


@dataclass(frozen=True, slots=True)
class Memory:
    """What a device remembers between two reads: a card that waits for its tube, the box in use."""

    card: str | None = None
    box: str | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """A command card: the step it stands for, whether it waits for a code, and in which tasks."""

    step: str | None = None
    waits: bool = False
    within: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()


_REASON = (("reason", "other"), ("comment", "command card"))

COMMANDS: Mapping[str, Card] = {
    "DONE": Card("done"),
    "UNDO": Card("undo"),
    "NOT COLLECTED": Card("not_collected", waits=True, within=("collect",), facts=_REASON),
    "DAMAGED": Card("note_condition", waits=True, facts=(("condition", "broken"),)),
    "LEAKING": Card("note_condition", waits=True, facts=(("condition", "leaked"),)),
    "LOW VOLUME": Card("note_condition", waits=True, facts=(("condition", "low_volume"),)),
    "HAEMOLYSED": Card("note_condition", waits=True, facts=(("condition", "haemolysed"),)),
    "MISSING LABEL": Card("check_in", within=("check_in",), facts=(("label", "missing"),)),
    "NEXT": Card(),
    "PAUSE": Card(),
    "PRINT": Card("print", within=("collect",)),
    "HELP": Card(),
    "YES": Card(),
    "NO": Card(),
}

Meant = tuple[Intent | Say, Memory]
READ = Intent(step="read")
# In these tasks a box that is scanned becomes the one that tubes are in from now on.
_INTO_BOXES = frozenset({"pack", "check_in"})


def meant(read: Read, task: Intent | None, memory: Memory) -> Meant:
    """What this read is for, and what the device remembers after it."""
    if read.command is not None:
        return _card(read.command, task, memory)
    if task is None:
        return READ, Memory()
    sort = sort_of(read)
    if memory.card is not None:
        return _after_card(COMMANDS[memory.card], sort, task, memory)
    if sort is Sort.BOX and task.step in _INTO_BOXES:
        opened = replace(memory, box=read.text)
        return (_as(task, box=None) if task.step == "check_in" else READ), opened
    if sort not in STEPS[task.step].sorts:
        return READ, memory
    return _as(task, box=memory.box or task.box), memory


def _card(word: str, task: Intent | None, memory: Memory) -> Meant:
    card = COMMANDS[word]
    fits = task is not None and (not card.within or task.step in card.within)
    if card.step is None or (card.step != "undo" and not fits):
        return Say.CARD_NO_USE, replace(memory, card=None)
    if card.waits:
        return Say.CARD_WAITS, replace(memory, card=word)
    meant_by = _as(task or READ, step=card.step, facts=dict(card.facts), box=memory.box)
    return meant_by, replace(memory, card=None, box=None if word == "DONE" else memory.box)


def _after_card(card: Card, sort: Sort | None, task: Intent, memory: Memory) -> Meant:
    """The code that a card was waiting for; any other code sets the card aside."""
    plain = replace(memory, card=None)
    step = card.step or "read"
    if step == "note_condition" and task.step == "check_in":
        step = "check_in"  # a broken tube has come in too, and nobody scans it twice
    if sort not in STEPS[step].sorts:
        return READ, plain
    return _as(task, step=step, facts=dict(card.facts), box=memory.box or task.box), plain


def _as(
    task: Intent, *, step: str | None = None, box: str | None, facts: Facts | None = None
) -> Intent:
    return replace(task, step=step or task.step, box=box, facts=facts or task.facts)
