"""A package from a clinic at the dock, and somebody who opens it."""

from dataclasses import dataclass
from typing import Any

import pytest

from app.custody.ledger import Subject
from app.custody.queries import subject_of
from app.kernel.work import Work
from app.receiving import service as receiving
from app.receiving.service import CheckIn
from tests.app.shipping.conftest import clock, nurse, packed, read_at, release, site
from tests.builders.people import DOCK
from tests.builders.site import Site, Visitor
from tests.fakes.clock import SetClock

__all__ = ["clock", "nurse", "site"]


@dataclass(kw_only=True)
class Dock:
    """The dock, with one package on its way to it."""

    site: Site
    clock: SetClock
    technician: Visitor
    package: str
    box: str
    tubes: list[str]

    def open(self, visitor: Visitor | None = None, **more: Any) -> Any:
        """The answer to opening the package."""
        said = {
            "source": "courier:FedEx",
            "evidence": "carrier_label",
            "seal": "S-1",
            "seal_verdict": "intact",
            "condition": "good",
            "temperature_c": 4.5,
            **more,
        }
        answer = (visitor or self.technician).send(
            "POST", f"/api/v1/packages/{self.package}/receipt", **said
        )
        self.clock.wait(minutes=1)
        return answer

    def check_in(self, *codes: str, **more: Any) -> None:
        """Scan these out of the package; tubes as found in its box."""
        with self.site.work() as work:
            arrivals = [self._arrival(work, code, more) for code in codes]
            receiving.check_in(work, arrivals, self._of(work, self.package))
        self.clock.wait(minutes=1)

    def _arrival(self, work: Work, code: str, more: dict[str, Any]) -> CheckIn:
        box = self._of(work, self.box) if code.startswith("TB") else None
        return CheckIn(
            subject=self._of(work, code), reading=read_at(work, DOCK), **({"box": box} | more)
        )

    def _of(self, work: Work, code: str) -> Subject:
        subject = subject_of(work.session, code)
        assert subject is not None
        return subject

    def receipt(self) -> Any:
        return self.technician.get(f"/api/v1/packages/{self.package}/receipt").json

    def close(self) -> Any:
        return self.technician.send("POST", f"/api/v1/packages/{self.package}/receipt/close")


@pytest.fixture
def dock(site: Site, nurse: Visitor, clock: SetClock) -> Dock:
    made = packed(site, nurse, clock, tubes=4)
    assert release(nurse, made["package"]).status_code == 200
    clock.wait(hours=20)
    return Dock(
        site=site,
        clock=clock,
        technician=site.visitor_as("tech-d"),
        package=made["package"],
        box=made["box"],
        tubes=made["tubes"],
    )
