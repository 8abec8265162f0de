"""How long, how cold, how late: the numbers and words behind every rule, as frozen values.

`load()` reads `limits.toml`, which is version 1. Later versions live as rows: `as_dict` and
`from_dict` carry a version to JSON and back without loss.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from config.reading import ConfigWrong, Table, once_each, read
from config.rules import Number, RuleLimits, Value, frozen, plain, read_rule, read_values, unit_of
from config.rules import as_dict as rule_as_dict

FILE = Path(__file__).with_name("limits.toml")
ALARM = "alarm"  # stands where a rule's id stands, for the alarm's own numbers


class NoSuchLimit(LookupError):
    """A rule, or a key of a rule, that this version does not have, or has in another form."""


class Change(NamedTuple):
    """What differs between two versions: plain values, as in the file."""

    rule: str
    key: str
    before: object
    after: object


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """One version of all limits. `rule` below is a rule's id, or `alarm`."""

    version: int
    sop_version: str
    alarm: Mapping[str, Value] = field(hash=False)
    rules: Mapping[str, RuleLimits] = field(hash=False)
    _spans: dict[tuple[str, str], timedelta] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )  # asked for six times for every tube of a rack

    def rule(self, rule: str) -> RuleLimits:
        """Everything about one rule; raises NoSuchLimit."""
        if rule not in self.rules:
            raise NoSuchLimit(f"{rule}: no such rule in limits version {self.version}")
        return self.rules[rule]

    def value(self, rule: str, key: str) -> Value:
        """A limit as it stands in the file; raises NoSuchLimit."""
        values = self.values_of(rule)
        if key not in values:
            raise NoSuchLimit(f"{rule}: {key}: no such limit in version {self.version}")
        return values[key]

    def span(self, rule: str, key: str) -> timedelta:
        """A limit that is a duration, by the unit in its name: `pack_hours_max`."""
        span = self._spans.get((rule, key))
        if span is None:
            span = timedelta(**{_unit(rule, key): self.number(rule, key)})
            self._spans[rule, key] = span
        return span

    def spans(self, rule: str, key: str) -> tuple[timedelta, ...]:
        """A list of durations, by the unit in its name: `p1_notify_minutes`."""
        value, unit = self.value(rule, key), _unit(rule, key)
        if not isinstance(value, tuple):
            raise NoSuchLimit(f"{rule}: {key}: is no list")
        numbers = tuple(item for item in value if isinstance(item, int | float))
        if len(numbers) != len(value):
            raise NoSuchLimit(f"{rule}: {key}: is no list of numbers")
        return tuple(timedelta(**{unit: number}) for number in numbers)

    def number(self, rule: str, key: str) -> Number:
        """A limit that is a plain number."""
        value = self.value(rule, key)
        if not isinstance(value, int | float):
            raise NoSuchLimit(f"{rule}: {key}: is no number")
        return value

    def words(self, rule: str, key: str) -> tuple[str, ...]:
        """A limit that is a list of words (a single word is a list of one)."""
        value = self.value(rule, key)
        found = (value,) if isinstance(value, str) else value
        if not isinstance(found, tuple):
            raise NoSuchLimit(f"{rule}: {key}: is no list of words")
        texts = tuple(item for item in found if isinstance(item, str))
        if len(texts) != len(found):
            raise NoSuchLimit(f"{rule}: {key}: is no list of words")
        return texts

    def shortened(self, factor: float, *, rules: Collection[str] | None = None) -> "Limits":
        """The next version, with every duration (of `rules` alone, if named) times `factor`."""
        if not 0 < factor <= 1:
            raise ValueError(f"a shortening factor lies above 0 and at most at 1, not {factor!r}")
        concerned = (ALARM, *self.rules) if rules is None else rules
        changes = {
            rule: {key: _scaled(value, factor) for key, value in self._spans_of(rule).items()}
            for rule in concerned
        }
        return self.overridden(changes, sop_version=f"{self.sop_version} x {factor:g}")

    def overridden(
        self, changes: Mapping[str, Mapping[str, Value]], *, sop_version: str
    ) -> "Limits":
        """The next version, with some values replaced; raises NoSuchLimit for what is not there."""
        for rule, values in changes.items():
            for key, value in values.items():
                if _form(self.value(rule, key)) != _form(value):
                    raise NoSuchLimit(f"{rule}: {key}: {value!r} is of another form")
        rules = {
            rule.id: replace(rule, limits=frozen({**rule.limits, **changes.get(rule.id, {})}))
            for rule in self.rules.values()
        }
        alarm = frozen({**self.alarm, **changes.get(ALARM, {})})
        later = replace(
            self,
            version=self.version + 1,
            sop_version=sop_version,
            alarm=alarm,
            rules=MappingProxyType(rules),
        )
        return from_dict(as_dict(later), where=sop_version)

    def following(self, earlier: "Limits") -> "Limits":
        """This content as the version after `earlier`; raises ConfigWrong unless it has the same
        rules, and each the same names with values of the same form.
        """
        forms, before = _forms(self), _forms(earlier)
        for name in sorted(forms.keys() | before.keys()):
            if forms.get(name) != before.get(name):
                raise ConfigWrong(
                    f"{name}: is {forms.get(name, 'missing')}, was {before.get(name, 'unknown')}"
                )
        return replace(self, version=earlier.version + 1)

    def changes_from(self, earlier: "Limits") -> tuple[Change, ...]:
        """Whatever differs from an earlier version with the same names: values, then words."""
        values = tuple(
            Change(rule, key, earlier.value(rule, key), value)
            for rule in (ALARM, *self.rules)
            for key, value in self.values_of(rule).items()
            if earlier.value(rule, key) != value
        )
        words = tuple(
            Change(rule.id, key, before[key], value)
            for rule in self.rules.values()
            for before in (rule_as_dict(earlier.rule(rule.id)),)
            for key, value in rule_as_dict(rule).items()
            if key != "limits" and before[key] != value
        )
        return values + words

    def changed_from(self, earlier: "Limits") -> tuple[str, ...]:
        """One line for each difference from an earlier version, to print."""
        return tuple(
            f"{change.rule} {change.key}: {change.before} -> {change.after}"
            for change in self.changes_from(earlier)
        )

    def values_of(self, rule: str) -> Mapping[str, Value]:
        """All limits of one rule, by name; raises NoSuchLimit."""
        return self.alarm if rule == ALARM else self.rule(rule).limits

    def _spans_of(self, rule: str) -> dict[str, Value]:
        return {key: value for key, value in self.values_of(rule).items() if unit_of(key)}


def load(path: Path = FILE) -> Limits:
    """Read and check a limits file; raises ConfigWrong that names the rule and the key."""
    return _limits(read(path))


def from_dict(content: object, *, where: str = "limits") -> Limits:
    """A version that was stored as JSON, checked like a file; raises ConfigWrong."""
    return _limits(Table(content, where))


def as_dict(limits: Limits) -> dict[str, object]:
    """A version as plain JSON values, in the shape of the file."""
    return {
        "version": limits.version,
        "sop_version": limits.sop_version,
        "alarm": plain(limits.alarm),
        "rule": [rule_as_dict(rule) for rule in limits.rules.values()],
    }


def _limits(table: Table) -> Limits:
    rules = tuple(read_rule(inner) for inner in table.tables("rule"))
    once_each((rule.id for rule in rules), table.where)
    limits = Limits(
        version=table.whole("version", least=1),
        sop_version=table.text("sop_version"),
        alarm=read_values(table.table(ALARM)),
        rules=MappingProxyType({rule.id: rule for rule in rules}),
    )
    table.done()
    return limits


def _unit(rule: str, key: str) -> str:
    unit = unit_of(key)
    if unit is None:
        raise NoSuchLimit(f"{rule}: {key}: has no unit of time in its name")
    return unit


def _scaled(value: Value, factor: float) -> Value:
    if isinstance(value, tuple):
        return tuple(item * factor for item in value if isinstance(item, int | float))
    return value * factor if isinstance(value, int | float) else value


def _forms(limits: Limits) -> dict[str, str]:
    return {
        f"{rule}: {key}": _form(value)
        for rule in (ALARM, *limits.rules)
        for key, value in limits.values_of(rule).items()
    }


def _form(value: Value) -> str:
    if isinstance(value, tuple):
        return "words" if any(isinstance(item, str) for item in value) else "numbers"
    return "text" if isinstance(value, str) else "number"
