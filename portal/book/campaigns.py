"""Rows of the workbook about campaigns: their terms, and results that were entered."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import pgettext_lazy

from competitions.models import Contestants, Source
from competitions.rules.campaigns import Tie
from orgchart.models import DealerTier
from portal.book.columns import Amount, Code, Day, Flag, Json, Ref, Whole, choices, column, text


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """A campaign's terms. Decision and payment are steps of the portal and stay there."""

    code: str = column(pgettext_lazy("workbook", "Code"), Code(), key=True)
    name_zh: str = text(pgettext_lazy("workbook", "Chinese name"), 100)
    name_en: str = text(pgettext_lazy("workbook", "English name"), 100, optional=True)
    is_announced: bool = column(pgettext_lazy("workbook", "Announced"), Flag())
    starts_on: date = column(pgettext_lazy("workbook", "From"), Day())
    ends_on: date = column(pgettext_lazy("workbook", "To"), Day())
    contestants: str = column(pgettext_lazy("workbook", "Who competes"), choices(Contestants))
    tier: str = column(
        pgettext_lazy("workbook", "Tier"), choices(DealerTier), optional=True, blank=""
    )
    units: list[Any] = column(pgettext_lazy("workbook", "Units"), Json(type=list))
    source: str = column(pgettext_lazy("workbook", "Results from"), choices(Source))
    indicator: str | None = column(
        pgettext_lazy("workbook", "Indicator"), Ref(kind="indicators"), optional=True
    )
    measure: str = text(pgettext_lazy("workbook", "Counted in"), 20, optional=True)
    decimals: int = column(pgettext_lazy("workbook", "Decimals"), Whole(0, 4))
    goal: Decimal | None = column(pgettext_lazy("workbook", "Goal"), Amount(), optional=True)
    threshold: Decimal | None = column(
        pgettext_lazy("workbook", "Least result"), Amount(), optional=True
    )
    prizes: list[Any] = column(pgettext_lazy("workbook", "Prizes"), Json(type=list))
    levels: list[Any] = column(pgettext_lazy("workbook", "Levels"), Json(type=list))
    tie: str = column(pgettext_lazy("workbook", "Tie"), choices(Tie))
    notice_days: int = column(pgettext_lazy("workbook", "Days of notice"), Whole(0, 90))
    note: str = text(pgettext_lazy("workbook", "Note"), 1000, optional=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignResult:
    """What a person, dealer or unit had since the campaign's first day, as it stood on a day."""

    campaign: str = column(
        pgettext_lazy("workbook", "Campaign"), Ref(40, kind="campaigns"), key=True
    )
    contestant: str = column(pgettext_lazy("workbook", "Contestant"), Code(), key=True)
    day: date = column(pgettext_lazy("workbook", "Date"), Day(), key=True)
    value: Decimal = column(pgettext_lazy("workbook", "Result"), Amount())
