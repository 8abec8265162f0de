"""The limits as somebody types them at the command line, and as they are told there."""

import tomllib
from collections.abc import Iterable, Iterator
from datetime import datetime

import click

from app.limits.queries import VersionSeen
from config.rules import Value


class Moment(click.ParamType[datetime]):
    """A time with its offset: 2026-12-01T06:00-06:00."""

    name = "time"

    def convert(
        self, value: str | datetime, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no time such as 2026-12-01T06:00-06:00", param, ctx)
        if moment.tzinfo is None:
            self.fail(f"{value!r} has no offset, such as Z or -06:00", param, ctx)
        return moment


class Setting(click.ParamType[tuple[str, str, Value]]):
    """One limit: RULE.NAME=VALUE, the value as in the file, a single word without quotes."""

    name = "rule.name=value"

    def convert(
        self,
        value: str | tuple[str, str, Value],
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> tuple[str, str, Value]:
        if isinstance(value, tuple):
            return value
        name, equals, text = value.partition("=")
        rule, dot, key = name.strip().partition(".")
        found = _value(text.strip())
        if not (equals and dot and rule and key) or found is None:
            self.fail(f"{value!r} is not like G28.pack_hours_max=8", param, ctx)
        return rule, key, found


def _value(text: str) -> Value | None:
    try:
        found: object = tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        found = text
    if isinstance(found, str | int | float):
        return None if found == "" else found
    if isinstance(found, list) and all(isinstance(member, str | int | float) for member in found):
        return tuple(found)
    return None


def by_rule(settings: Iterable[tuple[str, str, Value]]) -> dict[str, dict[str, Value]]:
    """Typed settings as values by rule and name; of two for one name the last counts."""
    found: dict[str, dict[str, Value]] = {}
    for rule, key, value in settings:
        found.setdefault(rule, {})[key] = value
    return found


def facts(seen: VersionSeen) -> dict[str, object]:
    """A version for JSON, without its values."""
    return {
        "version": seen.version,
        "sop_version": seen.sop_version,
        "valid_from": seen.valid_from.isoformat() if seen.valid_from else None,
        "added_at": seen.added_at.isoformat() if seen.added_at else None,
        "added_by": seen.added_by,
        "reason": seen.reason,
        "in_force": seen.in_force,
        "changes": [change._asdict() for change in seen.changes],
    }


def told(seen: VersionSeen) -> Iterator[str]:
    """A version in lines: what it is, why, and what it changed."""
    since = f", from {seen.valid_from.isoformat(timespec='minutes')}" if seen.valid_from else ""
    yield f"Version {seen.version} ({seen.sop_version}){since}{', in force' * seen.in_force}"
    if seen.reason:
        yield f"  {seen.reason}"
    for change in seen.changes:
        yield f"  {change.rule} {change.key}: {change.before} -> {change.after}"


def values_told(seen: VersionSeen) -> Iterator[str]:
    """Every value of a version, a line each, as `--set` takes it."""
    for rule, values in seen.content.items():
        for key, value in values.items():
            yield f"{rule}.{key}={value}"
