"""A chart as finished values: what the picture, its table and its sentence are made of.

Chart(code="scores", title=_("Score"), unit=_("points"), kind="lines", labels=months,
      sentence=_("…"), series=[Series(_("Score"), values, decimals=2, look="actual")])
{% include "components/chart.html" with chart=chart only %}
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal

from targets.templatetags.amounts import amount, percent

Value = Decimal | Fraction | int | None
Look = Literal["actual", "plan", "forecast", "own", "other", "bonus", "good", "warn", "bad"]


@dataclass(frozen=True, slots=True)
class Series:
    """Values in the order of the chart's labels; None is a gap, never zero.

    `is_rate`: the values are ratios, written as percentages. `line`: drawn as a line over bars.
    """

    name: str
    values: Sequence[Value]
    decimals: int = 0
    look: Look = "actual"
    is_rate: bool = False
    line: bool = False

    def text(self, value: Value) -> str:
        return percent(value, self.decimals) if self.is_rate else amount(value, self.decimals)

    def number(self, value: Value) -> float | None:
        if value is None:
            return None
        return float(Fraction(value) * (100 if self.is_rate else 1))


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture with its table and its sentence; `code` is unique on the page and names the file.

    Kinds: `lines`, `bars` (upright, side by side), `rows` (lying bars), `stacked` (lying bars on
    each other), `waterfall` (the steps of one series; labels in `totals` stand on the ground),
    `heat` (labels across, series down; `shades` gives each cell a look or ""),
    `race` (bars by label; each series is a frame, played in order).
    `mark` is the label of today's line; `from_zero` is False where the axis may be cut;
    `is_ranking`: 1 is at the top.
    """

    code: str
    title: str
    sentence: str
    labels: Sequence[str]
    series: Sequence[Series]
    kind: Literal["lines", "bars", "rows", "stacked", "waterfall", "heat", "race"] = "bars"
    unit: str = ""
    head: str = ""  # of the table's first column
    mark: str = ""
    totals: Sequence[str] = ()
    shades: Sequence[Sequence[str]] = ()
    lead: str = ""
    from_zero: bool = True
    is_ranking: bool = False
    height: int = 260

    @property
    def data_id(self) -> str:
        return f"chart-{self.code}"

    @property
    def rows(self) -> list[tuple[str, list[str]]]:
        """The table: a row per label (per series in a heat map)."""
        if self.kind == "heat":
            return [(one.name, [one.text(value) for value in one.values]) for one in self.series]
        return [
            (label, [one.text(one.values[at]) for one in self.series])
            for at, label in enumerate(self.labels)
        ]

    @property
    def columns(self) -> list[str]:
        return list(self.labels) if self.kind == "heat" else [one.name for one in self.series]

    @property
    def drawn(self) -> dict[str, Any]:
        """What the script draws: numbers beside their finished texts."""
        return {
            "kind": self.kind,
            "title": self.title,
            "unit": self.unit,
            "labels": list(self.labels),
            "mark": self.mark,
            "totals": list(self.totals),
            "shades": [list(row) for row in self.shades],
            "lead": self.lead,
            "from_zero": self.from_zero,
            "is_ranking": self.is_ranking,
            "series": [
                {
                    "name": one.name,
                    "look": one.look,
                    "line": one.line,
                    "numbers": [one.number(value) for value in one.values],
                    "texts": [one.text(value) for value in one.values],
                }
                for one in self.series
            ],
        }
