"""Every sentence is there in Spanish, says the same places, and none stands bare in a page."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po

from app.web.catalogue import COUNTED, SENTENCES

APP = Path(__file__).parents[3] / "app"
WEB = APP / "web"
SPANISH = WEB / "translations" / "es" / "LC_MESSAGES" / "messages.po"
Source = str | tuple[str, ...]

METHODS = [("**.py", "python"), ("web/templates/**.html", "jinja2.ext:babel_extract")]
KEYWORDS = {**DEFAULT_KEYWORDS, "NN_": (1, 2)}
PLACES = re.compile(r"%\(\w+\)[sd]|\{\w+\}")
TEMPLATES = sorted((WEB / "templates").rglob("*.html"))
# Told on the command line, to whoever runs the machine; the command line speaks English.
CONSOLE = ("postgres", "migrate")
# Words that are the same in both languages: the name, units, and what a code stands for.
SAME = {"Unbroken", "mL", "h", "min", "s", "d"}
SPOKEN = {"aria-label", "placeholder", "title", "alt", "data-label"}


def written() -> list[Source]:
    """Every sentence in the source of the application, those of its errors too."""
    found = extract_from_dir(str(APP), METHODS, {}, KEYWORDS)
    marked = [message for _file, _line, message, _notes, _context in found]
    return list(dict.fromkeys([*marked, *said_by_errors()]))


def said_by_errors() -> Iterator[str]:
    """The `message` and `advice` of every error that a page or an answer can show."""
    for file in APP.rglob("*.py"):
        if file.name.startswith(CONSOLE) or file.parent.name == "commands":
            continue
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef):
                yield from (text for each in node.body for text in sentence_of(each))


def sentence_of(line: ast.stmt) -> Iterator[str]:
    """The text of `message = "…"` or `advice: ClassVar[str] = "…"`."""
    targets = line.targets if isinstance(line, ast.Assign) else []
    targets = [line.target] if isinstance(line, ast.AnnAssign) else targets
    names = {target.id for target in targets if isinstance(target, ast.Name)}
    value = getattr(line, "value", None)
    if names & {"message", "advice"} and isinstance(value, ast.Constant) and value.value:
        yield value.value


@pytest.fixture(scope="module")
def spanish() -> dict[Source, Source]:
    """The Spanish catalogue: source to translation."""
    with SPANISH.open("rb") as file:
        catalog = read_po(file, locale="es", abort_invalid=True)
    fuzzy = [message.id for message in catalog if message.id and message.fuzzy]
    assert fuzzy == []
    return {message.id: message.string for message in catalog if message.id}


def test_every_sentence_has_its_spanish(spanish: dict[Source, Source]) -> None:
    found = [source for source in written() if not all(forms(spanish.get(source, "")))]

    assert found == []


def test_places_are_the_same_in_both_languages(spanish: dict[Source, Source]) -> None:
    for source, translation in spanish.items():
        wanted = [set(PLACES.findall(form)) for form in forms(source)]
        for form in forms(translation):
            assert set(PLACES.findall(form)) in wanted, source


def test_scripts_ask_only_for_sentences_that_exist() -> None:
    asked = re.compile(r"""\bt\(["']([a-z_.]+)["']""")
    scripts = (WEB / "static").rglob("*.js")
    keys = {key for script in scripts for key in asked.findall(script.read_text("utf-8"))}

    assert keys - set(SENTENCES) - set(COUNTED) == set()


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_no_text_stands_bare_in_a_template(template: Path) -> None:
    assert list(bare(template.read_text("utf-8"))) == []


def bare(source: str) -> Iterator[str]:
    """What a reader would see or hear of a template that no catalogue gave."""
    plain = re.sub(r"\{#.*?#\}|\{%.*?%\}", "\0", source, flags=re.S)
    plain = re.sub(r"\{\{.*?\}\}", "\0", plain, flags=re.S)
    for tag in re.findall(r"<[^>]+>", plain):
        for name, value in re.findall(r'([\w-]+)="([^"]*)"', tag):
            if name in SPOKEN:
                yield from words_of(value)
    yield from words_of(re.sub(r"<[^>]+>", "\0", plain))


def words_of(text: str) -> Iterator[str]:
    yield from (word for word in re.findall(r"[^\W\d_]+", text) if word not in SAME)


def forms(source: Source) -> tuple[str, ...]:
    """The one or several forms of a sentence."""
    return (source,) if isinstance(source, str) else tuple(source)
