"""What a rule's line in the limits says to people, and what may answer it."""

from datetime import datetime
from typing import Protocol, cast

from app.kernel.work import Work


class RuleWords(Protocol):
    """What a rule is called, what it looks for and what to do, by language; and what answers it."""

    @property
    def resolution_codes(self) -> tuple[str, ...]: ...

    def title(self, language: str) -> str: ...

    def trigger(self, language: str) -> str: ...

    def action(self, language: str) -> str: ...


class WordedLimits(Protocol):
    """The limits as the programme writes them: with words for people."""

    def rule(self, rule: str) -> RuleWords: ...


def rule_words(work: Work, rule: str, *, now: datetime) -> RuleWords:
    """What a rule is called and what to do about it, as the limits in force say."""
    return cast(WordedLimits, work.limits.at(now)).rule(rule)
