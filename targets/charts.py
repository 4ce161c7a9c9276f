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

    `is_rate`: the values are ratios, written as percentages. `line`: drawn as a line over bars,
    over lying ones as a tick in each row. `gaps`: what a gap says, in the order of the labels.
    """

    name: str
    values: Sequence[Value]
    decimals: int = 0
    look: Look = "actual"
    is_rate: bool = False
    line: bool = False
    gaps: Sequence[str] = ()

    @property
    def texts(self) -> list[str]:
        """Return what is written of each value."""
        gaps = self.gaps or [""] * len(self.values)
        return [
            gap if value is None and gap else self.text(value)
            for value, gap in zip(self.values, gaps, strict=True)
        ]

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
    `heat` (labels across, series down),
    `race` (bars by label; each series is a frame, played in order).
    `shades` gives each value of each series a look or "", in a heat map and in `rows`.
    `notes` are more columns of the table, (head, a text by label); `rows` write the last one
    beside the bar. `links` opens each value of each series; "" opens nothing.
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
    notes: Sequence[tuple[str, Sequence[str]]] = ()
    links: Sequence[Sequence[str]] = ()
    lead: str = ""
    from_zero: bool = True
    is_ranking: bool = False
    height: int = 260

    @property
    def data_id(self) -> str:
        return f"chart-{self.code}"

    @property
    def cells(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """The table: a row per label (per series in a heat map) of texts and what they open."""
        opened = self.links or [[""] * len(self.labels) for _one in self.series]
        found = [
            list(zip(one.texts, links, strict=True))
            for one, links in zip(self.series, opened, strict=True)
        ]
        if self.kind == "heat":
            return [(one.name, cells) for one, cells in zip(self.series, found, strict=True)]
        more = [[(text, "") for text in texts] for _head, texts in self.notes]
        return [
            (label, [column[at] for column in [*found, *more]])
            for at, label in enumerate(self.labels)
        ]

    @property
    def rows(self) -> list[tuple[str, list[str]]]:
        """The table as texts."""
        return [(label, [text for text, _url in cells]) for label, cells in self.cells]

    @property
    def columns(self) -> list[str]:
        if self.kind == "heat":
            return list(self.labels)
        return [*(one.name for one in self.series), *(head for head, _texts in self.notes)]

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
            "notes": list(self.notes[-1][1]) if self.notes else [],
            "lead": self.lead,
            "from_zero": self.from_zero,
            "is_ranking": self.is_ranking,
            "series": [
                {
                    "name": one.name,
                    "look": one.look,
                    "line": one.line,
                    "numbers": [one.number(value) for value in one.values],
                    "texts": one.texts,
                }
                for one in self.series
            ],
        }
