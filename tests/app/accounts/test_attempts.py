"""Guessing passwords gets slower, also over restarts, and locks nobody else out."""

from typing import Any

from app.accounts.attempts import ADDRESS
from tests.builders.people import PASSWORD
from tests.builders.site import HEADER, Site, Visitor
from tests.fakes.clock import SetClock

LOGIN = "phlebotomist-a"


def test_after_five_failures_even_the_right_password_waits(site: Site, clock: SetClock) -> None:
    visitor = site.visitor()
    fail(visitor, times=5)

    refused = visitor.sign_in(LOGIN)

    assert refused.status_code == 429
    assert refused.headers["Retry-After"] == "900"
    assert refused.json["advice"] == "Wait 15 min, then try again"
    clock.wait(minutes=15, seconds=1)
    assert visitor.sign_in(LOGIN).status_code == 200


def test_the_pause_grows(site: Site, clock: SetClock) -> None:
    visitor = site.visitor()
    fail(visitor, times=5)
    clock.wait(minutes=16)
    fail(visitor, times=5)
    clock.wait(minutes=16)

    assert int(visitor.sign_in(LOGIN).headers["Retry-After"]) > 60 * 60


def test_a_success_forgives_the_failures_before_it(site: Site) -> None:
    visitor = site.visitor()
    fail(visitor, times=4)
    assert visitor.sign_in(LOGIN).status_code == 200
    fail(visitor, times=4)

    assert visitor.sign_in(LOGIN).status_code == 200


def test_a_colleague_elsewhere_is_not_locked_out(site: Site) -> None:
    fail(site.visitor(), times=5)

    assert sign_in_from(site, "10.0.0.7", LOGIN).status_code == 200


def test_one_address_cannot_try_its_way_through_many_logins(site: Site) -> None:
    visitor = site.visitor()
    bound = ADDRESS[0].failures
    statuses = [visitor.sign_in(f"guess-{n}", "wrong").status_code for n in range(bound + 1)]

    assert statuses == [401] * bound + [429]


def test_the_count_outlives_the_program(site: Site) -> None:
    fail(site.visitor(), times=5)
    again = Site(
        folder=site.settings.data_dir,
        database=site.app.config["SQLALCHEMY_DATABASE_URI"],
        clock=site.clock,
    )

    assert again.visitor().sign_in(LOGIN).status_code == 429
    again.close()


def fail(visitor: Visitor, *, times: int) -> None:
    for _ in range(times):
        assert visitor.sign_in(LOGIN, "wrong").status_code == 401


def sign_in_from(site: Site, address: str, login: str) -> Any:
    return site.app.test_client().post(
        "/api/v1/session",
        json={"login": login, "password": PASSWORD},
        headers=HEADER,
        environ_base={"REMOTE_ADDR": address},
    )
