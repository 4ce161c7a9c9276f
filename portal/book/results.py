"""Rows of the workbook that say what happened, how it is scored and what it pays."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import pgettext_lazy

from kpi.models import EventKind, ItemRole, MonthState, ScorecardState
from kpi.models.scorecards import ZeroTarget
from portal.book.columns import (
    Amount,
    Choice,
    Code,
    Day,
    Flag,
    Json,
    Month,
    Ref,
    Whole,
    choices,
    column,
    text,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scorecard:
    """A version of the score rules; published once, it stays as it is."""

    code: str = column(pgettext_lazy("workbook", "Version"), Code(20), key=True)
    name_zh: str = text(pgettext_lazy("workbook", "Chinese name"), 100)
    name_en: str = text(pgettext_lazy("workbook", "English name"), 100, optional=True)
    short_zh: str = text(pgettext_lazy("workbook", "Short Chinese name"), 30, optional=True)
    short_en: str = text(pgettext_lazy("workbook", "Short English name"), 40, optional=True)
    unit: str | None = column(pgettext_lazy("workbook", "Unit"), Ref(kind="units"), optional=True)
    unit_kinds: list[Any] = column(pgettext_lazy("workbook", "Kinds of unit"), Json(type=list))
    own_limit: Decimal = column(
        pgettext_lazy("workbook", "Self-set weight"), Amount(), optional=True, blank=Decimal(0)
    )
    zero_target: str = column(pgettext_lazy("workbook", "Target of zero"), choices(ZeroTarget))
    state: str = column(pgettext_lazy("workbook", "State"), choices(ScorecardState))
    valid_from: date = column(pgettext_lazy("workbook", "From"), Day())
    valid_to: date | None = column(pgettext_lazy("workbook", "To"), Day(), optional=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScorecardItem:
    scorecard: str = column(
        pgettext_lazy("workbook", "Scorecard"), Ref(20, kind="scorecards"), key=True
    )
    code: str = column(pgettext_lazy("workbook", "Code"), Code(20), key=True)
    name_zh: str = text(pgettext_lazy("workbook", "Chinese name"), 100)
    name_en: str = text(pgettext_lazy("workbook", "English name"), 100, optional=True)
    short_zh: str = text(pgettext_lazy("workbook", "Short Chinese name"), 30, optional=True)
    short_en: str = text(pgettext_lazy("workbook", "Short English name"), 40, optional=True)
    role: str = column(pgettext_lazy("workbook", "Role"), choices(ItemRole))
    indicator: str | None = column(
        pgettext_lazy("workbook", "Indicator"), Ref(kind="indicators"), optional=True
    )
    weight: Decimal = column(pgettext_lazy("workbook", "Weight"), Amount())
    rule: str = column(pgettext_lazy("workbook", "Rule"), Code(20))
    params: dict[str, Any] = column(pgettext_lazy("workbook", "Parameters"), Json())
    is_own: bool = column(pgettext_lazy("workbook", "Self-set"), Flag(), optional=True, blank=False)
    tie_break: int | None = column(
        pgettext_lazy("workbook", "Parts ties"), Whole(1, 3), optional=True
    )
    position: int = column(pgettext_lazy("workbook", "Order"), Whole(), optional=True, blank=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthRow:
    """A month of the year; its state changes only by closing and publishing."""

    month: date = column(pgettext_lazy("workbook", "Month"), Month(), key=True)
    state: str = column(pgettext_lazy("workbook", "State"), choices(MonthState))
    due_on: date | None = column(pgettext_lazy("workbook", "Reports due"), Day(), optional=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosingRule:
    """Whether the auditor must verify what is reported before a month is closed."""

    valid_from: date = column(pgettext_lazy("workbook", "From"), Day(), key=True)
    valid_to: date | None = column(pgettext_lazy("workbook", "To"), Day(), optional=True)
    requires_verification: bool = column(pgettext_lazy("workbook", "Verification"), Flag())


@dataclass(frozen=True, slots=True, kw_only=True)
class Actual:
    """A reported figure; an empty value is a figure taken back."""

    unit: str = column(pgettext_lazy("workbook", "Unit"), Ref(kind="units"), key=True)
    indicator: str = column(
        pgettext_lazy("workbook", "Indicator"), Ref(kind="indicators"), key=True
    )
    breakdown: str = column(
        pgettext_lazy("workbook", "Breakdown"), Ref(kind="breakdowns"), key=True
    )
    month: date = column(pgettext_lazy("workbook", "Month"), Month(), key=True)
    value: Decimal | None = column(pgettext_lazy("workbook", "Actual"), Amount(), optional=True)
    as_of: date = column(pgettext_lazy("workbook", "As of"), Day())
    doubt_reason: str = text(pgettext_lazy("workbook", "Reason"), 200, optional=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class DailyFigure:
    """A figure since the month's 1st, as it stood on a day; empty where it was taken back."""

    unit: str = column(pgettext_lazy("workbook", "Unit"), Ref(kind="units"), key=True)
    indicator: str = column(
        pgettext_lazy("workbook", "Indicator"), Ref(kind="indicators"), key=True
    )
    breakdown: str = column(
        pgettext_lazy("workbook", "Breakdown"), Ref(kind="breakdowns"), key=True
    )
    month: date = column(pgettext_lazy("workbook", "Month"), Month(), key=True)
    day: date = column(pgettext_lazy("workbook", "Date"), Day(), key=True)
    value: Decimal | None = column(
        pgettext_lazy("workbook", "Month to date"), Amount(), optional=True
    )
    note: str = text(pgettext_lazy("workbook", "Note"), 200, optional=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaceRule:
    """How pace is judged from a day on."""

    valid_from: date = column(pgettext_lazy("workbook", "From"), Day(), key=True)
    calendar: str = column(
        pgettext_lazy("workbook", "Calendar"),
        Choice(values=("natural", "mon_sat", "mon_fri", "cn_workdays")),
    )
    promotion_yield: int = column(
        pgettext_lazy("workbook", "Users per promotion"), Whole(1, 100_000)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Events of a kind; `number` counts the entries of a unit, month and kind from 1."""

    unit: str = column(pgettext_lazy("workbook", "Unit"), Ref(kind="units"), key=True)
    month: date = column(pgettext_lazy("workbook", "Month"), Month(), key=True)
    kind: str = column(pgettext_lazy("workbook", "Kind"), choices(EventKind), key=True)
    number: int = column(pgettext_lazy("workbook", "Number"), Whole(1, 999), key=True)
    count: int = column(pgettext_lazy("workbook", "Count"), Whole(1, 999))
    occurred_on: date | None = column(pgettext_lazy("workbook", "Date"), Day(), optional=True)
    note: str = text(pgettext_lazy("workbook", "Note"), 200, optional=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class SubsidyPolicy:
    """A unit's subsidy in yuan a month; cap and floor are ratios, an empty cap is none."""

    unit: str = column(pgettext_lazy("workbook", "Unit"), Ref(kind="units"), key=True)
    valid_from: date = column(pgettext_lazy("workbook", "From"), Day(), key=True)
    valid_to: date | None = column(pgettext_lazy("workbook", "To"), Day(), optional=True)
    fixed: Decimal = column(pgettext_lazy("workbook", "Fixed part"), Amount())
    floating_base: Decimal = column(pgettext_lazy("workbook", "Floating base"), Amount())
    cap: Decimal | None = column(pgettext_lazy("workbook", "Cap"), Amount(), optional=True)
    floor: Decimal = column(
        pgettext_lazy("workbook", "Floor"), Amount(), optional=True, blank=Decimal(0)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Competition:
    code: str = column(pgettext_lazy("workbook", "Code"), Code(), key=True)
    name_zh: str = text(pgettext_lazy("workbook", "Chinese name"), 100)
    name_en: str = text(pgettext_lazy("workbook", "English name"), 100, optional=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class CompetitionPolicy:
    competition: str = column(
        pgettext_lazy("workbook", "Competition"), Ref(kind="competitions"), key=True
    )
    valid_from: date = column(pgettext_lazy("workbook", "From"), Day(), key=True)
    valid_to: date | None = column(pgettext_lazy("workbook", "To"), Day(), optional=True)
    amount: Decimal = column(pgettext_lazy("workbook", "Award"), Amount())
    revenue: str = column(pgettext_lazy("workbook", "Revenue gate"), Ref(kind="indicators"))
    volume: str = column(pgettext_lazy("workbook", "Volume gate"), Ref(kind="indicators"))
    no_qualifier: str = column(
        pgettext_lazy("workbook", "Nobody qualifies"), Choice(values=("none", "next"))
    )
    tie: list[Any] = column(pgettext_lazy("workbook", "Tie"), Json(type=list))
    notice_days: int = column(pgettext_lazy("workbook", "Days of notice"), Whole(0, 90))
    fixed_net: str | None = column(
        pgettext_lazy("workbook", "Third gate"), Ref(kind="indicators"), optional=True
    )
    heeds_veto: bool = column(
        pgettext_lazy("workbook", "A veto counts"), Flag(), optional=True, blank=True
    )
    excluded: list[Any] = column(
        pgettext_lazy("workbook", "Units left out"), Json(type=list), optional=True, blank=[]
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CommissionScheme:
    code: str = column(pgettext_lazy("workbook", "Version"), Code(20), key=True)
    name_zh: str = text(pgettext_lazy("workbook", "Chinese name"), 100)
    name_en: str = text(pgettext_lazy("workbook", "English name"), 100, optional=True)
    valid_from: date = column(pgettext_lazy("workbook", "From"), Day())
    valid_to: date | None = column(pgettext_lazy("workbook", "To"), Day(), optional=True)
    kind: str = column(
        pgettext_lazy("workbook", "Paid to"),
        Choice(values=("dealers", "staff")),
        optional=True,
        blank="dealers",
    )
    body: dict[str, Any] = column(pgettext_lazy("workbook", "Scheme"), Json())


@dataclass(frozen=True, slots=True, kw_only=True)
class DealerReturn:
    """A dealer's month as the billing extract counts it."""

    dealer: str = column(pgettext_lazy("workbook", "Dealer"), Ref(kind="dealers"), key=True)
    month: date = column(pgettext_lazy("workbook", "Month"), Month(), key=True)
    gross: int = column(pgettext_lazy("workbook", "Gross adds"), Whole())
    zero_call: int = column(
        pgettext_lazy("workbook", "Without calls"), Whole(), optional=True, blank=0
    )
    low_quality: int = column(
        pgettext_lazy("workbook", "Low-quality users"), Whole(), optional=True, blank=0
    )
    instalments: dict[str, Any] = column(pgettext_lazy("workbook", "Instalments"), Json())
    revenue_groups: list[Any] = column(pgettext_lazy("workbook", "Revenue groups"), Json(type=list))
    clawbacks: list[Any] = column(pgettext_lazy("workbook", "Clawbacks"), Json(type=list))
    retained: dict[str, Any] = column(
        pgettext_lazy("workbook", "Users still there"), Json(), optional=True, blank={}
    )
    penalty: Decimal = column(
        pgettext_lazy("workbook", "Audit penalty"), Amount(), optional=True, blank=Decimal(0)
    )
