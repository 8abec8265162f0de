"""Consent: what each state of it allows, and which scopes it can have."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from config.reading import Table, once_each, read
from config.words import Words, words

FILE = Path(__file__).with_name("consent.toml")


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentStatus:
    """What may be done with a participant and their specimens in this state."""

    code: str
    words: Words
    new_order: bool
    edit_order: bool
    collect: bool
    keep_specimens: bool
    destroy: bool
    distribute: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentRules:
    """All states and scopes by code, and the numbers that go with them."""

    languages: tuple[str, ...]
    withdrawal_grace_hours: int
    withdrawal_reversible: bool
    age_of_majority_years: int
    statuses: Mapping[str, ConsentStatus] = field(hash=False)
    scopes: Mapping[str, Words] = field(hash=False)


def load(path: Path = FILE) -> ConsentRules:
    """Read and check the consent rules; raises ConfigWrong."""
    table = read(path)
    table.whole("version", least=1)
    statuses = tuple(_status(inner) for inner in table.tables("status"))
    scopes = tuple(_scope(inner) for inner in table.tables("scope"))
    once_each((status.code for status in statuses), table.where)
    once_each((code for code, _ in scopes), table.where)
    rules = ConsentRules(
        languages=table.texts("consent_languages"),
        withdrawal_grace_hours=table.whole("withdrawal_grace_hours"),
        withdrawal_reversible=table.flag("withdrawal_reversible"),
        age_of_majority_years=table.whole("age_of_majority_years", least=1),
        statuses=MappingProxyType({status.code: status for status in statuses}),
        scopes=MappingProxyType(dict(scopes)),
    )
    table.done()
    return rules


def _status(table: Table) -> ConsentStatus:
    status = ConsentStatus(
        code=table.text("code"),
        words=words(table),
        new_order=table.flag("new_order"),
        edit_order=table.flag("edit_order"),
        collect=table.flag("collect"),
        keep_specimens=table.flag("keep_specimens"),
        destroy=table.flag("destroy"),
        distribute=table.flag("distribute"),
    )
    table.done()
    if status.keep_specimens and status.destroy:
        raise table.wrong("destroy", "cannot be true while keep_specimens is")
    return status


def _scope(table: Table) -> tuple[str, Words]:
    scope = (table.text("code"), words(table))
    table.done()
    return scope
