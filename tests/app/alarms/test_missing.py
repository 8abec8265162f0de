"""One tube missing of a full box is grave; a tenth of a package, or all of it, is critical."""

import pytest

from app.alarms import queries
from app.alarms.queries import AlarmSeen, Asked
from app.custody.ledger import Kind
from app.jobs import sweep_once
from tests.app.alarms.bench import Bench
from tests.app.alarms.receipts import LISTED, checked_in, opened, received
from tests.builders.people import DOCK


def missing(bench: Bench) -> list[AlarmSeen]:
    return queries.alarms(bench.open_work(), Asked(rule="G43"))


@pytest.mark.parametrize(
    ("seen", "priority"),
    [(LISTED - 1, "P2"), (LISTED - 2, "P1"), (0, "P1")],
    ids=["one of twenty", "a tenth", "all"],
)
def test_how_grave_it_is_depends_on_how_many_are_missing(
    bench: Bench, seen: int, priority: str
) -> None:
    package, tubes = opened(bench)
    received(bench, package, tubes[:seen])

    [alarm] = missing(bench)
    assert (alarm.priority, alarm.gaps) == (priority, LISTED - seen)


def test_it_follows_what_is_found_and_ends_with_the_last(bench: Bench) -> None:
    package, (*most, found, lost) = opened(bench)
    received(bench, package, most)
    priorities = [priority_of_the_alarm(bench)]
    checked_in(bench, package, [found])
    priorities.append(priority_of_the_alarm(bench))
    bench.take_back()
    priorities.append(priority_of_the_alarm(bench))
    checked_in(bench, package, [found])
    bench.say(Kind.LOST_DECLARED, lost, site=DOCK, target="unknown")
    sweep_once(bench.open_work)
    [alarm] = missing(bench)

    assert priorities == ["P1", "P2", "P1"]
    assert alarm.state == "cleared"
    events = queries.alarm(bench.open_work(), alarm.id).history
    assert [event.kind for event in events] == ["opened", "cured", "graver", "closed"]


def priority_of_the_alarm(bench: Bench) -> str:
    sweep_once(bench.open_work)
    [alarm] = missing(bench)
    return alarm.priority
