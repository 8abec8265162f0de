"""Identifiers: what is made is read back, and nothing misread, mistyped or hostile is."""

import csv
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labels import code
from labels.code import Code, Foreign, Ours

VECTORS = Path(__file__).parent / "data" / "check_character.csv"
FOREIGN = {
    "programme_kit": re.compile(r"KIT-[0-9]{8}"),
    "order_id": re.compile(r"[1-9][0-9]{9}"),
    "matrix": re.compile(r"\d{10}"),
    "anything_of_our_length": re.compile(r"[A-Z0-9]{13}"),
}
TUBE = code.make("TB", 1)


def _vectors() -> list[dict[str, str]]:
    with VECTORS.open(newline="", encoding="utf-8") as lines:
        return [row for row in csv.DictReader(lines) if row["kind"] != "known_answer"]


def _read(text: str) -> bool:
    try:
        code.parse(text)
    except code.CodeRefused:
        return False
    return True


def test_the_published_answer() -> None:
    assert code.check_character("G123498654321") == "H"


def test_every_vector_reads_as_it_says() -> None:
    rows = _vectors()
    wrong = [row for row in rows if _read(row["id"]) != (row["expected"] == "valid")]
    assert len(rows) > 1000
    assert wrong == []


@pytest.mark.parametrize("namespace", code.NAMESPACES)
def test_no_single_substitution_passes(namespace: str) -> None:
    text = code.make(namespace, code.next_mintable(namespace, 8_406_713_925))
    for place, right in enumerate(text):
        for wrong in code.ALPHABET:
            damaged = text[:place] + wrong + text[place + 1 :]
            assert _read(damaged) == (wrong == right), damaged


@pytest.mark.parametrize("namespace", code.NAMESPACES)
def test_no_exchange_of_neighbours_passes(namespace: str) -> None:
    text = code.make(namespace, code.next_mintable(namespace, 8_406_713_925))
    for place in range(len(text) - 1):
        damaged = text[:place] + text[place + 1] + text[place] + text[place + 2 :]
        assert _read(damaged) == (damaged == text), damaged


@given(st.sampled_from(sorted(code.NAMESPACES)), st.integers(1, code.HIGHEST - 100))
def test_what_is_made_is_read_back(namespace: str, start: int) -> None:
    number = code.next_mintable(namespace, start)
    text = code.make(namespace, number)
    assert code.parse(text) == Code(namespace=namespace, number=number)
    assert code.parse(text).text == text
    assert text[-1] not in "*ILOU"
    assert code.normalise(code.grouped(text).lower()) == text


def test_numbers_with_an_easily_misread_check_are_never_given_out() -> None:
    refused = [number for number in range(1, 5001) if not code.mintable("TB", number)]
    assert 0.12 < len(refused) / 5000 < 0.15
    with pytest.raises(code.NotMintable):
        code.make("TB", refused[0])
    assert code.next_mintable("TB", refused[0]) not in refused


@pytest.mark.parametrize(
    ("namespace", "number"), [("TB", 0), ("TB", -1), ("TB", code.HIGHEST + 1), ("ZZ", 1), ("", 1)]
)
def test_what_is_out_of_range_is_never_given_out(namespace: str, number: int) -> None:
    with pytest.raises(code.NotMintable):
        code.make(namespace, number)


def test_after_the_highest_number_there_is_none() -> None:
    with pytest.raises(code.NotMintable):
        code.next_mintable("TB", code.HIGHEST + 1)


def test_printed_in_groups() -> None:
    assert code.grouped("TB0000000001R") == "TB 0000 0000 01 R"
    assert code.normalise(" tb 0000 0000 01 r\r\n") == "TB0000000001R"


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", code.NotACode),
        ("TB", code.NotACode),
        ("tb0000000001r", code.NotACode),
        ("TB 0000 0000 01 R", code.NotACode),
        ("TB0000000001R\n", code.NotACode),
        ("TB0000000001R\x00", code.NotACode),
        ("TB٠٠٠٠٠٠٠٠٠١R", code.NotACode),
        ("TB000000000１R", code.NotACode),
        ("ΤΒ0000000001R", code.NotACode),
        ("TB0000000039*", code.NotACode),
        ("TB000000000²R", code.NotACode),
        ("TB0000000001S", code.WrongCheckCharacter),
        ("ZZ00000000013", code.UnknownNamespace),
    ],
)
def test_refused_with_the_precise_reason(text: str, error: type[code.CodeRefused]) -> None:
    with pytest.raises(error):
        code.parse(text)


@pytest.mark.parametrize("text", ["ſt0000000001R", "ﬆ0000000001R", "ßT0000000001R", "\u2003TB"])
def test_no_foreign_letter_becomes_ours_by_capitals(text: str) -> None:
    assert not code.normalise(text).isascii()
    with pytest.raises(code.NotACode):
        code.recognise(text, FOREIGN)


def test_a_refusal_repeats_no_control_characters() -> None:
    with pytest.raises(code.NotACode) as refusal:
        code.parse("x\r\n2024 ERROR \x1b[31m" + "y" * 500)
    assert str(refusal.value).isprintable()
    assert len(str(refusal.value)) < 250


def test_our_own_code_is_recognised_before_any_foreign_form() -> None:
    assert code.recognise(f" {TUBE}\n", FOREIGN) == Ours(code=Code(namespace="TB", number=1))
    assert Code(namespace="TB", number=1).kind == "tube"


def test_a_misread_code_of_ours_is_never_taken_for_a_foreign_one() -> None:
    with pytest.raises(code.WrongCheckCharacter):
        code.recognise("TB0000000001S", FOREIGN)


def test_foreign_forms_keep_their_order_and_name_the_others() -> None:
    found = code.recognise("1234567890", FOREIGN)
    assert found == Foreign(namespace="order_id", text="1234567890", also=("matrix",))
    assert code.recognise("0234567890", FOREIGN) == Foreign(namespace="matrix", text="0234567890")


@pytest.mark.parametrize("text", ["٠١٢٣٤٥٦٧٨٩", "kit-12345678", "KIT-1234567", "0123\n456789"])
def test_what_fits_no_foreign_form_is_refused(text: str) -> None:
    with pytest.raises(code.NotACode):
        code.recognise(text, FOREIGN)


@pytest.mark.parametrize("text", [TUBE * 2, "KIT-12345678KIT-12345678"])
def test_the_same_code_twice_in_one_read_is_refused(text: str) -> None:
    with pytest.raises(code.DoubledRead):
        code.recognise(text, FOREIGN)


def test_doubled_means_one_valid_code_of_ours_twice() -> None:
    assert code.doubled(TUBE * 2)
    assert not code.doubled(TUBE)
    assert not code.doubled(TUBE * 4)
    assert not code.doubled("TB0000000001STB0000000001S")
    assert not code.doubled("")


def test_a_long_read_is_refused_before_any_pattern_is_tried() -> None:
    with pytest.raises(code.TooLong):
        code.recognise("1" * 100_000, FOREIGN)


@given(st.text(max_size=60))
def test_no_text_does_anything_but_be_recognised_or_refused(text: str) -> None:
    try:
        said: object = code.recognise(text, FOREIGN)
    except code.CodeRefused as refusal:
        said = str(refusal)
    assert isinstance(said, Ours | Foreign) or str(said).isprintable()


def test_command_cards_take_the_first_numbers_that_are_given_out() -> None:
    numbers = [code.parse(text).number for text in code.COMMAND_CARDS.values()]
    assert list(code.COMMAND_CARDS)[:3] == ["DONE", "UNDO", "NEXT"]
    assert len(numbers) == 14
    assert numbers == [n for n in range(1, numbers[-1] + 1) if code.mintable("CM", n)]
    assert code.COMMAND_CARDS["DONE"] == "CM0000000002S"


def test_a_command_card_is_read_back_as_its_word() -> None:
    assert {code.command(text) for text in code.COMMAND_CARDS.values()} == set(code.COMMAND_CARDS)
    assert code.command(TUBE) is None
