"""Tables 3-1 to 3-3 of the worked examples on the test district."""

from decimal import Decimal

from targets.models import Driver, Indicator, Rollup, Term
from targets.services.plans import Layer, TargetEntry, save_annual_targets
from tests.district import NOW, District
from tests.targets.plan_2026 import enter_annual_targets
from tests.worked_examples import example

# code: name in example 1, measure, decimals, roll-up
INDICATORS = {
    "mobile_service_revenue": ("移动通信开账收入", "万元", 2, Rollup.SUM),
    "mobile_vas_revenue": ("移动增值业务开账收入", "万元", 2, Rollup.SUM),
    "billed_users": ("出账用户数(年末)", "户", 0, Rollup.LAST),
    "average_billed_users": ("年平均出账用户", "户", 0, Rollup.SUM),
    "arpu": ("移动业务年平均ARPU值(元/户·月)", "元", 2, Rollup.RATIO),
    "quality_rate": ("有效发展率B", "%", 2, Rollup.LAST),
    "campus_broadband_revenue": ("高校市场宽带收入", "万元", 2, Rollup.SUM),
    "other_fixed_revenue": ("其他渠道固网收入", "万元", 2, Rollup.SUM),
    "fixed_billed_users": ("固网出账用户", "户", 0, Rollup.LAST),
}
GIVEN = {row["项目"]: row for row in example("1_annual_targets")["移动业务发展量收目标"]}


def target(figure: str) -> Layer:
    return Layer(Driver.TARGET, Decimal(figure))


def add_detail_indicators(district: District) -> None:
    """Add the indicators of tables 3-1 to 3-3 that the small district lacks."""
    for position, (code, (name, measure, decimals, rollup)) in enumerate(INDICATORS.items(), 60):
        indicator = Indicator.objects.create(
            district=district.root, code=code, name_zh=name, name_en=code, measure_zh=measure,
            decimals=decimals, rollup=rollup, is_percent=measure == "%", position=position,
            is_derived=code == "arpu",
        )  # fmt: skip
        district.indicators[code] = indicator
        Term.objects.create(indicator=indicator, source=indicator)


def enter_tables(district: District) -> None:
    """Enter examples 1 and 2 through the service: table 3-0, then 3-1 to 3-3."""
    add_detail_indicators(district)
    enter_annual_targets(district)
    entries = [
        TargetEntry(code, None, base=Decimal(GIVEN[name]["完成数"]),
                    department=target(GIVEN[name]["增长目标"]))
        for code, (name, *_rest) in list(INDICATORS.items())[:3]
    ]  # fmt: skip
    average = GIVEN["移动业务年平均ARPU值(元/户·月)"]["年平均出账用户"]["上年"]
    entries += [
        TargetEntry("average_billed_users", None, base=Decimal(average)),
        TargetEntry("effective_rate", None, department=target("0.16")),
        TargetEntry(
            "campus_broadband_revenue", None, base=Decimal("182"), department=target("210")
        ),
        TargetEntry(
            "other_fixed_revenue", None, base=Decimal("272.80"), department=target("290.28")
        ),
    ]
    save_annual_targets(plan=district.plan, entries=entries, by=district.people["head"], at=NOW)
