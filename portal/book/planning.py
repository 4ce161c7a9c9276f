"""Rows of the workbook that say what should happen: indicators, targets, sheets, tasks."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import pgettext_lazy

from orgchart.models import UnitKind
from portal.book.columns import (
    Amount,
    Choice,
    Code,
    Flag,
    Json,
    Month,
    Ref,
    Whole,
    choices,
    column,
    text,
)
from targets.models import Dimension, Direction, Driver, Rollup, SheetKind, SheetMethod


@dataclass(frozen=True, slots=True, kw_only=True)
class Breakdown:
    code: str = column(pgettext_lazy("workbook", "Code"), Code(), key=True)
    dimension: str = column(pgettext_lazy("workbook", "Dimension"), choices(Dimension))
    name_zh: str = text(pgettext_lazy("workbook", "Chinese name"), 100)
    name_en: str = text(pgettext_lazy("workbook", "English name"), 100, optional=True)
    position: int = column(pgettext_lazy("workbook", "Order"), Whole(), optional=True, blank=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """An indicator with its definition card."""

    code: str = column(pgettext_lazy("workbook", "Code"), Code(), key=True)
    name_zh: str = text(pgettext_lazy("workbook", "Chinese name"), 100)
    name_en: str = text(pgettext_lazy("workbook", "English name"), 100, optional=True)
    short_zh: str = text(pgettext_lazy("workbook", "Short Chinese name"), 30, optional=True)
    short_en: str = text(pgettext_lazy("workbook", "Short English name"), 40, optional=True)
    measure_zh: str = text(pgettext_lazy("workbook", "Unit of measure, Chinese"), 20)
    measure_en: str = text(pgettext_lazy("workbook", "Unit of measure, English"), 30, optional=True)
    decimals: int = column(pgettext_lazy("workbook", "Decimals"), Whole(0, 4))
    is_percent: bool = column(
        pgettext_lazy("workbook", "Percentage"), Flag(), optional=True, blank=False
    )
    rollup: str = column(pgettext_lazy("workbook", "Roll-up"), choices(Rollup))
    direction: str = column(pgettext_lazy("workbook", "Direction"), choices(Direction))
    is_derived: bool = column(
        pgettext_lazy("workbook", "Derived"), Flag(), optional=True, blank=False
    )
    may_be_negative: bool = column(
        pgettext_lazy("workbook", "May be negative"), Flag(), optional=True, blank=False
    )
    divisor: int = column(
        pgettext_lazy("workbook", "Divisor"), Whole(1, 1000), optional=True, blank=1
    )
    entry: str = column(
        pgettext_lazy("workbook", "Entered by"), choices(Dimension), optional=True, blank=""
    )
    position: int = column(pgettext_lazy("workbook", "Order"), Whole(), optional=True, blank=0)
    definition_zh: str = text(pgettext_lazy("workbook", "Definition, Chinese"), 2000, optional=True)
    definition_en: str = text(pgettext_lazy("workbook", "Definition, English"), 2000, optional=True)
    source_zh: str = text(pgettext_lazy("workbook", "Source, Chinese"), 200, optional=True)
    source_en: str = text(pgettext_lazy("workbook", "Source, English"), 200, optional=True)
    owner_zh: str = text(pgettext_lazy("workbook", "Owner, Chinese"), 100, optional=True)
    owner_en: str = text(pgettext_lazy("workbook", "Owner, English"), 100, optional=True)
    due_zh: str = text(pgettext_lazy("workbook", "Deadline, Chinese"), 100, optional=True)
    due_en: str = text(pgettext_lazy("workbook", "Deadline, English"), 100, optional=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A summand: `sign` is + or -."""

    indicator: str = column(
        pgettext_lazy("workbook", "Indicator"), Ref(kind="indicators"), key=True
    )
    source: str = column(
        pgettext_lazy("workbook", "Source indicator"), Ref(kind="indicators"), key=True
    )
    side: str = column(pgettext_lazy("workbook", "Side"), Choice(values=("n", "d")), key=True)
    sign: str = column(pgettext_lazy("workbook", "Sign"), Choice(values=("+", "-")))
    factor: int = column(pgettext_lazy("workbook", "Factor"), Whole(1, 1_000_000))


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnualTarget:
    """A row of table 3-0; on the side that is not the driver, the cell stays empty."""

    indicator: str = column(
        pgettext_lazy("workbook", "Indicator"), Ref(kind="indicators"), key=True
    )
    base: Decimal | None = column(pgettext_lazy("workbook", "Last year"), Amount(), optional=True)
    city_driver: str = column(pgettext_lazy("workbook", "City, entered"), choices(Driver))
    city_growth: Decimal | None = column(
        pgettext_lazy("workbook", "City, growth"), Amount(), optional=True
    )
    city_target: Decimal | None = column(
        pgettext_lazy("workbook", "City, target"), Amount(), optional=True
    )
    department_driver: str = column(
        pgettext_lazy("workbook", "Department, entered"), choices(Driver)
    )
    department_growth: Decimal | None = column(
        pgettext_lazy("workbook", "Department, growth"), Amount(), optional=True
    )
    department_target: Decimal | None = column(
        pgettext_lazy("workbook", "Department, target"), Amount(), optional=True
    )
    reason: str = text(pgettext_lazy("workbook", "Reason"), 500, optional=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A table of the plan; `season` is twelve percentages that make 100, or empty."""

    code: str = column(pgettext_lazy("workbook", "Table"), Code(10), key=True)
    name_zh: str = text(pgettext_lazy("workbook", "Chinese name"), 100)
    name_en: str = text(pgettext_lazy("workbook", "English name"), 100, optional=True)
    kind: str = column(pgettext_lazy("workbook", "Kind"), choices(SheetKind))
    indicator: str | None = column(
        pgettext_lazy("workbook", "Indicator"), Ref(kind="indicators"), optional=True
    )
    dimension: str = column(pgettext_lazy("workbook", "Dimension"), choices(Dimension))
    total: Decimal | None = column(
        pgettext_lazy("workbook", "Annual total"), Amount(), optional=True
    )
    season: list[Any] = column(
        pgettext_lazy("workbook", "Season"), Json(type=list), optional=True, blank=()
    )
    method: str = column(
        pgettext_lazy("workbook", "Method"), choices(SheetMethod), optional=True,
        blank=SheetMethod.ROW_FIRST.value,
    )  # fmt: skip
    position: int = column(pgettext_lazy("workbook", "Order"), Whole(), optional=True, blank=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetRow:
    """A row of a table with its weights, or with its own total and season."""

    sheet: str = column(pgettext_lazy("workbook", "Table"), Ref(kind="sheets"), key=True)
    unit: str | None = column(
        pgettext_lazy("workbook", "Unit"), Ref(kind="units"), key=True, optional=True
    )
    breakdown: str = column(
        pgettext_lazy("workbook", "Breakdown"), Ref(kind="breakdowns"), key=True
    )
    indicator: str = column(
        pgettext_lazy("workbook", "Indicator"), Ref(kind="indicators"), key=True
    )
    weight: Decimal | None = column(
        pgettext_lazy("workbook", "Unit weight"), Amount(), optional=True
    )
    part: Decimal | None = column(
        pgettext_lazy("workbook", "Part of the unit"), Amount(), optional=True
    )
    history: Decimal | None = column(pgettext_lazy("workbook", "History"), Amount(), optional=True)
    capacity: Decimal | None = column(
        pgettext_lazy("workbook", "Market capacity"), Amount(), optional=True
    )
    total: Decimal | None = column(
        pgettext_lazy("workbook", "Annual total"), Amount(), optional=True
    )
    season: list[Any] = column(
        pgettext_lazy("workbook", "Season"), Json(type=list), optional=True, blank=()
    )
    rolled: Decimal = column(
        pgettext_lazy("workbook", "Rolled forward"), Amount(), optional=True, blank=Decimal(0)
    )
    unit_kind: str = column(
        pgettext_lazy("workbook", "Kind of unit"), choices(UnitKind), optional=True, blank=""
    )
    position: int = column(pgettext_lazy("workbook", "Order"), Whole(), optional=True, blank=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    unit: str = column(pgettext_lazy("workbook", "Unit"), Ref(kind="units"), key=True)
    indicator: str = column(
        pgettext_lazy("workbook", "Indicator"), Ref(kind="indicators"), key=True
    )
    breakdown: str = column(
        pgettext_lazy("workbook", "Breakdown"), Ref(kind="breakdowns"), key=True
    )
    month: date = column(pgettext_lazy("workbook", "Month"), Month(), key=True)
    value: Decimal = column(pgettext_lazy("workbook", "Task"), Amount())
    is_locked: bool = column(
        pgettext_lazy("workbook", "Locked"), Flag(), optional=True, blank=False
    )
    lock_reason: str = text(pgettext_lazy("workbook", "Reason"), 200, optional=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentTask:
    """A cell of a segment table (plan §5)."""

    sheet: str = column(pgettext_lazy("workbook", "Table"), Ref(kind="sheets"), key=True)
    breakdown: str = column(pgettext_lazy("workbook", "Segment"), Ref(kind="breakdowns"), key=True)
    indicator: str = column(
        pgettext_lazy("workbook", "Indicator"), Ref(kind="indicators"), key=True
    )
    month: date = column(pgettext_lazy("workbook", "Month"), Month(), key=True)
    value: Decimal = column(pgettext_lazy("workbook", "Task"), Amount())
