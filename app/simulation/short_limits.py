"""A shortened version of the limits, so that what is overdue is overdue within seconds."""

import json
from collections.abc import Mapping
from pathlib import Path

from config.limits import ALARM, Limits, as_dict
from config.rules import Value

SECONDS, CLOT_SECONDS, SETTLE_SECONDS = 15.0, 1.0, 2.0
HOUR, MINUTE, DAY = 3600.0, 60.0, 86400.0
# Each step that must follow: after this many times the seconds above.
STEPS: Mapping[str, Mapping[str, tuple[float, float]]] = {
    "G23": {"spin_warn_minutes": (1, MINUTE), "spin_alarm_minutes": (20, MINUTE)},
    "G28": {"pack_hours_max": (1, HOUR)},
    "G29": {"dispatch_hours_max": (1, HOUR), "dispatch_p2_hours": (20, HOUR)},
    "G31": {
        "transit_p3_hours": (1, HOUR),
        "transit_p2_hours": (20, HOUR),
        "transit_p1_days": (40, DAY),
    },
    "G32": {"check_in_hours_max": (1, HOUR)},
    "G33": {"put_away_hours_max": (1, HOUR)},
}


def shortened(limits: Limits) -> Limits:
    """The version after `limits` for a check by the real clock."""
    changes: dict[str, dict[str, Value]] = {
        rule: {key: times * SECONDS / unit for key, (times, unit) in keys.items()}
        for rule, keys in STEPS.items()
    }
    changes["G22"] = {"clot_minutes_min": CLOT_SECONDS / MINUTE}
    changes[ALARM] = {"settle_minutes": SETTLE_SECONDS / MINUTE}
    return limits.overridden(changes, sop_version=f"{limits.sop_version}, shortened for a check")


def write(limits: Limits, path: Path) -> None:
    """The version as a limits file."""
    told = as_dict(limits)
    rules = told.pop("rule")
    alarm = told.pop("alarm")
    lines = [f"{key} = {_plain(value)}" for key, value in told.items()]
    lines += ["", "[alarm]", *_pairs(alarm)]
    for rule in rules if isinstance(rules, list) else []:
        lines += ["", "[[rule]]", *_pairs(rule)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _pairs(table: object) -> list[str]:
    told = table if isinstance(table, Mapping) else {}
    return [f"{key} = {_plain(value)}" for key, value in told.items() if value is not None]


def _plain(value: object) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(_pairs(value)) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_plain, value)) + "]"
    return json.dumps(value, ensure_ascii=False)
