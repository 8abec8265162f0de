"""The table of rules, in the order of precedence: where one cause fires several, the first speaks.

Adding a rule is one function, one line here, one heading in `docs/gaps.md`, and its three stories.
"""

from dataclasses import dataclass

from app.custody.gaps import (
    cold,
    consent,
    continuity,
    handling,
    identity,
    manifest,
    overdue,
    place,
    sequence,
    system,
)
from app.custody.gaps.objection import Check
from app.custody.ledger import Sort

_T, _B, _R, _P, _S = Sort.TUBE, Sort.BOX, Sort.RACK, Sort.PACKAGE, Sort.STATION


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of the house: its number, what sorts of subject it reads, its function.

    `settles`: it may be cured by an entry still under way, so RAISED waits. `ages`: it speaks of
    a step that did not happen; an explanation silences it for a time and does not end it.
    `disorder`: its findings on one subject may all come of one entry out of its place.
    """

    code: str
    sorts: frozenset[Sort]
    check: Check
    settles: bool = False
    ages: bool = False
    disorder: bool = False


def _of(*sorts: Sort) -> frozenset[Sort]:
    return frozenset(sorts)


RULES: tuple[Rule, ...] = (
    Rule("G08", _of(_T), identity.wrong_participant),
    Rule("G01", _of(_T), identity.duplicate_barcode),
    Rule("G09", _of(_T), consent.no_consent),
    Rule("G11", _of(_T), consent.movement_after_withdrawal),
    Rule("G36", _of(_T, _B, _P), continuity.receipt_without_dispatch, settles=True, disorder=True),
    Rule("G37", _of(_T, _B, _R, _P), continuity.foreign_scan, settles=True, disorder=True),
    Rule("G34", _of(_T, _B, _R, _P), continuity.missing_hand_over, settles=True, disorder=True),
    Rule("G56", _of(_T, _B, _R), place.position_conflict),
    Rule("G46", _of(_T, _B, _R, _P), manifest.aggregation_break, disorder=True),
    Rule("G43", _of(_T), manifest.missing, ages=True),
    Rule("G44", _of(_T), manifest.unexpected),
    Rule("G31", _of(_P), overdue.delivery, ages=True),
    Rule("G32", _of(_P), overdue.check_in, ages=True),
    Rule("G29", _of(_B, _P), overdue.dispatch, ages=True),
    Rule("G28", _of(_T), overdue.finalise, ages=True),
    Rule("G33", _of(_T, _B), overdue.put_away, ages=True),
    Rule("G23", _of(_T), handling.spun_late, ages=True),
    Rule("G22", _of(_T), handling.spun_early),
    Rule("G53", _of(_T, _B, _P), cold.condition),
    Rule("G18", _of(_T, _B, _R, _P), sequence.illegal_order, settles=True, disorder=True),
    Rule("G35", _of(_T, _B), overdue.one_sided, settles=True, ages=True),
    Rule("G19", _of(_T, _B, _R, _P), sequence.future_event, disorder=True),
    Rule("G20", _of(_T, _B, _R, _P), sequence.backdated, disorder=True),
    Rule("G21", _of(_S), sequence.clock_skew),
    Rule("G02", _of(_T, _B, _R, _P), identity.unknown_id),
    Rule("G04", _of(_T), identity.reprint_without_void),
    Rule("G07", _of(_T), identity.identity_not_confirmed),
    Rule("G64", _of(_S), system.device_silent, ages=True),
    Rule("G65", _of(_S), system.offline_queue, ages=True),
    Rule("G03", _of(_S), system.bad_read_rate, ages=True),
)
FOR_SORT = {sort: tuple(rule for rule in RULES if sort in rule.sorts) for sort in Sort}
BY_CODE = {rule.code: rule for rule in RULES}
PRECEDENCE = {rule.code: place for place, rule in enumerate(RULES)}
