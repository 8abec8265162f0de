"""Who can hold something: a participant, a unit of a site, a courier, a requester, nobody, unknown.

A party is text: `unit:BRK/collection`, `courier:FX`, `participant:PN…`, `requester:…`, `nobody`,
`unknown`. The person is never the party; the person is the entry's actor.
"""

from app.custody.ledger import NOBODY, UNKNOWN


def unit(site: str, name: str) -> str:
    """The custody unit `name` of a site: collection, dock, processing, store."""
    return f"unit:{site}/{name}"


def courier(name: str) -> str:
    return f"courier:{name}"


def participant(code: str) -> str:
    return f"participant:{code}"


def site_of(party: str | None) -> str | None:
    """The site a party stands at; None for couriers, participants, nobody and unknown."""
    if party is None or not party.startswith("unit:"):
        return None
    return party[5:].partition("/")[0]


def is_courier(party: str | None) -> bool:
    return party is not None and party.startswith("courier:")


def well_formed(party: str) -> bool:
    """Whether text names a party of the kinds above."""
    if party in (NOBODY, UNKNOWN):
        return True
    kind, colon, name = party.partition(":")
    if not colon or not name or len(party) > 80 or not name.isprintable():
        return False
    if kind == "unit":
        site, slash, room = name.partition("/")
        return bool(site and slash and room)
    return kind in ("courier", "participant", "requester")
