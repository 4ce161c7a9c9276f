"""What a reader asked of a ranking, in the address: month, span, peers, a text, the order."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from orgchart.models import Unit
from orgchart.models.units import BUSINESS_KINDS

YEAR = "year"
LONGEST_TEXT = 60
ASCENDING_FIRST = {"rank", "unit", "gap"}  # other columns show the most first
Key = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for. Anything unknown in the address counts as not asked.

    `sort` is a column, with "-" before it for the most first; blank is the ranking's own order.
    """

    month: str
    kind: str = ""
    span: str = ""
    text: str = ""
    sort: str = ""

    @property
    def is_year(self) -> bool:
        return self.span == YEAR

    def parts(self, **changes: str) -> list[tuple[str, str]]:
        """Return the parts of the address's query, some of them changed; blank ones left out."""
        one = replace(self, **changes)
        parts = [
            ("month", one.month), ("kind", one.kind), ("span", one.span), ("q", one.text),
            ("sort", one.sort),
        ]  # fmt: skip
        return [(name, value) for name, value in parts if value]

    def query(self, **changes: str) -> str:
        """Return the address's query with some parts changed."""
        return urlencode(self.parts(**changes))

    def page(self, **changes: str) -> str:
        """Return the address of the page with some parts changed."""
        return f"{reverse('leaderboard')}?{self.query(**changes)}"


def asked_of(given: QueryDict, month: str) -> Asked:
    """Read what the address asks for."""
    kind, sort = given.get("kind", ""), given.get("sort", "")
    span = given.get("span", "")
    columns = YEAR_COLUMNS if span == YEAR else COLUMNS
    return Asked(
        month=month,
        kind=kind if kind in BUSINESS_KINDS else "",
        span=span if span == YEAR else "",
        text=given.get("q", "").strip()[:LONGEST_TEXT],
        sort=sort if sort.removeprefix("-") in columns else "",
    )


def natural(text: str) -> list[str | int]:
    """Return a key that sorts names with numbers as people count: 网格2 before 网格10."""
    return [int(part) if part.isdecimal() else part for part in re.split(r"(\d+)", text)]


COLUMNS: Mapping[str, Key] = {
    "rank": lambda row: row.rank,
    "change": lambda row: row.change,
    "unit": lambda row: natural(row.unit.short),
    "score": lambda row: row.score,
    "revenue": lambda row: row.gates["revenue"].rate,
    "volume": lambda row: row.gates["volume"].rate,
    "gap": lambda row: row.gap_to_next,
}
YEAR_COLUMNS: Mapping[str, Key] = {
    "rank": lambda row: row.rank,
    "change": lambda row: row.change,
    "unit": lambda row: natural(row.unit.short),
    "score": lambda row: row.points,
    "mean": lambda row: row.mean,
    "gap": lambda row: row.gap_to_next,
}


def arranged(rows: Sequence[Any], asked: Asked | None) -> list[Any]:
    """Return the rows whose unit the text names, in the order asked for; blanks come last."""
    if asked is None:
        return list(rows)
    wanted = asked.text.casefold()
    shown = [row for row in rows if not wanted or _names(row.unit, wanted)]
    columns = YEAR_COLUMNS if asked.is_year else COLUMNS
    if not asked.sort:
        return shown
    key = columns[asked.sort.removeprefix("-")]
    known = [row for row in shown if key(row) is not None]
    blank = [row for row in shown if key(row) is None]
    return sorted(known, key=key, reverse=asked.sort.startswith("-")) + blank


def _names(unit: Unit, wanted: str) -> bool:
    return any(wanted in name.casefold() for name in (unit.name, unit.short, unit.code))


def sorts(asked: Asked | None) -> dict[str, dict[str, str]]:
    """Return of each column where its head leads and how it is sorted now, for aria-sort.

    A head leads to its column's first order, and from there to the other one.
    """
    if asked is None:
        return {}
    now = asked.sort or "-score"
    found = {}
    for column in YEAR_COLUMNS if asked.is_year else COLUMNS:
        first = column if column in ASCENDING_FIRST else f"-{column}"
        other = f"-{column}" if first == column else column
        found[column] = {
            "url": asked.page(sort=other if now == first else first),
            "aria": ""
            if now.removeprefix("-") != column
            else "descending"
            if now.startswith("-")
            else "ascending",
        }
    return found


def peers(asked: Asked) -> list[dict[str, Any]]:
    """Return the choice of peers: all business units, or those of one kind."""
    choices: Iterable[tuple[str, Any]] = [
        ("", _("All units")),
        *((each.value, each.label) for each in BUSINESS_KINDS),
    ]
    return [
        {"label": label, "url": asked.page(kind=each), "is_active": each == asked.kind}
        for each, label in choices
    ]


def spans(asked: Asked) -> list[dict[str, Any]]:
    """Return the choice of the month alone and the year up to it."""
    return [
        {"label": label, "url": asked.page(span=span, sort=""), "is_active": span == asked.span}
        for span, label in (("", _("This month")), (YEAR, _("Year to date")))
    ]
