"""The demo's score rules, subsidy policies, competition and commission scheme."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from kpi.models import ItemRole, ScorecardState
from kpi.models.scorecards import ZeroTarget
from orgchart.models.units import BUSINESS_KINDS
from portal.book.results import (
    CommissionScheme,
    Competition,
    CompetitionPolicy,
    Scorecard,
    ScorecardItem,
    SubsidyPolicy,
)
from portal.demo import GRIDS, YEAR

START = date(YEAR, 1, 1)
CARD = "v2026.1"
DRAFT = f"v{YEAR + 1}.1"  # fixed lines and broadband count for more
_REWEIGHED = {"K1": 25, "K4": 20, "K7": 2}
_THRESHOLD = {"cap": "1.2", "floor": "0.6", "floor_means": "threshold"}
_PROPORTIONAL = {"cap": "1.2", "floor": "0", "floor_means": "threshold"}
_BANDS = [["0.16", "10"], ["0.14", "8"], ["0.12", "6"], ["0.10", "3"], [None, "0"]]
_DEDUCTIONS = {"late_report": "0.5", "audit_finding": "1", "complaint": "1"}

# code, zh, en, short zh, short en, indicator, weight, rule, parameters (worked example 4)
_ITEMS: tuple[tuple[str, str, str, str, str, str | None, int, str, dict[str, Any]], ...] = (
    ("K1", "移动业务开账收入完成率", "Mobile revenue completion", "移动收入", "Mobile revenue",
     "mobile_revenue", 30, "proportional", _THRESHOLD),
    ("K2", "移动用户发展完成率", "Mobile gross-add completion", "移动发展", "Gross adds",
     "mobile_gross_adds", 20, "proportional", _THRESHOLD),
    ("K3", "移动用户净增完成率", "Mobile net-add completion", "移动净增", "Net adds",
     "mobile_net_adds", 10, "proportional", _PROPORTIONAL),
    ("K4", "固话宽带净增完成率", "Fixed net-add completion", "固网净增", "Fixed net adds",
     "fixed_net_adds", 10, "proportional", _PROPORTIONAL),
    ("K5", "有效发展率", "Effective rate", "有效率", "Effective rate",
     "effective_rate", 10, "bands", {"bands": _BANDS}),
    ("K6", "离网率（反向）", "Churn rate (inverse)", "离网率", "Churn",
     "churn_rate", 8, "inverse", {"cap": "1.2"}),
    ("K7", "渠道走访完成率", "Channel-visit completion", "走访", "Visits",
     "channel_visits", 7, "proportional", {"cap": "1", "floor": "0", "floor_means": "threshold"}),
    ("K8", "基础管理（扣分制）", "Basics (deductions)", "基础管理", "Basics",
     None, 5, "deduction", {"per": _DEDUCTIONS}),
)  # fmt: skip


def scorecards() -> tuple[Scorecard, ...]:
    """The card in force since January, and a draft for the next year to be replayed."""

    def card(code: str, state: ScorecardState, valid_from: date) -> Scorecard:
        return Scorecard(
            code=code, name_zh=f"{valid_from.year} 年单元 KPI 考核办法",
            name_en=f"KPI rules for units, {valid_from.year}",
            unit_kinds=[str(kind.value) for kind in BUSINESS_KINDS], own_limit=Decimal(20),
            zero_target=ZeroTarget.SPREAD.value, state=state.value, valid_from=valid_from,
        )  # fmt: skip

    return (
        card(CARD, ScorecardState.PUBLISHED, START),
        card(DRAFT, ScorecardState.DRAFT, date(YEAR + 1, 1, 1)),
    )


def scorecard_items() -> tuple[ScorecardItem, ...]:
    return _items_of(CARD, {}) + _items_of(DRAFT, _REWEIGHED)


def _items_of(card: str, weights: dict[str, int]) -> tuple[ScorecardItem, ...]:
    items = [
        ScorecardItem(
            scorecard=card, code=code, name_zh=zh, name_en=en, short_zh=short_zh,
            short_en=short_en, role=ItemRole.ITEM.value, indicator=indicator,
            weight=Decimal(weights.get(code, weight)), rule=rule, params=params,
            position=position,
        )
        for position, (code, zh, en, short_zh, short_en, indicator, weight, rule, params)
        in enumerate(_ITEMS)
    ]  # fmt: skip
    bonus = ScorecardItem(
        scorecard=card, code="B1", name_zh="新增集团单位加分", name_en="Bonus for new groups",
        short_zh="加分", short_en="Bonus", role=ItemRole.BONUS.value, weight=Decimal(0),
        rule="bonus", params={"per": {"new_group": "0.5"}, "cap": "3"}, position=len(items),
    )  # fmt: skip
    return (*items, bonus)


def subsidy_policies() -> tuple[SubsidyPolicy, ...]:
    amounts = {"group": (800, 1200), "suburban": (1000, 1000), **dict.fromkeys(GRIDS, (600, 800))}
    return tuple(
        SubsidyPolicy(
            unit=unit, valid_from=START, fixed=Decimal(fixed), floating_base=Decimal(floating),
            cap=Decimal(1),
        )
        for unit, (fixed, floating) in amounts.items()
    )  # fmt: skip


def competitions() -> tuple[Competition, ...]:
    return (Competition(code="monthly", name_zh="月度劳动竞赛", name_en="Monthly competition"),)


# From October on an award is on notice for a month: October's still is in November.
LONGER_NOTICE_FROM = date(YEAR, 10, 1)
LONGER_NOTICE = 30
LONGER_NOTICE_REASON = "四季度起公示延至 30 天，便于各单元核对明细"


def competition_policies() -> tuple[CompetitionPolicy, ...]:
    return (
        CompetitionPolicy(
            competition="monthly", valid_from=START, amount=Decimal(500),
            revenue="total_revenue", volume="mobile_gross_adds", no_qualifier="none",
            tie=["revenue_rate", "volume_rate", "split"], notice_days=3,
        ),
    )  # fmt: skip


# Yuan a piece; the plan names the two posts (appendix 1) and no price.
PIECE_RATES = {
    "grid_manager": {"mobile_gross_adds": "3.00", "fixed_net_adds": "8.00"},
    "direct_sales": {"mobile_gross_adds": "1.00", "fixed_net_adds": "30.00"},
}


def schemes() -> tuple[CommissionScheme, ...]:
    body = json.loads(Path(__file__).with_name("scheme_2026.json").read_text(encoding="utf-8"))
    return (
        CommissionScheme(
            code="2026", name_zh="2026 年经销商佣金办法", name_en="Dealer commissions 2026",
            valid_from=START, body=body,
        ),
        CommissionScheme(
            code="2026-staff", name_zh="2026 年网格经理、直销经理计件办法",
            name_en="Piece rates of grid and direct-sales managers 2026", valid_from=START,
            kind="staff", body={"coefficient": "post", "rates": PIECE_RATES},
        ),
    )  # fmt: skip
