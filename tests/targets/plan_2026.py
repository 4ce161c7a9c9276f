"""The plan of the worked examples on the test district: annual targets and the sheets of §4."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from targets.models import Driver, Indicator, Rollup, TaskSheet, Term
from targets.services.plans import Layer, TargetEntry, save_annual_targets
from targets.services.sheets import RowEntry, create_sheet
from tests.district import NOW, District
from tests.worked_examples import BREAKDOWNS, UNITS, example

# Rows of example 1 that are entered: name there -> code here, in the order of table 3-0.
ROWS = {
    "移动业务开账": "mobile_revenue",
    "固网业务主营": "fixed_revenue",
    "移动用户发展": "mobile_gross_adds",
    "移动用户净增": "mobile_net_adds",
    "固话、宽带发展用户": "fixed_gross_adds",
    "固话、宽带净增用户": "fixed_net_adds",
}
DRIVERS = {"growth→target": Driver.GROWTH, "target→growth": Driver.TARGET}
FLAT = ("1",) * 12


def add_fixed_gross_adds(district: District) -> Indicator:
    """Add the one indicator of table 3-0 that the small district lacks."""
    indicator = Indicator.objects.create(
        district=district.root, code="fixed_gross_adds", name_zh="固话、宽带发展用户",
        name_en="Fixed gross additions", measure_zh="户", rollup=Rollup.SUM, position=50,
    )  # fmt: skip
    Term.objects.create(indicator=indicator, source=indicator)
    return indicator


def percent(text: str) -> Decimal:
    """Return "12.00%" as the ratio 0.12."""
    return Decimal(text.rstrip("%")) / 100


def layer(row: dict[str, str], name: str) -> Layer:
    """Return a layer of example 1 as it was typed: by growth or by target."""
    driver = DRIVERS[row[f"{name}推算方向"]]
    if driver == Driver.GROWTH:
        column = "计划增长(市分)" if name == "市分" else "计划增长目标(部门)"
        return Layer(driver, percent(row[column]))
    return Layer(driver, Decimal(row["任务(市分)" if name == "市分" else "任务目标(部门)"]))


def example_entries() -> list[TargetEntry]:
    """Return example 1 as entries of new rows."""
    return [
        TargetEntry(
            ROWS[row["指标"]],
            None,
            Decimal(row["上年完成"]),
            layer(row, "市分"),
            layer(row, "部门"),
        )
        for row in example("1_annual_targets")["rows"]
        if row["指标"] in ROWS
    ]


def enter_annual_targets(district: District) -> None:
    """Enter example 1 through the service."""
    add_fixed_gross_adds(district)
    save_annual_targets(
        plan=district.plan, entries=example_entries(), by=district.people["head"], at=NOW
    )


def _weighted_rows(district: District, group: str) -> list[RowEntry]:
    rows = []
    for name, weights in example("3_decomposition")["weights"][group].items():
        unit = district.units[UNITS[name]] if name in UNITS else district.root
        rows += [
            RowEntry(
                district.breakdowns[BREAKDOWNS[tier]], unit,
                weight=Decimal(weights["单元权重%"]), part=Decimal(share),
            )
            for tier, share in weights["层级%"].items()
        ]  # fmt: skip
    return rows


def make_sheet(
    district: District, code: str, indicator: str, rows: Sequence[RowEntry], **fields: Any
) -> TaskSheet:
    """Create a sheet by the service, named after its code."""
    return create_sheet(
        plan=district.plan, code=code, name_zh=f"表{code}", name_en=f"Table {code}",
        indicator=district.indicators[indicator], dimension=fields.pop("dimension", "tier"),
        rows=rows, by=district.people["head"], at=NOW, **fields,
    )  # fmt: skip


def sheet_4_1(district: District) -> TaskSheet:
    """Mobile revenue, 3109.92 by tier with the legacy outlets (example 3B)."""
    season = example("3_decomposition")["weights"]["季节%收入"]
    return make_sheet(
        district, "4-1", "mobile_revenue", _weighted_rows(district, "移动收入"),
        total=Decimal("3109.92"), season=season,
    )  # fmt: skip


def sheet_4_2(district: District) -> TaskSheet:
    """Mobile gross additions, 70000 by tier (example 3A)."""
    season = example("3_decomposition")["weights"]["季节%发展"]
    return make_sheet(
        district, "4-2", "mobile_gross_adds", _weighted_rows(district, "发展用户"),
        total=Decimal(70000), season=season,
    )  # fmt: skip


def sheet_4_2n(district: District) -> TaskSheet:
    """Mobile net additions, 11200 undivided (example 3H)."""
    weights = example("3_decomposition")["weights"]
    rows = [
        RowEntry(
            district.breakdowns["all"], district.units[UNITS[name]],
            weight=Decimal(given["单元权重%"]), part=Decimal(100),
        )
        for name, given in weights["发展用户"].items()
    ]  # fmt: skip
    return make_sheet(
        district, "4-2N", "mobile_net_adds", rows, dimension="whole",
        total=Decimal(11200), season=weights["季节%发展"],
    )  # fmt: skip


def sheet_4_4(district: District) -> TaskSheet:
    """Fixed lines with the plan's own totals, flat (example 3G)."""
    given = example("3_decomposition")["3G_固话净增_seed_numbers"]
    rows = [
        RowEntry(
            district.breakdowns["fixed_line"], district.units[UNITS[name]],
            total=Decimal(total), season=FLAT,
        )
        for name, total in zip(given["单元"], given["固话年净增"], strict=True)
    ]  # fmt: skip
    return make_sheet(district, "4-4", "fixed_net_adds", rows, dimension="product")
