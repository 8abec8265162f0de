"""The description of the whole API (OpenAPI 3.1), made from the routes and their own schemas.

A view's body, query and answer are those of the schemas it names; where it hands the reading of
its body to somebody else, it says so:

    @blueprint.post("/scans")
    @guard.known
    @takes(SCANS)
    def take_scans() -> ResponseReturnValue: ...
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from apispec.ext.marshmallow.openapi import OpenAPIConverter
from flask import Blueprint, Flask, Response, current_app, jsonify
from marshmallow import Schema, fields
from werkzeug.routing import Rule

from app.web import fields as ours
from app.web import guard
from app.web.guard import OWN_HEADER, SAFE, Guarded, View, Who
from app.web.health import VERSION
from app.web.schema import ValueSchema

blueprint = Blueprint("openapi", __name__, url_prefix="/api/v1")

Json = dict[str, Any]
PATHS: Mapping[str, Json] = {
    "Number": {"type": "integer", "minimum": 0, "maximum": ours.BIGGEST},
    "UUIDConverter": {"type": "string", "format": "uuid"},
}
PROBLEM: Json = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "advice"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "advice": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"path": {"type": "string"}, "message": {"type": "string"}},
            },
        },
    },
}
_PLACE = re.compile(r"<(?:[^:<>]+:)?([^<>]+)>")
_TAKES = "_takes"


def takes(schema: Schema) -> Callable[[View], View]:
    """Say what a view's body is, where the view does not name the schema itself."""

    def mark(view: View) -> View:
        setattr(view, _TAKES, schema)
        return view

    return mark


@blueprint.get("/openapi.json")
@guard.known
def description() -> Response:
    """The description of this API."""
    return jsonify(described(current_app))


def described(app: Flask) -> Json:
    """Every route of an application, with what it takes and what it answers."""
    plugin = MarshmallowPlugin(schema_name_resolver=_name)
    spec = APISpec(title="Unbroken", version=VERSION, openapi_version="3.1.0", plugins=[plugin])
    if plugin.converter is not None:
        plugin.converter.add_attribute_function(_property)  # type: ignore[no-untyped-call] # theirs
    spec.components.schema("Problem", PROBLEM)
    spec.components.security_scheme(
        "session", {"type": "apiKey", "in": "cookie", "name": "unbroken-session"}
    )
    spec.components.security_scheme(
        "station", {"type": "apiKey", "in": "header", "name": "Authorization"}
    )
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        view = app.view_functions[rule.endpoint]
        if isinstance(view, Guarded) and view.who is not Who.FILE:
            path = _PLACE.sub(r"{\1}", rule.rule)
            spec.path(path=path, operations=_operations(rule, view, plugin.converter))
    return spec.to_dict()


def _operations(rule: Rule, view: Guarded, converter: OpenAPIConverter | None) -> Json:
    methods = sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    return {method.lower(): _operation(rule, view, method, converter) for method in methods}


def _operation(rule: Rule, view: Guarded, method: str, converter: OpenAPIConverter | None) -> Json:
    named = list(_schemas(view.view))
    taken = next((each for each in named if isinstance(each, ValueSchema)), None)
    taken = getattr(view.view, _TAKES, None) or taken
    parameters = [_place(rule, name) for name in sorted(rule.arguments)]
    told: Json = {
        "operationId": f"{method.lower()}{re.sub(r'[^a-z0-9]+', '_', rule.rule)}".rstrip("_"),
        "tags": [rule.endpoint.partition(".")[0]],
        "summary": (view.view.__doc__ or "").partition("\n")[0],
        "security": _security(view.who),
        "responses": _responses(rule, view, named),
    }
    if method not in SAFE:
        parameters.append(
            {
                "name": OWN_HEADER,
                "in": "header",
                "required": True,
                "schema": {"type": "string", "enum": ["1"]},
            }
        )
        if taken is not None:
            told["requestBody"] = {
                "required": True,
                "content": {"application/json": {"schema": taken}},
            }
    elif taken is not None and converter is not None:
        parameters += converter.schema2parameters(taken, location="query")
    told["parameters"] = parameters
    return told


def _schemas(view: View) -> Iterator[Schema]:
    """The schemas that a view names, in the order in which it names them."""
    for name in view.__code__.co_names:
        value = view.__globals__.get(name)
        if isinstance(value, Schema):
            yield value


def _place(rule: Rule, name: str) -> Json:
    converter = type(rule._converters[name]).__name__  # noqa: SLF001 - nowhere else to be read
    schema = PATHS.get(converter, {"type": "string", "minLength": 1})
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _security(who: Who) -> list[Json]:
    person: Json = {"session": []}
    station: Json = {"station": []}
    return {
        Who.PERSON: [person],
        Who.STATION: [station],
        Who.KNOWN: [person, station],
    }.get(who, [])


def _responses(rule: Rule, view: Guarded, named: list[Schema]) -> Json:
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    if not rule.rule.startswith("/api/") and rule.rule != "/health":
        page = {"description": "A page", "content": {"text/html": {}}}
        return {"2XX": page, "3XX": {"description": "Another page"}, "4XX": page, "5XX": page}
    given = next((each for each in named if not isinstance(each, ValueSchema)), None)
    done: Json = {"description": "Done"}
    if rule.rule.endswith(".csv"):
        done["content"] = {"text/csv": {}}
    elif given is not None:
        done["content"] = {"application/json": {"schema": _page_of(view.view, given)}}
    refused = {"description": "Not done, and why", "content": problem}
    answers = {"2XX": done, "4XX": refused, "503": refused}
    if rule.endpoint.endswith(".take_scans"):
        answers["409"] = done | {"description": "Another read has this id"}
    return answers


def _page_of(view: View, schema: Schema) -> Json | Schema:
    """A page of a long list, where the view answers with one."""
    if "page_answer" not in view.__code__.co_names:
        return schema
    return {
        "type": "object",
        "properties": {
            "items": {"type": "array", "items": schema},
            "next": {"type": ["string", "null"]},
        },
    }


def _name(schema: Schema | type[Schema]) -> str:
    kind = schema if isinstance(schema, type) else type(schema)
    # With its capability before it: two of them may call something else by one name.
    capability = kind.__module__.split(".")[-2]
    return f"{capability}.{kind.__name__.removesuffix('Schema')}"


def _property(self: OpenAPIConverter, field: fields.Field[Any], **_: Any) -> Json:
    """What our own kinds of values look like from outside."""
    for kind, say in _LOOKS.items():
        if isinstance(field, kind):
            looks = say(field)
            if field.allow_none and "type" in looks:
                looks["type"] = [looks["type"], "null"]
            if field.allow_none and "enum" in looks:
                looks["enum"] = [*looks["enum"], None]
            return looks
    return {}


# The nearest kind first: a code is a text too.
_LOOKS: Mapping[type[fields.Field[Any]], Callable[[Any], Json]] = {
    ours.OwnCode: lambda field: {
        "type": "string",
        "pattern": f"^({'|'.join(field.namespaces)})[0-9]{{10}}[0-9A-Z]$",
    },
    ours.Text: lambda field: {
        "type": "string",
        "minLength": field.least,
        "maxLength": field.most,
    },
    ours.Whole: lambda field: {
        "type": "integer",
        "minimum": field.least,
        "maximum": field.most,
    },
    ours.Number: lambda field: {
        "type": "number",
        "minimum": field.least,
        "maximum": field.most,
    },
    ours.Flag: lambda field: {"type": "boolean"},
    ours.Choice: lambda field: {"type": "string", "enum": list(field.allowed)},
    ours.Moment: lambda field: {"type": "string", "format": "date-time"},
    ours.Identity: lambda field: {"type": "string", "format": "uuid"},
}
