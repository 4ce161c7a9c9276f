"""Figures as entered, each beside what is stored of its cell."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Model

from kpi.models import Actual
from kpi.queries.cells import Key
from orgchart.models import Unit
from targets.amounts import from_scaled
from targets.models import Breakdown, Indicator
from targets.months import month_after, month_text


@dataclass(frozen=True, slots=True)
class CellEntry:
    """A figure as entered. `value` None takes it back; `version` None says: nothing there yet.

    Rates are ratios (0.0772). `reason` is why a doubtful figure is right.
    """

    unit_id: int
    indicator_id: int
    breakdown_id: int
    month: date
    value: Decimal | None
    as_of: date
    version: int | None
    reason: str = ""

    @property
    def key(self) -> Key:
        return self.unit_id, self.indicator_id, self.breakdown_id


class Stored(NamedTuple):
    """A stored figure; no model, since a save reads hundreds of them."""

    value: Decimal | None
    as_of: date
    version: int


class Entered(NamedTuple):
    """A figure as entered, what is stored of its cell, and last month's figure of it."""

    cell: CellEntry
    stored: Stored | None
    last: Decimal | None
    differs: bool

    @property
    def is_current(self) -> bool:
        """Whether the writer has seen what is stored."""
        # A row of version 0 carries an adjustment only: nobody has reported yet.
        return self.cell.version == (self.stored.version or None if self.stored else None)


@dataclass(frozen=True, slots=True)
class Book:
    """The entries, and what they are checked against and named by."""

    units: dict[int, Unit]
    indicators: dict[int, Indicator]
    breakdowns: dict[int, Breakdown]
    entries: list[Entered]

    def name(self, cell: CellEntry) -> dict[str, str]:
        """Name a cell by codes, as the API and the sheets do."""
        return {
            "unit": self.units[cell.unit_id].code,
            "indicator": self.indicators[cell.indicator_id].code,
            "breakdown": self.breakdowns[cell.breakdown_id].code,
            "month": month_text(cell.month),
        }


def read(district: Unit, cells: Sequence[CellEntry]) -> Book:
    """Read units, indicators, breakdowns, and the figures of these and the months before."""
    before = {month: month_after(month, -1) for month in {cell.month for cell in cells}}
    unit_ids = {cell.unit_id for cell in cells}
    indicator_ids = {cell.indicator_id for cell in cells}
    rows = _figures({*before, *before.values()}, unit_ids, indicator_ids)
    entries = []
    for cell in cells:
        key = cell.key
        stored, last = rows.get((cell.month, key)), rows.get((before[cell.month], key))
        given = cell.value, cell.as_of
        differs = stored[:2] != given if stored else cell.value is not None
        entries.append(Entered(cell, stored, last.value if last else None, differs))
    return Book(
        _known(Unit, district, unit_ids),
        _known(Indicator, district, indicator_ids),
        _known(Breakdown, district, {cell.breakdown_id for cell in cells}),
        entries,
    )


# Both statements are written out: the ORM takes longer to compose them than the database to answer.
def _known(model: type[Model], district: Unit, ids: set[int]) -> dict[int, Any]:
    """Return those of the rows that are the district's, by their ids."""
    statement = (
        f"SELECT * FROM {model._meta.db_table} WHERE district_id = %s AND id IN ({_places(ids)})"
    )
    return {row.pk: row for row in model.objects.raw(statement, [district.pk, *ids])}


def _figures(
    months: set[date], unit_ids: set[int], indicator_ids: set[int]
) -> dict[tuple[date, Key], Stored]:
    """Read figures by month and cell."""
    statement = f"""
SELECT CAST(month AS TEXT), unit_id, indicator_id, breakdown_id, value, CAST(as_of AS TEXT), version
FROM kpi_actual
WHERE month IN ({_places(months)}) AND unit_id IN ({_places(unit_ids)})
  AND indicator_id IN ({_places(indicator_ids)})"""
    given = [*(month.isoformat() for month in months), *unit_ids, *indicator_ids]
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        return {
            (date.fromisoformat(month), (unit, indicator, breakdown)): Stored(
                None if value is None else from_scaled(value), date.fromisoformat(as_of), version
            )
            for month, unit, indicator, breakdown, value, as_of, version in cursor
        }


def _places(values: Collection[Any]) -> str:
    return ", ".join(["%s"] * len(values))


def reports(cells: Sequence[CellEntry]) -> dict[tuple[date, Key], Actual]:
    """Return what is stored now with who reported it: a conflict names them."""
    rows = Actual.objects.filter(
        month__in={cell.month for cell in cells},
        unit_id__in={cell.unit_id for cell in cells},
        indicator_id__in={cell.indicator_id for cell in cells},
    ).select_related("reported_by")
    return {(row.month, (row.unit_id, row.indicator_id, row.breakdown_id)): row for row in rows}
