"""Task sheets as finished grids: rows × twelve months, totals, proof that they add up."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from targets.models import Plan, SegmentTask, SheetKind, SheetRow, Task, TaskSheet
from targets.months import months_of


@dataclass(frozen=True, slots=True)
class Cell:
    """A month of a row; `value` None: no task yet. `note` explains how the value came about."""

    month: date
    value: Decimal | None
    version: int | None
    is_locked: bool = False
    lock_reason: str = ""
    locked_by: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a grid. `span` > 0 on the first row of a unit: how many rows it heads.

    `required` is the year that the row was given; None when only the whole sheet has a total.
    """

    row_id: int
    unit_id: int | None
    unit_code: str
    unit: str
    breakdown_code: str
    breakdown: str
    indicator_code: str
    indicator: str
    decimals: int
    is_percent: bool
    weight: Decimal | None
    part: Decimal | None
    required: Decimal | None
    history: Decimal | None
    capacity: Decimal | None
    rolled: Decimal
    season: tuple[Decimal, ...]
    cells: tuple[Cell, ...]
    span: int
    unit_total: Decimal | None

    @property
    def total(self) -> Decimal | None:
        """The year: the sum of the months; None for rates, which are not added."""
        values = [cell.value for cell in self.cells if cell.value is not None]
        return None if self.is_percent or not values else sum(values, Decimal(0))

    @property
    def locks(self) -> list[Cell]:
        return [cell for cell in self.cells if cell.is_locked]


@dataclass(frozen=True, slots=True)
class Grid:
    """A sheet with the rows that the reader may see; sums are over these rows.

    `columns` are the months' sums, None for rates and for mixed indicators.
    """

    sheet: TaskSheet
    months: tuple[date, ...]
    lines: tuple[Line, ...]
    is_whole: bool

    @property
    def is_added(self) -> bool:
        return len({line.indicator_code for line in self.lines}) == 1 and not any(
            line.is_percent for line in self.lines
        )

    @property
    def columns(self) -> list[Decimal] | None:
        if not self.is_added:
            return None
        return [
            sum((line.cells[n].value or Decimal(0) for line in self.lines), Decimal(0))
            for n in range(len(self.months))
        ]

    @property
    def total(self) -> Decimal | None:
        return sum(self.columns, Decimal(0)) if self.columns is not None else None

    @property
    def unit_totals(self) -> list[tuple[str, Decimal]]:
        return [(line.unit, line.unit_total) for line in self.lines
                if line.span and line.unit_total is not None]  # fmt: skip

    @property
    def difference(self) -> Decimal | None:
        """What the cells add up to above the sheet's total; 0 is the proof."""
        if self.total is None or self.required is None or not self.is_whole:
            return None
        return self.total - self.required

    @property
    def required(self) -> Decimal | None:
        """What the shown cells have to add up to: the sheet's total is not for single units."""
        if self.sheet.total is not None:
            return self.sheet.total + self.rolled if self.is_whole else None
        given = [line.required for line in self.lines]
        if not given or any(value is None for value in given):
            return None
        return sum((value for value in given if value is not None), Decimal(0))

    @property
    def rolled(self) -> Decimal:
        """What shortfalls added to the open months."""
        return sum((line.rolled for line in self.lines), Decimal(0))

    @property
    def locked(self) -> list[tuple[Line, Cell]]:
        return [(line, cell) for line in self.lines for cell in line.locks]

    @property
    def is_filled(self) -> bool:
        return any(cell.value is not None for line in self.lines for cell in line.cells)


def sheets_of(plan: Plan) -> list[TaskSheet]:
    """Return the plan's sheets in order."""
    return list(TaskSheet.objects.filter(plan=plan).select_related("indicator", "plan__district"))


def grid(sheet: TaskSheet, unit_ids: Iterable[int] | None) -> Grid:
    """Return the sheet as a grid; `unit_ids` None shows every row, else only theirs.

    Segment rows belong to no unit and are shown with the whole sheet only.
    """
    rows = list(sheet.rows.select_related("unit", "breakdown", "indicator"))
    if unit_ids is not None:
        allowed = set(unit_ids)
        rows = [row for row in rows if row.unit_id in allowed]
    months = tuple(months_of(sheet.plan.year))
    cells = _segment_cells(rows) if sheet.kind == SheetKind.SEGMENT else _task_cells(rows, months)
    drafts = [
        (row, tuple(cells.get((row.pk, month), Cell(month, None, None)) for month in months))
        for row in rows
    ]
    return Grid(sheet, months, tuple(_lines(drafts)), unit_ids is None)


def _task_cells(rows: Sequence[SheetRow], months: Sequence[date]) -> dict[tuple[int, date], Cell]:
    by_place = {(row.unit_id, row.indicator_id, row.breakdown_id): row.pk for row in rows}
    tasks = Task.objects.filter(
        month__in=months,
        unit_id__in={row.unit_id for row in rows},
        indicator_id__in={row.indicator_id for row in rows},
    ).select_related("locked_by")
    return {
        (by_place[task.unit_id, task.indicator_id, task.breakdown_id], task.month): Cell(
            task.month, task.value, task.version, task.is_locked, task.lock_reason,
            task.locked_by.name if task.locked_by else "",
        )
        for task in tasks
        if (task.unit_id, task.indicator_id, task.breakdown_id) in by_place
    }  # fmt: skip


def _segment_cells(rows: Sequence[SheetRow]) -> dict[tuple[int, date], Cell]:
    return {
        (cell.row_id, cell.month): Cell(cell.month, cell.value, cell.version)
        for cell in SegmentTask.objects.filter(row__in=rows)
    }


def _lines(drafts: Sequence[tuple[SheetRow, tuple[Cell, ...]]]) -> Iterable[Line]:
    """Yield finished lines; neighbours of the same unit or segment share a head."""
    heads: list[list[int]] = []
    for index, (row, _cells) in enumerate(drafts):
        if heads and _head(drafts[heads[-1][0]][0]) == _head(row):
            heads[-1].append(index)
        else:
            heads.append([index])
    for group in heads:
        values = [cell.value for i in group for cell in drafts[i][1] if cell.value is not None]
        adds_up = len({drafts[i][0].indicator_id for i in group}) == 1 and values
        total = sum(values, Decimal(0)) if adds_up else None
        for index in group:
            row, cells = drafts[index]
            yield Line(
                row_id=row.pk,
                unit_id=row.unit_id,
                unit_code=row.unit.code if row.unit else "",
                unit=row.unit.short if row.unit else row.breakdown.name,
                breakdown_code=row.breakdown.code,
                breakdown=row.breakdown.name if row.unit else row.indicator.name,
                indicator_code=row.indicator.code,
                indicator=row.indicator.name,
                decimals=row.indicator.decimals,
                is_percent=row.indicator.is_percent,
                weight=row.weight,
                part=row.part,
                required=None if row.total is None else row.total + row.rolled,
                history=row.history,
                capacity=row.capacity,
                rolled=row.rolled,
                season=tuple(Decimal(value) for value in row.season or row.sheet.season),
                cells=cells,
                span=len(group) if index == group[0] else 0,
                unit_total=None if row.indicator.is_percent else total,
            )


def _head(row: SheetRow) -> tuple[str, int | None]:
    return ("unit", row.unit_id) if row.unit_id else ("segment", row.breakdown_id)


@dataclass(frozen=True, slots=True)
class Working:
    """How a cell came about: (row total − locked) × season ÷ open season, then rounded.

    `rank` is the place of its remainder in the row, from 1; `is_raised`: it got a unit more.
    """

    base: Decimal
    season: Decimal
    whole: Decimal
    exact: Fraction
    rank: int
    is_raised: bool
    is_exact: bool


def working(line: Line, index: int) -> Working | None:
    """Return how the cell follows from its row total by largest remainder (rules §3).

    None when it does not: locked, rates, no season, or typed over by hand.
    """
    cell = line.cells[index]
    total = line.total
    if cell.value is None or cell.is_locked or total is None or len(line.season) != 12:
        return None
    open_months = [n for n, other in enumerate(line.cells) if not other.is_locked]
    whole = sum((line.season[n] for n in open_months), Decimal(0))
    if not whole:
        return None
    unit = Decimal(1).scaleb(-line.decimals)
    base = total - sum((other.value or Decimal(0) for other in line.locks), Decimal(0))
    quotas = {n: Fraction(base) * Fraction(line.season[n]) / Fraction(whole) / Fraction(unit)
              for n in open_months}  # fmt: skip
    order = sorted(
        open_months, key=lambda n: (-(quotas[n] - quotas[n].__floor__()), -line.season[n], n)
    )
    left = base / unit - sum(quota.__floor__() for quota in quotas.values())
    rank = order.index(index) + 1
    is_raised = rank <= left
    if (quotas[index].__floor__() + is_raised) * unit != cell.value:
        return None
    return Working(
        base,
        line.season[index],
        whole,
        quotas[index] * Fraction(unit),
        rank,
        is_raised,
        quotas[index].denominator == 1,
    )
