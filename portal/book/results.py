"""Rows of the workbook that say what happened, how it is scored and what it pays."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from kpi.models import EventKind, ItemRole, MonthState, ScorecardState
from kpi.models.scorecards import ZeroTarget
from portal.book.columns import (
    Amount,
    Choice,
    Code,
    Day,
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

    code: str = column(_("Version"), Code(20), key=True)
    name_zh: str = text(_("Chinese name"), 100)
    name_en: str = text(_("English name"), 100, optional=True)
    short_zh: str = text(_("Short Chinese name"), 30, optional=True)
    short_en: str = text(_("Short English name"), 40, optional=True)
    unit_kinds: list[Any] = column(_("Kinds of unit"), Json(type=list))
    zero_target: str = column(_("Target of zero"), choices(ZeroTarget))
    state: str = column(_("State"), choices(ScorecardState))
    valid_from: date = column(_("From"), Day())
    valid_to: date | None = column(_("To"), Day(), optional=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScorecardItem:
    scorecard: str = column(_("Scorecard"), Ref(20, kind="scorecards"), key=True)
    code: str = column(_("Code"), Code(20), key=True)
    name_zh: str = text(_("Chinese name"), 100)
    name_en: str = text(_("English name"), 100, optional=True)
    short_zh: str = text(_("Short Chinese name"), 30, optional=True)
    short_en: str = text(_("Short English name"), 40, optional=True)
    role: str = column(_("Role"), choices(ItemRole))
    indicator: str | None = column(_("Indicator"), Ref(kind="indicators"), optional=True)
    weight: Decimal = column(_("Weight"), Amount())
    rule: str = column(_("Rule"), Code(20))
    params: dict[str, Any] = column(_("Parameters"), Json())
    position: int = column(_("Order"), Whole(), optional=True, blank=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthRow:
    """A month of the year; its state changes only by closing and publishing."""

    month: date = column(_("Month"), Month(), key=True)
    state: str = column(_("State"), choices(MonthState))
    due_on: date | None = column(_("Reports due"), Day(), optional=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Actual:
    """A reported figure; an empty value is a figure taken back."""

    unit: str = column(_("Unit"), Ref(kind="units"), key=True)
    indicator: str = column(_("Indicator"), Ref(kind="indicators"), key=True)
    breakdown: str = column(_("Breakdown"), Ref(kind="breakdowns"), key=True)
    month: date = column(_("Month"), Month(), key=True)
    value: Decimal | None = column(_("Actual"), Amount(), optional=True)
    as_of: date = column(_("As of"), Day())
    doubt_reason: str = text(_("Reason"), 200, optional=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Events of a kind; `number` counts the entries of a unit, month and kind from 1."""

    unit: str = column(_("Unit"), Ref(kind="units"), key=True)
    month: date = column(_("Month"), Month(), key=True)
    kind: str = column(_("Kind"), choices(EventKind), key=True)
    number: int = column(_("Number"), Whole(1, 999), key=True)
    count: int = column(_("Count"), Whole(1, 999))
    occurred_on: date | None = column(_("Date"), Day(), optional=True)
    note: str = text(_("Note"), 200, optional=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class SubsidyPolicy:
    """A unit's subsidy in yuan a month; the cap is a ratio, empty for none."""

    unit: str = column(_("Unit"), Ref(kind="units"), key=True)
    valid_from: date = column(_("From"), Day(), key=True)
    valid_to: date | None = column(_("To"), Day(), optional=True)
    fixed: Decimal = column(_("Fixed part"), Amount())
    floating_base: Decimal = column(_("Floating base"), Amount())
    cap: Decimal | None = column(_("Cap"), Amount(), optional=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Competition:
    code: str = column(_("Code"), Code(), key=True)
    name_zh: str = text(_("Chinese name"), 100)
    name_en: str = text(_("English name"), 100, optional=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class CompetitionPolicy:
    competition: str = column(_("Competition"), Ref(kind="competitions"), key=True)
    valid_from: date = column(_("From"), Day(), key=True)
    valid_to: date | None = column(_("To"), Day(), optional=True)
    amount: Decimal = column(_("Award"), Amount())
    revenue: str = column(_("Revenue gate"), Ref(kind="indicators"))
    volume: str = column(_("Volume gate"), Ref(kind="indicators"))
    no_qualifier: str = column(_("Nobody qualifies"), Choice(values=("none", "next")))
    tie: list[Any] = column(_("Tie"), Json(type=list))
    notice_days: int = column(_("Days of notice"), Whole(0, 90))


@dataclass(frozen=True, slots=True, kw_only=True)
class CommissionScheme:
    code: str = column(_("Version"), Code(20), key=True)
    name_zh: str = text(_("Chinese name"), 100)
    name_en: str = text(_("English name"), 100, optional=True)
    valid_from: date = column(_("From"), Day())
    valid_to: date | None = column(_("To"), Day(), optional=True)
    body: dict[str, Any] = column(_("Scheme"), Json())


@dataclass(frozen=True, slots=True, kw_only=True)
class DealerReturn:
    """A dealer's month as the billing extract counts it."""

    dealer: str = column(_("Dealer"), Ref(kind="dealers"), key=True)
    month: date = column(_("Month"), Month(), key=True)
    gross: int = column(_("Gross adds"), Whole())
    zero_call: int = column(_("Without calls"), Whole(), optional=True, blank=0)
    low_quality: int = column(_("Low-quality users"), Whole(), optional=True, blank=0)
    instalments: dict[str, Any] = column(_("Instalments"), Json())
    revenue_groups: list[Any] = column(_("Revenue groups"), Json(type=list))
    clawbacks: list[Any] = column(_("Clawbacks"), Json(type=list))
    penalty: Decimal = column(_("Audit penalty"), Amount(), optional=True, blank=Decimal(0))
