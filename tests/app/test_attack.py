"""The description of the API, attacked door by door: whatever is sent, it is never our fault."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings

from app.web.openapi import described
from tests.builders.people import make_person, make_places
from tests.builders.site import HEADER, Site
from tests.conftest import FreshDatabase
from tests.counts import SOAK
from tests.fakes.clock import SetClock

EXAMPLES = 60 if SOAK else 4
# These end the session that the attack is made with.
LEFT_OUT = {("DELETE", "/api/v1/session"), ("PUT", "/api/v1/session/password")}


@pytest.fixture
def site(fresh_database: FreshDatabase, tmp_path: Path) -> Iterator[Site]:
    made = Site(folder=tmp_path, database=fresh_database().runtime_url, clock=SetClock())
    with made.work() as work:
        make_places(work)
        make_person(work, login="manager-a", role="manager", site="*")
    yield made
    made.close()


@pytest.mark.slow
def test_no_door_breaks(site: Site) -> None:
    visitor = site.visitor()
    visitor.enter("manager-a")
    with site.app.test_request_context():
        document = described(site.app)
    doors = schemathesis.openapi.from_dict(document)
    told: Counter[int] = Counter()
    attacked = 0
    for result in doors.get_all_operations():
        operation = result.ok()
        if (operation.method.upper(), operation.path) in LEFT_OUT:
            continue
        attack(visitor.client, operation, told)
        attacked += 1
    assert attacked > 40
    assert all(told[status] for status in (200, 404, 422))


def attack(client: Any, operation: Any, told: Counter[int]) -> None:
    """Send what the description allows at one door, and some of what it does not."""

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def once(case: Any) -> None:
        answer = client.open(
            case.formatted_path,
            method=case.method,
            query_string=case.query or None,
            json=case.body if isinstance(case.body, dict | list | str | int) else None,
            headers=HEADER,
        )
        told[answer.status_code] += 1
        assert answer.status_code < 500, (case.method, case.formatted_path, answer.text)

    once()
