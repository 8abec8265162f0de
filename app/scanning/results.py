"""Answers about reads as they are given: in words of the caller's language, and as JSON."""

from collections.abc import Sequence
from datetime import datetime

from app.kernel.work import Work
from app.scanning.scan import Answer
from app.scanning.words import finding, said


def results_of(unit: Work, answers: Sequence[Answer], now: datetime) -> list[dict[str, object]]:
    """Each answer in words; what is the same for a whole rack of tubes is worded once."""
    worded: dict[tuple[object, ...], dict[str, object]] = {}
    results = []
    for one in answers:
        alike = (one.saying, one.rule, one.kind, one.findings, str(one.values))
        if alike not in worded:
            worded[alike] = {
                **said(unit, one, now=now),
                "findings": [finding(unit, rule, now=now) for rule in one.findings],
            }
        results.append({**worded[alike], **_plain(one)})
    return results


def _plain(one: Answer) -> dict[str, object]:
    return {
        "id": str(one.id),
        "verdict": one.verdict.value,
        "rule": one.rule,
        "subject": one.subject,
        "kind": one.kind,
        "entries": list(one.entries),
        "replayed": one.replayed,
        "conflict": one.conflict,
        "seen_at": one.seen_at.isoformat() if one.seen_at else None,
        "facts": dict(one.facts),
    }
