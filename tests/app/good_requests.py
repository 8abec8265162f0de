"""A good request, or nearly one, for every door of the application."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid5

from tests.builders.people import DOCK, NORTH, PASSWORD, PROGRAMME
from tests.builders.site import Visitor

SPACE = UUID("0198a000-0000-7000-8000-000000000000")
NOWHERE = str(uuid5(SPACE, "nothing"))
NOW = "2026-11-25T09:00:00-06:00"
LISTED = {"limit": "5", "cursor": "WyJhIl0"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """One way in: its address, and a good body or good words of a query for it."""

    method: str
    path: str
    at: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    body: Any = None


class Things:
    """Something of each kind, made through the doors."""

    def __init__(self, visitor: Visitor) -> None:
        self.visitor = visitor
        new = {"label": "third", "password": PASSWORD, "login": "third-c"}
        self.person = str(self.made("people", **new)["id"])
        self.station = self.made("stations", site=NORTH, unit="dock", title="Door")["station"]
        self.participant = self.made("participants", site=NORTH, programme=PROGRAMME)["code"]
        for scope in ("primary", "biospecimen"):
            yes = {"scope": scope, "status": "yes", "version": "1", "language": "en"}
            self.made(f"participants/{self.participant}/consents", **yes)
        order = {"participant": self.participant, "protocol": "adult_v3_1", "site": NORTH}
        self.order = self.made("orders", **order, identity=["card_scanned", "name"])["id"]
        self.tube = self.made(f"orders/{self.order}/kit")["tubes"][0]["code"]
        self.box = self.made("boxes", site=NORTH)["boxes"][0]["code"]
        self.package = self.made("packages", site=NORTH, destination=DOCK)["code"]
        self.freezer = self.made("places", kind="freezer", site=NORTH, rows=2, columns=2)["code"]
        read = self.made("scans", scans=[a_scan(self.tube)])["results"][0]
        self.scan, self.entry = read["id"], read["entries"][0]

    def made(self, path: str, **body: Any) -> Any:
        answer = self.visitor.send("POST", f"/api/v1/{path}", **body)
        assert answer.status_code in (200, 201), (path, answer.json)
        return answer.json

    def doors(self) -> Iterator[Door]:
        """Every door of the description, with a request that is good or nearly so."""
        yield from self._of_people()
        yield from self._of_collection()
        yield from self._of_packages()
        yield from self._of_storage()
        yield from self._of_subjects()
        yield from self._of_stations()
        yield from self._of_alarms()
        yield from self._of_limits()
        yield from self._of_pages()

    def _of_people(self) -> Iterator[Door]:
        one = {"person": self.person}
        grant = {"role": "auditor", "site": NORTH, "programme": "*"}
        new: dict[str, Any] = {
            "login": "new-d",
            "label": "new",
            "password": PASSWORD,
            "site": NORTH,
        }
        new |= {"language": "es", "grants": [grant]}
        yield Door(method="GET", path="/api/v1/people", query=LISTED)
        yield Door(method="POST", path="/api/v1/people", body=new)
        change = {"password": PASSWORD, "inactive": False}
        yield Door(method="PATCH", path="/api/v1/people/{person}", at=one, body=change)
        yield Door(method="POST", path="/api/v1/people/{person}/grants", at=one, body=grant)
        yield Door(method="DELETE", path="/api/v1/people/{person}/grants", at=one, body=grant)
        yield Door(method="GET", path="/api/v1/sites", query=LISTED)
        yield Door(method="GET", path="/api/v1/session")

    def _of_collection(self) -> Iterator[Door]:
        who, which = {"code": self.participant}, {"order": self.order}
        new = {"site": NORTH, "programme": PROGRAMME, "participant_id": "P9", "biobank_id": "B9"}
        consent: dict[str, Any] = {
            "scope": "primary",
            "status": "yes",
            "version": "1",
            "language": "en",
        }
        consent |= {"effective_at": NOW, "expires_at": "2030-01-01T00:00:00Z", "command": None}
        withdrawal = {"effective_at": NOW, "no_further_use": True, "data": "keep", "ceremony": "Y"}
        order = {"participant": self.participant, "protocol": "adult_v3_1", "site": NORTH}
        why = {"tube": self.tube, "reason": "other", "comment": "it broke"}
        path = "/api/v1/participants/{code}"
        yield Door(method="POST", path="/api/v1/participants", body=new)
        yield Door(method="GET", path=path, at=who)
        yield Door(method="GET", path=f"{path}/link", at=who)
        yield Door(method="POST", path=f"{path}/consents", at=who, body=consent)
        yield Door(method="POST", path=f"{path}/withdrawals", at=who, body=withdrawal)
        yield Door(method="GET", path="/api/v1/orders", query={"site": NORTH, **LISTED})
        compared = {**order, "identity": ["card_scanned", "name"]}
        yield Door(method="POST", path="/api/v1/orders", body=compared)
        path = "/api/v1/orders/{order}"
        yield Door(method="GET", path=path, at=which)
        yield Door(method="POST", path=f"{path}/kit", at=which)
        job = {"command": NOWHERE, "station": self.station, "stock": "tube_roll", "language": "es"}
        yield Door(method="POST", path=f"{path}/print-jobs", at=which, body=job)
        labels = {"command": NOWHERE, "station": self.station, "codes": [self.box]}
        how = {"template": "box", "stock": "box_roll", "language": "es"}
        yield Door(method="POST", path="/api/v1/print-jobs", body={**labels, **how})
        asked = {"code": self.box, "cards": "all"}
        yield Door(method="GET", path="/labels", query=asked)
        yield Door(method="GET", path="/api/v1/print-jobs/{job}", at={"job": NOWHERE})
        yield Door(method="POST", path="/api/v1/print-jobs/{job}/give-up", at={"job": NOWHERE})
        one, found = {"job": NOWHERE, "number": "1"}, {"there": "yes", "command": NOWHERE}
        path_of_label = "/api/v1/print-jobs/{job}/labels/{number}/look"
        yield Door(method="POST", path=path_of_label, at=one, body=found)
        yield Door(method="GET", path="/collect/{order}/labels", at=which)
        labels = {"stock": "tube_roll", "start": "1", "language": "en"}
        yield Door(method="GET", path=f"{path}/labels.pdf", at=which, query=labels)
        done = {"reasons": [why], "command": None}
        yield Door(method="POST", path=f"{path}/done", at=which, body=done)

    def _of_packages(self) -> Iterator[Door]:
        path, at = "/api/v1/packages/{code}", {"code": self.package}
        hand = {"evidence": "badge", "site": NORTH, "occurred_at": NOW, "command": None}
        release = {"source": f"unit:{NORTH}/collection", "courier": "FX", "service": "ground"}
        release |= {"carrier_number": "123456789012", "logger": "L1", "seal": "S1"}
        release |= {"refrigerant": "gel", "destination": DOCK}
        opened: dict[str, Any] = {"source": "courier:FX", "seal_verdict": "intact", "seal": "S1"}
        opened |= {"condition": "intact", "temperature_c": 4.5}
        listed = {"site": NORTH, "state": "received", **LISTED}
        yield Door(method="POST", path="/api/v1/boxes", body={"site": NORTH, "count": 1, "rows": 2})
        new = {"site": NORTH, "destination": DOCK, "command": None}
        yield Door(method="POST", path="/api/v1/packages", body=new)
        yield Door(method="GET", path="/api/v1/packages", query=listed)
        yield Door(method="GET", path=path, at=at)
        sealing = {"seal": "S1", "site": NORTH, "command": None}
        yield Door(method="POST", path=f"{path}/seal", at=at, body=sealing)
        yield Door(method="POST", path=f"{path}/release", at=at, body=release | hand)
        delivery = {"source": "courier:FX", **hand}
        yield Door(method="POST", path=f"{path}/deliver", at=at, body=delivery)
        for ending in ("manifest", "manifest.csv", "manifest.pdf", "receipt"):
            yield Door(method="GET", path=f"{path}/{ending}", at=at)
        yield Door(method="POST", path=f"{path}/receipt", at=at, body=opened | hand)
        closing = {"site": NORTH, "command": None}
        yield Door(method="POST", path=f"{path}/receipt/close", at=at, body=closing)
        yield Door(method="GET", path="/api/v1/receipts", query={**listed, "state": "open"})
        found = {"site": NORTH, "package": self.package, "box": self.box, "command": None}
        yield Door(method="POST", path="/api/v1/found", body=found)

    def _of_storage(self) -> Iterator[Door]:
        unit = {"kind": "rack", "site": NORTH, "title": "a", "rows": 2, "columns": 2}
        unit |= {"temperature": "minus80", "place": self.freezer, "position": "A1"}
        yield Door(method="POST", path="/api/v1/places", body=unit)
        yield Door(method="GET", path="/api/v1/places/{code}", at={"code": self.freezer})
        yield Door(method="GET", path="/api/v1/boxes/{code}", at={"code": self.box})
        yield Door(method="GET", path="/api/v1/boxes/{code}.csv", at={"code": self.box})
        asked = {"subject": self.box, "site": NORTH}
        yield Door(method="POST", path="/api/v1/places/proposals", body=asked)
        promise = {"location": self.freezer, "position": "A2", "subject": self.box}
        yield Door(method="POST", path="/api/v1/reservations", body=promise)
        gone = {"reservation": NOWHERE}
        yield Door(method="DELETE", path="/api/v1/reservations/{reservation}", at=gone)

    def _of_subjects(self) -> Iterator[Door]:
        path, at = "/api/v1/subjects/{code}", {"code": self.tube}
        for ending in ("", "/timeline", "/gaps"):
            yield Door(method="GET", path=path + ending, at=at)
        gaps = {"state": "all", "site": NORTH, "rule": "G18", **LISTED}
        yield Door(method="GET", path="/api/v1/gaps", query=gaps)
        yield Door(method="GET", path="/api/v1/gaps.csv", query=gaps)
        told: dict[str, Any] = {
            "occurred_at": NOW,
            "site": NORTH,
            "source": "unknown",
            "target": "unknown",
        }
        told |= {"evidence": "stated", "inside": self.box, "place": self.freezer, "position": "A1"}
        told |= {"package": self.package, "facts": {"words": "a", "n": 1}}
        real = {"real": self.tube, "command": None}
        yield Door(method="POST", path=f"{path}/identification", at=at, body=real)
        correction = {"entry": self.entry, "reason": "wrong", "replacement": told}
        yield Door(method="POST", path="/api/v1/corrections", body=correction)
        late = {"subject": self.tube, "kind": "PACKED", "reason": "forgotten", **told}
        yield Door(method="POST", path="/api/v1/late-entries", body=late)
        answered = {"rule": "G18", "subject": self.tube, "entry": self.entry, "reason": "known"}
        answered |= {"comment": "it is so", "until": "2026-11-26T00:00:00Z"}
        yield Door(method="POST", path="/api/v1/gaps/explain", body=answered)
        yield Door(method="POST", path="/api/v1/scans", body=a_scan(self.tube))
        undo = {"reason": "wrong box", "command": None}
        path, at = "/api/v1/scans/{scan}/undo", {"scan": self.scan}
        yield Door(method="POST", path=path, at=at, body=undo)

    def _of_stations(self) -> Iterator[Door]:
        path, at = "/api/v1/stations/{station}", {"station": self.station}
        yield Door(method="GET", path="/stations")
        yield Door(method="GET", path="/stations/{code}", at={"code": self.station})
        yield Door(method="GET", path="/api/v1/stations", query=LISTED)
        new = {"site": NORTH, "unit": "dock", "title": "Door"}
        yield Door(method="POST", path="/api/v1/stations", body=new)
        intent: dict[str, Any] = {
            "step": "read",
            "order": self.order,
            "kit": self.box,
            "box": self.box,
        }
        intent |= {"place": self.freezer, "position": "A1", "facts": {"a": "b"}}
        for method in ("POST", "PUT"):
            yield Door(method=method, path=f"{path}/task", at=at, body=intent)
        yield Door(method="GET", path=f"{path}/task", at=at)
        yield Door(method="DELETE", path=f"{path}/task", at=at, query={"opened_at": NOW})
        yield Door(method="GET", path=f"{path}/reads", at=at, query={"since": NOW})
        one = {"printer": "zpl", "dpmm": 8, "format": "pdf", "held": NOWHERE}
        yield Door(method="POST", path=f"{path}/print-jobs/lease", at=at, body=one)
        told = {"number": 1, "state": "printed", "reasons": ["a"], "counted": [1, 2]}
        report = {"lease": NOWHERE, "outcomes": [told]}
        job = {**at, "job": NOWHERE}
        yield Door(method="POST", path=f"{path}/print-jobs/{{job}}/outcomes", at=job, body=report)
        yield Door(method="POST", path=f"{path}/token", at=at)
        yield Door(method="DELETE", path=f"{path}/token", at=at)
        yield Door(method="POST", path=f"{path}/pairing", at=at)
        code = {"code": "0000-0000", "station": self.station}
        yield Door(method="POST", path="/api/v1/pair", body=code)

    def _of_alarms(self) -> Iterator[Door]:
        asked = {"site": NORTH, "rule": "G18", "state": "raised", "bom": "1", **LISTED}
        for path in ("/alarms", "/alarms.csv", "/api/v1/alarms"):
            yield Door(method="GET", path=path, query=asked)
        path, at = "/api/v1/alarms/{number}", {"number": "1"}
        yield Door(method="GET", path="/alarms/{number}", at=at)
        yield Door(method="GET", path=path, at=at)
        yield Door(method="POST", path=f"{path}/acknowledge", at=at)
        whom = {"assignee": int(self.person)}
        yield Door(method="POST", path=f"{path}/assign", at=at, body=whom)
        reason = {"reason": "known", "comment": "a", "until": NOW, "command": None}
        yield Door(method="POST", path=f"{path}/explain", at=at, body=reason)

    def _of_limits(self) -> Iterator[Door]:
        path = "/api/v1/limits"
        yield Door(method="GET", path=path, query={"limit": "5", "cursor": "WzJd"})
        yield Door(method="GET", path=f"{path}/{{version}}", at={"version": "1"})
        new: dict[str, Any] = {
            "after": 1,
            "reason": "sooner",
            "valid_from": NOW,
            "sop_version": "b",
        }
        new["values"] = {"G28": {"pack_hours_max": 8}, "G09": {"consents_required": ["primary"]}}
        yield Door(method="POST", path=path, body=new)

    def _of_pages(self) -> Iterator[Door]:
        code, order = {"code": self.tube}, {"order": self.order}
        yield Door(method="GET", path="/", query={"then": "/"})
        for path in ("/t/{code}", "/b/{code}", "/s/{code}", "/receive/{code}"):
            yield Door(method="GET", path=path, at=code)
        yield Door(method="GET", path="/receive")
        yield Door(method="GET", path="/collect", query={"participant": self.participant})
        yield Door(method="GET", path="/collect/{order}", at=order)
        for path in ("/collect/find", "/find"):
            yield Door(method="GET", path=path, query={"q": self.tube})
        yield Door(method="GET", path="/sign-in", query={"then": "/"})
        yield Door(method="GET", path="/language/{language}", at={"language": "en"})
        yield Door(
            method="POST",
            path="/api/v1/demo/printers/{station}/{command}",
            at={"station": self.station, "command": "refill"},
        )
        checked = {"station": self.station, "tell": "000B0"}
        yield Door(method="GET", path="/scanner", query=checked)
        for path in ("/health", "/virtual-scanner", "/api/v1/openapi.json"):
            yield Door(method="GET", path=path)


def a_scan(code: str) -> dict[str, Any]:
    """A good read of a label."""
    return {
        "id": str(uuid5(SPACE, code)),
        "raw": code,
        "symbology": "code128",
        "method": "scan",
        "device_id": "tablet",
        "device_seq": 1,
        "device_time": NOW,
        "offset_ms": 0,
        "uncertainty_ms": 5,
        "queued": False,
        "intent": {"step": "read", "facts": {"a": 1}},
    }
