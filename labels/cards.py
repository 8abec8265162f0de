"""The command cards of a work place: words in both languages, bars beneath."""

from pathlib import Path

from labels.code import COMMAND_CARDS
from labels.layout import LabelText
from labels.reading import read

FILE = Path(__file__).with_name("commands.toml")


def command_cards(path: Path = FILE) -> tuple[LabelText, ...]:
    """All command cards, in the order of their numbers, for the `card` template."""
    table = read(path)
    words = {word: table.table(word) for word in COMMAND_CARDS}
    table.done()
    return tuple(
        LabelText(code=code, lines=(words[word].text("en"), words[word].text("es")))
        for word, code in COMMAND_CARDS.items()
    )
