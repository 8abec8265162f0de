"""Figures: what was measured, beside what was asked for."""

import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import median

from tests.bench.crew import Took

PARTS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How fast something went: units a second, and milliseconds each. The middle of its rounds."""

    rate: float
    p50: float
    p95: float
    p99: float
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One line of the table; `least` or `most` is what the issue asks for."""

    name: str
    value: float
    unit: str
    least: float | None = None
    most: float | None = None
    note: str = ""

    @property
    def met(self) -> bool | None:
        """Whether it is as asked; None where nothing is asked."""
        if self.least is None and self.most is None:
            return None
        above = self.least is None or self.value >= self.least
        return above and (self.most is None or self.value <= self.most)


def pace(rounds: Sequence[Took]) -> Pace:
    """Rates by the middle round, times over all rounds."""
    each = sorted(took for one in rounds for took in one.each)
    return Pace(
        rate=median(len(one.each) / one.whole for one in rounds),
        p50=at(each, 50),
        p95=at(each, 95),
        p99=at(each, 99),
        count=len(each),
    )


def at(ordered: Sequence[float], part: int) -> float:
    """The percentile of ordered seconds, in milliseconds."""
    place = min(len(ordered) - 1, -(-len(ordered) * part // PARTS) - 1)
    return ordered[max(0, place)] * 1000


def table(title: str, figures: Sequence[Figure]) -> str:
    """The figures for people."""
    wide = max(len(figure.name) for figure in figures)
    lines = [title, "-" * len(title)]
    for figure in figures:
        asked = ""
        if figure.met is not None:
            bound = f">= {figure.least:g}" if figure.least is not None else f"<= {figure.most:g}"
            asked = f"{bound:>10}  {'met' if figure.met else 'NOT MET'}"
        lines.append(
            f"{figure.name:<{wide}}  {figure.value:>10,.2f} {figure.unit:<10}"
            f" {asked:<22} {figure.note}".rstrip()
        )
    return "\n".join(lines)


def as_json(figures: Sequence[Figure]) -> list[dict[str, object]]:
    """The figures for programs."""
    return [asdict(figure) | {"met": figure.met} for figure in figures]


def machine() -> dict[str, object]:
    """What it was measured on."""
    return {
        "cores": len(os.sched_getaffinity(0))
        if hasattr(os, "sched_getaffinity")
        else os.cpu_count(),
        "processor": platform.machine(),
        "system": platform.system(),
        "python": platform.python_version(),
        "load_before": os.getloadavg()[0],
    }
