"""What carriers' numbers and foreign identifiers look like, and how a number is recognised."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from config.check_digits import ALGORITHMS
from config.reading import Table, once_each, read

FILE = Path(__file__).with_name("carriers.toml")
LONGEST = 64  # no carrier's number is longer


@dataclass(frozen=True, slots=True, kw_only=True)
class CarrierForm:
    """One form of number a carrier uses, and where its check digit stands."""

    id: str
    carrier: str
    service: str
    pattern: re.Pattern[str]
    algorithm: str
    weights: tuple[int, ...]
    start: int
    length: int
    check_at: int
    strip_prefix: str | None
    strip_when_length: int | None
    extract_start: int | None
    extract_length: int | None
    also_matches: tuple[str, ...]

    def fits(self, number: str) -> bool:
        """Whether a normalised number has this form, whatever its check digit."""
        return self.pattern.fullmatch(number) is not None

    def check_holds(self, number: str) -> bool:
        """Whether the check digit of a number that fits is right."""
        plain = self._stripped(number)
        end = len(plain) - 1 if self.length < 0 else self.start + self.length
        body = plain[self.start : end]
        return str(ALGORITHMS[self.algorithm](body, self.weights)) == plain[self.check_at]

    def tracking(self, number: str) -> str:
        """The tracking number inside a number that fits."""
        if self.extract_start is None or self.extract_length is None:
            return self._stripped(number)
        return number[self.extract_start : self.extract_start + self.extract_length]

    def _stripped(self, number: str) -> str:
        if self.strip_prefix and len(number) == self.strip_when_length:
            return number.removeprefix(self.strip_prefix)
        return number


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignForm:
    """An identifier that others mint, by kind; kept in a namespace of its own."""

    id: str
    kind: str
    pattern: re.Pattern[str]
    double_entry: bool
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracking:
    """One reading of a carrier's number. A failed check warns, it never blocks."""

    form: str
    carrier: str
    service: str
    number: str
    check_holds: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Carriers:
    """All forms of carriers' numbers and of foreign identifiers."""

    forms: tuple[CarrierForm, ...]
    foreign: tuple[ForeignForm, ...]
    reuse_days_min: int

    def recognise(self, text: str) -> tuple[Tracking, ...]:
        """Every reading of a scanned or typed number, those with a right check digit first."""
        number = normalise(text)
        found = (_tracking(form, number) for form in self.forms if form.fits(number))
        return tuple(sorted(found, key=lambda tracking: not tracking.check_holds))

    def foreign_patterns(
        self, kinds: Collection[str] | None = None
    ) -> Mapping[str, re.Pattern[str]]:
        """Named patterns of foreign identifiers, of these kinds only or of all."""
        return {
            form.id: form.pattern for form in self.foreign if kinds is None or form.kind in kinds
        }


def normalise(text: str) -> str:
    """A carrier's number without spaces and hyphens, in capitals; empty if it is none at all."""
    if len(text) > LONGEST or not text.isascii():
        return ""
    return re.sub(r"[\s-]", "", text).upper()


def load(path: Path = FILE) -> Carriers:
    """Read and check all forms; raises ConfigWrong."""
    table = read(path)
    table.whole("version", least=1)
    forms = tuple(_form(inner) for inner in table.tables("form"))
    foreign = tuple(_foreign(inner) for inner in table.tables("foreign"))
    once_each([*(form.id for form in forms), *(form.id for form in foreign)], table.where)
    carriers = Carriers(forms=forms, foreign=foreign, reuse_days_min=table.whole("reuse_days_min"))
    table.done()
    return carriers


def _tracking(form: CarrierForm, number: str) -> Tracking:
    return Tracking(
        form=form.id,
        carrier=form.carrier,
        service=form.service,
        number=form.tracking(number),
        check_holds=form.check_holds(number),
    )


def _form(table: Table) -> CarrierForm:
    form = CarrierForm(
        id=table.text("id"),
        carrier=table.text("carrier"),
        service=table.text("service"),
        pattern=_pattern(table, "regex"),
        algorithm=table.one_of("algorithm", ALGORITHMS),
        weights=table.maybe(table.wholes, "weights") or (),
        start=table.whole("start"),
        length=table.whole("length", least=-1),
        check_at=table.whole("check_at", least=-1),
        strip_prefix=table.maybe(table.text, "strip_prefix"),
        strip_when_length=table.maybe(table.whole, "strip_when_length"),
        extract_start=table.maybe(table.whole, "extract_start"),
        extract_length=table.maybe(table.whole, "extract_length"),
        also_matches=table.texts("also_matches"),
    )
    table.done()
    if form.algorithm == "weighted_mod11_mod10" and not form.weights:
        raise table.wrong("weights", "this algorithm needs them")
    return form


def _foreign(table: Table) -> ForeignForm:
    form = ForeignForm(
        id=table.text("id"),
        kind=table.text("kind"),
        pattern=_pattern(table, "regex"),
        double_entry=table.maybe(table.flag, "double_entry") or False,
        note=table.maybe(table.text, "note") or "",
    )
    table.done()
    return form


def _pattern(table: Table, key: str) -> re.Pattern[str]:
    text = table.text(key)
    if not (text.startswith("^") and text.endswith("$")):
        raise table.wrong(key, "must begin with ^ and end with $")
    try:
        return re.compile(text, re.ASCII)
    except re.error as error:
        raise table.wrong(key, f"is no pattern: {error}") from error
