"""What every answer tells the browser, and how a live page learns that nothing changed."""

from flask import Flask

from app.web import guard

POLICY = (
    "default-src 'self'; img-src 'self' data:; base-uri 'none'; "
    "frame-ancestors 'none'; form-action 'self'; object-src 'none'"
)


def test_every_answer_is_protected(app: Flask) -> None:
    client = app.test_client()
    for path in ("/nothing", "/api/v1/nothing", "/health", "/static/unbroken.css"):
        with client.get(path) as answer:
            headers = answer.headers
        assert headers["Content-Security-Policy"] == POLICY
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "Strict-Transport-Security" not in headers


def test_only_files_that_are_the_same_for_all_are_kept(app: Flask) -> None:
    client = app.test_client()

    with client.get("/static/unbroken.css") as file:
        assert file.headers["Cache-Control"] == "no-cache"
    assert client.get("/nothing").headers["Cache-Control"] == "no-store"


def test_a_page_that_has_not_changed_is_not_sent_again(app: Flask) -> None:
    app.add_url_rule("/it", view_func=guard.anyone(lambda: "the same"))
    client = app.test_client()
    tag = client.get("/it").headers["ETag"]

    again = client.get("/it", headers={"If-None-Match": tag})

    assert (again.status_code, again.data) == (304, b"")
