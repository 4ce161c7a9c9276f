"""Rows of the workbook that say what should happen: indicators, targets, sheets, tasks."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

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
from targets.models import Dimension, Direction, Driver, Rollup, SheetKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Breakdown:
    code: str = column(_("Code"), Code(), key=True)
    dimension: str = column(_("Dimension"), choices(Dimension))
    name_zh: str = text(_("Chinese name"), 100)
    name_en: str = text(_("English name"), 100, optional=True)
    position: int = column(_("Order"), Whole(), optional=True, blank=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """An indicator with its definition card."""

    code: str = column(_("Code"), Code(), key=True)
    name_zh: str = text(_("Chinese name"), 100)
    name_en: str = text(_("English name"), 100, optional=True)
    short_zh: str = text(_("Short Chinese name"), 30, optional=True)
    short_en: str = text(_("Short English name"), 40, optional=True)
    measure_zh: str = text(_("Unit of measure, Chinese"), 20)
    measure_en: str = text(_("Unit of measure, English"), 30, optional=True)
    decimals: int = column(_("Decimals"), Whole(0, 4))
    is_percent: bool = column(_("Percentage"), Flag(), optional=True, blank=False)
    rollup: str = column(_("Roll-up"), choices(Rollup))
    direction: str = column(_("Direction"), choices(Direction))
    is_derived: bool = column(_("Derived"), Flag(), optional=True, blank=False)
    entry: str = column(_("Entered by"), choices(Dimension), optional=True, blank="")
    position: int = column(_("Order"), Whole(), optional=True, blank=0)
    definition_zh: str = text(_("Definition, Chinese"), 2000, optional=True)
    definition_en: str = text(_("Definition, English"), 2000, optional=True)
    source_zh: str = text(_("Source, Chinese"), 200, optional=True)
    source_en: str = text(_("Source, English"), 200, optional=True)
    owner_zh: str = text(_("Owner, Chinese"), 100, optional=True)
    owner_en: str = text(_("Owner, English"), 100, optional=True)
    due_zh: str = text(_("Deadline, Chinese"), 100, optional=True)
    due_en: str = text(_("Deadline, English"), 100, optional=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A summand: `sign` is + or -."""

    indicator: str = column(_("Indicator"), Ref(kind="indicators"), key=True)
    source: str = column(_("Source indicator"), Ref(kind="indicators"), key=True)
    side: str = column(_("Side"), Choice(values=("n", "d")), key=True)
    sign: str = column(_("Sign"), Choice(values=("+", "-")))
    factor: int = column(_("Factor"), Whole(1, 1_000_000))


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnualTarget:
    """A row of table 3-0; on the side that is not the driver, the cell stays empty."""

    indicator: str = column(_("Indicator"), Ref(kind="indicators"), key=True)
    base: Decimal | None = column(_("Last year"), Amount(), optional=True)
    city_driver: str = column(_("City, entered"), choices(Driver))
    city_growth: Decimal | None = column(_("City, growth"), Amount(), optional=True)
    city_target: Decimal | None = column(_("City, target"), Amount(), optional=True)
    department_driver: str = column(_("Department, entered"), choices(Driver))
    department_growth: Decimal | None = column(_("Department, growth"), Amount(), optional=True)
    department_target: Decimal | None = column(_("Department, target"), Amount(), optional=True)
    reason: str = text(_("Reason"), 500, optional=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A table of the plan; `season` is twelve percentages that make 100, or empty."""

    code: str = column(_("Table"), Code(10), key=True)
    name_zh: str = text(_("Chinese name"), 100)
    name_en: str = text(_("English name"), 100, optional=True)
    kind: str = column(_("Kind"), choices(SheetKind))
    indicator: str | None = column(_("Indicator"), Ref(kind="indicators"), optional=True)
    dimension: str = column(_("Dimension"), choices(Dimension))
    total: Decimal | None = column(_("Annual total"), Amount(), optional=True)
    season: list[Any] = column(_("Season"), Json(type=list), optional=True, blank=())
    position: int = column(_("Order"), Whole(), optional=True, blank=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetRow:
    """A row of a table with its weights, or with its own total and season."""

    sheet: str = column(_("Table"), Ref(kind="sheets"), key=True)
    unit: str | None = column(_("Unit"), Ref(kind="units"), key=True, optional=True)
    breakdown: str = column(_("Breakdown"), Ref(kind="breakdowns"), key=True)
    indicator: str = column(_("Indicator"), Ref(kind="indicators"), key=True)
    weight: Decimal | None = column(_("Unit weight"), Amount(), optional=True)
    part: Decimal | None = column(_("Part of the unit"), Amount(), optional=True)
    total: Decimal | None = column(_("Annual total"), Amount(), optional=True)
    season: list[Any] = column(_("Season"), Json(type=list), optional=True, blank=())
    unit_kind: str = column(_("Kind of unit"), choices(UnitKind), optional=True, blank="")
    position: int = column(_("Order"), Whole(), optional=True, blank=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    unit: str = column(_("Unit"), Ref(kind="units"), key=True)
    indicator: str = column(_("Indicator"), Ref(kind="indicators"), key=True)
    breakdown: str = column(_("Breakdown"), Ref(kind="breakdowns"), key=True)
    month: date = column(_("Month"), Month(), key=True)
    value: Decimal = column(_("Task"), Amount())
    is_locked: bool = column(_("Locked"), Flag(), optional=True, blank=False)
    lock_reason: str = text(_("Reason"), 200, optional=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentTask:
    """A cell of a segment table (plan §5)."""

    sheet: str = column(_("Table"), Ref(kind="sheets"), key=True)
    breakdown: str = column(_("Segment"), Ref(kind="breakdowns"), key=True)
    indicator: str = column(_("Indicator"), Ref(kind="indicators"), key=True)
    month: date = column(_("Month"), Month(), key=True)
    value: Decimal = column(_("Task"), Amount())
