"""What a rule's line in the limits says to people: its title, what to do, whose it is."""

from typing import Protocol, cast

from app.kernel.work import Work
from config.rules import RuleLimits


class RuleBook(Protocol):
    """A version of the limits, with the words beside the numbers."""

    def rule(self, rule: str) -> RuleLimits: ...


def rule_of(work: Work, rule: str) -> RuleLimits:
    """The line of a rule in the version in force now."""
    return cast(RuleBook, work.limits.at(work.clock())).rule(rule)
