"""The tube catalogue: how each tube is called, looks, is spun and keeps."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from config.reading import Table, once_each, read
from config.words import Words, words

FILE = Path(__file__).with_name("tubes.toml")
CENTRIFUGES = ("swinging_bucket", "fixed_angle")
CONDITIONS = ("refrigerated", "ambient")


@dataclass(frozen=True, slots=True, kw_only=True)
class Colour:
    """A cap colour by name; the hex value is an aid for the screen, never the only sign."""

    name: Words
    hex: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SpinProgram:
    """How a tube is spun: force, and minutes by kind of rotor."""

    g_min: int
    g_max: int
    minutes_swinging_bucket: int
    minutes_fixed_angle: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stability:
    """How long a tube keeps between two moments; 0 minutes: the maker's text decides."""

    start: str
    end: str
    minutes_max: int
    condition: str
    maker: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TubeType:
    """One physical tube."""

    id: str
    name: Words
    cap: Words
    colours: tuple[Colour, ...]
    nominal_ml: float
    draw_ml: float
    draw_ml_max: float
    additive: Words
    specimen_drawn: str
    specimen_yield: str
    inversions_min: int
    inversions_max: int
    processed_at_site: bool
    respin_allowed: bool
    spin: SpinProgram | None
    spin_after_draw_min_minutes: int | None
    spin_after_draw_warn_minutes: int | None
    spin_after_draw_alarm_minutes: int | None
    ambient_max_minutes: int | None
    freeze_allowed: bool
    rest_before_freeze_min_minutes: int | None
    programme_condition: str
    recommended_condition: str
    stability: tuple[Stability, ...]
    label_copies: int
    second_label_on: str | None
    orientation: str

    @property
    def is_spun(self) -> bool:
        """Whether a centrifuge belongs to this tube's way."""
        return self.spin is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class TubeCode:
    """One code of the programme for a tube, and how early in a draw it comes."""

    code: str
    type: str
    site_code: str
    centrifuge: str
    draw_rank: int
    dna_test: bool
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tubes:
    """All tube types by id and all codes by code."""

    types: Mapping[str, TubeType] = field(hash=False)
    codes: Mapping[str, TubeCode] = field(hash=False)

    def biobank_code(self, site_code: str, centrifuge: str) -> str:
        """The code the biobank uses for a site's tube once the centrifuge is known."""
        for code in self.codes.values():
            if code.site_code == site_code and code.centrifuge == centrifuge:
                return code.code
        return site_code


def load(path: Path = FILE) -> Tubes:
    """Read and check the tube catalogue; raises ConfigWrong."""
    table = read(path)
    table.whole("version", least=1)
    additives = {name: words(inner) for name, inner in table.named("additive")}
    types = {name: _type(name, inner, additives) for name, inner in table.named("type")}
    codes = tuple(_code(inner, types) for inner in table.tables("code"))
    once_each((code.code for code in codes), table.where)
    table.done()
    return Tubes(
        types=MappingProxyType(types),
        codes=MappingProxyType({code.code: code for code in codes}),
    )


def _type(name: str, table: Table, additives: Mapping[str, Words]) -> TubeType:
    found = TubeType(
        id=name,
        name=words(table, "name"),
        cap=words(table, "cap"),
        colours=tuple(_colour(inner) for inner in table.tables("colours")),
        nominal_ml=table.number("nominal_ml"),
        draw_ml=table.number("draw_ml"),
        draw_ml_max=table.number("draw_ml_max"),
        additive=additives[table.one_of("additive", additives)],
        specimen_drawn=table.text("specimen_drawn"),
        specimen_yield=table.text("specimen_yield"),
        inversions_min=table.whole("inversions_min"),
        inversions_max=table.whole("inversions_max"),
        processed_at_site=table.flag("processed_at_site"),
        respin_allowed=table.maybe(table.flag, "respin_allowed") is not False,
        spin=_spin(table.table("spin")) if table.has("spin") else None,
        spin_after_draw_min_minutes=table.maybe(table.whole, "spin_after_draw_min_minutes"),
        spin_after_draw_warn_minutes=table.maybe(table.whole, "spin_after_draw_warn_minutes"),
        spin_after_draw_alarm_minutes=table.maybe(table.whole, "spin_after_draw_alarm_minutes"),
        ambient_max_minutes=table.maybe(table.whole, "ambient_max_minutes"),
        freeze_allowed=table.maybe(table.flag, "freeze_allowed") is not False,
        rest_before_freeze_min_minutes=table.maybe(table.whole, "rest_before_freeze_min_minutes"),
        programme_condition=table.one_of("programme_condition", CONDITIONS),
        recommended_condition=table.one_of("recommended_condition", CONDITIONS),
        stability=tuple(_stability(inner) for inner in table.tables("stability")),
        label_copies=table.whole("label_copies", least=1),
        second_label_on=table.maybe(table.text, "second_label_on"),
        orientation=table.text("orientation"),
    )
    table.done()
    if found.draw_ml_max < found.draw_ml:
        raise table.wrong("draw_ml_max", "must not be below draw_ml")
    return found


def _colour(table: Table) -> Colour:
    colour = Colour(name=words(table), hex=table.text("hex"))
    table.done()
    return colour


def _spin(table: Table) -> SpinProgram:
    spin = SpinProgram(
        g_min=table.whole("g_min", least=1),
        g_max=table.whole("g_max", least=1),
        minutes_swinging_bucket=table.whole("minutes_swinging_bucket", least=1),
        minutes_fixed_angle=table.whole("minutes_fixed_angle", least=1),
    )
    table.done()
    return spin


def _stability(table: Table) -> Stability:
    stability = Stability(
        start=table.text("from"),
        end=table.text("to"),
        minutes_max=table.whole("minutes_max"),
        condition=table.text("condition"),
        maker=table.maybe(table.text, "maker"),
    )
    table.done()
    return stability


def _code(table: Table, types: Mapping[str, TubeType]) -> TubeCode:
    code = TubeCode(
        code=table.text("code"),
        type=table.one_of("type", types),
        site_code=table.text("site_code"),
        centrifuge=table.one_of("centrifuge", (*CENTRIFUGES, "unknown", "none")),
        draw_rank=table.whole("draw_rank"),
        dna_test=table.flag("dna_test"),
        status=table.text("status"),
    )
    table.done()
    return code
