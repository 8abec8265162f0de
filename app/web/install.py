"""Fit a Flask application with everything that is the same for all capabilities."""

from pathlib import Path

from flask import Flask

from app.web import guard, headers, health, logs, openapi, session
from app.web.address import count_within_bounds
from app.web.catalogue import catalogue
from app.web.door import Door, hang
from app.web.language import compile_catalogues, translate
from app.web.problems import answer_errors
from app.web.shell import shell

BODY_BYTES_MAX = 2 * 1024 * 1024

HERE = Path(__file__).parent


def make_app(door: Door, *, translations: Path) -> Flask:
    """An application with pages, errors, guards and languages, and no capability yet.

    `translations` is the folder the catalogues are compiled into.
    """
    app = Flask("app.web", template_folder=HERE / "templates", static_folder=HERE / "static")
    app.config["MAX_CONTENT_LENGTH"] = BODY_BYTES_MAX
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False
    app.view_functions["static"] = guard.file(app.send_static_file)
    count_within_bounds(app)
    hang(app, door)
    translate(app, compile_catalogues(translations))
    app.jinja_env.globals["catalogue"] = catalogue
    app.context_processor(lambda: {"shell": shell()})
    app.register_blueprint(health.blueprint)
    app.register_blueprint(openapi.blueprint)
    answer_errors(app)
    _around(app)
    return app


def _around(app: Flask) -> None:
    app.before_request(logs.start_watch)
    # Flask runs these from the last to the first.
    app.after_request(logs.note_answer)
    app.after_request(headers.protect)
    app.after_request(headers.answer_unchanged)
    app.after_request(session.renew)
