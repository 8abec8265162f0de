"""Who has something, in words: a custody party as pages and answers say it."""

from collections.abc import Mapping

from flask_babel import gettext

from app.web.catalogue import N_

UNITS: Mapping[str, str] = {
    "collection": N_("collection"),
    "dock": N_("dock"),
    "processing": N_("processing"),
    "store": N_("store"),
}


def party_words(party: str, titles: Mapping[str, str]) -> str:
    """Who has it. `titles`: what sites are called."""
    kind, _, name = party.partition(":")
    if kind == "unit":
        site, _, unit = name.partition("/")
        words = str(gettext(UNITS[unit])) if unit in UNITS else unit
        return f"{titles.get(site, site)}, {words}"
    if kind == "courier":
        return str(gettext("courier %(name)s", name=name))
    if kind == "participant":
        return str(gettext("the participant"))
    if kind == "requester":
        return str(gettext("requester %(name)s", name=name))
    return str(gettext("nobody")) if party == "nobody" else str(gettext("unknown"))
