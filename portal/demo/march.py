"""March as the worked examples have it (4, 5, 7), figure for figure."""

from decimal import Decimal

from kpi.models import EventKind
from portal.demo import DISTRICT, UNITS

MONTH = 3
_ROWS = {
    # mobile revenue, total revenue, gross adds, net adds, fixed line, broadband, churn, visits
    "grid1": ("34.62", "36.15", 1148, 188, 8, 14, "0.0772", 40),
    "grid2": ("28.81", "31.71", 1016, 150, 6, 19, "0.0815", 36),
    "grid3": ("27.89", "30.29", 944, 141, 1, 2, "0.0801", 36),
    "grid4": ("14.45", "16.47", 524, -19, 2, 7, "0.1120", 21),
    "suburban": ("50.90", "54.27", 1616, 259, 7, 34, "0.0640", 49),
    "group": ("41.36", "70.11", 933, 151, 44, 19, "0.0790", 30),
}
LEGACY_REVENUE = Decimal("55.43")  # so that the district's mobile revenue is 253.46

# (unit, kind, count, day, note)
EVENTS = (
    ("grid1", EventKind.LATE_REPORT, 1, 4, "周报迟报"),
    ("grid1", EventKind.NEW_GROUP, 3, 18, "新增集团单位 3 家"),
    ("grid2", EventKind.NEW_GROUP, 2, 20, "新增集团单位 2 家"),
    ("grid3", EventKind.AUDIT_FINDING, 1, 12, "原单缺签字 1 份"),
    ("grid4", EventKind.LATE_REPORT, 2, 10, "日报迟报"),
    ("grid4", EventKind.AUDIT_FINDING, 2, 17, "营收款迟缴 2 次"),
    ("grid4", EventKind.COMPLAINT, 3, 24, "有效投诉 3 件"),
    ("suburban", EventKind.LATE_REPORT, 1, 6, "周报迟报"),
    ("suburban", EventKind.NEW_GROUP, 6, 26, "新增村组集团 6 家"),
    ("group", EventKind.NEW_GROUP, 1, 13, "新增集团单位 1 家"),
)


def figures() -> dict[tuple[str, str, str], Decimal]:
    """Return {(unit, indicator, breakdown): value}; fixed revenue is total less mobile."""
    found: dict[tuple[str, str, str], Decimal] = {}
    for unit in UNITS:
        mobile, total, gross, net, line, broadband, churn, visits = _ROWS[unit]
        found |= {
            (unit, "mobile_revenue", "all"): Decimal(mobile),
            (unit, "fixed_revenue", "all"): Decimal(total) - Decimal(mobile),
            (unit, "mobile_gross_adds", "all"): Decimal(gross),
            (unit, "mobile_net_adds", "all"): Decimal(net),
            (unit, "fixed_net_adds", "fixed_line"): Decimal(line),
            (unit, "fixed_net_adds", "broadband"): Decimal(broadband),
            (unit, "churn_rate", "all"): Decimal(churn),
            (unit, "channel_visits", "all"): Decimal(visits),
        }
    found[DISTRICT, "mobile_revenue", "all"] = LEGACY_REVENUE
    return found
