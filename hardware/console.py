"""How the agent's commands answer: exit codes, JSON on one line, errors on standard error."""

import json
import sys

FINE, NOT_WELL, CANNOT = 0, 1, 2


def fail(text: str, *, json_wanted: bool) -> int:
    """Say why a command cannot be done; its exit code."""
    if json_wanted:
        print_json({"error": text})
    print(f"unbroken-agent: {text}", file=sys.stderr)
    return CANNOT


def print_json(value: object) -> None:
    """One value on one line, at once."""
    print(json.dumps(value), flush=True)
