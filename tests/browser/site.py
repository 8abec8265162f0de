"""A small site on loopback for browser tests: our templates with sample data, and the scan door.

The door keeps the protocol of `POST /api/v1/scans`: idempotent by id, 409 for another body, 401 for
nobody. It may be stopped and started again on its port; what it has taken stays.
"""

import json
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import flask
from flask_babel import Babel
from werkzeug.serving import BaseWSGIServer, make_server

from app.web.catalogue import catalogue
from app.web.headers import POLICY
from tests.browser import samples

WEB = Path(__file__).parents[2] / "app" / "web"
Scan = dict[str, Any]
Result = dict[str, Any]
Answerer = Callable[[Scan], Result]


@dataclass
class ScanDoor:
    """Takes scans once each, remembers who uploaded them, and answers as it is told to."""

    rows: list[Scan] = field(default_factory=list)
    posts: list[int] = field(default_factory=list)  # how many scans each request carried
    answers: dict[str, Result] = field(default_factory=dict)  # code -> what to say about it
    malformed: set[str] = field(default_factory=set)  # codes that spoil a whole request
    _results: dict[str, tuple[str, Result]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, scans: list[Scan], *, person: str) -> tuple[int, dict[str, Any]]:
        """The status and the body of the answer to one request."""
        with self._lock:
            self.posts.append(len(scans))
            if any(scan["raw"] in self.malformed for scan in scans):
                return 422, {"title": "malformed", "status": 422}
            results = [self._take_one(scan, person) for scan in scans]
        alone = len(results) == 1 and results[0].get("conflict")
        now = samples.NOW.isoformat()
        return (409 if alone else 200), {"server_time": now, "results": results}

    def of(self, step: str) -> list[str]:
        """What was reported for a step, in the order of arrival."""
        return [row["raw"] for row in self.rows if (row["intent"] or {}).get("step") == step]

    def _take_one(self, scan: Scan, person: str) -> Result:
        body = json.dumps(scan, sort_keys=True)
        known = self._results.get(scan["id"])
        if known and known[0] == body:
            return known[1] | {"replayed": True}
        if known:
            return {"id": scan["id"], "verdict": "refused", "conflict": True, "title": "conflict"}
        result = self._judge(scan)
        self._results[scan["id"]] = (body, result)
        self.rows.append(scan | {"uploaded_by": person})
        return result

    def _judge(self, scan: Scan) -> Result:
        plain = {"id": scan["id"], "verdict": "accepted", "rule": None, "title": "", "message": ""}
        plain |= {"action": "", "subject": scan["raw"], "entries": [], "findings": [], "facts": {}}
        return plain | self.answers.get(scan["raw"], {}) | {"replayed": False}


class Site:
    """The site and its door; `stop` and `start` are a server that goes away and comes back."""

    def __init__(self, *, translations: Path) -> None:
        self.door = ScanDoor()
        self.posted: list[tuple[str, str, Any]] = []
        self.read_at_station: list[Result] = []  # what a page bound to any station hears
        self._app = create_site(self, translations)
        self._server: BaseWSGIServer | None = None
        self.port = 0
        self.start()

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Answer, on the same port as before."""
        self._server = make_server("127.0.0.1", self.port, self._app, threaded=True)
        self.port = self._server.port
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        """No longer answer."""
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server = None


def create_site(site: Site, translations: Path) -> flask.Flask:
    """The Flask application over our own templates and static files."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    app = flask.Flask(
        "site", template_folder=str(WEB / "templates"), static_folder=str(WEB / "static")
    )
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(translations)
    Babel(app, locale_selector=language)
    app.jinja_env.globals["catalogue"] = catalogue
    app.context_processor(lambda: {"shell": shell()})
    app.after_request(strict)
    add_pages(app)
    add_doors(app, site)
    return app


def language() -> str:
    """The language this browser asked for."""
    return flask.request.cookies.get("language", "en")


def person() -> str:
    """Who is signed in in this browser, or an empty text."""
    return flask.request.cookies.get("person", "")


def strict(response: flask.Response) -> flask.Response:
    """The headers of the real server that a page must live with."""
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["Cache-Control"] = "no-cache"
    if response.mimetype == "text/html":
        response.add_etag()
        response.make_conditional(flask.request)
    return response


def shell() -> dict[str, Any]:
    """What base.html asks for."""
    other = ("en", "English") if language() == "es" else ("es", "Español")
    return {
        "signed_in": person() != "",
        "person": person(),
        "site": "Clínica Norte" if language() == "es" else "North clinic",
        "nav": ("overview", "collect", "receive", "alarms"),
        "alarms": {"open": 7, "critical": 1},
        "language": language(),
        "other_language": {"code": other[0], "name": other[1], "href": f"/language/{other[0]}"},
        "zone": "UTC",
        "time_zone": "UTC",
        "ledger": None,
        "demo": True,
    }


def add_pages(app: flask.Flask) -> None:
    """One address per page."""
    show = flask.render_template
    pages: dict[str, Callable[..., Any]] = {
        "/": lambda: show("overview.html", **samples.overview()),
        "/calm": lambda: show("overview.html", **samples.overview(calm=True)),
        "/collect": lambda: show(
            "collection/kit.html", **samples.kit(person=person(), language=language())
        ),
        "/receive": lambda: show(
            "receiving/box.html", **samples.package(person=person(), language=language())
        ),
        "/orders": lambda: show("collection/home.html", **samples.orders()),
        "/stations": lambda: show("scanning/stations.html", **samples.stations()),
        "/station": lambda: show("scanning/station.html", **samples.station()),
        "/station/new": lambda: show(
            "scanning/station.html", **samples.station() | {"told": None, "devices": []}
        ),
        "/station/out": lambda: show("scanning/station.html", **samples.station_shut_out()),
        "/labels": lambda: show("printing/kit.html", **samples.labels()),
        "/labels/none": lambda: show("printing/kit.html", **samples.labels(kit=False)),
        "/labels/things": lambda: show("printing/things.html", **samples.labels_of_things()),
        "/labels/nowhere": lambda: show(
            "printing/things.html", **samples.labels_of_things(any_station=False)
        ),
        "/dock": lambda: show("receiving/home.html", **samples.dock()),
        "/dock/open": lambda: show("receiving/home.html", **samples.dock(opening=True)),
        "/tube": lambda: show("custody/subject.html", **samples.subject(language=language())),
        "/alarms": lambda: show("alarms/list.html", **samples.alarms()),
        "/alarms/a1": lambda: show("alarms/detail.html", **samples.one_alarm()),
        "/scanner": lambda: show("scanning/scanner.html", **samples.scanner_check()),
        "/virtual-scanner": lambda: show("virtual_scanner.html", **samples.scanner()),
        "/sign-in": lambda: show("accounts/sign_in.html", then="/collect", station=None),
        "/error": lambda: show(
            "error.html", problem={"status": 404, "title": "404", "detail": "", "advice": ""}
        ),
        "/find": lambda: show(
            "error.html",
            problem={"status": 404, "title": flask.request.args["q"], "detail": "", "advice": ""},
        ),
    }
    for path, view in pages.items():
        app.add_url_rule(path, endpoint=path, view_func=view)


def add_doors(app: flask.Flask, site: Site) -> None:
    """The API as far as the scripts speak to it."""

    @app.post("/api/v1/scans")
    def scans() -> Any:
        if not person() or flask.request.headers.get("X-Unbroken") != "1":
            return {"title": "nobody is signed in", "status": 401}, 401
        status, body = site.door.take(flask.request.get_json()["scans"], person=person())
        return body, status

    @app.get("/api/v1/stations/<station>/reads")
    def reads(station: str) -> Any:
        told = {"reads": site.read_at_station, "more": False, "task": {"opened_at": "now"}}
        return told, 200, {"ETag": f'"{len(site.read_at_station)}"'}

    @app.put("/api/v1/stations/<station>/task")
    def task(station: str) -> Any:
        site.posted.append(("PUT", f"stations/{station}/task", flask.request.get_json()))
        return {"opened_at": "now"}, 200

    @app.route("/api/v1/<path:rest>", methods=["POST", "DELETE"])
    def other(rest: str) -> Any:
        site.posted.append((flask.request.method, rest, flask.request.get_json(silent=True)))
        if rest.endswith("/pairing"):
            return {"code": "7K2M-94QX"}, 201
        if rest.endswith("/explain"):
            return {"title": "Refused", "detail": "Because", "advice": "Do this"}, 409
        return {}, 200
