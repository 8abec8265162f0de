"""One rule of the limits file: its numbers, severities, owners and words, read and written."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from types import MappingProxyType

from config.reading import ConfigWrong, Table

Number = int | float
Value = int | float | str | tuple[str, ...] | tuple[int | float, ...]

UNITS = ("seconds", "minutes", "hours", "days")
LONGEST = timedelta(days=36525)  # a century: beyond it a deadline has no date
PRIORITIES = ("block", "P1", "P2", "P3", "J")
CLASSES = ("F", "C", "none")
FAMILIES = (
    "identity",
    "consent",
    "sequence",
    "handling",
    "overdue",
    "continuity",
    "manifest",
    "cold",
    "place",
    "lineage",
    "system",
)


_TEXTS = (
    "id",
    "name",
    "title_en",
    "title_es",
    "scope",
    "trigger_en",
    "trigger_es",
    "action_en",
    "action_es",
    "source",
)
_LISTS = ("owners", "tube_types", "resolution_codes")


@dataclass(frozen=True, slots=True, kw_only=True)
class Severity:
    """When which priority holds; of a rule's lines, the last true one counts."""

    when: str
    priority: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleLimits:
    """What one rule may use: its limits, and the words for the people it concerns."""

    id: str
    name: str
    title_en: str
    title_es: str
    family: str
    scope: str
    trigger_en: str
    trigger_es: str
    limits: Mapping[str, Value] = field(hash=False)
    severity: tuple[Severity, ...]
    class_: str
    owners: tuple[str, ...]
    blocking: bool
    block_point: str
    tube_types: tuple[str, ...]
    resolution_codes: tuple[str, ...]
    action_en: str
    action_es: str
    source: str

    def title(self, language: str) -> str:
        """The rule's name for people."""
        return self.title_es if language == "es" else self.title_en

    def trigger(self, language: str) -> str:
        """What the rule looks for, in a sentence."""
        return self.trigger_es if language == "es" else self.trigger_en

    def action(self, language: str) -> str:
        """What to do about it."""
        return self.action_es if language == "es" else self.action_en


def unit_of(key: str) -> str | None:
    """The unit of time in a limit's name, or None where it is no duration."""
    parts = key.split("_")
    if "business" in parts:
        return None
    return next((unit for unit in UNITS if unit in parts), None)


def as_dict(rule: RuleLimits) -> dict[str, object]:
    texts = {key: getattr(rule, key) for key in _TEXTS}
    lists = {key: list(getattr(rule, key)) for key in _LISTS}
    severity = [{"when": line.when, "priority": line.priority} for line in rule.severity]
    return {
        **texts,
        **lists,
        "class": rule.class_,
        "family": rule.family,
        "limits": plain(rule.limits),
        "severity": severity,
        "blocking": rule.blocking,
        "block_point": rule.block_point,
    }


def read_rule(table: Table) -> RuleLimits:
    texts = {key: table.text(key) for key in _TEXTS}
    rule = RuleLimits(
        **texts,
        family=table.one_of("family", FAMILIES),
        limits=read_values(table.table("limits")),
        severity=tuple(_severity(line) for line in table.tables("severity")),
        class_=table.one_of("class", CLASSES),
        owners=table.texts("owners"),
        blocking=table.flag("blocking"),
        block_point=table.text_or_empty("block_point") if table.has("block_point") else "",
        tube_types=table.texts("tube_types") if table.has("tube_types") else (),
        resolution_codes=table.texts("resolution_codes"),
    )
    table.done()
    if not (rule.owners and rule.resolution_codes):
        raise ConfigWrong(f"{table.where}: owners and resolution_codes must not be empty")
    return rule


def _severity(table: Table) -> Severity:
    line = Severity(when=table.text("when"), priority=table.one_of("priority", PRIORITIES))
    table.done()
    return line


def read_values(table: Table) -> Mapping[str, Value]:
    return frozen({key: _value(table, key) for key in table.keys_left()})


def _value(table: Table, key: str) -> Value:
    value = table.value(key)
    if (unit := unit_of(key)) is not None:
        _refuse_no_duration(table, key, value, unit)
    if isinstance(value, str):
        return table.text(key)
    if not isinstance(value, list):
        number = table.number(key)
        return value if isinstance(value, int) else number
    if all(isinstance(item, str) for item in value):
        return table.texts(key)
    return table.wholes(key) if all(isinstance(i, int) for i in value) else _numbers(table, key)


def _refuse_no_duration(table: Table, key: str, value: object, unit: str) -> None:
    if not isinstance(value, int | float | list):
        raise table.wrong(key, f"a duration must be a number, is {value!r}")
    most = LONGEST / timedelta(**{unit: 1})
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, int | float) and not 0 <= item <= most:
            raise table.wrong(key, f"must be from 0 to {most:g} {unit}, is {item!r}")


def _numbers(table: Table, key: str) -> tuple[Number, ...]:
    value = table.items(key)
    numbers = tuple(i for i in value if isinstance(i, int | float) and not isinstance(i, bool))
    if len(numbers) != len(value):
        raise table.wrong(key, f"must hold numbers only or texts only, is {value!r}")
    return numbers


def frozen(values: Mapping[str, Value]) -> Mapping[str, Value]:
    return MappingProxyType(dict(values))


def plain(values: Mapping[str, Value]) -> dict[str, object]:
    return {key: list(v) if isinstance(v, tuple) else v for key, v in values.items()}
