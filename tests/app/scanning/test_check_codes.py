"""The codes of the scanner check are nobody's, whatever a door holds them to be."""

import pytest

from app.scanning.check_codes import CODES
from config.carriers import load
from labels.code import NotACode, recognise


@pytest.mark.parametrize("text", CODES)
def test_no_door_takes_a_code_of_the_check(text: str) -> None:
    carriers = load()

    with pytest.raises(NotACode):
        recognise(text, carriers.foreign_patterns())
    assert carriers.recognise(text) == ()
