"""What an address may hold: nothing that the database could not even be asked for."""

from collections.abc import Mapping
from typing import Any

from flask import Flask, request
from flask_babel import gettext
from werkzeug.routing import IntegerConverter, Map

from app.kernel.errors import Missing
from app.web.catalogue import N_
from app.web.errors import DoesNotFit, Fault
from app.web.fields import BIGGEST
from app.web.json_body import storable
from app.web.problems import for_programs

_NAME_SHOWN = 200


class NothingThere(Missing):
    """An address that names what nothing can be called."""

    message = "There is nothing at this address"
    advice = "Check the address, or scan the label"


class Number(IntegerConverter):
    """A number in an address, as large as the database counts; beyond it there is nothing."""

    def __init__(self, map: Map, *args: Any, **rest: Any) -> None:
        super().__init__(map, *args, **{"max": BIGGEST, **rest})


def count_within_bounds(app: Flask) -> None:
    """Make `<int:number>` in every route of an application a Number; before the first route."""
    app.url_map.converters["int"] = Number


def refuse_unstorable(places: Mapping[str, object]) -> None:
    """Go on only with an address whose words can be stored.

    Raises NothingThere for one of its `places`, DoesNotFit for a program's query: what a person
    scans into a page is the page's to judge.
    """
    if not all(storable(place) for place in places.values() if isinstance(place, str)):
        raise NothingThere
    strange = [
        name
        for name, text in request.args.items(multi=True)
        if not (storable(name) and storable(text))
    ]
    if strange and for_programs():
        words = str(gettext(N_("This must not hold control characters")))
        raise DoesNotFit(
            *(Fault(path=ascii(n)[1:-1][:_NAME_SHOWN], message=words) for n in strange)
        )
