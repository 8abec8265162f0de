"""Who may scan what for which step: every role, at the own site and at another's, cell by cell."""

import pytest

from app.accounts.rights import RIGHTS, ROLES, STATION
from app.custody.ledger import Sort
from app.scanning.steps import STEPS
from tests.app.scanning.bench import Bench
from tests.builders.people import DOCK, NORTH, make_person

THINGS = (Sort.TUBE, Sort.BOX, Sort.PACKAGE)
DEEDS = {name: step for name, step in STEPS.items() if step.right and name != "undo"}


def test_every_right_of_a_step_is_one_of_the_table() -> None:
    assert {step.right for step in STEPS.values() if step.right} <= set(RIGHTS)


@pytest.mark.slow
@pytest.mark.parametrize("role", ROLES)
def test_a_role_does_its_own_steps_and_no_other(bench: Bench, role: str) -> None:
    with bench.work() as work:
        make_person(work, login="some-a", role=role, site=NORTH)
    around = {"box": bench.make(Sort.BOX).code, "package": bench.make(Sort.PACKAGE).code}
    refused = {}
    for name, step in DEEDS.items():
        sort = next(sort for sort in THINGS if sort in step.sorts)
        thing = bench.make(sort)
        scan = bench.scan(thing.code, name, **around)
        answer = bench.one(bench.visitor("some-a"), scan)
        refused[name] = answer["verdict"] == "refused"
        assert (bench.story(thing) == []) == refused[name], name

    assert refused == {name: role not in RIGHTS[str(step.right)] for name, step in DEEDS.items()}


@pytest.mark.slow
def test_a_station_does_what_stations_may(bench: Bench) -> None:
    around = {"box": bench.make(Sort.BOX).code, "package": bench.make(Sort.PACKAGE).code}
    for name, step in DEEDS.items():
        sort = next(sort for sort in THINGS if sort in step.sorts)
        (answer,) = bench.agent(bench.scan(bench.make(sort).code, name, **around))
        assert (answer["verdict"] == "refused") == (STATION not in RIGHTS[str(step.right)]), name


@pytest.mark.slow
def test_what_another_site_has_is_recorded_where_it_was_scanned_and_not_told(bench: Bench) -> None:
    kit = bench.kit()
    tube = kit.tubes[0]
    bench.one(bench.nurse, bench.scan(tube.code, "collect", order=kit.order))
    bench.clock.wait(minutes=5)
    box = bench.make(Sort.BOX)

    answer = bench.one(
        bench.technician, bench.scan(tube.code, "store", box=box.code, device_id="dock")
    )

    assert (answer["verdict"], answer["title"]) == ("look", "It belongs to another site")
    assert (answer["findings"], answer["facts"]) == ([], {})
    entry = bench.story(tube)[-1]
    assert (entry.kind, entry.site) == ("STORED", DOCK)
    assert "NOR" not in str(answer)
