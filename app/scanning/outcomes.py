"""From what was written to what became of each read: its entries, and the rules against them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from uuid import UUID

from app.custody import gap_queries
from app.custody.gaps.table import PRECEDENCE
from app.custody.ledger import Entry, EntryId
from app.custody.service import Written
from app.kernel.work import Work
from app.scanning.scan import Deed, Outcome, Say


def outcomes_of(
    work: Work, deeds: Sequence[Deed], written: Written, *, say: Say | None = None
) -> list[Outcome]:
    """What became of each of these deeds, which were written together."""
    entries: dict[UUID, list[EntryId]] = defaultdict(list)
    for entry in written.entries:
        entries[entry.entry_id.command].append(entry.entry_id)
    findings = found_against(work, written.entries) if written.findings else {}
    return [
        Outcome(
            entries=tuple(entries[deed.scan.id]),
            findings=findings.get(deed.scan.id, ()),
            say=say,
        )
        for deed in deeds
    ]


def found_against(work: Work, written: Sequence[Entry]) -> Mapping[UUID, tuple[str, ...]]:
    """The rules that object to what was written just now, by command, the first to speak first.

    What was wrong with a tube before is told on its page, not at every scan.
    """
    ids = {entry.subject for entry in written}
    commands = {entry.entry_id.command for entry in written}
    found: dict[UUID, set[str]] = defaultdict(set)
    for gap in gap_queries.gaps_of(work.session, ids):
        if gap.cured_at is None and gap.entry_id.command in commands:
            found[gap.entry_id.command].add(gap.rule)
    return {
        command: tuple(sorted(rules, key=lambda rule: PRECEDENCE[rule]))
        for command, rules in found.items()
    }
