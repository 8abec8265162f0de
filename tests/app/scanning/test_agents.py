"""What a read of a station's scanner is for: the task it stands in, and the card before it."""

import pytest

from app.scanning.agents import COMMANDS, READ, Memory, meant
from app.scanning.reading import read
from app.scanning.scan import Intent, Read, Say
from labels.code import COMMAND_CARDS, make, next_mintable


def of(namespace: str) -> Read:
    found = read(make(namespace, next_mintable(namespace, 1)), {}, {})
    assert isinstance(found, Read)
    return found


def card(word: str) -> Read:
    found = read(COMMAND_CARDS[word], {}, {})
    assert isinstance(found, Read)
    return found


TUBE, BOX, KIT = of("TB"), of("BX"), of("KT")
COLLECT = Intent(step="collect", kit=KIT.text)
CHECK_IN = Intent(step="check_in", package="PK")
PACK = Intent(step="pack", box="BX0")
NOTHING = Memory()


@pytest.mark.parametrize(
    ("seen", "task", "step"),
    [
        (TUBE, None, "read"),
        (TUBE, COLLECT, "collect"),
        (BOX, COLLECT, "read"),
        (KIT, COLLECT, "read"),
        (TUBE, PACK, "pack"),
        (BOX, PACK, "read"),
        (TUBE, CHECK_IN, "check_in"),
        (BOX, CHECK_IN, "check_in"),
        (card("DONE"), COLLECT, "done"),
        (card("UNDO"), None, "undo"),
        (card("MISSING LABEL"), CHECK_IN, "check_in"),
    ],
)
def test_what_a_read_is_for(seen: Read, task: Intent | None, step: str) -> None:
    intent, _ = meant(seen, task, NOTHING)

    assert isinstance(intent, Intent)
    assert intent.step == step


@pytest.mark.parametrize(
    ("word", "task"),
    [
        ("DONE", None),
        ("NOT COLLECTED", CHECK_IN),
        ("MISSING LABEL", COLLECT),
        ("DAMAGED", None),
        ("NEXT", COLLECT),
        ("PAUSE", COLLECT),
        ("PRINT", CHECK_IN),
        ("HELP", None),
        ("YES", CHECK_IN),
        ("NO", CHECK_IN),
    ],
)
def test_cards_that_have_no_use_here(word: str, task: Intent | None) -> None:
    assert meant(card(word), task, NOTHING) == (Say.CARD_NO_USE, NOTHING)


def test_every_card_is_known() -> None:
    assert set(COMMANDS) == set(COMMAND_CARDS)


@pytest.mark.parametrize(
    ("word", "step", "facts"),
    [
        ("DAMAGED", "check_in", {"condition": "broken"}),
        ("LEAKING", "check_in", {"condition": "leaked"}),
        ("LOW VOLUME", "check_in", {"condition": "low_volume"}),
        ("HAEMOLYSED", "check_in", {"condition": "haemolysed"}),
    ],
)
def test_a_condition_card_waits_for_its_tube(word: str, step: str, facts: dict[str, str]) -> None:
    said, waiting = meant(card(word), CHECK_IN, NOTHING)
    intent, after = meant(TUBE, CHECK_IN, waiting)

    assert said is Say.CARD_WAITS
    assert isinstance(intent, Intent)
    assert (intent.step, intent.facts, intent.package) == (step, facts, "PK")
    assert after == NOTHING


def test_a_second_card_takes_the_place_of_the_first() -> None:
    _, waiting = meant(card("DAMAGED"), CHECK_IN, NOTHING)
    _, waiting = meant(card("LEAKING"), CHECK_IN, waiting)

    assert waiting.card == "LEAKING"


def test_a_box_that_is_scanned_is_the_one_in_use() -> None:
    _, opened = meant(BOX, PACK, NOTHING)
    intent, _ = meant(TUBE, PACK, opened)

    assert isinstance(intent, Intent)
    assert intent.box == BOX.text


def test_a_box_is_not_checked_in_into_itself() -> None:
    intent, opened = meant(BOX, CHECK_IN, Memory(box=BOX.text))

    assert isinstance(intent, Intent)
    assert (intent.box, opened.box) == (None, BOX.text)


def test_nothing_of_an_earlier_task_is_left_where_none_is_open() -> None:
    assert meant(TUBE, None, Memory(card="DAMAGED", box="BX0")) == (READ, NOTHING)


def test_away_from_the_dock_a_condition_is_noted_and_nothing_else() -> None:
    _, waiting = meant(card("HAEMOLYSED"), COLLECT, NOTHING)
    intent, _ = meant(TUBE, COLLECT, waiting)

    assert isinstance(intent, Intent)
    assert intent.step == "note_condition"
