"""The five dealers of worked example 6 as inputs of the commission rules."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

from subsidies.rules.dealer_month import Clawback, DealerMonth, Penalty, RevenueGroup
from subsidies.rules.scheme import Scheme
from tests.worked_examples import example

CLASSES = {"一、二级代理": "A", "三、四级/政企代理": "B"}
BAND_STARTS = {
    "<10": Decimal(0),
    "10-20": Decimal(10),
    "20-50": Decimal(20),
    ">=50": Decimal(50),
}
# The example prints only the share of low-quality users. Of all whole numbers, these alone
# print that share when divided by the counted users (计佣户数): 31/230 = 13.48 %,
# 19/100 = 19.00 %, 7/49 = 14.29 %, 10/26 = 38.46 %. Divided by gross adds (31/236, 10/38)
# no whole number does, and 10 × 20 × 1.0 = 200.00 confirms the amount.
LOW_QUALITY_USERS = {
    "一级-宏达手机卖场": 31,
    "一级-天天数码专营店": 19,
    "二级-西郊便民直供店": 7,
    "二级-学府路网吧": 10,
    "二级-和平村代办点": 0,
}


def scheme_document() -> dict[str, Any]:
    """Return a fresh copy of the scheme of example 6 as JSON-able data."""
    text = Path(__file__).with_name("scheme_2026.json").read_text(encoding="utf-8")
    document: dict[str, Any] = json.loads(text)
    return document


def scheme(**changes: Any) -> Scheme:
    return Scheme.from_json(scheme_document() | changes)


def dealer_rows() -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = example("6_commission")["dealers"]
    return rows


def dealer_month(row: dict[str, Any]) -> DealerMonth:
    """Return one row of the example as figures."""
    clawback = row["90天离网扣回"]
    penalty = Decimal(row["稽核扣款"])
    return DealerMonth(
        dealer_class=CLASSES[row["档"]],
        gross=row["当月发展"],
        zero_call=row["零通话剔除"],
        instalment_counts={
            month: {
                BAND_STARTS[band]: users
                for band, users in row[f"分次佣金-第{month}月"]["户数"].items()
            }
            for month in (3, 6)
        },
        revenue_groups=tuple(
            RevenueGroup(Decimal(group["户均净收入(元)"]), group["户数"])
            for group in row["话提明细"]
        ),
        clawbacks=(Clawback(clawback["户数"], Decimal(clawback["原付单价"])),),
        low_quality_users=LOW_QUALITY_USERS[row["经销商"]],
        penalties=(Penalty("AU-1", penalty),) if penalty else (),
        brought_forward=Decimal(row["上期结转"]),
    )
