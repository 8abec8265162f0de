"""Collection protocols: which tubes are drawn, in which order, for whom."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from config.reading import ConfigWrong, Table, once_each, read
from config.tubes import CENTRIFUGES, Tubes
from config.words import Words, words

FOLDER = Path(__file__).with_name("protocols")
STEPS = ("print_labels", "collect", "process", "finalize")
KINDS = ("adult", "paediatric", "urine", "saliva")
STATUSES = ("active", "pilot", "retired")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtocolTube:
    """One tube of a protocol, at its place in the order of draw."""

    position: int
    code: str
    type: str
    required: bool
    label_copies: int
    processed_at_site: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Protocol:
    """What is drawn for one kind of visit; `id` and `programme_version` are frozen on an order."""

    id: str
    name: Words
    programme_version: str
    status: str
    kind: str
    blood_ml: float
    blood_ml_max: float
    urine_ml: float
    refrigerated: bool
    steps: tuple[str, ...]
    tubes: tuple[ProtocolTube, ...]
    min_age_years: int | None
    max_age_years: int | None
    weight_kg_min: float | None
    weight_kg_below: float | None
    weight_same_day: bool
    blood_limit_ml: float | None
    blood_limit_ml_per_kg: float | None
    saliva_fallback: tuple[str, ...]
    saliva_condition_en: str | None
    centrifuge_question: bool
    default_centrifuge: str | None
    swap_with: str | None

    @property
    def tube_count(self) -> int:
        """How many tubes a full collection has."""
        return len(self.tubes)

    @property
    def label_count(self) -> int:
        """How many labels are printed: some tubes take two copies."""
        return sum(tube.label_copies for tube in self.tubes)


def load(tubes: Tubes, folder: Path = FOLDER) -> Mapping[str, Protocol]:
    """Read every protocol of a folder and check it against the tubes; raises ConfigWrong."""
    files = sorted(folder.glob("*.toml"))
    if not files:
        raise ConfigWrong(f"{folder}: holds no protocol")
    found = tuple(_protocol(read(path), tubes) for path in files)
    once_each((protocol.id for protocol in found), folder.name)
    protocols = {protocol.id: protocol for protocol in found}
    for protocol in found:
        if protocol.swap_with and protocol.swap_with not in protocols:
            raise ConfigWrong(f"{protocol.id}: swap_with: no protocol {protocol.swap_with!r}")
    return MappingProxyType(protocols)


def _protocol(table: Table, tubes: Tubes) -> Protocol:
    table.where = f"protocols/{table.where}"
    protocol = Protocol(
        id=table.text("id"),
        name=words(table, "name"),
        programme_version=table.text("programme_version"),
        status=table.one_of("status", STATUSES),
        kind=table.one_of("kind", KINDS),
        blood_ml=table.number("blood_ml"),
        blood_ml_max=table.number("blood_ml_max"),
        urine_ml=table.number("urine_ml"),
        refrigerated=table.flag("refrigerated"),
        steps=table.texts("steps"),
        tubes=tuple(_tube(inner, tubes) for inner in table.tables("tube")),
        min_age_years=table.maybe(table.whole, "min_age_years"),
        max_age_years=table.maybe(table.whole, "max_age_years"),
        weight_kg_min=table.maybe(table.number, "weight_kg_min"),
        weight_kg_below=table.maybe(table.number, "weight_kg_below"),
        weight_same_day=table.maybe(table.flag, "weight_same_day") or False,
        blood_limit_ml=table.maybe(table.number, "blood_limit_ml"),
        blood_limit_ml_per_kg=table.maybe(table.number, "blood_limit_ml_per_kg"),
        saliva_fallback=table.maybe(table.texts, "saliva_fallback") or (),
        saliva_condition_en=table.maybe(table.text, "saliva_condition_en"),
        centrifuge_question=table.maybe(table.flag, "centrifuge_question") or False,
        default_centrifuge=table.maybe(
            lambda key: table.one_of(key, CENTRIFUGES), "default_centrifuge"
        ),
        swap_with=table.maybe(table.text, "swap_with"),
    )
    table.done()
    _check(protocol, table, tubes)
    return protocol


def _tube(table: Table, tubes: Tubes) -> ProtocolTube:
    tube = ProtocolTube(
        position=table.whole("position", least=1),
        code=table.one_of("code", tubes.codes),
        type=table.one_of("type", tubes.types),
        required=table.flag("required"),
        label_copies=table.whole("label_copies", least=1),
        processed_at_site=table.flag("processed_at_site"),
    )
    table.done()
    if tubes.codes[tube.code].type != tube.type:
        raise table.wrong("type", f"{tube.code} is a {tubes.codes[tube.code].type}")
    return tube


def _check(protocol: Protocol, table: Table, tubes: Tubes) -> None:
    """What a file can say wrongly though every key of it is well-formed."""
    drawn = [tubes.types[tube.type] for tube in protocol.tubes]
    ranks = [tubes.codes[tube.code].draw_rank for tube in protocol.tubes]
    unknown = sorted(set(protocol.steps) - set(STEPS))
    if unknown:
        raise table.wrong("steps", f"nobody knows {', '.join(unknown)}")
    if [tube.position for tube in protocol.tubes] != list(range(1, len(drawn) + 1)):
        raise table.wrong("tube", "the positions must be 1, 2, 3 and so on")
    if ranks != sorted(ranks):
        raise table.wrong("tube", "is not in the order of draw of the tube catalogue")
    if round(sum(tube.draw_ml for tube in drawn), 3) != round(protocol.blood_ml, 3):
        raise table.wrong("blood_ml", "is not the sum of what its tubes draw")
    if round(sum(tube.draw_ml_max for tube in drawn), 3) != round(protocol.blood_ml_max, 3):
        raise table.wrong("blood_ml_max", "is not the sum of what its tubes draw at most")
    once_each((tube.code for tube in protocol.tubes), table.where)
    for code in protocol.saliva_fallback:
        if code not in tubes.codes:
            raise table.wrong("saliva_fallback", f"no tube code {code!r}")
