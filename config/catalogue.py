"""Everything an operator may change but the limits and the settings, read and checked at once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from config import carriers, consent, events, lanes, protocols, reasons, tubes
from config.carriers import Carriers
from config.consent import ConsentRules
from config.lanes import Lanes
from config.protocols import Protocol
from config.reasons import ReasonList
from config.tubes import Tubes
from config.words import Words

FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """The programme's own facts, by name."""

    tubes: Tubes = field(hash=False)
    protocols: Mapping[str, Protocol] = field(hash=False)
    reasons: Mapping[str, ReasonList] = field(hash=False)
    carriers: Carriers
    lanes: Lanes
    events: Mapping[str, Words] = field(hash=False)
    consent: ConsentRules


def load(folder: Path = FOLDER) -> Catalogue:
    """Read every file of a folder; raises ConfigWrong that names file and key."""
    found = tubes.load(folder / tubes.FILE.name)
    return Catalogue(
        tubes=found,
        protocols=protocols.load(found, folder / protocols.FOLDER.name),
        reasons=reasons.load(folder / reasons.FILE.name),
        carriers=carriers.load(folder / carriers.FILE.name),
        lanes=lanes.load(folder / lanes.FILE.name),
        events=events.load(folder / events.FILE.name),
        consent=consent.load(folder / consent.FILE.name),
    )
