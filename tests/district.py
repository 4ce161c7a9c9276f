"""A small district for tests: the plan's six units, one person per role, example 4's figures."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from django.contrib.auth.models import User

from kpi.models import Month
from orgchart.models import Person, Post, Role, Supervision, Tenure, Unit, UnitKind, UnitPlacement
from targets.models import Breakdown, Dimension, Direction, Indicator, Plan, Rollup, Term

MARCH = date(2026, 3, 1)
NOW = datetime(2026, 4, 2, 2, 0, tzinfo=UTC)
START = date(2026, 1, 1)

UNITS = {
    "grid1": (UnitKind.GRID, "网格1", "Grid 1"),
    "grid2": (UnitKind.GRID, "网格2", "Grid 2"),
    "grid3": (UnitKind.GRID, "网格3", "Grid 3"),
    "grid4": (UnitKind.GRID, "网格4", "Grid 4"),
    "suburban": (UnitKind.SUBURBAN_OFFICE, "城乡结合办事处", "Urban-rural office"),
    "group": (UnitKind.GROUP_CENTER, "集团中心", "Group centre"),
}
BREAKDOWNS = {
    "all": (Dimension.WHOLE, "合计"),
    "t1": (Dimension.TIER, "一级"),
    "t2": (Dimension.TIER, "二级"),
    "group": (Dimension.TIER, "集团"),
    "legacy": (Dimension.TIER, "老点"),
    "fixed_line": (Dimension.PRODUCT, "固话"),
    "broadband": (Dimension.PRODUCT, "宽带"),
}
# code: (name, measure, decimals, roll-up, entry dimension, [(side, source code, sign)])
INDICATORS = {
    "mobile_revenue": ("移动业务开账收入", "万元", 2, Rollup.SUM, "whole", []),
    "fixed_revenue": ("固网业务主营收入", "万元", 2, Rollup.SUM, "whole", []),
    "mobile_gross_adds": ("移动用户发展", "户", 0, Rollup.SUM, "whole", []),
    "mobile_net_adds": ("移动用户净增", "户", 0, Rollup.SUM, "whole", []),
    "fixed_net_adds": ("固话宽带净增", "户", 0, Rollup.SUM, "product", []),
    "churn_rate": ("离网率", "%", 2, Rollup.LAST, "whole", []),
    "channel_visits": ("渠道走访", "家", 0, Rollup.SUM, "whole", []),
    "total_revenue": (
        "总收入", "万元", 2, Rollup.SUM, "",
        [("n", "mobile_revenue", 1), ("n", "fixed_revenue", 1)],
    ),
    "effective_rate": (
        "有效发展率", "%", 2, Rollup.RATIO, "",
        [("n", "mobile_net_adds", 1), ("d", "mobile_gross_adds", 1)],
    ),
}  # fmt: skip
PEOPLE = {  # account: (role, unit code)
    "head": (Role.HEAD, "test"),
    "clerk": (Role.CLERK, "support"),
    "auditor": (Role.AUDITOR, "support"),
    "admin": (Role.ADMIN, "support"),
    "supervisor": (Role.STAFF, "support"),
    "staff": (Role.STAFF, "grid1"),
    **{code: (Role.MANAGER, code) for code in UNITS},
}


@dataclass(frozen=True)
class District:
    """Everything by code."""

    root: Unit
    units: dict[str, Unit]
    people: dict[str, Person]
    indicators: dict[str, Indicator]
    breakdowns: dict[str, Breakdown]
    plan: Plan
    month: Month  # March 2026, open


def build_district(code: str = "test", *, unit_codes: tuple[str, ...] = tuple(UNITS)) -> District:
    """Build a district; its accounts are "test-head", "test-clerk" … (code, then PEOPLE)."""
    branch = Unit.objects.create(
        code="city", kind=UnitKind.BRANCH, name_zh="市分公司", name_en="City", opened_on=START
    )
    root = Unit.objects.create(
        code=code, kind=UnitKind.DISTRICT, name_zh="XX区营销部", name_en="XX District",
        parent=branch, opened_on=START,
    )  # fmt: skip
    root.district = root
    root.save()
    units = {code: root, "support": _unit(root, "support", UnitKind.SUPPORT_CENTER, "支撑中心", 9)}
    for position, unit_code in enumerate(unit_codes):
        kind, name_zh, name_en = UNITS.get(
            unit_code, (UnitKind.GRID, unit_code, unit_code.capitalize())
        )
        units[unit_code] = _unit(root, unit_code, kind, name_zh, position, name_en)
    people = {
        account: _person(root, account, role, units.get(unit_code, root))
        for account, (role, unit_code) in PEOPLE.items()
        if unit_code in units or unit_code == "test"
    }
    if "grid2" in units:
        Supervision.objects.create(
            unit=units["grid2"], person=people["supervisor"], valid_from=START
        )
    breakdowns = {
        key: Breakdown.objects.create(
            district=root, dimension=dimension, code=key, name_zh=name, name_en=key, position=n
        )
        for n, (key, (dimension, name)) in enumerate(BREAKDOWNS.items())
    }
    return District(
        root=root,
        units=units,
        people=people,
        indicators=_indicators(root),
        breakdowns=breakdowns,
        plan=Plan.objects.create(district=root, year=2026),
        month=Month.objects.create(district=root, month=MARCH),
    )


def _unit(root, code, kind, name_zh, position, name_en=""):
    unit = Unit.objects.create(
        code=code, kind=kind, name_zh=name_zh, name_en=name_en or code, parent=root,
        district=root, position=position, opened_on=START,
    )  # fmt: skip
    UnitPlacement.objects.create(unit=unit, parent=root, valid_from=START)
    return unit


def _person(root, account, role, unit):
    person = Person.objects.create(
        district=root, code=account, name_zh=f"{account}甲", name_en=account,
        user=User.objects.create_user(f"{root.code}-{account}", password="demo"),
    )  # fmt: skip
    post, _ = Post.objects.get_or_create(
        district=root, code=role, defaults={"role": role, "name_zh": role, "name_en": role}
    )
    Tenure.objects.create(person=person, post=post, unit=unit, valid_from=START)
    return person


def _indicators(root):
    made = {}
    for n, (code, (name, measure, decimals, rollup, entry, terms)) in enumerate(INDICATORS.items()):
        indicator = Indicator.objects.create(
            district=root, code=code, name_zh=name, name_en=code.replace("_", " ").capitalize(),
            measure_zh=measure, measure_en=measure, decimals=decimals, rollup=rollup, entry=entry,
            is_percent=measure == "%", is_derived=bool(terms), position=n,
            may_be_negative="net_adds" in code,
            direction=Direction.DOWN if code == "churn_rate" else Direction.UP,
        )  # fmt: skip
        made[code] = indicator
        for side, source, sign in terms or [("n", code, 1)]:
            Term.objects.create(indicator=indicator, source=made[source], side=side, sign=sign)
    return made
