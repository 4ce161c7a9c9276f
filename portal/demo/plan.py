"""The demo's plan: annual targets, sheets and monthly tasks (worked examples 1, 3A, 3B, 3H)."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from orgchart.models import UnitKind
from portal.book.planning import AnnualTarget, SegmentTask, Sheet, SheetRow, Task
from portal.demo import DISTRICT, UNITS, YEAR
from targets.models import Dimension, SheetKind
from targets.months import months_of
from targets.rules.breakdown import largest_remainder, respread, scaled, unscaled

MONTHS = months_of(YEAR)
LOCK_REASON = "3月线路改造，不下任务"
LOCKED_MONTH = 3
FLAT = ("1",) * 12

_SEASON = {
    "mobile_gross_adds": ("9.60", "7.20", "8.80", "8.00", "8.20", "7.60", "7.80", "8.60", "10.20",
                          "8.20", "7.80", "8.00"),
    "mobile_revenue": ("8.05", "7.75", "8.15", "8.15", "8.25", "8.25", "8.35", "8.45", "8.60",
                       "8.55", "8.65", "8.80"),
    "broadband": ("7.00", "6.00", "7.00", "8.50", "9.00", "9.00", "8.50", "8.50", "10.00", "9.50",
                  "9.00", "8.00"),
}  # fmt: skip
_SEASON["mobile_net_adds"] = _SEASON["new_groups"] = _SEASON["mobile_gross_adds"]

# Unit weight and the weights of its tiers, in percent (worked example 3).
_REVENUE = {
    "grid1": ("13", {"t1": "68", "t2": "32"}), "grid2": ("12", {"t1": "66", "t2": "34"}),
    "grid3": ("11", {"t1": "63", "t2": "37"}), "grid4": ("10", {"t1": "61", "t2": "39"}),
    "suburban": ("16", {"t1": "48", "t2": "52"}), "group": ("16", {"group": "100"}),
    DISTRICT: ("22", {"legacy": "100"}),
}  # fmt: skip
_GROSS = {
    "grid1": ("18", {"t1": "65", "t2": "35"}), "grid2": ("17", {"t1": "62", "t2": "38"}),
    "grid3": ("15", {"t1": "60", "t2": "40"}), "grid4": ("14", {"t1": "58", "t2": "42"}),
    "suburban": ("21", {"t1": "45", "t2": "55"}), "group": ("15", {"group": "100"}),
}  # fmt: skip
_NET = {unit: (weight, {"all": "100"}) for unit, (weight, _parts) in _GROSS.items()}
_WEIGHTED = {
    "4-1": ("mobile_revenue", Dimension.TIER, "3109.92", 2, _REVENUE,
            "移动业务收入任务分解", "Mobile revenue tasks"),
    "4-2": ("mobile_gross_adds", Dimension.TIER, "70000", 0, _GROSS,
            "移动业务发展用户任务分解", "Mobile gross-add tasks"),
    "4-2N": ("mobile_net_adds", Dimension.WHOLE, "11200", 0, _NET,
             "移动用户净增任务分解", "Mobile net-add tasks"),
}  # fmt: skip

# Annual totals per unit where the plan gives them (table 4-4), or the demo does.
_FIXED_REVENUE = ("38.40", "35.40", "28.80", "25.20", "34.20", "338.28")
_FIXED_LINE = (100, 50, 50, 50, 50, 500)
_BROADBAND = (229, 257, 257, 229, 371, 257)
_VISITS = (40, 38, 36, 34, 45, 30)
_CHURN = Decimal("0.0790")

# Customer segments: sheet → names, rows (segment, indicator, annual total), rules §13.4.
_SEGMENTS = {
    "5-1": ("大众市场用户发展目标", "Mass-market targets",
            (("mass", "mobile_revenue", "995.17"), ("mass", "mobile_gross_adds", "32200"))),
    "5-2": ("公众用户发展目标", "Public-market targets",
            (("public", "mobile_revenue", "435.39"), ("public", "mobile_gross_adds", "12600"))),
    "5-3": ("集团市场量收目标", "Group-market targets",
            (("group_customers", "mobile_revenue", "497.59"),
             ("group_customers", "mobile_gross_adds", "10500"),
             ("group_customers", "new_groups", "60"))),
    "5-4": ("大众直销量收目标", "Mass direct-sale targets",
            (("township", "mobile_gross_adds", "9400"), ("township", "new_groups", "45"),
             ("labour", "mobile_gross_adds", "5300"),
             ("direct", "mobile_revenue", "497.59"), ("direct", "new_groups", "24"))),
}  # fmt: skip
# The units whose tasks a segment cuts a second time.
_CUTS = {
    "mass": UnitKind.GRID, "public": UnitKind.GRID, "group_customers": UnitKind.GROUP_CENTER,
    "township": UnitKind.SUBURBAN_OFFICE, "labour": UnitKind.SUBURBAN_OFFICE,
    "direct": UnitKind.SUBURBAN_OFFICE,
}  # fmt: skip
_DECIMALS = {"mobile_revenue": 2, "mobile_gross_adds": 0, "new_groups": 0}


def annual_targets() -> tuple[AnnualTarget, ...]:
    """Return table 3-0: per layer the figure that was typed, growth or target."""
    rows = (
        ("mobile_revenue", "2731.60", ("growth", "0.12"), ("target", "3109.92")),
        ("fixed_revenue", "454.80", ("growth", "0.08"), ("growth", "0.10")),
        ("mobile_gross_adds", "61800", ("target", "65000"), ("target", "70000")),
        ("mobile_net_adds", "9270", ("target", "10000"), ("target", "11200")),
        ("fixed_gross_adds", "2460", ("growth", "0.10"), ("growth", "0.15")),
        ("fixed_net_adds", "620", ("target", "1800"), ("target", "2400")),
        # tables 3-1 to 3-3, which have the department's layer only
        ("mobile_service_revenue", "2431.12", None, ("target", "2736.73")),
        ("mobile_vas_revenue", "300.48", None, ("target", "373.19")),
        ("billed_users", "56400", None, ("target", "67600")),
        ("average_billed_users", "55000", None, None),
        ("effective_rate", None, None, ("target", "0.16")),
        ("quality_rate", "0.45", None, ("target", "0.48")),
        ("campus_broadband_revenue", "182.00", None, ("target", "210.00")),
        ("other_fixed_revenue", "272.80", None, ("target", "290.28")),
        ("fixed_billed_users", "9860", None, ("target", "12260")),
    )
    found = []
    for indicator, base, city, department in rows:
        typed: dict[str, Any] = {
            field: figure
            for layer, given in (("city", city), ("department", department))
            if given is not None
            for field, figure in (
                (f"{layer}_driver", given[0]), (f"{layer}_{given[0]}", Decimal(given[1])),
            )
        }  # fmt: skip
        found.append(
            AnnualTarget(
                indicator=indicator, base=None if base is None else Decimal(base),
                **({"city_driver": "target", "department_driver": "target"} | typed),
            )
        )  # fmt: skip
    return tuple(found)


def sheets() -> tuple[Sheet, ...]:
    found = [
        Sheet(
            code=code, name_zh=zh, name_en=en, kind=SheetKind.UNITS, indicator=indicator,
            dimension=dimension, total=Decimal(total), season=list(_SEASON[indicator]),
        )
        for code, (indicator, dimension, total, _decimals, _weights, zh, en) in _WEIGHTED.items()
    ]  # fmt: skip
    found += [
        Sheet(
            code="4-3", name_zh="固话、宽带业务收入任务分解", name_en="Fixed-network revenue tasks",
            kind=SheetKind.UNITS, indicator="fixed_revenue", dimension=Dimension.WHOLE,
            total=Decimal("500.28"),
        ),
        Sheet(
            code="4-4", name_zh="固话、宽带业务净增任务分解", name_en="Fixed net-add tasks",
            kind=SheetKind.UNITS, indicator="fixed_net_adds", dimension=Dimension.PRODUCT,
            total=Decimal(2400),
        ),
        Sheet(
            code="6-1", name_zh="离网率目标", name_en="Churn targets", kind=SheetKind.UNITS,
            indicator="churn_rate", dimension=Dimension.WHOLE,
        ),
        Sheet(
            code="6-2", name_zh="渠道走访任务", name_en="Channel-visit tasks",
            kind=SheetKind.UNITS, indicator="channel_visits", dimension=Dimension.WHOLE,
        ),
    ]  # fmt: skip
    found += [
        Sheet(
            code=code, name_zh=zh, name_en=en, kind=SheetKind.SEGMENT,
            dimension=Dimension.SEGMENT,
        )
        for code, (zh, en, _rows) in _SEGMENTS.items()
    ]  # fmt: skip
    order = ["4-1", "4-2", "4-3", "4-4", "4-2N", "6-1", "6-2", *_SEGMENTS]
    found.sort(key=lambda sheet: order.index(sheet.code))
    return tuple(replace(sheet, position=position) for position, sheet in enumerate(found))


def sheet_rows() -> tuple[SheetRow, ...]:
    found: list[SheetRow] = []
    for code, (indicator, _dimension, _total, _decimals, weights, _zh, _en) in _WEIGHTED.items():
        found += [
            SheetRow(
                sheet=code, unit=unit, breakdown=breakdown, indicator=indicator,
                weight=Decimal(weight), part=Decimal(part),
            )
            for unit, (weight, parts) in weights.items()
            for breakdown, part in parts.items()
        ]  # fmt: skip
    for position, unit in enumerate(UNITS):
        found += [
            SheetRow(sheet="4-3", unit=unit, breakdown="all", indicator="fixed_revenue",
                     total=Decimal(_FIXED_REVENUE[position]), season=list(FLAT)),
            SheetRow(sheet="4-4", unit=unit, breakdown="fixed_line", indicator="fixed_net_adds",
                     total=Decimal(_FIXED_LINE[position]), season=list(FLAT)),
            SheetRow(sheet="4-4", unit=unit, breakdown="broadband", indicator="fixed_net_adds",
                     total=Decimal(_BROADBAND[position]), season=list(_SEASON["broadband"])),
            SheetRow(sheet="6-1", unit=unit, breakdown="all", indicator="churn_rate"),
            SheetRow(sheet="6-2", unit=unit, breakdown="all", indicator="channel_visits"),
        ]  # fmt: skip
    for code, (_zh, _en, rows) in _SEGMENTS.items():
        found += [
            SheetRow(
                sheet=code,
                breakdown=segment,
                indicator=indicator,
                total=Decimal(total),
                season=list(_SEASON[indicator]),
                unit_kind=_CUTS[segment],
            )
            for segment, indicator, total in rows
        ]  # fmt: skip
    return tuple(replace(row, position=position) for position, row in enumerate(found))


def tasks() -> tuple[Task, ...]:
    return tuple(_tasks())


def _tasks() -> Iterator[Task]:
    for _code, (indicator, _d, total, decimals, weights, _zh, _en) in _WEIGHTED.items():
        season = _fractions(_SEASON[indicator])
        shares = largest_remainder(
            scaled(Decimal(total), decimals), _fractions([w for w, _parts in weights.values()])
        )
        for (unit, (_weight, parts)), share in zip(weights.items(), shares, strict=True):
            amounts = largest_remainder(share, _fractions(parts.values()))
            for breakdown, amount in zip(parts, amounts, strict=True):
                yield from _row(unit, indicator, breakdown, amount, season, decimals)
    flat = _fractions(FLAT)
    for position, unit in enumerate(UNITS):
        revenue = scaled(Decimal(_FIXED_REVENUE[position]), 2)
        yield from _row(unit, "fixed_revenue", "all", revenue, flat, 2)
        line, broadband = _FIXED_LINE[position], _BROADBAND[position]
        yield from _row(unit, "fixed_net_adds", "fixed_line", line, flat, 0)
        season = _fractions(_SEASON["broadband"])
        yield from _row(unit, "fixed_net_adds", "broadband", broadband, season, 0)
        for month in MONTHS:
            yield Task(unit=unit, indicator="churn_rate", breakdown="all", month=month,
                       value=_CHURN)  # fmt: skip
            yield Task(unit=unit, indicator="channel_visits", breakdown="all", month=month,
                       value=Decimal(_VISITS[position]))  # fmt: skip


def _fractions(weights: Iterable[str]) -> list[Fraction]:
    return [Fraction(weight) for weight in weights]


def _row(
    unit: str, indicator: str, breakdown: str, total: int, season: list[Fraction], decimals: int
) -> Iterator[Task]:
    """Spread a year's total; grid 3 has no fixed-network task while its lines are rebuilt."""
    locks = {LOCKED_MONTH - 1: 0} if (unit, indicator) == ("grid3", "fixed_net_adds") else {}
    months = respread(total, season, locks)
    for position, (month, amount) in enumerate(zip(MONTHS, months, strict=True)):
        yield Task(
            unit=unit, indicator=indicator, breakdown=breakdown, month=month,
            value=unscaled(amount, decimals), is_locked=position in locks,
            lock_reason=LOCK_REASON if position in locks else "",
        )  # fmt: skip


def segment_tasks() -> tuple[SegmentTask, ...]:
    found = []
    for code, (_zh, _en, rows) in _SEGMENTS.items():
        for segment, indicator, total in rows:
            decimals = _DECIMALS[indicator]
            months = largest_remainder(
                scaled(Decimal(total), decimals), _fractions(_SEASON[indicator])
            )
            found += [
                SegmentTask(
                    sheet=code, breakdown=segment, indicator=indicator, month=month,
                    value=unscaled(amount, decimals),
                )
                for month, amount in zip(MONTHS, months, strict=True)
            ]  # fmt: skip
    return tuple(found)
