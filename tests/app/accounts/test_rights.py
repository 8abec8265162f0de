"""Every role, every action, at the own site and at another: a table, each cell as it says."""

from itertools import product

import pytest

from app.accounts.rights import (
    ANY,
    RIGHTS,
    ROLES,
    STATION,
    AnotherSite,
    NotYourTask,
    demand,
    demand_somewhere,
    may,
    sites_where,
)
from app.kernel.work import Actor, Work
from tests.builders.work import make_work
from tests.fakes.clock import SetClock

OWN, OTHER = "NOR", "SOU"

# Columns: phlebotomist, technician, manager, site coordinator, quality, auditor, administrator,
# station. x: may at the own site; nobody may at another.
TABLE = """
participant.create    x . . x . . . .
consent.record        x . . x . . . .
withdrawal.record     x . x x . . . .
order.place           x . . x . . . .
kit.open              x . . x . . . .
labels.print          x x x x . . . .
scan.collect          x . . x . . . x
scan.process          x x . x . . . x
scan.pack             x x . x . . . x
package.seal          x x . x . . . x
package.release       x x . x . . . .
package.deliver       . x x . . . . x
package.receive       . x x . . . . .
receipt.close         . x x . . . . .
scan.check_in         . x x . . . . x
condition.note        x x x x . . . x
found.register        x x x x . . . .
place.reserve         . x x . . . . .
place.configure       . . x . . . x .
scan.store            . x x . . . . x
scan.move             . x x . . . . x
correction.make_own   x x x x x . . x
correction.make       . . x . x . . .
late_entry.make       x x x x . . . .
alarm.read            x x x x x x . .
alarm.acknowledge     x x x x x . . .
alarm.assign          . . x x x . . .
gap.explain           . . x x x . . .
subject.read          x x x x x x . .
timeline.read         x x x x x x . .
lost.declare          . . x . x . . .
account.manage        . . . . . . x .
station.manage        . . . . . . x .
ledger.verify         . . x . x x x .
seal.make             . . . . x . x .
backup.make           . . . . . . x .
limits.read           x x x x x x x .
limits.change         . . . . x . . .
link.read             . . . x x . . .
"""
COLUMNS = (*ROLES, STATION)
ALLOWED = {
    (action, role): mark == "x"
    for action, *marks in (line.split() for line in TABLE.strip().splitlines())
    for role, mark in zip(COLUMNS, marks, strict=True)
}


def actor(role: str, *, site: str = OWN, programme: str = ANY) -> Actor:
    return Actor(person=1, site=site, grants=frozenset(((role, site, programme),)))


def work_of(actor: Actor) -> Work:
    """Rights ask nothing of the database, so there is none."""
    clock = SetClock()
    return make_work(None, clock=clock, actor=actor)  # type: ignore[arg-type] # see above


def test_the_table_has_a_line_for_every_action_and_a_column_for_every_role() -> None:
    assert set(ALLOWED) == set(product(RIGHTS, COLUMNS))


@pytest.mark.parametrize(("action", "role"), sorted(ALLOWED))
def test_a_role_at_its_own_site(action: str, role: str) -> None:
    work = work_of(actor(role))

    if ALLOWED[action, role]:
        demand(work, action, site=OWN)
        demand_somewhere(work, action)
    else:
        with pytest.raises(NotYourTask):
            demand(work, action, site=OWN)
        with pytest.raises(NotYourTask):
            demand_somewhere(work, action)


@pytest.mark.parametrize(("action", "role"), sorted(ALLOWED))
@pytest.mark.parametrize("elsewhere", [OTHER, ANY])
def test_a_role_at_another_site_or_at_all_of_them(action: str, role: str, elsewhere: str) -> None:
    refusal = AnotherSite if ALLOWED[action, role] else NotYourTask

    with pytest.raises(refusal):
        demand(work_of(actor(role)), action, site=elsewhere)


@pytest.mark.parametrize(("action", "role"), sorted(ALLOWED))
def test_a_role_held_everywhere_reaches_every_site(action: str, role: str) -> None:
    everywhere = actor(role, site=ANY)

    for site in (OWN, OTHER, ANY):
        assert may(everywhere, action, site=site) is ALLOWED[action, role]


@pytest.mark.parametrize("action", RIGHTS)
def test_the_system_may_everything_and_nobody_nothing(action: str) -> None:
    assert may(Actor(system=True), action, site=ANY)
    assert not may(Actor(), action, site=OWN)


def test_a_grant_for_one_programme_reaches_no_other() -> None:
    bound = actor("phlebotomist", programme="cohort")

    assert may(bound, "order.place", site=OWN, programme="cohort")
    assert not may(bound, "order.place", site=OWN, programme="other")
    assert may(bound, "order.place", site=OWN)


def test_roles_at_several_sites_stay_apart() -> None:
    grants = frozenset((("phlebotomist", OWN, ANY), ("manager", OTHER, ANY)))
    both = Actor(person=1, grants=grants)

    assert sites_where(both, "order.place") == {OWN}
    assert sites_where(both, "correction.make") == {OTHER}
    assert sites_where(both, "alarm.read") == {OWN, OTHER}


def test_an_action_nobody_knows_is_a_fault_and_no_permission() -> None:
    with pytest.raises(KeyError):
        may(actor("manager"), "tube.teleport", site=OWN)
