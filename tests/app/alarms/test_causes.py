"""A cause that is itself objected to is followed, in whatever order the gaps are told."""

from itertools import permutations
from typing import NamedTuple
from uuid import NAMESPACE_OID, uuid5

from app.alarms.causes import by_entry, first_of
from app.custody.ledger import EntryId


class Told(NamedTuple):
    """A gap as far as its cause goes."""

    rule: str
    subject: int
    entry_id: EntryId
    cause: EntryId


def entry(name: str) -> EntryId:
    return EntryId(uuid5(NAMESPACE_OID, name), 0)


def told(rule: str, at: str, cause: str, *, subject: int = 1) -> Told:
    return Told(rule, subject, entry(at), entry(cause))


def causes(*gaps: Told) -> set[frozenset[EntryId]]:
    """The causes that gaps are followed to, for every order in which they may be told."""
    return {
        frozenset(first_of(gap, by_entry(order)).cause for gap in order)
        for order in permutations(gaps)
    }


def test_what_nobody_objects_to_is_where_it_ends() -> None:
    assert causes(told("G34", "checked in", "released")) == {frozenset((entry("released"),))}


def test_a_cause_that_is_objected_to_goes_back_further() -> None:
    found = causes(
        told("G34", "checked in", "released", subject=2),
        told("G31", "released", "received"),
        told("G36", "received", "received"),
    )

    assert found == {frozenset((entry("received"),))}


def test_others_follow_what_goes_back_further_and_what_is_missing_stays_its_own_cause() -> None:
    found = causes(
        told("G43", "received", "received", subject=2),
        told("G36", "received", "packed"),
        told("G34", "checked in", "received", subject=3),
    )

    assert found == {frozenset((entry("packed"), entry("received")))}


def test_two_that_go_back_to_each_other_end_somewhere() -> None:
    assert all(causes(told("G34", "one", "other"), told("G34", "other", "one")))
