"""What every answer tells the browser about what it may do, and how to ask whether it changed."""

from flask import Response, request

from app.web.door import door

POLICY = (
    "default-src 'self'; img-src 'self' data:; base-uri 'none'; "
    "frame-ancestors 'none'; form-action 'self'; object-src 'none'"
)
ALWAYS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
OVER_HTTPS = {"Strict-Transport-Security": "max-age=31536000; includeSubDomains"}


def protect(response: Response) -> Response:
    """Add the headers of every answer; only files that are the same for all may be kept."""
    response.headers.update(ALWAYS)
    if door().https:
        response.headers.update(OVER_HTTPS)
    if request.endpoint == "static":
        response.headers["Cache-Control"] = "no-cache"
    else:
        response.headers["Cache-Control"] = "no-store"
        response.headers["Vary"] = "Cookie, Accept-Language, Authorization"
    return response


def answer_unchanged(response: Response) -> Response:
    """Answer 304 where the caller has this very answer: live pages ask every few seconds."""
    asked = request.method == "GET" and response.status_code == 200
    if asked and not response.is_streamed and not response.direct_passthrough:
        response.add_etag()
        response.make_conditional(request)
    return response
